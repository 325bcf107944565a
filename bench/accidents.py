"""What befalls paper and scanners of an office, on pages of handwritten digits: what is read all the same, and what is invented.

    python -m bench.accidents [--pages 12] [--seed 1] [NAME…]

The pages are those of ``bench.grids``, every fourth a fax; an accident befalls each.
"""

from __future__ import annotations

import argparse
import io
import sys
import tempfile
from functools import partial
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from bench.grids import Accident, digits_of, grid_form, measure, sheets, untouched
from ocr.draw.font import font_data
from ocr.page import Grey
from train.fetch import FILES

_LONG_MM = 297.0
_FIELDS_MM = (30.0, 185.0), (30.0, 250.0)
"""Where the form has its fields, across and down."""
Stack = NDArray[np.float32]


def streaked(picture: Grey, rng: np.random.Generator, *, dark: float, wide: float, count: int, broken: bool) -> Grey:
    """Lines that dirt on the glass draws; ``dark``: the grey of them, ``wide``: mm; broken ones cover half of the way."""
    found, scale = picture.astype(np.float32), _scale(picture)
    for _ in range(count):
        left, width = round(rng.uniform(*_FIELDS_MM[0]) * scale), max(1, round(wide * scale))
        line = np.full((len(picture), width), dark, np.float32) + rng.normal(0, 8, (len(picture), 1)).astype(np.float32)
        if broken:
            line[np.cumsum(rng.random(len(picture)) < 1 / (4 * scale)) % 2 == 0] = 255
        part = found[:, left : left + width]
        part[:] = np.minimum(part, line)
    return _grey(found)


def straightened(picture: Grey, rng: np.random.Generator, *, accident: Accident) -> Grey:
    """The scanner turned the page straight after the accident."""
    height, width = picture.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), rng.uniform(-3, 3), 1)
    askew = cv2.warpAffine(picture, turn, (width, height), flags=cv2.INTER_LINEAR, borderValue=255)
    spoiled, back = accident(np.asarray(askew, np.uint8), rng), cv2.invertAffineTransform(turn)
    straight = cv2.warpAffine(spoiled, back, (width, height), flags=cv2.INTER_LINEAR, borderValue=255)
    return np.asarray(straight, np.uint8)


def sideways(picture: Grey, rng: np.random.Generator, *, accident: Accident) -> Grey:
    """The page was turned by a quarter after the accident."""
    return np.ascontiguousarray(np.rot90(accident(picture, rng)))


def stamped(picture: Grey, rng: np.random.Generator, *, dark: float, tilt: float, square: bool) -> Grey:
    """An office stamp with the date of receipt, somewhere on the fields; ``tilt``: at most so many degrees."""
    scale = _scale(picture)
    side = round(50 * scale)
    image, middle = Image.new("L", (side, side), 0), side / 2
    draw, pen = ImageDraw.Draw(image), max(1, round(0.5 * scale))
    half = (20 * scale, 11 * scale) if square else (15 * scale, 15 * scale)
    rim = [middle - half[0], middle - half[1], middle + half[0], middle + half[1]]
    (draw.rectangle if square else draw.ellipse)(rim, outline=255, width=pen)
    if not square:
        for y in (-5, 5):
            draw.line([middle - 14 * scale, middle + y * scale, middle + 14 * scale, middle + y * scale], 255, pen)
    for y, text, size in ((-10, "番犬市", 4.5), (-3, "8.11.24", 6.0), (5, "収受", 4.5)):
        font = ImageFont.truetype(io.BytesIO(font_data()), round(size * scale))
        draw.text((middle - draw.textlength(text, font=font) / 2, middle + y * scale), text, 255, font)
    ink = np.asarray(image.rotate(rng.uniform(-tilt, tilt)), np.float32) / 255
    left, top = (round((rng.uniform(*span) - 25) * scale) for span in _FIELDS_MM)
    return _laid(picture, np.asarray(250 - (250 - dark) * ink, np.float32), max(0, left), max(0, top))


def highlighted(picture: Grey, rng: np.random.Generator, *, dark: float) -> Grey:
    """Bands of a highlighter, which comes out as this grey."""
    scale, found = _scale(picture), picture.astype(np.float32)
    for _ in range(4):
        x, y = rng.uniform(30, 120) * scale, rng.uniform(*_FIELDS_MM[1]) * scale
        end = round(x + rng.uniform(30, 80) * scale), round(y + rng.uniform(-2, 2) * scale)
        band = np.zeros(picture.shape, np.float32)
        cv2.line(band, (round(x), round(y)), end, 1.0, round(4.5 * scale), cv2.LINE_AA)
        found *= 1 - band * (1 - dark / 255)
    return _grey(found)


