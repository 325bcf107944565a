"""Before building (見積り): what a scenario may save, from the work's volume and the town's own history; pure but for ``history``.

Where the town has no history yet, defaults stand in, each named as such in ``Estimate.sources``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal, InvalidOperation
from statistics import median

from robots.ledger.store import Ledger
from robots.ledger.tallies import Span, Tally, tallies
from robots.savings.figures import gross_of, months_between

_ENOUGH = 3
"""So many scenarios make a history."""
_ENOUGH_ITEMS = 30
_BUILD_HOURS = Decimal(40)
_UPKEEP_HOURS = Decimal(12)
_LEFT = Decimal("0.224")
"""長岡市: 5,377 of 23,980 hours were left to people (published by 総務省)."""
_SECONDS_A_FIELD = Decimal(4)
_SECONDS_A_PAPER = Decimal(20)
_LOW = {"volume": Decimal("0.8"), "people": Decimal("1.5"), "effort": Decimal("1.5")}
_HIGH = {"volume": Decimal("1.2"), "people": Decimal("0.7"), "effort": Decimal("0.7")}
_SLOW_MONTHS = 24
_SMALL_HOURS = 20


@dataclass(frozen=True, slots=True)
class Work:
    """The work as it is done by hand now."""

    items_per_year: Decimal
    minutes_per_item: Decimal
    fields: int = 0
    """How many fields of a paper are read and checked; 0: nothing is read from paper."""
    check_seconds: Decimal | None = None
    """Seconds to check one field, where it was measured."""
    build_hours: Decimal | None = None
    """Hours to make the scenario, where the author has an idea of it."""


@dataclass(frozen=True, slots=True)
class History:
    """What the town's scenarios took so far; None where too few of them tell."""

    build_hours: Decimal | None = None
    upkeep_hours: Decimal | None = None
    """A year and scenario."""
    left: Decimal | None = None
    """The share of the time by hand that people still spend on items (review, mending)."""
    scenarios: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """Hours, of a year."""

    before: Decimal
    after: Decimal
    """On items: reading, checking, what goes wrong; and upkeep."""
    build: Decimal
    """Once."""

    @property
    def net(self) -> Decimal:
        """Saved in a year, once it is built."""
        return self.before - self.after

    @property
    def payback(self) -> int | None:
        """Whole months until the building is earned; None where it never is."""
        return int((self.build / (self.net / 12)).to_integral_value(ROUND_CEILING)) if self.net > 0 else None


@dataclass(frozen=True, slots=True)
class Estimate:
    """What is to be expected, from the careful to the hopeful, with advice and where its numbers come from (Japanese)."""

    low: Outcome
    likely: Outcome
    high: Outcome
    advice: tuple[str, ...]
    sources: tuple[str, ...]


def positive(text: str) -> Decimal | None:
    """A number that a person wrote (1,200 or 7.5); None where it is none, or not positive, or beyond all sense."""
    try:
        number = Decimal(text.replace(",", ""))
    except InvalidOperation:
        return None
    return number if number.is_finite() and 0 < number < 10**9 else None


def estimate(work: Work, known: History = History()) -> Estimate:
    """The estimate of one work."""
    build = _first(work.build_hours, known.build_hours, _BUILD_HOURS)
    upkeep = _first(known.upkeep_hours, _UPKEEP_HOURS)
    per_item, reading = _people_per_item(work, known)

    def outcome(volume: Decimal, people: Decimal, effort: Decimal) -> Outcome:
        count = work.items_per_year * volume
        by_hand = count * work.minutes_per_item / 60
        return Outcome(by_hand, count * per_item * people / 60 + upkeep * effort, build * effort)

    likely = outcome(Decimal(1), Decimal(1), Decimal(1))
    low, high = outcome(**_LOW), outcome(**_HIGH)
    return Estimate(low, likely, high, _advice(work, per_item, low, likely), (*_sources(work, known), reading))


