"""Towns that show a savings report: works with their volumes, so that the totals are a city's published ones.

Nagaoka (長岡市, published by 総務省): 100 works, 23,980 hours a year before, 5,377 after, 5,563 thousand yen at the
beginning, 8,969 thousand a year.  Its single works are not published: names, volumes and minutes here are invented.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from importlib.resources import files
from typing import Literal, cast

Every = Literal["day", "week", "month"]


@dataclass(frozen=True, slots=True)
class Work:
    """One work of a town, over a year."""

    scenario: str
    name: str
    department: str
    department_name: str
    division: str
    built_by: str
    minutes: Decimal
    """By hand, an item."""
    items: int
    """A year."""
    people: int
    """Minutes that people still spend on it, a year."""
    every: Every
    """How often it runs."""
    measured: date


def nagaoka() -> list[Work]:
    """The 100 works."""
    text = (files("practice") / "towns" / "nagaoka.csv").read_text(encoding="utf-8")
    return [
        Work(
            scenario=row["scenario"],
            name=row["name"],
            department=row["department"],
            department_name=row["department_name"],
            division=row["division"],
            built_by=row["built_by"],
            minutes=Decimal(row["minutes"]),
            items=int(row["items"]),
            people=int(row["people"]),
            every=cast("Every", row["every"]),
            measured=date.fromisoformat(row["measured"]),
        )
        for row in csv.DictReader(text.splitlines())
    ]