def folded(picture: Grey, rng: np.random.Generator) -> Grey:
    """The shadows of folds: two across and one down."""
    picture = np.asarray(_folded(picture, rng, (99, 198)))
    return np.ascontiguousarray(_folded(np.ascontiguousarray(picture.T), rng, (105,)).T)


def _folded(picture: Grey, rng: np.random.Generator, places: tuple[float, ...]) -> Grey:
    scale, found = _scale(picture), picture.astype(np.float32)
    for at in places:
        middle = (at + rng.uniform(-3, 3)) * scale + np.linspace(0, rng.uniform(-2, 2) * scale, picture.shape[1])
        away = (np.arange(len(picture))[:, None] - middle) / (0.35 * scale)
        found -= (rng.uniform(40, 70) * np.exp(-(away**2))).astype(np.float32)
    return _grey(found)


def creased(picture: Grey, rng: np.random.Generator) -> Grey:
    """Ten creases of 2 to 9 cm."""
    scale, found = _scale(picture), picture.astype(np.float32)
    for _ in range(10):
        middle, turn = rng.uniform(0, 1, 2) * (210 * scale, 297 * scale), rng.uniform(0, np.pi)
        along = np.linspace(-0.5, 0.5, 8)[:, None] * rng.uniform(20, 90) * scale * [np.cos(turn), np.sin(turn)]
        line = np.zeros(picture.shape, np.float32)
        points = np.rint(middle + along + rng.normal(0, 0.6 * scale, (8, 2))).astype(np.int32)
        cv2.polylines(line, [points], False, 1.0, max(1, round(0.25 * scale)), cv2.LINE_AA)
        found -= cv2.GaussianBlur(line, (0, 0), 0.2 * scale) * float(rng.uniform(40, 110))
    return _grey(found)


def drawn_unevenly(picture: Grey, rng: np.random.Generator) -> Grey:
    """The feeder drew the paper a little faster here and slower there."""
    height, width = picture.shape
    down = np.arange(height, dtype=np.float32)
    drawn = down + rng.uniform(-0.004, 0.004) * height * np.sin(down / height * np.pi) / np.pi
    across = np.tile(np.arange(width, dtype=np.float32), (height, 1))
    moved = cv2.remap(
        picture, across, np.tile(drawn[:, None], (1, width)).astype(np.float32), cv2.INTER_LINEAR, borderValue=255
    )
    return np.asarray(moved, np.uint8)


def _scale(picture: Grey) -> float:
    """px a mm, of an A4 page."""
    return float(max(picture.shape) / _LONG_MM)


def _grey(found: Stack) -> Grey:
    return np.clip(np.rint(found), 0, 255).astype(np.uint8)


def _laid(picture: Grey, ink: Stack, left: int, top: int) -> Grey:
    found = picture.astype(np.float32)
    part = found[top : top + len(ink), left : left + ink.shape[1]]
    part[:] = np.minimum(part, ink[: len(part), : part.shape[1]])
    return _grey(found)


_STREAK = partial(streaked, dark=40, wide=0.13, count=2, broken=False)
_BROKEN = partial(streaked, dark=80, wide=0.13, count=3, broken=True)
ACCIDENTS: dict[str, Accident] = {
    "none": untouched,
    "streaks": _STREAK,
    "pale-streaks": partial(streaked, dark=205, wide=0.13, count=3, broken=False),
    "wide-streaks": partial(streaked, dark=60, wide=0.4, count=2, broken=False),
    "broken-streaks": _BROKEN,
    "straightened-streaks": partial(straightened, accident=_BROKEN),
    "sideways-streaks": partial(sideways, accident=_BROKEN),
    "round-stamp": partial(stamped, dark=100, tilt=20, square=False),
    "level-stamp": partial(stamped, dark=60, tilt=1, square=False),
    "square-stamp": partial(stamped, dark=90, tilt=20, square=True),
    "highlighter": partial(highlighted, dark=225),
    "dark-highlighter": partial(highlighted, dark=170),
    "folds": folded,
    "creases": creased,
    "uneven-feed": drawn_unevenly,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", choices=[[], *ACCIDENTS], metavar="NAME", help="、".join(ACCIDENTS))
    parser.add_argument("--pages", type=int, default=12)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    if not FILES.exists():
        sys.exit("測るデータがありません。先に ./run train data で取得してください")
    cv2.setNumThreads(1)
    form, digits = grid_form(), digits_of(False)
    for name in given.names or ACCIDENTS:
        with tempfile.TemporaryDirectory() as folder:
            pages = sheets(form, digits, given.pages, given.seed, accident=ACCIDENTS[name])
            found = measure(form, pages, Path(folder))
        for kind, one in found.items():
            print(f"{name}, {kind}: {one.told()}", flush=True)
            print("\n".join(f"  {cell}" for cell in one.wrong_cells))


if __name__ == "__main__":
    main()
