"""banken calendar: the days on which a scenario runs, on a grid of months, and why a day was moved."""

from __future__ import annotations

import calendar as months
from datetime import date, timedelta
from typing import Annotated

import typer
from rich.text import Text

from robots.cli.common import AsJson, Code, Stop, here, out, registered, say, show_json
from robots.clock import today
from robots.eras import read_date
from robots.nightly.calendar import announced
from robots.nightly.rules import Town, Turn
from robots.registry.load import Loaded
from robots.registry.schedule import Schedule
from robots.scenario.guess import nearest

_WEEKDAYS = "月火水木金土日"
_MOST_MONTHS = 60


def calendar(
    scenario: Annotated[str, typer.Argument(help="シナリオの番号")],
    first: Annotated[str | None, typer.Option("--from", help="この日から（例: 2026-04-01）。省くと今月から")] = None,
    last: Annotated[str | None, typer.Option("--to", help="この日まで。省くと 12 か月")] = None,
    as_json: AsJson = False,
) -> None:
    """シナリオを動かす日を、12 か月のこよみで見る。"""
    loaded = registered(here())
    schedule = _schedule(loaded, scenario)
    start = read_date(first) if first is not None else today().replace(day=1)
    end = read_date(last) if last is not None else _year_on(start)
    if not start <= end <= start + timedelta(days=31 * _MOST_MONTHS):
        say("--to は --from より後の、5 年以内の日にしてください。")
        raise Stop(Code.USAGE)
    town = Town(loaded.register.open_days, loaded.register.fiscal_year_starts)
    turns = schedule.on.turns(start, end, town, schedule.season) if schedule.on is not None else []
    if as_json:
        show_json(_document(scenario, schedule, turns, start, end, town))
        return
    _show(loaded, scenario, schedule, turns, start, end, town)


def _schedule(loaded: Loaded, scenario: str) -> Schedule:
    entry = loaded.register.scenarios.get(scenario)
    if entry is None:
        guess = nearest(scenario, loaded.register.scenarios)
        say(f"シナリオ「{scenario}」は台帳にありません。{f'もしかして: {guess}' if guess else ''}")
        raise Stop(Code.USAGE)
    if entry.schedule is None:
        say(f"シナリオ「{scenario}」には予定（schedule）がありません。手で動かすシナリオです。")
        raise Stop(Code.PROBLEMS)
    return entry.schedule


def _year_on(start: date) -> date:
    """Twelve months, the present one among them."""
    return start.replace(year=start.year + 1, day=1) - timedelta(days=1)


def _document(
    scenario: str, schedule: Schedule, turns: list[Turn], first: date, last: date, town: Town
) -> dict[str, object]:
    rule = schedule.on.written if schedule.on is not None else None
    closed = {day: why for day in _days(first, last) if (why := town.open_days.why_closed(day))}
    return {
        "scenario": scenario,
        "on": rule,
        "at": [f"{one:%H:%M}" for one in schedule.times],
        "after": schedule.after,
        "from": first.isoformat(),
        "to": last.isoformat(),
        "days": [
            {
                "day": turn.day.isoformat(),
                "planned": turn.planned.isoformat(),
                "why": turn.why,
                "closed": turn.day in closed,
            }
            for turn in turns
        ],
        "closed": {day.isoformat(): why for day, why in closed.items()},
        "announced": announced(today()),
    }


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def _show(
    loaded: Loaded, scenario: str, schedule: Schedule, turns: list[Turn], first: date, last: date, town: Town
) -> None:
    entry = loaded.register.scenarios[scenario]
    rule = schedule.on.written if schedule.on is not None else ""
    times = schedule.times
    at = (
        f"{times[0]:%H:%M} から {times[-1]:%H:%M} まで {len(times)} 回"
        if len(times) > 4
        else "・".join(f"{one:%H:%M}" for one in times)
    )
    after = f"{'、'.join(schedule.after)} が正常に終わったら" if schedule.after else ""
    out.print(f"{entry.name}（{scenario}）: {' '.join(one for one in (rule, at, after) if one)}", markup=False)
    if schedule.on is None:
        out.print("日の決まりはありません。先行のシナリオが終わった日に動きます。", markup=False)
        return
    by_day = {turn.day: turn for turn in turns}
    for year, month in sorted({(day.year, day.month) for day in _days(first, last)}):
        out.print(_month(year, month, by_day, town))
    out.print("[ ] 動かす日　[*] 移した日　. 閉庁日", markup=False)
    for turn in turns:
        if turn.why:
            out.print(f"  {turn.day}（{_WEEKDAYS[turn.day.weekday()]}）: {turn.why}", markup=False)
        elif closed := town.open_days.why_closed(turn.day):
            out.print(f"  {turn.day}（{_WEEKDAYS[turn.day.weekday()]}）: {closed}ですが動かします。", markup=False)
    out.print(f"{len(turns)} 日", markup=False)
    known = announced(today())
    if last.year > known:
        out.print(
            f"{known + 1}年からの祝日は、まだ官報で公表されていません（前の年の2月1日に公表）。いまの法律による見込みです。",
            markup=False,
        )


def _month(year: int, month: int, turns: dict[date, Turn], town: Town) -> Text:
    """One month as a grid; Monday first."""
    lines = [f"{year}年{month}月", "".join(f"  {name} " for name in _WEEKDAYS)]
    for week in months.monthcalendar(year, month):
        lines.append("".join(_cell(date(year, month, number), turns, town) if number else "     " for number in week))
    return Text("\n".join(line.rstrip() for line in lines) + "\n")


def _cell(day: date, turns: dict[date, Turn], town: Town) -> str:
    turn = turns.get(day)
    if turn is not None:
        return f"[{day.day:2}{'*' if turn.why else ''}]".ljust(5)
    return f" {day.day:2}{' ' if town.open_days.is_open(day) else '.'} "
