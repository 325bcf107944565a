"""The holidays of five fiscal years as the Cabinet Office lists them (国民の祝日, 振替休日 and 国民の休日 among them), typed
from the calendar and not computed: what the open-day algebra is held against.
"""

from __future__ import annotations

from datetime import date, timedelta

_WRITTEN = """
2024: 1/1 1/8 2/11 2/12 2/23 3/20 4/29 5/3 5/4 5/5 5/6 7/15 8/11 8/12 9/16 9/22 9/23 10/14 11/3 11/4 11/23
2025: 1/1 1/13 2/11 2/23 2/24 3/20 4/29 5/3 5/4 5/5 5/6 7/21 8/11 9/15 9/23 10/13 11/3 11/23 11/24
2026: 1/1 1/12 2/11 2/23 3/20 4/29 5/3 5/4 5/5 5/6 7/20 8/11 9/21 9/22 9/23 10/12 11/3 11/23
2027: 1/1 1/11 2/11 2/23 3/21 3/22 4/29 5/3 5/4 5/5 7/19 8/11 9/20 9/23 10/11 11/3 11/23
2028: 1/1 1/10 2/11 2/23 3/20 4/29 5/3 5/4 5/5 7/17 8/11 9/18 9/22 10/9 11/3 11/23
"""


def holidays() -> set[date]:
    """All of them."""
    found = set()
    for line in _WRITTEN.strip().splitlines():
        year, days = line.split(":")
        for day in days.split():
            month, number = day.split("/")
            found.add(date(int(year), int(month), int(number)))
    return found


def open_days(first: date, last: date) -> list[date]:
    """The days on which a town hall with the law's closed days is open, by taking away."""
    away = holidays()
    found = []
    day = first
    while day <= last:
        new_year = f"{day:%m%d}" in ("1229", "1230", "1231", "0101", "0102", "0103")
        if f"{day:%a}" not in ("Sat", "Sun") and not new_year and day not in away:
            found.append(day)
        day += timedelta(days=1)
    return found
