"""Drawing sheets of cells as they are printed, filled in and scanned, and cutting them as the run does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.cut import cut
from ocr.engine import Cut
from ocr.engines.ink import MARGIN_MM, PX_PER_MM
from ocr.engines.small_kana import SMALL
from ocr.page import BLANK_DPI, MM_PER_INCH, Page, Sheet, bilevel, softened
from ocr.reading import Box
from train.classes import CLASSES, GROUPS, INDEX, STRUCK
from train.glyphs import EM, PATCH, REAL, STROKES, Bank
from train.prints import Frame, frame, unit
from train.spoil import Quality, scan
from train.strokes import strike_lines

PAPER = (140.0, 198.0)
DPI = 300.0
_PX = DPI / MM_PER_INCH
Reals = NDArray[np.float32]
_SOURCES = (0.8, 0.12, 0.08)
_FARTHEST = 0.13


@dataclass(frozen=True, slots=True)
class Written:
    """One cell of a sheet and what was written there."""

    box: Box
    label: int
    group: str


@dataclass(frozen=True, slots=True, eq=False)
class Pen:
    """How one person writes a row."""

    width_mm: float
    dark: float
    pencil: bool
    size: float
    slant: float
    rise: float
    """How far lines across climb to the right (negative), as a share of their length."""
    narrow: float
    shaky: float
    careless: float
    natural: bool
    """Whether the glyphs keep the width they have."""


class Desk:
    """Draws sheets from a bank of glyphs; the same seed draws the same sheets."""

    def __init__(
        self, bank: Bank, shares: dict[str, float], seed: int, in_order: bool = False, mild: bool = False
    ) -> None:
        """shares: how much of the rows each group has; in_order: each glyph of the bank once, instead of by chance.

        mild: forms as a careful office prints and people mostly fill them, without the worst of training.
        """
        self.mild = mild
        self.rng = np.random.default_rng(seed)
        self.bank, self.shares = bank, shares
        self.of_class = [np.flatnonzero(bank.label == number) for number in range(len(CLASSES))]
        self.fields = np.stack([_bend(self.rng) for _ in range(200)])
        self.grain = cv2.GaussianBlur(self.rng.random((600, 600), np.float32), (0, 0), 1.0)
        self.grain = np.clip((self.grain - self.grain.mean()) / self.grain.std() * 0.25 + 0.75, 0.2, 1)
        self.waiting = list(self.rng.permutation(len(bank.label))) if in_order else None

    def sheet(
        self, quality: Quality, rejects: float = 0.08, empty: float = 0.06
    ) -> tuple[Sheet, list[Written], list[Cut]]:
        """A scanned sheet laid upon its blank, and its cells cut."""
        rng = self.rng
        size = tuple(round(mm * _PX) for mm in PAPER)
        print_ = np.zeros(size[::-1], np.float32)
        blank = np.zeros([round(mm * BLANK_DPI / MM_PER_INCH) for mm in PAPER[::-1]], np.float32)
        ink = np.zeros(size[::-1], np.float32)
        written: list[Written] = []
        bolder, paler = rng.uniform(0.7, 1.5), rng.uniform(0.55, 1.0)
        if self.mild:
            bolder, paler = rng.uniform(0.85, 1.2), rng.uniform(0.85, 1.0)
        top = 5.0
        while True:
            row = self._row(top)
            if not row or row[0].top + row[0].height > PAPER[1] - 4:
                break
            self._print(row, (print_, blank), bolder, paler)
            group = str(rng.choice(list(self.shares), p=list(self.shares.values())))
            written += self._fill(row, group, ink, rejects, empty, quality.bilevel)
            top = row[0].top + row[0].height + (0 if rng.random() < 0.25 else rng.uniform(1.5, 4))
        page, transform = scan(1 - print_, ink, quality, rng, DPI)
        transform = transform @ _mislaid(rng, 0.4 if self.mild else 1.0)
        empty_page = Page(np.round((1 - blank) * 255).astype(np.uint8), BLANK_DPI, "blank", 1)
        sheet = Sheet(Page(page, quality.dpi, "sheet", 1), empty_page, transform, 0.0, 0)
        return sheet, written, cuts_of(sheet, written)

    def _row(self, top: float) -> list[Box]:
        rng = self.rng
        height = rng.uniform(5, 10)
        width = float(np.clip(height * rng.uniform(0.6, 1.15), 4.2, 10))
        gap = 0 if rng.random() < 0.65 else rng.uniform(0.5, 2.5)
        left = rng.uniform(4, 9)
        count = int((PAPER[0] - 4 - left) / (width + gap))
        return [Box(0, left + number * (width + gap), top, width, height) for number in range(count)]

    def _print(self, row: list[Box], layers: tuple[Reals, Reals], bolder: float, paler: float) -> None:
        rng = self.rng
        style: Frame = rng.choice(["solid", "comb", "dotted", "none"], p=[0.55, 0.15, 0.2, 0.1])
        thick, dark = rng.uniform(0.1, 0.45), 1.0 if rng.random() < 0.65 else rng.uniform(0.25, 0.8)
        dots = (rng.uniform(0.2, 0.6), rng.uniform(0.7, 1.6))
        words = rng.random() < 0.12
        for number, box in enumerate(row):
            for layer, factor, fade in ((layers[0], bolder, paler), (layers[1], 1.0, 1.0)):
                px = _PX if layer is layers[0] else BLANK_DPI / MM_PER_INCH
                frame(layer, px, box, style, thick * factor, dark * fade, dots, number == 0)
                if words:
                    unit(layer, px, box, 0.5 * fade, number)

    def _fill(
        self, row: list[Box], group: str, ink: Reals, rejects: float, empty: float, strong: bool
    ) -> list[Written]:
        rng = self.rng
        pen = self.pen(row[0], strong, group == "kana")
        allowed = [INDEX[name] for name in GROUPS[group]]
        until = len(row) if rng.random() < 0.8 else rng.integers(0, len(row) + 1)
        blank = INDEX["blank"]
        written = []
        for number, box in enumerate(row):
            label, glyph = blank, -1
            if number < until and rng.random() >= empty:
                label, glyph = self.next_of(allowed)
            if glyph >= 0:
                if rng.random() < rejects:
                    label = self._reject(box, glyph, group, ink, pen)
                else:
                    self.write(glyph, label, box, ink, pen)
            written.append(Written(box, label, group))
        return written

    def pen(self, box: Box, strong: bool, kana: bool) -> Pen:
        """One hand; strong: the scan would lose what is fainter.

        Some write kana hastily: small, leaning, climbing, narrow.  Digits need no such help: they are real hands'.
        """
        rng = self.rng
        kind = str(
            rng.choice(
                ["ball", "pencil", "felt", "faint"], p=[0.65, 0.2, 0.15, 0] if strong else [0.5, 0.27, 0.13, 0.1]
            )
        )
        if self.mild and kind == "faint":
            kind = "ball"
        low, high = {"ball": (0.25, 0.5), "pencil": (0.3, 0.65), "felt": (0.55, 1.0), "faint": (0.25, 0.45)}[kind]
        dark = {
            "ball": rng.uniform(0.65, 1),
            "pencil": rng.uniform(0.5 if strong else 0.35, 0.85),
            "felt": rng.uniform(0.8, 1),
            "faint": rng.uniform(0.2, 0.4),
        }
        widest = min(box.width, box.height) * 0.13
        hasty = kana and rng.random() < (0.1 if self.mild else 0.3)
        return Pen(
            min(rng.uniform(low, high), widest),
            float(dark[kind]),
            kind in ("pencil", "faint"),
            max(rng.uniform(0.34, 0.75), 2.0 / min(box.height, box.width))
            if hasty
            else rng.uniform(0.6 if kana else 0.5, 0.95),
            rng.normal(-0.1, 0.18) if hasty else rng.normal(0, 0.1),
            rng.normal(-0.1, 0.1) if hasty else 0.0,
            rng.uniform(0.65, 1.05) if hasty else 1.0,
            rng.uniform(0.2, 1.0),
            rng.uniform(0.02, 0.1) if self.mild or rng.random() < 0.85 else rng.uniform(0.1, 0.2),
            bool(rng.random() < 0.3),
        )

    def next_of(self, allowed: list[int]) -> tuple[int, int]:
        if self.waiting is not None:
            glyph = int(self.waiting.pop()) if self.waiting else -1
            return (int(self.bank.label[glyph]), glyph) if glyph >= 0 else (INDEX["blank"], -1)
        label = int(self.rng.choice(allowed))
        return label, self._glyph(label)

    def _glyph(self, label: int) -> int:
        """Of real hands, pen strokes and fonts, one by its share, then any glyph of it."""
        choices = self.of_class[label]
        style = self.bank.style[choices]
        sources = [choices[style == REAL], choices[style == STROKES], choices[style >= 0]]
        shares = np.array([share if len(one) else 0 for share, one in zip(_SOURCES, sources, strict=True)])
        return int(self.rng.choice(sources[self.rng.choice(3, p=shares / shares.sum())]))

    def write(
        self, glyph: int, label: int, box: Box, ink: Reals, pen: Pen, scale: float = 1.0, aside: float = 0.0
    ) -> None:
        """One character in its box; ``scale`` and ``aside`` (in widths) for two in one cell."""
        rng = self.rng
        name = CLASSES[label]
        kana = group_of(name) == "kana"
        room = min(box.height, box.width * (1.05 if kana else 1.3))
        size = room * (pen.size * (1.08 if kana else 0.95)) * rng.normal(1, 0.05) * scale
        x, y = box.left + box.width * (0.5 + aside), box.top + box.height / 2
        spare = np.maximum(0.1, np.array([box.width, box.height]) - size * np.array([0.7, 0.9]))
        off = np.array([rng.normal(0, pen.careless) * box.width * 0.7, rng.normal(0, pen.careless) * box.height * 0.6])
        # Over the edge, yes; but what lies more in the next cell than in its own would be labelled wrongly.
        off = np.clip(
            off, -_FARTHEST * np.array([box.width, box.height]), _FARTHEST * np.array([box.width, box.height])
        )
        x += off[0] + rng.uniform(-0.25, 0.25) * spare[0]
        y += off[1] + rng.uniform(-0.25, 0.25) * spare[1]
        if name in SMALL and rng.random() < 0.5:
            if rng.random() < 0.6:  # the letter's large form, written small
                glyph = self._glyph(INDEX[SMALL[name]])
                size *= rng.uniform(0.5, 0.7)
            y += rng.uniform(0, 0.15) * box.height
            x -= rng.uniform(-0.05, 0.15) * box.width
        self._ink(glyph, (x, y), size, pen, ink)

    def _ink(self, glyph: int, at: tuple[float, float], size_mm: float, pen: Pen, ink: Reals) -> None:
        rng = self.rng
        zoom = size_mm * _PX / EM
        side = int(np.ceil(PATCH * zoom * 1.1)) + 2
        turn, slant = rng.normal(0, 0.05), pen.slant + rng.normal(0, 0.04)
        wide, high = zoom * pen.narrow * rng.normal(1, 0.06), zoom * rng.normal(1, 0.05)
        forward = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]) @ np.array(
            [[wide, slant * high], [pen.rise * wide, high]]
        )
        back = np.linalg.inv(forward).astype(np.float32)
        steps = np.arange(side, dtype=np.float32) - side / 2
        field = self.fields[rng.integers(len(self.fields))] * (pen.shaky * 2.0)
        take = np.linspace(0, field.shape[1] - 1, side).astype(np.int32)
        bend = field[:, take][:, :, take]
        map_x = back[0, 0] * steps[None, :] + back[0, 1] * steps[:, None] + PATCH / 2 + bend[0]
        map_y = back[1, 0] * steps[None, :] + back[1, 1] * steps[:, None] + PATCH / 2 + bend[1]
        distance = self.bank.distance[glyph].astype(np.float32)
        drawn = cv2.remap(distance, map_x, map_y, cv2.INTER_LINEAR, borderValue=-127) / 4
        half = float(self.bank.half_width[glyph])
        # Small letters are as thick as the pen is; but a stroke wider than a fifth of its letter writes nothing legible.
        thicker = float(np.clip(pen.width_mm * _PX / zoom / 2 - half, -0.5 * half, max(1.2 * half, 0.1 * EM - half)))
        if pen.natural and half * zoom / _PX < 0.45:
            thicker = 0.0
        cover = np.clip((drawn + thicker) * zoom + 0.5, 0, 1)
        self._lay(cover, (at[0] * _PX - side / 2, at[1] * _PX - side / 2), pen, ink)

    def _lay(self, cover: Reals, at: tuple[float, float], pen: Pen, ink: Reals) -> None:
        left, top = round(at[0]), round(at[1])
        x0, y0 = max(0, left), max(0, top)
        x1, y1 = min(ink.shape[1], left + cover.shape[1]), min(ink.shape[0], top + cover.shape[0])
        if x1 <= x0 or y1 <= y0:
            return
        part = cover[y0 - top : y1 - top, x0 - left : x1 - left] * (pen.dark * self.rng.uniform(0.9, 1.0))
        if pen.pencil:
            gx, gy = self.rng.integers(0, 600 - part.shape[1]), self.rng.integers(0, 600 - part.shape[0])
            part = part * self.grain[gy : gy + part.shape[0], gx : gx + part.shape[1]]
        place = ink[y0:y1, x0:x1]
        np.maximum(place, part, out=place)

    def _reject(self, box: Box, glyph: int, group: str, ink: Reals, pen: Pen) -> int:
        """A struck-out character, or what is no single character of ours."""
        rng = self.rng
        label = int(self.bank.label[glyph])
        others = self.of_class[INDEX["other"]]
        if rng.random() < 0.55:
            self.write(glyph, label, box, ink, pen)
            self._strike(box, ink, pen)
            return INDEX[STRUCK]
        if rng.random() < 0.6 or not len(others):
            second = int(rng.choice(np.flatnonzero(np.isin(self.bank.label, [INDEX[name] for name in GROUPS[group]]))))
            if group == "kana" or rng.random() < 0.3:  # one written over the other
                self.write(glyph, label, box, ink, pen)
                self.write(second, int(self.bank.label[second]), box, ink, pen)
                return INDEX["other"] if self.bank.label[second] != label else label
            self.write(glyph, label, box, ink, pen, 0.6, -0.22)
            self.write(second, int(self.bank.label[second]), box, ink, pen, 0.6, 0.22)
        else:
            self.write(int(rng.choice(others)), INDEX["other"], box, ink, pen)
        return INDEX["other"]

    def _strike(self, box: Box, ink: Reals, pen: Pen) -> None:
        rng = self.rng
        w, h = box.width, box.height
        lines = strike_lines(w, h, rng)
        cover = np.zeros((round(h * _PX * 1.6), round(w * _PX * 1.6)), np.uint8)
        corner = np.array([0.3 * w, 0.3 * h])
        for line in lines:
            points = (line + corner + rng.normal(0, 0.04, line.shape) * min(w, h)) * _PX
            cv2.polylines(
                cover,
                [np.round(points * 8).astype(np.int32)],
                False,
                255,
                max(1, round(pen.width_mm * _PX)),
                cv2.LINE_AA,
                3,
            )
        self._lay(
            np.asarray(cover / 255, np.float32), ((box.left - corner[0]) * _PX, (box.top - corner[1]) * _PX), pen, ink
        )


def cuts_of(sheet: Sheet, written: Sequence[Written]) -> list[Cut]:
    """The cells as the run cuts them."""
    if bilevel(sheet.page.image):
        sheet = replace(sheet, page=replace(sheet.page, image=softened(sheet.page.image)))
    pieces = cut(sheet, [one.box for one in written], PX_PER_MM, MARGIN_MM)
    margin = round(MARGIN_MM * PX_PER_MM)
    cuts = []
    for one, (image, blank) in zip(written, pieces, strict=True):
        inner = (margin, margin, image.shape[1] - 2 * margin, image.shape[0] - 2 * margin)
        cuts.append(Cut(image, blank, PX_PER_MM, inner, GROUPS[one.group]))
    return cuts


def group_of(name: str) -> str:
    """The group a character belongs to; alnum for the rest."""
    return next((group for group, names in GROUPS.items() if name in names), "alnum")


def _bend(rng: np.random.Generator) -> Reals:
    coarse = rng.normal(0, 1, (2, 7, 7)).astype(np.float32)
    return np.stack([cv2.resize(one, (64, 64), interpolation=cv2.INTER_CUBIC) for one in coarse])


def _mislaid(rng: np.random.Generator, share: float) -> NDArray[np.float64]:
    """What registration gets wrong: at most 0.4 mm anywhere on the sheet, mostly less."""
    off = rng.uniform(-0.2, 0.2, 2) * rng.choice([0.3, 1.0]) * share
    turn, stretch = share * rng.uniform(-0.0007, 0.0007), 1 + share * rng.uniform(-0.0007, 0.0007)
    return np.array([[stretch, -turn, off[0]], [turn, stretch, off[1]], [0, 0, 1]])
