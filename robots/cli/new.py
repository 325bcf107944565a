"""banken new: a few questions, then a scenario, its entry in the register as a draft, and a sample to try it with."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, cast
from urllib.parse import urlsplit

import typer

from robots.cli.common import Code, Stop, here, out, registered, say, tell
from robots.cli.new_sheet import columns_of, write_sample
from robots.cli.vscode import FOLDER, write_vscode
from robots.clock import today
from robots.errors import BusinessError
from robots.files import write_atomically
from robots.registry.add import Draft, with_draft
from robots.registry.gate import is_loopback
from robots.registry.load import Loaded, read_register
from robots.scenario.draft import Plan, Screen, draft, file_name
from robots.scenario.guess import nearest
from robots.scenario.problem import Problems
from robots.scenario.rules import site_address
from robots.scenario.validate import FILE, read_scenario
from robots.settings import Home
from robots.values import Value

_ID = re.compile(r"[\w-]+")
_DATA = {"なし": "none", "個人情報": "personal", "個人番号": "my_number"}
_WHEN = {"手で動かす": False, "開庁日の毎晩": True}


@dataclass(slots=True)
class Asker:
    """Asks where an option was not given; with --yes it takes what it would have proposed."""

    yes: bool

    def text(self, given: str | None, question: str, proposed: str) -> str:
        if given is not None:
            return given.strip()
        if self.yes:
            return proposed
        return str(typer.prompt(question, default=proposed, show_default=bool(proposed), err=True)).strip()

    def word(self, given: str | None, question: str, words: Mapping[str, object], proposed: str) -> str:
        answer = self.text(given, f"{question}（{'・'.join(words)}）", proposed)
        if answer not in words:
            guess = nearest(answer, words)
            raise BusinessError(
                f"「{answer}」は選べません。", mend=f"選べるのは {'、'.join(words)} です。", guess=guess
            )
        return answer


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
    chosen = ask.text(key, f"一件ずつを見分ける列（{'・'.join(found)}）", next(iter(found)))
    if chosen not in found:
        raise BusinessError(
            f"表に「{chosen}」という列はありません。",
            mend=f"ある列は {'、'.join(found)} です。",
            guess=nearest(chosen, found),
        )
    plan = Plan(id.rpartition("/")[2], title, source, tuple(found), chosen, _screen(site, url, button, credential, ask))
    nightly = _WHEN[ask.word(when, "いつ動かしますか", _WHEN, "手で動かす")]
    people = people_of(loaded, id, owner, deputy, ask)
    kind = _DATA[ask.word(data, "扱うデータ", _DATA, "個人情報")]
    took = ask.text(minutes, "手でしていたときの、1 件あたりの分数", "5")
    entry = Draft(
        name=title,
        owner=people[0],
        deputy=people[1],
        stop=f"いまの対象が終わるのを待って Ctrl-C を押し、{plan.screen.site if plan.screen else title}の画面を確かめる",
        data=cast('Literal["none", "personal", "my_number"]', kind),
        minutes=took,
        measured=today(),
        nightly=nightly,
    )
    _write(home, id, plan, entry, found)
    _say_next(id, plan)


def id_of(home: Home, loaded: Loaded, given: str | None, ask: Asker) -> str:
    departments = loaded.register.departments
    if given is None:
        listed = "、".join(f"{key} {one.name}" for key, one in departments.items())
        department = ask.text(None, f"課（{listed}）", next(iter(departments), ""))
        given = f"{department}/{ask.text(None, '仕事の名前（英数字か日本語。例: yosan-haito）', '')}"
    department, _, short = given.partition("/")
    if not _ID.fullmatch(department) or not _ID.fullmatch(short):
        raise BusinessError(f"シナリオの番号「{given}」の形が違います。", mend="「課/名前」の形で書いてください。")
    if department not in departments:
        raise BusinessError(
            f"課「{department}」が台帳の departments にありません。",
            mend=f"ある課は {'、'.join(departments)} です。新しい課は、先に台帳に加えてください。",
            guess=nearest(department, departments),
        )
    if (home.scenarios / given).exists() or given in loaded.register.scenarios:
        raise BusinessError(f"「{given}」はもうあります（上書きはしません）。", mend="ほかの名前にしてください。")
    return given


def _sheet(given: str | None, columns: str | None, title: str, ask: Asker) -> tuple[str, Mapping[str, Value]]:
    """The name of the sample, and its columns each with a value of their kind."""
    answer = ask.text(
        given if columns is None else given or "", "読む表のファイル（.xlsx か .csv。なければ Enter）", ""
    )
    if answer:
        return Path(answer).name, columns_of(Path(answer))
    listed = ask.text(columns, "列の名前（, で区切る）", "受付番号,氏名")
    names = list(dict.fromkeys(one.strip() for one in listed.replace("、", ",").split(",") if one.strip()))
    if not names:
        raise BusinessError("列が一つもありません。", mend="--columns 受付番号,氏名 のように指定してください。")
    return f"{file_name(title)}.xlsx", dict.fromkeys(names, "")


def _screen(site: str | None, url: str | None, button: str | None, credential: str | None, ask: Asker) -> Screen | None:
    name = ask.text(site, "入力するシステムの名前（例: 財務。画面がなければ Enter）", "")
    if not name:
        return None
    page = ask.text(url, "入力する画面のアドレス", "http://127.0.0.1:8710/")
    where = urlsplit(page)
    address = site_address(f"{where.scheme}://{where.netloc}")
    if address is None:
        raise BusinessError(
            f"「{page}」は画面のアドレスではありません。", mend="http:// か https:// から始まるアドレスにしてください。"
        )
    known = ask.text(credential, "資格情報の名前（ログインがなければ -）", "practice" if is_loopback(address) else "-")
    path = page.removeprefix(address)
    return Screen(name, address, path, ask.text(button, "登録を確定するボタン", "登録"), "" if known == "-" else known)


def people_of(loaded: Loaded, id: str, owner: str | None, deputy: str | None, ask: Asker) -> tuple[str, str]:
    department = id.partition("/")[0]
    own = [key for key, one in loaded.register.people.items() if one.department == department]
    listed = "、".join(f"{key} {loaded.register.people[key].name}" for key in own)
    first = ask.text(owner, f"持ち主（{listed}）", own[0] if own else "")
    others = [one for one in own if one != first]
    return first, ask.text(deputy, "副担当（持ち主とは別の人）", others[0] if others else "")


def _write(home: Home, id: str, plan: Plan, entry: Draft, columns: Mapping[str, Value]) -> None:
    """Everything is made and checked in memory first; what cannot be right is refused before anything is written."""
    text = draft(plan).encode()
    register = with_draft(home.register.read_bytes(), id, entry)
    read = read_scenario({FILE: text}, id)
    for made in (register, read):
        if isinstance(made, Problems):
            tell(made)
            say("何も書いていません。指定を変えて、もう一度実行してください。")
            raise Stop(Code.PROBLEMS)
    folder = home.scenarios / id
    folder.mkdir(parents=True)
    write_atomically(folder / FILE, text)
    write_sample(folder / "sample" / plan.sheet, columns, plan.key)
    write_atomically(home.register, cast("bytes", register))
    if (home.root / FOLDER).is_dir():
        after = read_register(cast("bytes", register))
        if isinstance(after, Loaded):
            write_vscode(home, after.register)


def _say_next(id: str, plan: Plan) -> None:
    out.print(f"scenarios/{id}/{FILE} と sample/{plan.sheet}（見本）を作り、台帳に下書きを加えました。", markup=False)
    steps = [
        f"sample/{plan.sheet} を、練習用のデータに入れ替える",
        f"scenarios/{id}/{FILE} を開き、画面の項目の名前と手順を直す",
        f"調べる:         banken check {id}",
        f"リハーサルする: banken run {id} --rehearse",
        f"承認を受ける:   banken approve {id} --as 承認者",
    ]
    out.print("次にすること", markup=False)
    for number, one in enumerate(steps, 1):
        out.print(f"  {number}. {one}", markup=False)
