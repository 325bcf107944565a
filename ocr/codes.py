"""QR codes, read by zxing-cpp."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import cv2
import numpy as np
import zxingcpp

from ocr.ask import Guess
from ocr.clean import is_written
from ocr.engine import Cut
from ocr.page import Grey

READER = "qr"
_SURE = 0.9999
"""A QR code corrects its own errors and refuses what it can't correct."""
_FORMATS = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
_LARGEST = 40_000_000


def read_code(image: Grey) -> list[str]:
    """What the QR codes of a picture say, each once, from top to bottom and left to right; [] where none can be read."""
    for picture in _tries(image):
        # Turned codes are found by their three corners; try_rotate is for bar codes.
        found = zxingcpp.read_barcodes(picture, formats=_FORMATS, try_rotate=False, text_mode=zxingcpp.TextMode.Plain)
        placed = sorted(found, key=lambda one: (one.position.top_left.y // 50, one.position.top_left.x))
        texts = list(dict.fromkeys(one.text for one in placed if one.text))
        if texts:
            return texts
    return []


def read_code_cuts(cuts: Sequence[Cut]) -> list[Guess]:
    """One guess a cut: the code's text; blank where there is no ink, unreadable where ink but no code."""
    return [_guess(cut) for cut in cuts]


def _guess(cut: Cut) -> Guess:
    texts = read_code(cut.image)
    if len(texts) > 1:
        named = "」と「".join(one[:40] for one in texts)
        why = (f"QR コードが {len(texts)} つあります（「{named}」）",)
        return Guess(texts[0], 0.5, "conflict", why, READER, tuple((one, 1 / len(texts)) for one in texts))
    if texts:
        return Guess(texts[0], _SURE, "read", (), READER, ((texts[0], _SURE),))
    if is_written(cut):
        return Guess("", 0.0, "unreadable", ("QR コードが読み取れません。汚れや折れがないか見てください",), READER)
    return Guess("", _SURE, "blank", (), READER)


def _tries(image: Grey) -> Iterator[Grey]:
    """The picture as it is, then as a bad print or a coarse scan needs it."""
    yield image
    if image.size * 4 <= _LARGEST:
        yield np.asarray(cv2.resize(image, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC), np.uint8)
    smooth = np.asarray(cv2.GaussianBlur(image, (0, 0), 1.2), np.uint8)
    yield smooth
    _, black = cv2.threshold(smooth, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    yield np.asarray(black, np.uint8)
    yield np.asarray(cv2.morphologyEx(black, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)), np.uint8)
    yield np.asarray(cv2.morphologyEx(black, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8)), np.uint8)
