"""Time as the town keeps it: Japan Standard Time, whatever the machine's zone is."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

JST = timezone(timedelta(hours=9), "JST")


def now() -> datetime:
    """The present moment in JST."""
    return datetime.now(JST)


def today() -> date:
    """Today's date in Japan."""
    return now().date()


def stamp(moment: datetime) -> str:
    """A moment as the ledger keeps it: 2026-11-22T19:00:00.123+09:00."""
    return moment.astimezone(JST).isoformat(timespec="milliseconds")


def shown(text: str | None) -> str:
    """A ledger stamp for people: 2026-11-22 19:00:00; empty where there is none."""
    return text[:19].replace("T", " ") if text else ""


def fiscal_year(day: date, starts: int = 4) -> int:
    """The fiscal year (年度) of a date; a Japanese municipality's runs from 1 April (地方自治法第208条)."""
    return day.year if day.month >= starts else day.year - 1
