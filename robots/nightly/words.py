"""The plan of a night as people and programs read it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from robots.clock import stamp
from robots.nightly.plan import Forecast, Told

SIGHTS = {"good": "○", "risky": "△", "late": "×", "blocked": "×"}


def plan_lines(night: date, forecast: Forecast) -> Iterator[str]:
    """A line a turn, and beneath it what somebody should look at."""
    yield f"{night:%Y-%m-%d}（{'月火水木金土日'[night.weekday()]}）の夜の計画 — {len(forecast.told)} 本"
    for note in forecast.notes:
        yield f"  ！ {note}"
    if not forecast.told:
        yield "  予定（schedule）はありません。"
    for one in forecast.told:
        yield f"{SIGHTS[one.sight]} {_times(one)}  {one.work.name}（{one.work.scenario}）{_items(one)}"
        if one.waits:
            yield f"      {one.waits}"
        for note in one.notes:
            yield f"      ！ {note}" if one.sight != "good" or one.work.lacks else f"      {note}"
    if forecast.told:
        found = len(forecast.announced)
        yield f"見てほしいもの {found} 本" if found else "すべて時間までに終わる見込みです。"


def _times(told: Told) -> str:
    if told.start is None or told.end is None:
        return f"{told.work.due:%H:%M} 動かない"
    slow = f"（遅ければ {told.slow_end:%H:%M}）" if told.slow_end is not None else ""
    by = f" 期限 {told.work.finish_by:%H:%M}" if told.work.finish_by is not None else ""
    return f"{told.start:%H:%M}–{told.end:%H:%M}{slow}{by}"


def _items(told: Told) -> str:
    return f" 約 {told.work.length.items} 件" if told.start is not None and told.work.length.items else ""


def plan_json(night: date, forecast: Forecast) -> dict[str, object]:
    """The published keys of ``banken plan --json``."""
    return {
        "date": night.isoformat(),
        "notes": list(forecast.notes),
        "announced": len(forecast.announced),
        "turns": [_turn(one) for one in forecast.told],
    }


def _turn(told: Told) -> dict[str, object]:
    work = told.work
    return {
        "scenario": work.scenario,
        "name": work.name,
        "due": stamp(work.due),
        "finish_by": _stamped(work.finish_by),
        "start": _stamped(told.start),
        "end": _stamped(told.end),
        "slow_end": _stamped(told.slow_end),
        "sight": told.sight,
        "waits": told.waits,
        "notes": list(told.notes),
        "items": work.length.items,
        "runs_known": work.length.known,
        "assumed": bool(work.length.assumed),
        "priority": work.priority,
        "resources": list(work.resources),
        "machine": work.machine,
    }


def _stamped(moment: datetime | None) -> str | None:
    return stamp(moment) if moment is not None else None
