"""問5: a grid is filled by repetition."""

from __future__ import annotations

from collections.abc import Mapping

from robots.course.compare import on_screen, shortened
from robots.course.exercise import Exercise, Outcome

_KEY = "東小学校 2026-04"
_GRADES = ("1年", "2年", "3年", "職員")
_ROWS = tuple(
    dict(zip(("日付", *_GRADES), line.split(), strict=True))
    for line in ("4月9日 61 60 62 28", "4月10日 61 64 55 30", "4月13日 56 60 61 28")
)
_DAYS = {"4月9日": "2026-04-09", "4月10日": "2026-04-10", "4月13日": "2026-04-13"}


def _rehearsed(outcome: Outcome) -> list[str]:
    meant = {f"{row['日付']} {grade}": row[grade] for row in _ROWS for grade in _GRADES}
    return on_screen(outcome, {_KEY: meant}, compare=True)


def _entered(outcome: Outcome) -> list[str]:
    entries = outcome.entries("kyushoku")
    if len(entries) != 1:
        return [f"食数が {len(entries)} 回登録されました（1 回のはずです）。"]
    values = entries[0]["values"]
    assert isinstance(values, Mapping)
    counts = values["食数"]
    return shortened(
        [
            f"{row['日付']} の「{grade}」の登録が、元の表と違います。"
            for row in _ROWS
            for grade in _GRADES
            if counts.get(_DAYS[row["日付"]], {}).get(grade) != int(row[grade])
        ]
    )


EXERCISE = Exercise(
    number=5,
    level=2,
    title="くり返す",
    name="05-kurikaesu",
    rehearsed=_rehearsed,
    entered=_entered,
    commits=True,
    tables={"食数.csv": _ROWS},
)
