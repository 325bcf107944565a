"""The values that flow through a scenario: as text, as truth, and through the ledger's JSON and back."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from robots.clock import JST
from robots.errors import BusinessError, ScenarioFault
from robots.values import Row, from_json, number_from_cell, text_of, to_json, truth_of


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        ("", ""),
        ("011002", "011002"),
        (0, "0"),
        (-12, "-12"),
        (1234567, "1234567"),
        (True, "はい"),
        (False, "いいえ"),
        (Decimal("1234.50"), "1234.5"),
        (Decimal("0.10"), "0.1"),
        (Decimal("100"), "100"),
        (Decimal("100.00"), "100"),
        (Decimal("1E+3"), "1000"),
        (Decimal("1E-7"), "0.0000001"),
        (date(2026, 4, 1), "2026-04-01"),
        (datetime(2026, 4, 1, tzinfo=JST), "2026-04-01"),
        (datetime(2026, 4, 1, 9, 5, tzinfo=JST), "2026-04-01 09:05:00"),
    ],
)
def test_how_a_value_reads(value: object, text: str) -> None:
    assert text_of(value) == text


@pytest.mark.parametrize("value", [[], ["a"], {}, Row({"氏名": "太郎"}), ("a",)])
def test_a_list_or_a_mapping_has_no_text(value: object) -> None:
    with pytest.raises(BusinessError, match="文字として使おうとしました") as error:
        text_of(value)
    assert error.value.mend


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        (3.0, 3),
        (-0.0, 0),
        (0.1, Decimal("0.1")),
        (1234567.89, Decimal("1234567.89")),
        (999999999999.0, 999999999999),
        (1e20, Decimal("1e20")),
    ],
)
def test_a_spreadsheets_number_is_exact(cell: float, number: int | Decimal) -> None:
    found = number_from_cell(cell)
    assert found == number
    assert type(found) is type(number)


simple = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=12)
    | st.decimals(allow_nan=False, allow_infinity=False)
    | st.dates()
    | st.datetimes(timezones=st.sampled_from([None, timezone(timedelta(hours=9))])).map(lambda one: one.replace(fold=0))
)
names = st.text(max_size=8) | st.sampled_from(["$date", "$time", "$number", "$map", "$"])
values = st.recursive(
    simple, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=4), max_leaves=12
)


@settings(max_examples=60, deadline=None)
@given(values)
def test_values_go_through_json_and_back_without_loss(value: object) -> None:
    stored = json.loads(json.dumps(to_json(value)))
    back = from_json(stored)
    assert back == value
    assert repr(back) == repr(value), "of the same kinds too: 1 is not true, 1.0 is not 1.00"
    assert to_json(back) == stored


def test_a_row_keeps_where_it_came_from() -> None:
    row = Row([("氏名", "太郎")], origin="届出.xlsx 「一覧」7行目")
    assert row == {"氏名": "太郎"}
    assert row.origin == "届出.xlsx 「一覧」7行目"
    assert Row(row).origin == ""


def test_a_condition_is_yes_or_no_and_nothing_else() -> None:
    assert truth_of(True) is True
    assert truth_of(False) is False
    others: list[object] = [None, "", "はい", 0, 1, [], {}, Decimal(1), date(2026, 4, 1)]
    for value in others:
        with pytest.raises(ScenarioFault, match="はい・いいえ になりません"):
            truth_of(value)
