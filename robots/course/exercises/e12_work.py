"""問12: the whole work, from paper to the workbook of results."""

from __future__ import annotations

from collections.abc import Mapping

from robots.course.applications import LABELS, papers_arrived, papers_on_screen
from robots.course.compare import in_book
from robots.course.exercise import Exercise, Outcome


def _of_this_year(paper: Mapping[str, str]) -> bool:
    return paper["年度"] == "令和8年度"


def _rehearsed(outcome: Outcome) -> list[str]:
    return papers_on_screen(outcome, LABELS, _of_this_year)


def _entered(outcome: Outcome) -> list[str]:
    missing = papers_arrived(outcome, _of_this_year)
    if missing:
        return missing
    receipts = {str(one["key"]): str(one["receipt"]) for one in outcome.entries("gakumu")}
    rows = [
        {"受付番号": paper["受付番号"], "児童氏名": paper["児童氏名"], "受理番号": receipts[paper["受付番号"]]}
        for paper in outcome.truth
        if _of_this_year(paper)
    ]
    return in_book(outcome, "登録結果.xlsx", "登録結果", rows, "受付番号")


EXERCISE = Exercise(
    number=12,
    level=3,
    title="自分の仕事を、紙から結果まで",
    name="12-shigoto",
    rehearsed=_rehearsed,
    entered=_entered,
    commits=True,
    papers=("01.jpg", "03.jpg", "28.jpg"),
    lost_answer="POST /gakumu/applications",
)
