"""Time as the town keeps it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from robots.clock import JST, fiscal_year, now, shown, stamp, today


def test_now_is_in_japan() -> None:
    assert now().utcoffset() == timedelta(hours=9)
    assert today() in (now().date(), (now() - timedelta(days=1)).date())


def test_a_stamp_is_in_japan_whatever_zone_it_came_from() -> None:
    moment = datetime(2026, 3, 31, 15, 0, 0, 123456, tzinfo=UTC)
    assert stamp(moment) == "2026-04-01T00:00:00.123+09:00"
    assert stamp(moment.astimezone(JST)) == stamp(moment)
    assert datetime.fromisoformat(stamp(moment)) == moment.replace(microsecond=123000)


def test_stamps_sort_as_time_goes() -> None:
    moments = [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(milliseconds=999 * step) for step in range(200)]
    assert sorted(stamp(one) for one in moments) == [stamp(one) for one in moments]


def test_a_stamp_for_people() -> None:
    assert shown("2026-04-01T19:00:05.123+09:00") == "2026-04-01 19:00:05"
    assert shown(None) == shown("") == ""


@pytest.mark.parametrize(
    ("day", "year"), [(date(2026, 3, 31), 2025), (date(2026, 4, 1), 2026), (date(2027, 1, 1), 2026)]
)
def test_the_fiscal_year_begins_in_april(day: date, year: int) -> None:
    assert fiscal_year(day) == year
