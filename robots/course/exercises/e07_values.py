"""問7: values are computed and named; what was done is written down at the end."""

from __future__ import annotations

from robots.course.accounts import with_account
from robots.course.compare import arrived, in_book, on_screen
from robots.course.exercise import Exercise, Outcome

_ROWS = (
    {"依頼番号": "　Ｒ８－１１", "課": "学務課", "単価": "1500", "数量": "24"},
    {"依頼番号": "R8-12 ", "課": "福祉課", "単価": "980", "数量": "100"},
    {"依頼番号": "Ｒ８-13", "課": "市民課", "単価": "24800", "数量": "3"},
)
_NUMBERS = ("R8-11", "R8-12", "R8-13")
_MEANT = tuple(
    {"依頼番号": number, "配当先": row["課"], "科目": "10-02-10", "金額": str(int(row["単価"]) * int(row["数量"]))}
    for number, row in zip(_NUMBERS, _ROWS, strict=True)
)


def _rehearsed(outcome: Outcome) -> list[str]:
    meant = {row["依頼番号"]: {name: row[name] for name in ("依頼番号", "金額")} for row in _MEANT}
    return on_screen(outcome, meant, compare=True)


def _entered(outcome: Outcome) -> list[str]:
    missing = arrived(outcome, "zaimu", [with_account(row, "科目") for row in _MEANT], "依頼番号")
    rows = [{"課": row["配当先"], "金額": row["金額"]} for row in _MEANT]
    return missing or in_book(outcome, "登録結果.xlsx", "登録結果", rows, "課")


EXERCISE = Exercise(
    number=7,
    level=2,
    title="値を決めて、使う",
    name="07-atai",
    rehearsed=_rehearsed,
    entered=_entered,
    commits=True,
    tables={"依頼.xlsx": _ROWS},
)
