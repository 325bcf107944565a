"""When a scenario runs unattended (``schedule`` of the register): read by its own rules, every mistake at its place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self, cast

from pydantic import BeforeValidator, Field, PlainValidator, model_validator
from pydantic_core import PydanticCustomError

from robots.clock import JST
from robots.nightly.calendar import NotDays, Span, read_closed, read_span
from robots.nightly.phrases import NotARule, examples, phrases, read_rule, read_time
from robots.nightly.rules import Rule
from robots.params import Params, Text, Whole, param
from robots.scenario.guess import nearest
from robots.scenario.problem import Findings
from robots.scenario.source import Source

if TYPE_CHECKING:
    from robots.registry.model import Register

MOST_MISSED = 10
"""Missed turns that run_all makes up for unless it is told a number."""
_POLICIES = {"run_once": "run_once", "一度だけ実行": "run_once", "skip": "skip", "実行しない": "skip"}
_ALL = ("run_all", "すべて実行")


@dataclass(frozen=True, slots=True)
class Missed:
    """What becomes of turns that the machine slept through: the latest runs, none does, or the latest ``limit`` do."""

    policy: Literal["run_once", "skip", "run_all"] = "run_once"
    limit: int = 1


def _as_rule(value: object) -> object:
    if isinstance(value, Rule):
        return value
    try:
        return read_rule(str(value))
    except NotARule as error:
        guess = nearest(str(value), phrases())
        near = f"（もしかして: {guess}）" if guess else ""
        raise PydanticCustomError("rule", "{what}", {"what": f"{error}{near}。書けるのは {examples()} です"}) from None


def _as_times(value: object) -> object:
    if isinstance(value, tuple):
        return value
    try:
        times = [read_time(str(one)) for one in (value if isinstance(value, list) else [value])]
    except NotARule as error:
        raise PydanticCustomError("time", "{what}", {"what": str(error)}) from None
    return tuple(sorted(set(times)))


def _as_time(value: object) -> object:
    times = _as_times(value)
    assert isinstance(times, tuple)
    if len(times) != 1:
        raise PydanticCustomError("time", "時刻を一つだけ書いてください")
    return times[0]


def _as_missed(value: object) -> object:
    if isinstance(value, Missed):
        return value
    if isinstance(value, str) and value in _POLICIES:
        return Missed("skip" if _POLICIES[value] == "skip" else "run_once")
    if isinstance(value, str) and value in _ALL:
        return Missed("run_all", MOST_MISSED)
    if isinstance(value, Mapping) and len(value) == 1 and next(iter(value)) in _ALL:
        limit = str(next(iter(value.values())))
        if limit.isdecimal() and 1 <= int(limit) <= 100:
            return Missed("run_all", int(limit))
    raise PydanticCustomError(
        "missed", "使えるのは run_once（一度だけ実行）、skip（実行しない）、{{run_all: 回数}}（1 から 100）です"
    )


def _as_season(value: object) -> object:
    if isinstance(value, Span):
        return value
    try:
        return read_span(str(value))
    except NotDays as error:
        raise PydanticCustomError("season", "{what}", {"what": str(error)}) from None


def as_closed_days(value: object) -> object:
    """For the register's own field: refuses what names no days."""
    return _checked(value, read_closed)


def as_extra_days(value: object) -> object:
    """The same for ``open_extra`` and ``closed_extra``."""
    return _checked(value, lambda days: [read_span(day) for day in days])


def _checked(value: object, read: Any) -> object:
    try:
        read(value if isinstance(value, list) else [value])
    except NotDays as error:
        raise PydanticCustomError("days", "{what}", {"what": str(error)}) from None
    return value


def _names(value: object) -> object:
    return [value] if isinstance(value, str) else value


Names = Annotated[list[Text], BeforeValidator(_names)]
Times = Annotated[tuple[time, ...], BeforeValidator(_as_times)]


