"""問1: a sheet is read, and written into a workbook."""

from __future__ import annotations

from robots.course.compare import in_book
from robots.course.exercise import Exercise, Outcome

_ROWS = (
    {"番号": "1", "氏名": "佐藤　健一", "課": "市民課", "内線": "0201"},
    {"番号": "2", "氏名": "鈴木　陽子", "課": "会計課", "内線": "0315"},
    {"番号": "3", "氏名": "髙橋　大輔", "課": "学務課", "内線": "0408"},
    {"番号": "4", "氏名": "田中　美咲", "課": "土木課", "内線": "0522"},
)


def _look(outcome: Outcome) -> list[str]:
    return in_book(outcome, "内線表.xlsx", "内線", _ROWS, "番号")


EXERCISE = Exercise(
    number=1,
    level=1,
    title="表を読んで、Excel にする",
    name="01-hyou",
    rehearsed=_look,
    tables={"内線表.csv": _ROWS},
)
