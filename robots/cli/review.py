"""banken review: the verification desk on the command line, one task at a time."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Annotated

import sqlalchemy as sa
import typer

from robots.cli.common import AsJson, Code, Stop, here, out, registered, say, show_json
from robots.cli.run import cleared
from robots.clock import shown
from robots.files import private_temp
from robots.ledger.audit import AuditLog
from robots.ledger.holds import Seat, release, take
from robots.ledger.reviews import ASKED, LOOK, Taken, tasks
from robots.ledger.store import Ledger
from robots.registry.load import Loaded
from robots.runner.desk import Desk
from robots.runner.desk_look import picture_of
from robots.sealed_files import SEALED, read_sealed
from robots.settings import Home
from robots.wiring import records

_KEYS = (
    "Enter このまま / 値を打つと直す / - 空欄 / x 除外 / s あとで / q 終わる（記号そのものは =- のように = を付ける）"
)
_PUBLISHED = (
    "id",
    "scenario",
    "item",
    "key",
    "origin",
    "form",
    "field",
    "kind",
    "proposed",
    "confidence",
    "why",
    "place",
    "picture",
    "options",
    "state",
    "decision",
    "answer",
    "who",
    "why_so",
    "seconds",
    "asked_at",
    "answered_at",
)
_READING = ("proposed", "confidence", "why")
"""What the reader made of a field: two who enter it blindly must see it nowhere."""


def review(
    scenario: Annotated[str | None, typer.Argument(help="シナリオの番号。省くとすべて")] = None,
    person: Annotated[str | None, typer.Option("--as", help="確認する人（台帳の people の番号）")] = None,
    listing: Annotated[bool, typer.Option("--list", help="待っている確認の一覧だけを出す")] = False,
    task: Annotated[int | None, typer.Option("--task", help="この番号の確認だけに答える")] = None,
    answer: Annotated[str | None, typer.Option("--answer", help='--task の正しい値（空欄なら ""）')] = None,
    accept: Annotated[bool, typer.Option("--accept", help="--task を、読み取ったとおりとする")] = False,
    exclude: Annotated[bool, typer.Option("--exclude", help="--task の紙を登録しない（--why が要ります）")] = False,
    why: Annotated[str, typer.Option("--why", help="除外する理由")] = "",
    as_json: AsJson = False,
) -> None:
    """人の確認を待っている欄を、一つずつ確かめる。"""
    home = here()
    with records(home) as (ledger, audit):
        waiting = tasks(ledger, scenario)
        if listing or (as_json and task is None):
            _list(waiting, as_json=as_json)
            return
        loaded = registered(home)
        who = _person(loaded, person)
        if task is not None:
            one = next((row for row in tasks(ledger, scenario, state=None) if row["id"] == task), None)
            if one is None:
                say(f"確認 {task} はありません。banken review --list で番号を確かめてください。")
                raise Stop(Code.USAGE)
            desk = _desk(home, loaded, ledger, audit, one["scenario"], who)
            _single(desk, one, _given(answer, accept=accept, exclude=exclude, why=why), as_json=as_json)
            return
        sit_down(home, loaded, ledger, audit, waiting, who)


def _person(loaded: Loaded, person: str | None) -> str:
    if person is None:
        say("--as に、確認する人の番号を書いてください（台帳の people にいる人）。")
        raise Stop(Code.USAGE)
    people = loaded.register.people
    if person not in people:
        say(f"「{person}」は台帳の people にいません。いるのは {'、'.join(people) or '（なし）'} です。")
        raise Stop(Code.REFUSED)
    return person


def _desk(home: Home, loaded: Loaded, ledger: Ledger, audit: AuditLog, scenario: str, who: str) -> Desk:
    return Desk(ledger, cleared(home, loaded, scenario).scenario.forms, who, audit)


def _list(waiting: list[sa.RowMapping], *, as_json: bool) -> None:
    if as_json:
        show_json([_published(row) for row in waiting])
        return
    for row in waiting:
        why = "二人が別々に入力します" if _blind(row) else "、".join(row["why"])
        out.print(f"{row['id']}　{row['scenario']}　{_title(row)}　{why}", markup=False)
    out.print(f"確認待ち {len(waiting)} か所" if waiting else "確認を待っているものはありません。", markup=False)


def _published(row: sa.RowMapping) -> dict[str, object]:
    """A task for other programs; null for what nobody may see before both have entered it."""
    return {name: None if name in _READING and _blind(row) else row[name] for name in _PUBLISHED}


def _blind(row: sa.RowMapping) -> bool:
    return bool(row["twice"]) and row["state"] == "open"


# --- one answer given on the command line ---

Give = Callable[[Desk, sa.RowMapping], Taken]


def _given(answer: str | None, *, accept: bool, exclude: bool, why: str) -> Give:
    chosen: list[Give] = []
    if answer is not None:
        chosen.append(lambda desk, row: desk.correct(row, answer))
    if accept:
        chosen.append(lambda desk, row: desk.accept(row))
    if exclude:
        chosen.append(lambda desk, row: desk.exclude(row, why))
    if len(chosen) != 1:
        say("--task には、--answer 値・--accept・--exclude --why 理由 のどれか一つを付けてください。")
        raise Stop(Code.USAGE)
    return chosen[0]


def _single(desk: Desk, row: sa.RowMapping, give: Give, *, as_json: bool) -> None:
    try:
        taken = give(desk, row)
    except ValueError as error:
        say(f"確認 {row['id']}（{_title(row)}）: {error}")
        raise Stop(Code.PROBLEMS) from None
    if as_json:
        show_json({"task": row["id"], "taken": taken.ours, "answer": taken.task["answer"], "left": taken.left})
    else:
        _tell(row, taken)
    if not taken.ours:
        raise Stop(Code.PROBLEMS)


# --- a person at the terminal ---


def sit_down(
    home: Home, loaded: Loaded, ledger: Ledger, audit: AuditLog, waiting: list[sa.RowMapping], who: str
) -> None:
    """Shows the tasks one after the other and takes the person's answers, until the person leaves."""
    if not waiting:
        out.print("確認を待っているものはありません。", markup=False)
        return
    out.print(f"確認待ち {len(waiting)} か所　{_KEYS}", markup=False)
    spent, answered = 0.0, 0
    with private_temp() as opened:
        for seconds in _answers(home, loaded, ledger, audit, waiting, who, opened):
            spent, answered = spent + seconds, answered + 1
    left = len(tasks(ledger))
    out.print(f"\n{answered} か所を確かめました（{spent:.0f} 秒）。残りは {left} か所です。", markup=False)


