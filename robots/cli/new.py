"""banken new: a few questions, then a scenario, its entry in the register as a draft, and a sample to try it with."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

import typer

from robots.cli.common import here, out, registered
from robots.cli.new_ask import Asker, id_of, minutes_of, people_of
from robots.cli.new_sheet import columns_of, write_sample
from robots.cli.new_write import add_scenario
from robots.cli.vscode import FOLDER, write_vscode
from robots.clock import today
from robots.errors import BusinessError
from robots.registry.add import Draft
from robots.registry.load import Loaded, read_register
from robots.registry.practice_town import is_loopback
from robots.scenario.draft import Plan, Screen, draft, file_name
from robots.scenario.guess import nearest
from robots.scenario.rules import site_address
from robots.settings import SCENARIO_NAME, Home
from robots.values import Value

_DATA: Mapping[str, Literal["none", "personal", "my_number"]] = {
    "なし": "none",
    "個人情報": "personal",
    "個人番号": "my_number",
}
_WHEN = {"手で動かす": False, "開庁日の毎晩": True}


def new(
    scenario: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="シナリオの番号（課/名前。例: kaikei/yosan-haito）")
    ] = None,
    name: Annotated[str | None, typer.Option("--name", help="シナリオの名前（日本語）")] = None,
    sheet: Annotated[str | None, typer.Option("--sheet", help="読む表（.xlsx か .csv）。列の名前だけを使う")] = None,
    columns: Annotated[str | None, typer.Option("--columns", help="表がまだないときの列の名前（, で区切る）")] = None,
    key: Annotated[str | None, typer.Option("--key", help="一件ずつを見分ける列（受付番号など）")] = None,
    site: Annotated[str | None, typer.Option("--site", help='入力するシステムの名前。画面がなければ ""')] = None,
    url: Annotated[str | None, typer.Option("--url", help="入力する画面のアドレス（http:// から）")] = None,
    button: Annotated[str | None, typer.Option("--button", help="登録を確定するボタンの名前")] = None,
    credential: Annotated[
        str | None, typer.Option("--credential", help='資格情報の名前。ログインがなければ ""')
    ] = None,
    when: Annotated[str | None, typer.Option("--when", help="いつ動かすか: 手で動かす・開庁日の毎晩")] = None,
    data: Annotated[str | None, typer.Option("--data", help="扱うデータ: なし・個人情報・個人番号")] = None,
    minutes: Annotated[str | None, typer.Option("--minutes", help="手でしていたときの、1 件あたりの分数")] = None,
    owner: Annotated[str | None, typer.Option("--owner", help="持ち主（台帳の people の番号）")] = None,
    deputy: Annotated[str | None, typer.Option("--deputy", help="副担当（台帳の people の番号）")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="聞かずに、指定のないところは既定のままにする")] = False,
) -> None:
    """いくつかの質問に答えて、新しいシナリオと台帳の下書きを作る。"""
    home = here()
    loaded, ask = registered(home), Asker(yes)
    id = id_of(home, loaded, scenario, ask)
    title = ask.text(name, "シナリオの名前（日本語）", id.rpartition("/")[2])
    source, found = _sheet(sheet, columns, title, ask)
    chosen = _key(key, found, ask)
    plan = Plan(id.rpartition("/")[2], title, source, tuple(found), chosen, _screen(site, url, button, credential, ask))
    nightly = ask.word(when, "いつ動かしますか", _WHEN, "手で動かす")
    people = people_of(loaded, id, owner, deputy, ask)
    entry = Draft(
        name=title,
        owner=people[0],
        deputy=people[1],
        stop=f"いまの対象が終わるのを待って Ctrl-C を押し、{plan.screen.site if plan.screen else title}の画面を確かめる",
        data=ask.word(data, "扱うデータ", _DATA, "個人情報"),
        minutes=minutes_of(minutes, ask),
        measured=today(),
        nightly=nightly,
    )
    _write(home, id, plan, entry, found)
    _say_next(id, plan)


def _sheet(given: str | None, columns: str | None, title: str, ask: Asker) -> tuple[str, Mapping[str, Value]]:
    """The name of the sample, and its columns each with a value of their kind."""

    def read(answer: str) -> tuple[str, Mapping[str, Value]] | None:
        return (Path(answer).name, columns_of(Path(answer))) if answer else None

    def listed(answer: str) -> list[str]:
        names = list(dict.fromkeys(one.strip() for one in answer.replace("、", ",").split(",") if one.strip()))
        if not names:
            raise BusinessError("列が一つもありません。", mend="受付番号,氏名 のように書いてください。")
        return names

    given = given if columns is None else given or ""
    found = ask.checked(given, "読む表のファイル（.xlsx か .csv。なければ Enter）", "", read)
    if found is not None:
        return found
    names = ask.checked(columns, "列の名前（, で区切る）", "受付番号,氏名", listed)
    return f"{file_name(title)}.xlsx", dict.fromkeys(names, "")


def _key(given: str | None, columns: Mapping[str, Value], ask: Asker) -> str:
    def among(answer: str) -> str:
        if answer not in columns:
            raise BusinessError(
                f"表に「{answer}」という列はありません。",
                mend=f"ある列は {'、'.join(columns)} です。",
                guess=nearest(answer, columns),
            )
        return answer

    return ask.checked(given, f"一件ずつを見分ける列（{'・'.join(columns)}）", next(iter(columns)), among)


def _screen(site: str | None, url: str | None, button: str | None, credential: str | None, ask: Asker) -> Screen | None:
    def parted(answer: str) -> tuple[str, str]:
        where = urlsplit(answer)
        address = site_address(f"{where.scheme}://{where.netloc}")
        if address is None:
            raise BusinessError(
                f"「{answer}」は画面のアドレスではありません。",
                mend="http:// か https:// から始まるアドレスにしてください。",
            )
        return address, answer.removeprefix(address)

    name = ask.text(site, "入力するシステムの名前（例: 財務。画面がなければ Enter）", "")
    if not name:
        return None
    address, path = ask.checked(url, "入力する画面のアドレス", "http://127.0.0.1:8710/", parted)
    known = ask.text(credential, "資格情報の名前（ログインがなければ -）", "practice" if is_loopback(address) else "-")
    return Screen(name, address, path, ask.text(button, "登録を確定するボタン", "登録"), "" if known == "-" else known)


def _write(home: Home, id: str, plan: Plan, entry: Draft, columns: Mapping[str, Value]) -> None:
    text = draft(plan).encode()
    register = add_scenario(home, id, text, lambda folder: write_sample(folder / plan.sheet, columns, plan.key), entry)
    if (home.root / FOLDER).is_dir():
        after = read_register(register)
        if isinstance(after, Loaded):
            write_vscode(home, after.register)


def _say_next(id: str, plan: Plan) -> None:
    out.print(
        f"scenarios/{id}/{SCENARIO_NAME} と sample/{plan.sheet}（見本）を作り、台帳に下書きを加えました。", markup=False
    )
    steps = [
        f"sample/{plan.sheet} を、練習用のデータに入れ替える",
        f"scenarios/{id}/{SCENARIO_NAME} を開き、画面の項目の名前と手順を直す",
        f"調べる:         banken check {id}",
        f"リハーサルする: banken run {id} --rehearse",
        f"承認を受ける:   banken approve {id} --as 承認者",
    ]
    out.print("次にすること", markup=False)
    for number, one in enumerate(steps, 1):
        out.print(f"  {number}. {one}", markup=False)
