"""Before building: what is expected, how far it may be off, and what to think of it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from robots.ledger.tallies import Tally
from robots.savings import estimate as estimates
from robots.savings.estimate import History, Work, estimate, history

KNOWN = History(build_hours=Decimal(30), upkeep_hours=Decimal(6), left=Decimal("0.1"), scenarios=9)


def test_a_work_by_hand_with_the_towns_own_history() -> None:
    """1,200 x 8 min = 160 h; a tenth stays (16 h) and 6 h of upkeep: 138 h net; 30 h of making in 3 months."""
    made = estimate(Work(Decimal(1200), Decimal(8)), KNOWN)
    assert (made.likely.before, made.likely.after, made.likely.net) == (Decimal(160), Decimal(22), Decimal(138))
    assert (made.likely.build, made.likely.payback) == (Decimal(30), 3)
    assert made.low.net < made.likely.net < made.high.net
    assert (made.low.before, made.high.before) == (Decimal(128), Decimal(192))
    assert "実績の中央値" in "".join(made.sources)
    assert "目安" not in "".join(made.sources)


def test_without_a_history_the_published_share_and_the_defaults_are_named() -> None:
    """長岡市: 5,377 of 23,980 h were left."""
    made = estimate(Work(Decimal(1200), Decimal(8)))
    assert made.likely.after == 160 * Decimal("0.224") + 12
    told = "".join(made.sources)
    assert "長岡市の公表値" in told
    assert told.count("目安") == 2


def test_few_fields_are_quicker_typed_than_checked() -> None:
    """Three fields typed in half a minute; reading and checking takes 20 + 3 x 4 = 32 s."""
    made = estimate(Work(Decimal(5000), Decimal("0.5"), fields=3), KNOWN)
    assert made.likely.net < 0
    assert made.likely.payback is None
    assert "手で入力する（0.5 分）より時間がかかります" in made.advice[0]
    many = estimate(Work(Decimal(5000), Decimal(6), fields=30), KNOWN)
    assert many.likely.net > 0
    assert "時間がかかります" not in "".join(many.advice)
    measured = estimate(Work(Decimal(5000), Decimal(6), fields=30, check_seconds=Decimal(20)), KNOWN)
    assert measured.likely.net < 0
    assert "測った値" in "".join(measured.sources)


@pytest.mark.parametrize(
    ("work", "word"),
    [
        (Work(Decimal(100), Decimal(5)), "件数が少ない業務"),
        (Work(Decimal(200), Decimal(5)), "取り戻すのに"),
        (Work(Decimal(90), Decimal(5)), "効果がなくなる見込み"),
        (Work(Decimal(5000), Decimal(5)), "効果が見込めます"),
        (Work(Decimal(10), Decimal(5)), "時間は減らない見込み"),
    ],
)
def test_advice(work: Work, word: str) -> None:
    assert word in "".join(estimate(work, KNOWN).advice)


def test_the_authors_own_idea_of_the_effort_counts_first() -> None:
    made = estimate(Work(Decimal(1200), Decimal(8), build_hours=Decimal(100)), KNOWN)
    assert (made.likely.build, made.low.build) == (Decimal(100), Decimal(150))


def test_the_history_is_the_middle_of_what_the_scenarios_took(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def of(scenario: str, build: int, upkeep: int, left: int, items: int = 100) -> list[Tally]:
        own = Tally(scenario, "", "ka", "", "", "in_house", "", "2025", "2025-04", "2025-09", items=items,
                    minutes_per_item=Decimal(6), running=Decimal(left))  # fmt: skip
        apart = replace(own, items=0, running=Decimal(upkeep), once=Decimal(build))
        return [own, apart]

    found = [
        *of("ka/a", 600, 60, 60),
        *of("ka/b", 1200, 120, 120),
        *of("ka/c", 6000, 600, 300),
        *of("ka/d", 1, 1, 1, 5),
    ]
    monkeypatch.setattr(estimates, "tallies", lambda *_given: found)
    known = history(None)  # type: ignore[arg-type]
    assert known == History(Decimal(20), Decimal(4), Decimal("0.2"), 3), "half a year's upkeep counts for a year twice"
    monkeypatch.setattr(estimates, "tallies", lambda *_given: found[:4])
    assert history(None) == History(None, None, None, 2), "two scenarios are no history"  # type: ignore[arg-type]
