"""問9: another scenario is called for each item."""

from __future__ import annotations

from robots.course.compare import in_book, on_screen
from robots.course.exercise import Exercise, Outcome
from robots.course.residents import found_people

_ROWS = (
    {"番号": "1", "氏名": "鈴木　一郎", "生年月日": "平成7年7月25日"},
    {"番号": "2", "氏名": "渡辺　誠", "生年月日": "昭和34年4月1日"},
    {"番号": "3", "氏名": "鈴木　一郎", "生年月日": "昭和46年11月25日"},
)


def _rehearsed(outcome: Outcome) -> list[str]:
    return on_screen(outcome, {row["番号"]: {"氏名": row["氏名"]} for row in _ROWS})


def _entered(outcome: Outcome) -> list[str]:
    numbers = {(one["氏名"], one["生年月日"]): one["宛名番号"] for row in _ROWS for one in found_people(row["氏名"])}
    meant = [
        {"番号": row["番号"], "氏名": row["氏名"], "宛名番号": numbers[row["氏名"], row["生年月日"]]} for row in _ROWS
    ]
    return in_book(outcome, "宛名.xlsx", "宛名", meant, "番号")


EXERCISE = Exercise(
    number=9,
    level=2,
    title="部品を使う",
    name="09-buhin",
    rehearsed=_rehearsed,
    entered=_entered,
    tables={"名簿.csv": _ROWS},
    part="09-sagasu",
)
