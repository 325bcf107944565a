"""QR codes on a form: read where they can be, and said so where they can't."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import zxingcpp

from ocr.ask import CodeAsk, Guess
from ocr.codes import read_code, read_code_cuts
from ocr.engine import Cut
from ocr.field import Rules
from ocr.fields.qr import FIELD, QrParams
from ocr.page import Grey

SCALE = 8.0
MARGIN = 24


def code(text: str, module_px: int = 4) -> Grey:
    made = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode)
    return np.asarray(zxingcpp.write_barcode_to_image(made, scale=module_px), np.uint8)


def box(*codes: tuple[Grey, int, int], width: int = 400, height: int = 240) -> Cut:
    """Codes laid at (left, top) into a cut of a white form."""
    image: Grey = np.full((height + 2 * MARGIN, width + 2 * MARGIN), 255, np.uint8)
    for one, left, top in codes:
        image[top : top + one.shape[0], left : left + one.shape[1]] = one
    return Cut(image, np.full(image.shape, 255, np.uint8), SCALE, (MARGIN, MARGIN, width, height))


def reading(cut: Cut) -> Guess:
    (guess,) = read_code_cuts([cut])
    return guess


def test_a_code_in_its_box_is_read_with_japanese_in_it() -> None:
    guess = reading(box((code("宛名番号=0012345678;帳票=住民異動届"), 60, 50)))
    assert (guess.text, guess.state) == ("宛名番号=0012345678;帳票=住民異動届", "read")
    assert guess.confidence > 0.999


def test_a_code_lying_over_the_boxs_edge_is_still_read() -> None:
    assert reading(box((code("A-1024"), 2, 2))).text == "A-1024"


@pytest.mark.parametrize("seed", range(6))
def test_a_small_blurred_noisy_and_turned_code_is_read(seed: int) -> None:
    chance = np.random.default_rng(seed)
    one = box((code("R08-000123", 4), 60, 50))
    turn = cv2.getRotationMatrix2D((200, 140), float(chance.uniform(-3, 3)), 1)
    image = cv2.warpAffine(one.image, turn, one.image.shape[::-1], borderValue=255)
    grey = cv2.GaussianBlur(image, (0, 0), 1.4).astype(np.float32) * 0.8 + chance.normal(20, 9, image.shape)
    assert read_code(np.clip(grey, 0, 255).astype(np.uint8)) == ["R08-000123"]


def test_two_codes_are_a_conflict() -> None:
    guess = reading(box((code("受付1"), 40, 60), (code("受付2"), 240, 60)))
    assert guess.state == "conflict"
    assert "受付1" in guess.why[0]
    assert "受付2" in guess.why[0]


def test_the_same_code_twice_is_one_code() -> None:
    assert reading(box((code("受付1"), 40, 60), (code("受付1"), 240, 60))).state == "read"


def test_an_empty_box_is_blank_and_a_spoilt_code_is_unreadable() -> None:
    assert reading(box()).state == "blank"
    torn = code("R08-000123", 6).copy()
    torn[: torn.shape[0] // 2] = 255
    guess = reading(box((torn, 60, 60)))
    assert (guess.text, guess.state) == ("", "unreadable")
    assert "QR コードが読み取れません" in guess.why[0]


def test_an_empty_picture_has_no_code() -> None:
    assert read_code(np.full((1, 1), 255, np.uint8)) == []
    assert read_code(np.zeros((300, 300), np.uint8)) == []


def test_the_field_asks_for_its_box_and_tells_what_the_code_says() -> None:
    params = QrParams(kind="qr", at=(170, 12, 24, 24))
    (ask,) = FIELD.asks(params, Rules(0.001))
    assert isinstance(ask, CodeAsk)
    found = FIELD.read(params, [reading(box((code("K-77"), 60, 50)))], Rules(0.001))
    assert (found.value, found.state, found.certain) == ("K-77", "read", True)
    assert FIELD.typed(params, " K-77 ") == "K-77"
