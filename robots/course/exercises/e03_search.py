"""問3: a search, over two pages of results."""

from __future__ import annotations

from robots.course.compare import in_book
from robots.course.exercise import Exercise, Outcome
from robots.course.residents import found_people


def _look(outcome: Outcome) -> list[str]:
    return in_book(outcome, "佐藤花子.xlsx", "検索結果", found_people("佐藤　花子"), "宛名番号")


EXERCISE = Exercise(number=3, level=1, title="入力して、押して、読む", name="03-kensaku", rehearsed=_look)
