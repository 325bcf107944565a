"""問4: each row of a sheet is entered, with approval and commit."""

from __future__ import annotations

from robots.course.accounts import with_account
from robots.course.compare import arrived, by_key, on_screen
from robots.course.exercise import Exercise, Outcome

_ROWS = tuple(
    dict(zip(("依頼番号", "配当元", "配当先", "科目", "金額", "理由"), line.split(), strict=True))
    for line in (
        "R8-001 財政課 学務課 10-02-10 250000 追加配当",
        "R8-002 財政課 福祉課 10-04-12 1200000 当初配当",
        "R8-003 土木課 市民課 10-02-11 36500 組替",
    )
)


def _rehearsed(outcome: Outcome) -> list[str]:
    return on_screen(outcome, by_key(_ROWS, "依頼番号"))


def _entered(outcome: Outcome) -> list[str]:
    return arrived(outcome, "zaimu", [with_account(row, "科目") for row in _ROWS], "依頼番号")


EXERCISE = Exercise(
    number=4,
    level=1,
    title="一件ずつ入力して、登録する",
    name="04-toroku",
    rehearsed=_rehearsed,
    entered=_entered,
    commits=True,
    tables={"依頼.csv": _ROWS},
)
