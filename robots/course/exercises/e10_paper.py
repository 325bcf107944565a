"""問10: scanned papers are read, as far as the rehearsal."""

from __future__ import annotations

from robots.course.applications import papers_on_screen
from robots.course.exercise import Exercise, Outcome

_LABELS = ("受付番号", "年度", "児童氏名", "生年月日", "学校", "学年")


def _rehearsed(outcome: Outcome) -> list[str]:
    return papers_on_screen(outcome, _LABELS)


EXERCISE = Exercise(
    number=10,
    level=3,
    title="紙の申請書を読む",
    name="10-kami",
    rehearsed=_rehearsed,
    papers=("02.jpg", "04.jpg", "26.jpg"),
)