def _answers(
    home: Home, loaded: Loaded, ledger: Ledger, audit: AuditLog, waiting: list[sa.RowMapping], who: str, opened: Path
) -> Iterator[float]:
    """Asks for each task in turn; yields the seconds that each answer took.  opened: a folder for the task's picture."""
    number = 0
    for scenario, rows in groupby(waiting, key=lambda row: str(row["scenario"])):
        desk = _desk(home, loaded, ledger, audit, scenario, who)
        gone: set[int] = set()
        try:
            for row in rows:
                number += 1
                if row["item"] in gone:
                    continue  # its paper was left out just now
                if not take(ledger, Seat(scenario, who), row["id"], desk.viewed):
                    continue  # somebody else has it on the screen, or must enter it too
                out.print(f"\n[{number}/{len(waiting)}] {scenario}　{_title(row)}", markup=False)
                _show(row, _picture(home, ledger, row, opened))
                began = time.monotonic()
                taken = _ask(desk, row, began)
                if taken is None:
                    return
                if isinstance(taken, Taken):
                    _tell(row, taken)
                    if taken.task["decision"] == "exclude":
                        gone.add(row["item"])
                    if taken.ours:
                        yield time.monotonic() - began
        finally:
            release(ledger, scenario, who)


class _Later:
    """The person will look at it another time."""


