"""banken record: a person does the work once in a real browser, and it becomes a scenario with a sheet."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from robots.cli.common import Code, Stop, here, out, registered, say
from robots.cli.new_ask import Asker, id_of, minutes_of, people_of
from robots.cli.new_write import add_scenario, sound
from robots.clock import shown, today
from robots.drivers.browser import site_of
from robots.drivers.csv_file import read_csv
from robots.errors import BusinessError
from robots.recorder.browser import Recorder
from robots.recorder.compose import Composed, Names, compose, needs_sign_in
from robots.recorder.keep import Kept, worth_writing
from robots.recorder.model import Recording
from robots.recorder.sheet import Sheet
from robots.registry.add import Draft, with_draft
from robots.registry.load import Loaded
from robots.registry.practice_town import is_loopback
from robots.settings import SCENARIO_NAME, Home
from robots.wiring import open_workbooks, records

_HOW = (
    "ブラウザーで、表の1件目の仕事をいつものとおりに行ってください。したことが、ここに手順として出ます。",
    "登録が済んだら、登録の一覧でその1件を探して見せてください（途中で止まったときの確かめ方になります）。",
    "終わったら、ブラウザーの窓をすべて閉じてください。",
)


def record(
    url: Annotated[str, typer.Argument(help="仕事を始める画面のアドレス（http:// から）")],
    scenario: Annotated[str | None, typer.Option("--id", help="シナリオの番号（課/名前）。省くとたずねます")] = None,
    sheet: Annotated[str | None, typer.Option("--sheet", help="入力する表（.xlsx か .csv）。省くとたずねます")] = None,
) -> None:
    """ブラウザーでした仕事を記録し、表の行ごとにくり返すシナリオを作る。"""
    home = here()
    loaded = registered(home)
    if site_of(url) is None:
        raise BusinessError(
            f"「{url}」は画面のアドレスではありません。", mend="http:// か https:// から始まるアドレスにしてください。"
        )
    with records(home) as (ledger, _):
        kept = Kept(home.var, ledger.sealer)
    recording = left_over(kept)
    try:
        plan = planned(home, loaded, scenario, sheet)
        if recording is None:
            recording = _recorded(url, kept)
        write_scenario(home, plan, recording)
    except BaseException:
        if kept.find() is not None:
            say("記録は残してあります。もう一度 banken record を実行すると、この記録から作れます。")
        raise
    kept.drop()


def left_over(kept: Kept) -> Recording | None:
    """What an interrupted recording left, where the person wants to go on with it."""
    found = kept.find()
    if found is None:
        return None
    recording, moment = found
    what = f"{shown(moment.isoformat())}、{recording.acts[0].text}、{len(recording.acts)} の操作"
    return (
        recording
        if Questions().confirm(f"前の記録（{what}）が残っています。これから作りますか", default=True)
        else None
    )


def _recorded(url: str, kept: Kept) -> Recording:
    for line in _HOW:
        say(line)
    with Recorder(url, say, kept.keep) as recorder:
        recorder.wait()
    return recorder.recording


@dataclass(frozen=True, slots=True)
class Planned:
    """What is asked before the work begins, so that no wrong answer can cost the recording."""

    id: str
    sheet: Sheet
    entry: Draft


def planned(home: Home, loaded: Loaded, id: str | None, sheet: str | None) -> Planned:
    """Asks for the scenario's id, its sheet and its people.  Raises: Stop, BusinessError, SystemFailure."""
    ask = Asker(yes=False)
    id = id_of(home, loaded, id, ask)
    rows = ask.checked(sheet, "入力する表のファイル（.xlsx か .csv）", "", lambda answer: read_sheet(Path(answer)))
    name = ask.text(None, "シナリオの名前（日本語）", id.rpartition("/")[2])
    owner, deputy = people_of(loaded, id, None, None, ask)
    entry = Draft(
        name=name,
        owner=owner,
        deputy=deputy,
        stop="いまの対象が終わるのを待って Ctrl-C を押し、画面を確かめる",
        data="personal",
        minutes=minutes_of(None, ask),
        measured=today(),
        nightly=False,
    )
    sound(with_draft(home.register.read_bytes(), id, entry))
    return Planned(id, rows, entry)


def write_scenario(home: Home, plan: Planned, recording: Recording) -> None:
    """What was recorded as a scenario and its draft in the register: asks, checks, then writes.  Raises: Stop."""
    if not worth_writing(recording):
        say("何も記録されませんでした。ブラウザーで仕事をしてから、窓を閉じてください。")
        raise Stop(Code.PROBLEMS)
    short, local, ask = plan.id.rpartition("/")[2], is_loopback(recording.acts[0].text), Questions()
    credential = ""
    if needs_sign_in(recording):
        question = "ログインに使う資格情報の名前（banken vault set で保管したもの）"
        credential = ask.text(question, default="practice" if local else short)
    names = Names(plan.entry.name, credential, "sample", f"var/out/{short}")
    _write(home, plan, compose(recording, plan.sheet, names, ask, practice=local))


class Questions:
    """Asks at the terminal (see Asker of the recorder)."""

    def confirm(self, question: str, *, default: bool) -> bool:
        answer = typer.prompt(
            f"{question} [{'はい' if default else 'いいえ'}]", default="", show_default=False, err=True
        )
        word = str(answer).strip().lower()
        return default if not word else word in ("y", "yes", "はい", "1")

    def choose(self, question: str, options: Sequence[str]) -> int:
        listed = "".join(f"\n  {number}. {one}" for number, one in enumerate(options, 1))
        while True:
            answer = str(typer.prompt(f"{question}{listed}\n番号", default="1", err=True)).strip()
            if answer.isdecimal() and 1 <= int(answer) <= len(options):
                return int(answer) - 1
            say(f"1 から {len(options)} までの番号で答えてください。")

    def text(self, question: str, *, default: str = "") -> str:
        return str(typer.prompt(question, default=default, show_default=bool(default), err=True)).strip()


def read_sheet(path: Path) -> Sheet:
    """The rows of a book or a CSV file.  Raises: BusinessError, SystemFailure."""
    suffix = path.suffix.lower()
    if suffix not in (".xlsx", ".xlsm", ".csv"):
        raise BusinessError(f"「{path.name}」は表として読めません。", mend="Excel（.xlsx）か CSV を指定してください。")
    is_csv = suffix == ".csv"
    rows = read_csv(path, encoding="auto", delimiter=",", columns=()) if is_csv else open_workbooks().read_table(path)
    if not rows:
        raise BusinessError(f"{path.name} に行がありません。", mend="見出しの下に一行以上ある表を指定してください。")
    return Sheet(path, rows)


def _write(home: Home, plan: Planned, composed: Composed) -> None:
    sheet, sample = plan.sheet.path, plan.sheet.path.name

    def copied(folder: Path) -> None:
        shutil.copyfile(sheet, folder / sample)

    add_scenario(home, plan.id, sound(composed.text), copied, plan.entry)
    out.print(
        f"scenarios/{plan.id}/{SCENARIO_NAME} と sample/{sample}（表の写し）を作り、台帳に下書きを加えました。",
        markup=False,
    )
    for note in composed.notes:
        out.print(f"  ・{note}", markup=False)
    out.print(
        f"次にすること: banken check で調べ、banken run {plan.id} --rehearse でリハーサルし、"
        f"banken approve {plan.id} --as 承認者 で承認を受けます。",
        markup=False,
    )
