"""Which turns are due, pure: a schedule, the town's days, up to when all is dealt with, and the present moment.

All moments are JST.  A turn is a moment at which a schedule says "begin"; it comes once, whatever scheduler sees it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from robots.clock import JST
from robots.nightly.rules import Town, Turn
from robots.registry.schedule import Schedule

LATE = timedelta(minutes=15)
"""A turn that is begun within this is in time; later it was missed, and the schedule's ``missed`` says what becomes of it."""
APART = timedelta(seconds=20)
"""Between the starts of a burst that is caught up on."""
_FAR = timedelta(days=400)


@dataclass(frozen=True, slots=True)
class Due:
    """One turn: when it begins, and by when it must have ended; ``why`` its day was moved (or empty)."""

    at: datetime
    finish_by: datetime | None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of the turns up to now: these run, these do not (each with the reason), and all up to ``upto`` is
    dealt with.  ``upto`` None: nothing was decided; a missed turn waits for its next window."""

    run: tuple[Due, ...] = ()
    missed: tuple[tuple[Due, str], ...] = ()
    upto: datetime | None = None


def dues(schedule: Schedule, town: Town, after: datetime, until: datetime) -> list[Due]:
    """The turns after ``after`` and no later than ``until``, in order.  Raises: BusinessError (unknown holidays)."""
    if schedule.on is None:
        return []
    after, until = after.astimezone(JST), until.astimezone(JST)
    turns = schedule.on.turns(after.date(), until.date(), town, schedule.season)
    every = (due for turn in turns for due in _of_day(schedule, turn))
    return [due for due in every if after < due.at <= until]


def _of_day(schedule: Schedule, turn: Turn) -> list[Due]:
    moments = [datetime.combine(turn.day, time, JST) for time in schedule.times]
    return [Due(at, schedule.deadline(at), turn.why) for at in moments]


def next_due(schedule: Schedule, town: Town, after: datetime, *, within: timedelta = _FAR) -> Due | None:
    """The first turn after ``after``; None where there is none for ``within``.  Raises: BusinessError."""
    begin, step = after, timedelta(days=14)
    while begin < after + within:
        found = dues(schedule, town, begin, begin + step)
        if found:
            return found[0]
        begin, step = begin + step, timedelta(days=92)
    return None


def decide(schedule: Schedule, town: Town, upto: datetime, moment: datetime) -> Decision:
    """What becomes of the turns after ``upto``, now that it is ``moment``.

    A turn in time runs.  Of those that were missed (the machine was off) run_once runs the latest, run_all the latest
    so many, skip none; but nothing is begun outside its window: where ``finish_by`` of the latest has passed, the
    decision waits for the next turn.  Raises: BusinessError (unknown holidays).
    """
    come = dues(schedule, town, upto, moment)
    if not come:
        return Decision()
    latest = come[-1]
    if latest.finish_by is not None and moment >= latest.finish_by:
        if next_due(schedule, town, moment) is not None and schedule.missed.policy != "skip":
            return Decision()
        return Decision((), tuple((one, "終了期限を過ぎていました。") for one in come), latest.at)
    in_time = [one for one in come if moment - one.at <= LATE]
    late = [one for one in come if moment - one.at > LATE]
    skips = schedule.missed.policy == "skip"
    wanted = in_time if skips else come[-max(schedule.missed.limit, len(in_time)) :]
    reason = "時刻を逃しました。" if skips else "時刻を逃し、あとの回にまとめました。"
    missed = tuple((one, reason) for one in late if one not in wanted)
    window = latest.finish_by
    run = tuple(one if one in in_time else Due(one.at, window, one.why) for one in wanted)
    return Decision(run, missed, latest.at)


def spread(count: int, moment: datetime) -> Sequence[datetime]:
    """When each of so many firings of a burst may begin: one after the other, a little apart."""
    return [moment + number * APART for number in range(count)]
