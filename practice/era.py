"""Japanese eras: a date from what a form's four boxes say, and back."""

from __future__ import annotations

from datetime import date

ERAS: tuple[tuple[str, str, date], ...] = (
    ("令和", "R", date(2019, 5, 1)),
    ("平成", "H", date(1989, 1, 8)),
    ("昭和", "S", date(1926, 12, 25)),
    ("大正", "T", date(1912, 7, 30)),
    ("明治", "M", date(1868, 10, 23)),
)
"""(name, letter, first day), the newest first."""


def to_date(era: str, year: int, month: int, day: int) -> date:
    """The day meant by an era date. Raises ValueError where there is no such day in that era."""
    for position, (name, _, first) in enumerate(ERAS):
        if name == era:
            found = date(first.year + year - 1, month, day)
            if year < 1 or found < first or (position and found >= ERAS[position - 1][2]):
                raise ValueError(f"{era}{year}年{month}月{day}日")
            return found
    raise ValueError(era)


def parts(day: date) -> tuple[str, str, int]:
    """(era name, era letter, year in the era) of a day since 1868-10-23."""
    for name, letter, first in ERAS:
        if day >= first:
            return name, letter, day.year - first.year + 1
    raise ValueError(day.isoformat())


def wareki(day: date) -> str:
    """令和8年4月1日"""
    name, _, year = parts(day)
    return f"{name}{'元' if year == 1 else year}年{day.month}月{day.day}日"


def wareki_month(month: str) -> str:
    """令和8年4月, from "2026-04"."""
    year, number = month.split("-")
    name, _, era_year = parts(date(int(year), int(number), 1))
    return f"{name}{era_year}年{int(number)}月"


def wareki_short(day: date) -> str:
    """R8.4.1"""
    _, letter, year = parts(day)
    return f"{letter}{year}.{day.month}.{day.day}"
