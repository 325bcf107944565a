"""The printed words of an empty form with the place of every character: a whole page by rapidocr, some seconds each.

For authors only: a page that is being read is never searched for words.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import cv2
import rapidocr

from ocr.page import BLANK_DPI, MM_PER_INCH, Page
from ocr.reading import Box

PX = BLANK_DPI / MM_PER_INCH
_LEAST_SCORE = 0.5
_JAPANESE = str.maketrans(
    "电带规继续补护业员务费养认证请处单对际转动岁级给区变户县",
    "電帯規継続補護業員務費養認証請処単対際転動歳級給区変戸県",
)
"""The network also knows Chinese; a Japanese form has none of these."""


@dataclass(frozen=True, slots=True)
class Sign:
    """One printed character."""

    text: str
    box: Box

    @property
    def middle(self) -> tuple[float, float]:
        return self.box.left + self.box.width / 2, self.box.top + self.box.height / 2


@dataclass(frozen=True, slots=True)
class Run:
    """Characters that stand together on one line."""

    signs: tuple[Sign, ...]

    @property
    def text(self) -> str:
        return "".join(sign.text for sign in self.signs)

    @property
    def box(self) -> Box:
        return hull([sign.box for sign in self.signs])


def hull(boxes: Sequence[Box]) -> Box:
    """The smallest box around boxes of one page."""
    left, top = min(one.left for one in boxes), min(one.top for one in boxes)
    right, bottom = max(one.left + one.width for one in boxes), max(one.top + one.height for one in boxes)
    return Box(boxes[0].page, left, top, right - left, bottom - top)


def beside(cell: Box, other: Box) -> bool:
    """Whether two boxes stand on one row: one's height mostly within the other's."""
    shared = min(cell.top + cell.height, other.top + other.height) - max(cell.top, other.top)
    return shared > 0.5 * min(cell.height, other.height)


def find_runs(page: Page) -> list[Run]:
    """Every line of print on a page of an empty form (at BLANK_DPI), its places in mm."""
    logging.getLogger("RapidOCR").setLevel(logging.WARNING)
    reader = rapidocr.RapidOCR(params={"Global.use_cls": False, "Global.log_level": "warning"})
    found = reader(cv2.cvtColor(page.image, cv2.COLOR_GRAY2BGR), return_word_box=True)
    return runs_of(getattr(found, "word_results", None) or (), page.number - 1)


def runs_of(lines: Iterable[Iterable[tuple[str, float, Sequence[Sequence[float]]]]], number: int) -> list[Run]:
    """What rapidocr tells (text, score, corners in pixels), as runs."""
    runs = []
    for line in lines:
        signs = [
            sign for text, score, corners in line if score >= _LEAST_SCORE for sign in _signs(text, corners, number)
        ]
        if signs:
            runs.append(Run(tuple(signs)))
    return runs


def _signs(text: str, corners: Sequence[Sequence[float]], number: int) -> list[Sign]:
    """A word's characters; rapidocr gives one box for a Latin word, which is divided evenly."""
    xs, ys = [corner[0] / PX for corner in corners], [corner[1] / PX for corner in corners]
    width, tall = (max(xs) - min(xs)) / len(text), max(ys) - min(ys)
    return [
        Sign(sign.translate(_JAPANESE), Box(number, min(xs) + place * width, min(ys), width, tall))
        for place, sign in enumerate(text)
    ]