class Schedule(Params):
    """When a scenario runs, what it needs to itself, and what becomes of it when a time was missed.

    ``on`` with ``at`` (or an ``on`` with times of its own), or ``after`` alone: once all of those have ended well.
    """

    on: Annotated[Rule, PlainValidator(_as_rule)] | None = param("日", "動かす日の決まり（例: 毎開庁日）", default=None)
    at: Times = param("時刻", "始める時刻（例: 19:00。いくつでも）", factory=tuple)
    finish_by: Annotated[time, BeforeValidator(_as_time)] | None = param(
        "終了期限", "この時刻までに終える（例: 06:00）。過ぎたら、いまの対象を終えて止める", default=None
    )
    resources: Names = param("資源", "同時に使えないもの（resources の名前）", factory=list)
    after: Names = param("先行", "先に正常に終わっていなければならないシナリオの番号", factory=list)
    missed: Annotated[Missed, PlainValidator(_as_missed)] = param(
        "逃したとき", "時刻を逃したとき: run_once・skip・{run_all: 回数}", factory=Missed
    )
    season: Annotated[Span, PlainValidator(_as_season)] | None = param(
        "期間", "この期間だけ動かす（例: 10/01-03/31。年をまたいでもよい）", default=None
    )
    priority: Annotated[Whole, Field(ge=1, le=9)] = param("優先度", "1（先）から 9（後）", default=5)
    share: Annotated[Whole, Field(ge=2, le=16)] | None = param(
        "手分け", "一つの実行の対象を、いくつのプロセスで分けて行うか（2 から 16）", default=None
    )

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.on is None and not self.after:
            raise PydanticCustomError("schedule", "on（日の決まり）か after（先行）のどちらかが必要です")
        own = self.on.times if self.on is not None else ()
        if own and self.at:
            raise PydanticCustomError("schedule", "「○分ごと」の決まりには at（時刻）を書けません")
        if self.on is not None and not own and not self.at:
            raise PydanticCustomError("schedule", "at（始める時刻）が必要です")
        if self.on is None and self.at:
            raise PydanticCustomError("schedule", "at（時刻）には on（日の決まり）が必要です")
        if self.on is None and self.season is not None:
            raise PydanticCustomError("schedule", "season（期間）には on（日の決まり）が必要です")
        return self

    @property
    def times(self) -> tuple[time, ...]:
        """The times of day of a turn, in order; none where it follows others only."""
        return self.on.times or self.at if self.on is not None else ()

    def deadline(self, due: datetime) -> datetime | None:
        """When a run that was due at ``due`` (JST) must have ended: the next ``finish_by`` after it."""
        if self.finish_by is None:
            return None
        by = datetime.combine(due.astimezone(JST).date(), self.finish_by, JST)
        return by if by > due else by + timedelta(days=1)


def check_schedules(register: Register, source: Source, findings: Findings) -> None:
    """What schedules name must be there, and no two may wait for each other."""
    raw = cast("dict[str, Any]", source.data)
    waits: dict[str, list[str]] = {}
    for scenario, entry in register.scenarios.items():
        schedule = entry.schedule
        if schedule is None:
            continue
        written = raw["scenarios"][scenario]["schedule"]
        waits[scenario] = [one for one in schedule.after if one in register.scenarios]
        for key, ja, names, known, where in (
            ("resources", "資源", schedule.resources, register.resources, "resources"),
            ("after", "先行", schedule.after, register.scenarios, "scenarios"),
        ):
            place = ("scenarios", scenario, "schedule", key if key in written else ja)
            for name in names:
                if name not in known:
                    findings.add(
                        source.at(place),
                        f"「{name}」が {where} にありません。",
                        f"{where} に加えるか、名前を直してください。",
                        nearest(name, known),
                    )
                elif known is register.scenarios and register.scenarios[name].schedule is None:
                    findings.add(
                        source.at(place),
                        f"先行の「{name}」には予定（schedule）がありません。",
                        "先行にも予定を書くか、after から外してください。",
                    )
        _check_share(scenario, register, source, findings, "share" if "share" in written else "手分け")
    try:
        TopologicalSorter(waits).prepare()
    except CycleError as error:
        ring = error.args[1]
        findings.add(
            source.key(("scenarios", ring[0], "schedule")),
            f"先行（after）が輪になっています: {' → '.join(reversed(ring))}。",
            "どれかの after を外してください。",
        )


def _check_share(scenario: str, register: Register, source: Source, findings: Findings, key: str) -> None:
    """Each process that shares the items needs a place of its own at every resource."""
    schedule = register.scenarios[scenario].schedule
    assert schedule is not None, "only a schedule is checked"
    for name in schedule.resources:
        resource = register.resources.get(name)
        if schedule.share is not None and resource is not None and resource.holders < schedule.share:
            findings.add(
                source.at(("scenarios", scenario, "schedule", key)),
                f"{schedule.share} つに手分けしますが、資源「{name}」を同時に使えるのは {resource.holders} つです。",
                f"share を {resource.holders} 以下にするか（1 なら share を書かない）、resources の holders を増やしてください。",
            )