def _ask(desk: Desk, row: sa.RowMapping, began: float) -> Taken | _Later | None:
    """One task until it has an answer; None where the person leaves the desk."""
    while True:
        typed = _line("  答え > ")
        if typed is None or typed == "q":
            return None
        if typed == "s":
            return _Later()
        try:
            if typed == "x":
                reason = _line("  除外する理由 > ")
                return None if reason is None else desk.exclude(row, reason, seconds=time.monotonic() - began)
            if typed == "":
                return desk.accept(row, seconds=time.monotonic() - began)
            text = "" if typed == "-" else typed.removeprefix("=")
            return desk.correct(row, text, seconds=time.monotonic() - began)
        except ValueError as error:
            out.print(f"  {error}", markup=False)


def _line(prompt: str) -> str | None:
    """What the person types, without the spaces around it; None at the end of the input."""
    out.print(prompt, end="", markup=False)
    sys.stdout.flush()
    text = sys.stdin.readline()
    return text.strip() if text else None


def _picture(home: Home, ledger: Ledger, row: sa.RowMapping, opened: Path) -> str:
    """Where the person can look at the task's picture, which lies sealed: a file that is gone when they leave."""
    place = picture_of(row, home.root, home.var)
    if place is None or place.suffix != SEALED:
        return str(row["picture"])
    shown_at = opened / f"{row['id']}-{place.stem}"
    shown_at.write_bytes(read_sealed(place, ledger.sealer))
    return str(shown_at)


def _show(row: sa.RowMapping, picture: str) -> None:
    if row["place"]:
        out.print(f"  場所: {row['place']}", markup=False)
    if picture:
        out.print(f"  画像: {picture}", markup=False)
    if row["kind"] == "row":
        out.print("  " + str(row["proposed"]).replace("\n", "\n  "), markup=False)
    elif row["twice"]:
        out.print("  二人が別々に入力する欄です。紙に書かれているとおりに打ってください。", markup=False)
    elif row["source"].startswith(ASKED):
        if row["options"]:
            out.print(f"  選択肢: {'、'.join(row['options'])}", markup=False)
    elif row["source"].startswith(LOOK):
        out.print(f"  値: {row['proposed'] or '（空欄）'}", markup=False)
    elif row["kind"] != "page":
        sure = f"（確かさ {float(row['confidence']):.2f}）"
        out.print(f"  読み取り: {row['proposed'] or '（空欄）'}{sure}", markup=False)
    for reason in () if _blind(row) else row["why"]:
        out.print(f"  理由: {reason}", markup=False)


def _tell(row: sa.RowMapping, taken: Taken) -> None:
    if not taken.ours:
        if taken.task["state"] == "answered":
            before = taken.task["answer"] or ("除外" if taken.task["decision"] == "exclude" else "空欄")
            at = shown(taken.task["answered_at"])
            say(f"  先に {taken.task['who']} が「{before}」と答えています（{at}）。そちらを使います。")
        elif taken.task["state"] == "open":
            say(
                "  いまは、ほかの人がこの確認をしています（または、もう一人が入力する番です）。あなたの答えは使われていません。"
            )
        else:
            say("  この確認は、もう要らなくなりました。")
    elif taken.task["decision"] == "exclude":
        what = "対象" if row["source"].startswith((ASKED, LOOK)) else "紙"
        out.print(f"  除外しました。この{what}は登録しません。", markup=False)
    elif taken.task["state"] == "open":
        out.print("  入力を受け付けました。もう一人の入力を待ちます。", markup=False)
    elif not taken.left:
        out.print(f"  確認が終わりました。banken run {row['scenario']} で登録されます", markup=False)


def _title(row: sa.RowMapping) -> str:
    name = {"page": "読めなかったページ", "row": "行全体"}.get(str(row["kind"]), str(row["field"]))
    return f"{row['origin']}　{name}"
