"""問11: doubts are settled by a person, and a lost answer leads to no second entry."""

from __future__ import annotations

from robots.course.applications import LABELS, papers_arrived, papers_on_screen
from robots.course.exercise import Exercise, Outcome


def _rehearsed(outcome: Outcome) -> list[str]:
    return papers_on_screen(outcome, LABELS)


def _entered(outcome: Outcome) -> list[str]:
    return papers_arrived(outcome)


EXERCISE = Exercise(
    number=11,
    level=3,
    title="人が確かめ、途中で切れても二度登録しない",
    name="11-kakunin",
    rehearsed=_rehearsed,
    entered=_entered,
    commits=True,
    papers=("02.jpg", "05.jpg", "27.jpg"),
    lost_answer="POST /gakumu/applications",
)
