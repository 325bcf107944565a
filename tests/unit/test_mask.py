"""What must not be shown is not shown."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from robots.mask import HIDDEN, mask_text, mask_value


@pytest.mark.parametrize(
    "number",
    [
        "123456789012",
        "１２３４５６７８９０１２",
        "1234-5678-9012",
        "1234 5678 9012",
        "１２３４－５６７８－９０１２",
        "1234　5678　9012",
        "１２３４ー５６７８ー９０１２",
        "1234‐5678−9012",
        "1 2 3 4 5 6 7 8 9 0 1 2",
        "12３４56７８90１２",
    ],
)
@pytest.mark.parametrize(
    "around", ["%E3%80%81{}", "\\u3001{}", "{}", "個人番号は{}です", "key={}\n", "「{}」", "-{}-", "x{}x"]
)
def test_twelve_digits_are_hidden_however_they_are_written(number: str, around: str) -> None:
    assert mask_text(around.format(number)) == around.format(HIDDEN)


@pytest.mark.parametrize(
    "text",
    [
        "12345678901",
        "1234567890123",
        "１２３４５６７８９０１",
        "１２３４５６７８９０１２３",
        "2026-11-22T19:00:00.123+09:00",
        "〒100-0001 電話 03-1234-5678",
        "1234--5678--9012",
        "",
    ],
)
def test_other_numbers_stay(text: str) -> None:
    assert mask_text(text) == text


def test_each_of_several_is_hidden() -> None:
    assert mask_text("123456789012、210987654321") == f"{HIDDEN}、{HIDDEN}"


def test_a_longer_secret_goes_before_a_shorter_one_that_it_holds() -> None:
    assert mask_text("hunter2-long と hunter2", ["hunter2", "hunter2-long"]) == f"{HIDDEN} と {HIDDEN}"
    assert mask_text("何も隠さない", ["", "x"]) == "何も隠さない"


@settings(max_examples=60, deadline=None)
@given(
    st.text(max_size=40),
    st.text(min_size=1, max_size=10).filter(lambda text: HIDDEN[0] not in text),
    st.text(max_size=40),
)
def test_no_secret_is_left_in_a_text(before: str, secret: str, after: str) -> None:
    assert secret not in mask_text(f"{before}{secret}{after}", [secret])


@pytest.mark.parametrize(
    ("value", "shown"),
    [("", ""), ("山", "山"), ("山田 太郎", "山●●●●（5文字）"), ("あ" * 40, f"あ{'●' * 12}（40文字）")],
)
def test_a_personal_value_is_shown_by_its_beginning_and_length(value: str, shown: str) -> None:
    assert mask_value(value) == shown