def history(ledger: Ledger) -> History:
    """What the ledger tells of the scenarios that ran by now."""
    groups: dict[str, list[Tally]] = defaultdict(list)
    for tally in tallies(ledger, Span(each="year")):
        groups[tally.scenario].append(tally)
    ran = [own for own in groups.values() if sum(one.items for one in own) >= _ENOUGH_ITEMS]
    build, upkeep, left = [], [], []
    for own in ran:
        worked = [one for one in own if one.items]
        months = months_between(min(one.first for one in worked), max(one.last for one in worked))
        once = sum((one.once for one in own), Decimal(0))
        apart = sum((one.running for one in own if not one.items), Decimal(0))
        on_items, gross = (
            sum(values, Decimal(0)) for values in ((one.running for one in worked), map(gross_of, worked))
        )
        if once:
            build.append(once / 60)
        if apart:
            upkeep.append(apart / 60 / months * 12)
        if gross:
            left.append(on_items / gross)
    return History(_middle(build), _middle(upkeep), _middle(left), len(ran))


def _middle(values: Sequence[Decimal]) -> Decimal | None:
    return median(values) if len(values) >= _ENOUGH else None


def _first(*values: Decimal | None) -> Decimal:
    return next(value for value in values if value is not None)


def _people_per_item(work: Work, known: History) -> tuple[Decimal, str]:
    """Minutes of people an item, and where the number comes from."""
    if work.fields:
        seconds = _first(work.check_seconds, _SECONDS_A_FIELD)
        whence = "測った値" if work.check_seconds is not None else "目安"
        told = f"読み取りと確認: 1 枚 {_SECONDS_A_PAPER} 秒 ＋ 1 項目 {seconds} 秒（{whence}）"
        return (_SECONDS_A_PAPER + work.fields * seconds) / 60, told
    share = _first(known.left, _LEFT)
    whence = (
        "この町の実績の中央値" if known.left is not None else "長岡市の公表値: 23,980 時間のうち 5,377 時間が残った"
    )
    return work.minutes_per_item * share, f"人に残る時間: 手作業の {share * 100:.1f}%（{whence}）"


def _sources(work: Work, known: History) -> tuple[str, str]:
    if work.build_hours is not None:
        build = f"作成: {work.build_hours:,.1f} 時間（指定した値）"
    elif known.build_hours is not None:
        build = f"作成: {known.build_hours:,.1f} 時間（この町の実績の中央値）"
    else:
        build = f"作成: {_BUILD_HOURS} 時間（目安。この町の記録がまだ足りません）"
    if known.upkeep_hours is not None:
        return build, f"保守: 年 {known.upkeep_hours:,.1f} 時間（この町の実績の中央値）"
    return build, f"保守: 年 {_UPKEEP_HOURS} 時間（目安。この町の記録がまだ足りません）"


def _advice(work: Work, per_item: Decimal, low: Outcome, likely: Outcome) -> tuple[str, ...]:
    found = []
    if work.fields and per_item >= work.minutes_per_item:
        found.append(
            f"読み取りと確認（1 件 {per_item:.1f} 分）のほうが、手で入力する（{work.minutes_per_item:.1f} 分）より"
            "時間がかかります。項目の少ない帳票は、そのまま入力するか、電子申請への切り替えを考えてください。"
        )
    if likely.net <= 0:
        found.append("自動化しても時間は減らない見込みです。作る前に、業務そのもの（様式・手順）を見直してください。")
    elif likely.payback is not None and likely.payback > _SLOW_MONTHS:
        found.append(
            f"作成にかけた時間を取り戻すのに {likely.payback} か月かかる見込みです。件数の多い業務を先にしてください。"
        )
    if 0 < likely.before < _SMALL_HOURS:
        found.append("件数が少ない業務です。ほかの課や市町村のシナリオを分けてもらえないか、先に確かめてください。")
    if likely.net > 0 >= low.net:
        found.append("件数や確認の手間しだいで、効果がなくなる見込みです。はじめに 30 件ほど実測してください。")
    if not found:
        found.append("効果が見込めます。作成の前に手作業の時間を実測し、基準時間として台帳に書いてください。")
    return tuple(found)
