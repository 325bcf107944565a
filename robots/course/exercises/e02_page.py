"""問2: a table of a page is read."""

from __future__ import annotations

from robots.course.compare import in_book
from robots.course.exercise import Exercise, Outcome
from robots.course.residents import found_people


def _look(outcome: Outcome) -> list[str]:
    return in_book(outcome, "鈴木一郎.xlsx", "検索結果", found_people("鈴木　一郎"), "宛名番号")


EXERCISE = Exercise(number=2, level=1, title="画面を開いて、表を読む", name="02-gamen", rehearsed=_look)
