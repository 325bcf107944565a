"""What a value means to a form."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from robots.drivers.browser_values import date_in, wanted
from robots.errors import BusinessError


@pytest.mark.parametrize(
    "text",
    [
        "令和8年4月1日",
        "R8.4.1",
        "r8.4.1".upper(),
        "2026-04-01",
        "2026/4/1",
        "20260401",
        "Ｒ８．４．１",
        "令和 8年 4月 1日",
        "2026年4月1日",
    ],
)
def test_a_date_is_read_however_it_is_written(text: str) -> None:
    found = date_in(text)
    assert found
    assert found[0] == date(2026, 4, 1)
    assert found[1]
    assert found[1].name == "令和"


@pytest.mark.parametrize(
    "text", ["令和8年2月30日", "昭和70年1月1日", "平成31年5月1日", "令和1年4月30日", "4月1日", "R8", "", "11002"]
)
def test_what_is_no_date_is_none(text: str) -> None:
    assert date_in(text) is None


def test_the_day_of_a_change_of_era_stays_as_it_was_written() -> None:
    old, new = date_in("大正15年12月25日"), date_in("昭和元年12月25日")
    assert old
    assert new
    assert old[0] == new[0]
    assert (wanted("大正15年12月25日")["era"], wanted("大正15年12月25日")["era_year"]) == ("大正", 15)
    assert (wanted("昭和元年12月25日")["era"], wanted("昭和元年12月25日")["era_year"]) == ("昭和", 1)


def test_an_era_that_began_before_the_calendar_counts_from_its_first_year() -> None:
    found = date_in("明治45年7月30日")
    assert found
    assert found[0] == date(1912, 7, 30)
    assert wanted(date(1900, 1, 2))["era_year"] == 33


def test_values_as_a_form_takes_them() -> None:
    assert wanted(Decimal("1500.0"))["text"] == "1500"
    assert wanted(None)["text"] == ""
    assert wanted(True)["flag"] is True
    assert wanted("×")["flag"] is False
    assert wanted("たぶん")["flag"] is None
    assert wanted(["a", 1])["list"] == ["a", "1"]
    assert wanted(datetime(2026, 4, 1, 9, 0, tzinfo=UTC))["iso"] == "2026-04-01"
    assert wanted("令和8年4月")["month"] == "2026-04"
    with pytest.raises(BusinessError):
        wanted({"a": 1})
