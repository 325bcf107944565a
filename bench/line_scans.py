"""Scanned lines that nobody wrote: texts in printed and in handwriting-like fonts, as scans and as fax."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from bench.line_texts import Kind, texts
from ocr.clean import LINE_MARGIN_MM, LINE_PX_PER_MM
from ocr.engine import Cut
from ocr.page import Grey

Quality = Literal["scan", "fax"]
QUALITIES: tuple[Quality, ...] = ("scan", "fax")


@dataclass(frozen=True, slots=True, eq=False)
class Scanned:
    """One line with what stands on it."""

    text: str
    kind: Kind
    hand: bool
    quality: Quality
    font: str
    cut: Cut


def scanned_lines(fonts: Sequence[Path], hand: bool, quality: Quality, seed: int) -> Iterator[Scanned]:
    """Lines without end; a text that the chosen font has not all the characters of is left out for the next."""
    chance = random.Random(f"{seed}, drawn, {hand}, {quality}")
    for kind, text in texts(random.Random(f"{seed}, written, {hand}, {quality}")):
        font = chance.choice(list(fonts))
        if _has(font, text):
            yield Scanned(text, kind, hand, quality, font.stem, _line(text, font, chance, hand, quality))


def lines_with(character: str, fonts: Sequence[Path], count: int, seed: int) -> list[Scanned]:
    """Printed names that hold the character, scanned; none where no font has it."""
    chance = random.Random(seed)
    having = [font for font in fonts if _has(font, character)]
    made = []
    for number in range(count if having else 0):
        text = (f"{character}田花子", f"山{character}一郎", f"佐藤{character}子", f"大{character}　太郎")[number % 4]
        font = having[number % len(having)]
        made.append(Scanned(text, "name", False, "scan", font.stem, _line(text, font, chance, False, "scan")))
    return made


@cache
def _font(path: Path, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(path, size)


def _has(path: Path, text: str) -> bool:
    font = _font(path, 32)
    missing = bytes(font.getmask("\U0010ffff"))
    return all(sign == "　" or bytes(font.getmask(sign)) not in (missing, b"") for sign in text)


def _line(text: str, font: Path, chance: random.Random, hand: bool, quality: Quality) -> Cut:
    """The text in a ruled box at 200 dpi, sampled as a page's cuts are."""
    fine = 16.0  # pixels a mm while drawing
    size = chance.uniform(3.2, 5.0)
    letters = _font(font, round(size * fine))
    step = [letters.getlength(sign) * (chance.uniform(0.93, 1.12) if hand else 1) for sign in text]
    width, height = sum(step) / fine + 4 + chance.uniform(0, 10), size + chance.uniform(1.5, 5)
    margin = LINE_MARGIN_MM
    picture = Image.new("L", (round((width + 2 * margin) * fine), round((height + 2 * margin) * fine)), 255)
    drawing, ink = ImageDraw.Draw(picture), chance.choice((0, 10, 40, 70, 110) if hand else (0, 0, 20))
    x, y = (margin + chance.uniform(1, 2.5)) * fine, (margin + height / 2) * fine
    for sign, wide in zip(text, step, strict=True):
        up, right = (chance.gauss(0, 0.04) * size * fine, chance.gauss(0, 0.03) * size * fine) if hand else (0, 0)
        drawing.text((x + right, y + up), sign, ink, letters, anchor="lm")
        x += wide
    drawn = np.asarray(picture, np.uint8)
    noise = np.random.default_rng(chance.randrange(1 << 30))
    if hand:
        drawn = _by_hand(drawn, chance, noise, fine)
    ruled = np.full(drawn.shape, 255, np.uint8)
    corners = [
        (round(margin * fine), round(margin * fine)),
        (round((margin + width) * fine), round((margin + height) * fine)),
    ]
    cv2.rectangle(ruled, corners[0], corners[1], 0, round(0.25 * fine))
    off = round(chance.gauss(0, 0.1) * fine)
    page = np.minimum(drawn, np.roll(ruled, (off, off), (0, 1)))
    scanned = _scan(page, fine, chance, noise, quality)
    scale = LINE_PX_PER_MM
    shape = (round((width + 2 * margin) * scale), round((height + 2 * margin) * scale))
    image, blank = (
        cv2.resize(scanned, shape, interpolation=cv2.INTER_LINEAR),
        cv2.resize(ruled, shape, interpolation=cv2.INTER_AREA),
    )
    inner = (round(margin * scale), round(margin * scale), round(width * scale), round(height * scale))
    return Cut(np.asarray(image, np.uint8), np.asarray(blank, np.uint8), scale, inner)


def _by_hand(drawn: Grey, chance: random.Random, noise: np.random.Generator, fine: float) -> Grey:
    """A thicker pen now and then, and no stroke quite where the font has it."""
    pen = chance.choice((1, 1, 3, 5))
    thick = cv2.erode(drawn, np.ones((pen, pen), np.uint8))
    height, width = thick.shape
    shifts: list[NDArray[np.float32]] = []
    for _ in range(2):
        coarse = noise.normal(0, 1, (height // 16 + 2, width // 16 + 2)).astype(np.float32)
        smooth = np.asarray(cv2.GaussianBlur(coarse, (0, 0), 1.6) * (0.45 * fine), np.float32)
        shifts.append(np.asarray(cv2.resize(smooth, (width, height), interpolation=cv2.INTER_CUBIC), np.float32))
    across, down = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    return np.asarray(
        cv2.remap(thick, across + shifts[0], down + shifts[1], cv2.INTER_LINEAR, borderValue=255), np.uint8
    )


def _scan(page: Grey, fine: float, chance: random.Random, noise: np.random.Generator, quality: Quality) -> Grey:
    """The page turned as little as registration leaves it, and taken at 200 dpi with noise, or sent by fax (204 × 98 or 204 × 196 dpi, black and white)."""
    middle = (page.shape[1] / 2, page.shape[0] / 2)
    turned = cv2.warpAffine(
        page, cv2.getRotationMatrix2D(middle, chance.gauss(0, 0.12), 1), page.shape[::-1], borderValue=255
    )
    dpi = (200 / 25.4 / fine, 200 / 25.4 / fine)
    if quality == "fax":
        dpi = (204 / 25.4 / fine, chance.choice((98, 196, 196)) / 25.4 / fine)
    small = cv2.resize(turned, None, fx=dpi[0], fy=dpi[1], interpolation=cv2.INTER_AREA)
    taken = cv2.GaussianBlur(small, (0, 0), chance.uniform(0.4, 0.9)).astype(np.float32)
    if quality == "fax":
        black = np.where(taken + noise.normal(0, 14, taken.shape) < chance.uniform(130, 190), 0, 255).astype(np.uint8)
        wrong = noise.random(black.shape) < 0.002
        return np.where(wrong, 255 - black, black).astype(np.uint8)
    grey = taken * chance.uniform(0.85, 1) + chance.uniform(0, 15) + noise.normal(0, chance.uniform(2, 8), taken.shape)
    _, packed = cv2.imencode(
        ".jpg", np.clip(grey, 0, 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, chance.randint(60, 90)]
    )
    return np.asarray(cv2.imdecode(packed, cv2.IMREAD_GRAYSCALE), np.uint8)
