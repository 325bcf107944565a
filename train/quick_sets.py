"""More cells than sheets can give in the time: single characters drawn straight at the run's resolution, without print.

They go through the same last steps as the run (threshold, close-up, in-place picture), and let the network see every
glyph of the bank several times over.
"""

from __future__ import annotations

import argparse

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.engines.ink import PX_PER_MM, Inner, close_up, full_ink, in_place
from ocr.page import MM_PER_INCH
from ocr.reading import Box
from train.classes import GROUPS, INDEX
from train.make_sets import MIX, Drawn, training_bank
from train.sheets import DPI, Desk

_MARGIN = 1.2


def draw(desk: Desk, group: str, count: int) -> Drawn:
    """``count`` characters of a group, each class as often as the others."""
    allowed = [INDEX[name] for name in GROUPS[group]]
    pictures = np.zeros((count, 2, 32, 32), np.uint8)
    label = np.zeros(count, np.int16)
    written = np.zeros(count, np.bool_)
    for number in range(count):
        label[number], glyph = desk.next_of(allowed)
        found = _cell(desk, int(label[number]), glyph, group)
        if found is not None:
            pictures[number], written[number] = found, True
    group_number = list(GROUPS).index(group)
    return Drawn(
        pictures,
        label,
        np.full(count, group_number, np.int8),
        np.full(count, list(MIX).index("clean"), np.int8),
        written,
        np.zeros(count, np.float32),
    )


def _cell(desk: Desk, label: int, glyph: int, group: str) -> NDArray[np.uint8] | None:
    rng = desk.rng
    height = rng.uniform(5, 10)
    box = Box(0, _MARGIN, _MARGIN, float(np.clip(height * rng.uniform(0.6, 1.15), 4.2, 10)), height)
    size = [round((side + 2 * _MARGIN) * DPI / MM_PER_INCH) for side in (box.height, box.width)]
    ink = np.zeros(size, np.float32)
    desk.write(glyph, label, box, ink, desk.pen(box, False, 0.6 if group == "kana" else 0.5))
    small = [round((side + 2 * _MARGIN) * PX_PER_MM) for side in (box.width, box.height)]
    dark = np.asarray(cv2.resize(ink, small, interpolation=cv2.INTER_AREA), np.float32)
    if rng.random() < 0.7:
        dark = np.asarray(cv2.GaussianBlur(dark, (0, 0), rng.uniform(0.3, 1.1)), np.float32)
    dark = dark * (200 / max(float(dark.max()), 0.05)) + rng.normal(0, rng.uniform(0, 8), dark.shape).astype(np.float32)
    if rng.random() < 0.4:
        dark = np.where(dark > rng.uniform(70, 130), 255, 0).astype(np.float32)
    smooth = np.asarray(cv2.blur(np.clip(dark, 0, 255).astype(np.uint8), (3, 3)), np.uint8)
    level = float(np.partition(smooth.ravel(), -32)[-32])
    threshold = max(0.33 * level, 30.0)
    rows, columns = np.nonzero(smooth > threshold)
    if not len(rows):
        return None
    bounds = np.array([columns.min(), rows.min(), columns.max() + 1, rows.max() + 1])
    margin = round(_MARGIN * PX_PER_MM)
    inner = Inner(margin, margin, small[0] - 2 * margin, small[1] - 2 * margin)
    near = cv2.dilate((smooth > threshold).astype(np.uint8) * 255, np.ones((3, 3), np.uint8))
    own = smooth & near
    pair = np.stack([close_up(own, bounds), in_place(own, inner)])[None]
    return full_ink(pair, np.array([level]), np.array([threshold]))[0]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("group", choices=list(GROUPS))
    parser.add_argument("--cells", type=int, default=200_000)
    asked = parser.parse_args()
    cv2.setNumThreads(1)
    seed = 300 + list(GROUPS).index(asked.group)
    draw(Desk(training_bank(seed), {asked.group: 1.0}, seed), asked.group, asked.cells).save(f"train-{asked.group}")


if __name__ == "__main__":
    main()
