"""What was written in a field: the print of the empty form and the neighbours' strokes taken away, line by line."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.engine import Cut
from ocr.page import Grey

LINE_PX_PER_MM = 8.0
LINE_MARGIN_MM = 1.5
"""How the line engines want their cuts."""
_STRAY_MM = 0.4
"""How far print may lie from where registration says."""
_SPECK_MM2 = 0.05
"""Smaller spots are dust."""
_SPOT_MM2 = 0.25
_ALONE_MM = 1.2
"""A spot below this size is dust where no larger stroke is as near as this."""
_LEAST_INK_MM2 = 0.15
"""Less than this is no writing: a short stroke of a thin pen covers 0.5."""
_REMAINS_MM = 0.8
_RULE_MM = 0.6
"""What is thinner than this and lies wholly as near to print as that is what removing the print has left of it."""
_BRIDGE_MM = 1.0
"""Strokes are joined again over print as thick as this."""
_RULE_LONG_MM = 3.0
"""Print that is straight for as long as this is a rule."""
_RULE_WINDOW_MM = 6.0
_RULE_SHARE = 0.4
"""A rule may be thicker than the blank has it, and lie beside its place: what is as dark as this share of the window along
it is the rule, as no stroke of writing is."""
_SHRED_WINDOW_MM = 4.0
_SHRED_SHARE = 0.016
_LEAST_LINE_MM = 1.8
_FAINTEST = 26.0
"""Ink is at least this much darker than its paper."""
_DARKEST_PAPER = 140.0
_SIDE = 4000

Ink = NDArray[np.float32]
Mask = NDArray[np.bool_]
Inner = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True, eq=False)
class Writing:
    """What stands in a field."""

    lines: tuple[Grey, ...]
    """From top to bottom, each cut close and upright, dark on white; empty where nothing is written."""
    heights_mm: tuple[float, ...]
    """How high the ink of each line is."""
    doubts: tuple[str, ...]
    """Japanese: what makes this writing hard to make out."""


NOTHING = Writing((), (), ())
_FAINT = "うすくて読みにくい字です"
_SHREDS = "かすれて切れぎれの字があります"


@lru_cache(maxsize=128)
def writing(cut: Cut) -> Writing:
    """The lines written in a cut's inner box; print of the blank form, dust and strokes from outside are not writing.

    Kept for the second reader of the same cut.
    """
    ink, kept, dust, scale, inner = _strokes(cut)
    torn = _in_shreds(dust, inner, scale)
    if np.count_nonzero(kept) < _LEAST_INK_MM2 * scale**2:
        return Writing((), (), (_SHREDS,)) if torn else NOTHING
    near = cv2.dilate(kept.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    dark = float(np.percentile(ink[kept], 75))
    paper = np.where(near, 255 - np.clip(ink * (215 / max(dark, 1.0)), 0, 235), 255).astype(np.uint8)
    doubts = tuple(doubt for doubt, holds in ((_FAINT, dark < 2 * _FAINTEST), (_SHREDS, torn)) if holds)
    enough = 2 * _LEAST_INK_MM2 * scale**2
    spans = [one for one in _line_spans(kept, scale) if np.count_nonzero(kept[one[0] : one[1]]) > enough]
    if not spans:
        rows = np.flatnonzero(kept.any(axis=1))
        spans = [(int(rows[0]), int(rows[-1]) + 1)]
    least = max(2.2 * scale, 0.3 * inner[3] / len(spans))
    lines = tuple(_closely(paper, kept, top, bottom, least) for top, bottom in spans)
    return Writing(lines, tuple((bottom - top) / scale for top, bottom in spans), doubts)


def is_written(cut: Cut) -> bool:
    """Whether there is ink in a cut's inner box that the blank form does not have."""
    _, kept, _, scale, _ = _strokes(cut)
    return bool(np.count_nonzero(kept) >= _LEAST_INK_MM2 * scale**2)


def _strokes(cut: Cut) -> tuple[Ink, Mask, Mask, float, Inner]:
    """The ink beyond the blank's, where it is a stroke of this box, where it is dust; the scale and box that hold for it."""
    image, blank, scale, inner = _bounded(cut)
    ink, near, beside = _without_print(_ink(image), _ink(blank), scale)
    threshold = max(_FAINTEST, 0.3 * float(np.percentile(ink, 99.7)))
    mask = np.asarray(ink > threshold, np.bool_)
    return ink, *_own_strokes(mask, near, beside, inner, scale), scale, inner


def _bounded(cut: Cut) -> tuple[Grey, Grey, float, Inner]:
    """The cut, made smaller where it is larger than any scan of a line."""
    side = max(cut.image.shape)
    if side <= _SIDE:
        return cut.image, cut.blank, cut.px_per_mm, cut.inner
    shrink = _SIDE / side
    size = (max(1, round(cut.image.shape[1] * shrink)), max(1, round(cut.image.shape[0] * shrink)))
    image = np.asarray(cv2.resize(cut.image, size, interpolation=cv2.INTER_AREA), np.uint8)
    blank = np.asarray(cv2.resize(cut.blank, size, interpolation=cv2.INTER_AREA), np.uint8)
    left, top, width, height = (round(one * shrink) for one in cut.inner)
    return image, blank, cut.px_per_mm * shrink, (left, top, max(1, width), max(1, height))


def _ink(image: Grey) -> Ink:
    """How much darker each pixel is than the paper around it; stains and shadows are paper."""
    part = 0.25 if min(image.shape) > 16 else 1
    small = np.asarray(cv2.resize(image, None, fx=part, fy=part, interpolation=cv2.INTER_AREA), np.uint8)
    reach = max(3, min(41, min(small.shape) // 2 * 2 + 1))
    level = cv2.blur(cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((reach, reach), np.uint8)), (9, 9))
    paper = cv2.resize(level, image.shape[::-1], interpolation=cv2.INTER_LINEAR).astype(np.float32)
    return np.asarray(np.maximum(np.maximum(paper, _DARKEST_PAPER) - image, 0), np.float32)


def _without_print(ink: Ink, printed: Ink, scale: float) -> tuple[Ink, Mask, Mask]:
    """The ink with the form's own print taken out, strokes that cross it joined again; where print, where a rule is near."""
    print_ = (printed > 40).astype(np.uint8)
    if not print_.any():
        nowhere = np.zeros(ink.shape, np.bool_)
        return ink, nowhere, nowhere
    reach = 2 * max(1, round(0.15 * scale)) + 1
    laid = _laid_on(print_, ink, max(1, round(_STRAY_MM * scale)))
    straight, rules = _rules(laid, ink, scale)
    mask = cv2.bitwise_or(cv2.dilate(laid, np.ones((reach, reach), np.uint8)), rules)
    left = np.where(mask > 0, 0, ink).astype(np.float32)
    thick = reach + max(1, round(_BRIDGE_MM * scale))
    joined = np.maximum(
        cv2.morphologyEx(left, cv2.MORPH_CLOSE, np.ones((thick, 1), np.uint8)),
        cv2.morphologyEx(left, cv2.MORPH_CLOSE, np.ones((1, thick), np.uint8)),
    )
    wide = np.ones((2 * max(1, round(_REMAINS_MM * scale)) + 1,) * 2, np.uint8)
    near, beside = (cv2.dilate(one, wide) > 0 for one in (laid, straight))
    return np.asarray(np.where(mask > 0, joined, ink), np.float32), np.asarray(near), np.asarray(beside)


def _rules(laid: NDArray[np.uint8], ink: Ink, scale: float) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """The straight lines of the print; and they as thick and as far off as the scan has them, where it is dark all along."""
    dark = (ink > 0.5 * _FAINTEST).astype(np.float32)
    straight, found = np.zeros(laid.shape, np.uint8), np.zeros(laid.shape, np.uint8)
    beside = 2 * round(_STRAY_MM * scale) + 1
    long, window = max(3, round(_RULE_LONG_MM * scale)), max(3, round(_RULE_WINDOW_MM * scale))
    for across, up in ((1, 0), (0, 1)):
        along = np.ones((long if up else 1, long if across else 1), np.uint8)
        rule = cv2.morphologyEx(laid, cv2.MORPH_OPEN, along)
        zone = cv2.dilate(rule, np.ones((beside if across else 1, beside if up else 1), np.uint8)).astype(np.float32)
        size = (window if across else 1, window if up else 1)
        share = cv2.blur(dark * zone, size) / np.maximum(cv2.blur(zone, size), 1e-6)
        straight |= np.asarray(rule, np.uint8)
        found |= ((zone > 0) & (share > _RULE_SHARE)).astype(np.uint8)
    return straight, found


def _laid_on(mask: NDArray[np.uint8], ink: Ink, stray: int) -> NDArray[np.uint8]:
    """The print's mask moved to where the scan has it, by at most ``stray`` pixels."""
    height, width = mask.shape
    if height <= 2 * stray + 1 or width <= 2 * stray + 1:
        return mask
    framed = cv2.copyMakeBorder(np.minimum(ink, 120), stray, stray, stray, stray, cv2.BORDER_REPLICATE)
    _, _, _, (x, y) = cv2.minMaxLoc(cv2.matchTemplate(framed, mask.astype(np.float32), cv2.TM_CCORR))
    move = np.array([[1, 0, x - stray], [0, 1, y - stray]], np.float32)
    return np.asarray(cv2.warpAffine(mask, move, (width, height), flags=cv2.INTER_NEAREST), np.uint8)


def _own_strokes(mask: Mask, near: Mask, beside: Mask, inner: Inner, scale: float) -> tuple[Mask, Mask]:
    """The strokes that belong to the box: those that lie in it for the most part; no remains of printed rules, no dust.
    And the dust."""
    left, top, width, height = inner
    count, parts, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    labels = np.asarray(parts, np.int32)
    within = np.bincount(labels[top : top + height, left : left + width].ravel(), minlength=count)
    area = stats[:, cv2.CC_STAT_AREA]
    flat = np.minimum(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT]) < _RULE_MM * scale
    thin = _thickness(mask, labels, count) < _RULE_MM * scale
    remains = flat & (np.bincount(labels[near], minlength=count) > 0.8 * area)
    remains |= thin & (np.bincount(labels[beside], minlength=count) > 0.8 * area)
    remains[0] = True
    own = (within * 2 > area) & (area > max(1.0, _SPECK_MM2 * scale**2)) & ~remains
    reach = 2 * max(1, round(_ALONE_MM * scale)) + 1
    large = own & (area > _SPOT_MM2 * scale**2)
    spots = (large if large.any() else own)[labels].astype(np.uint8)
    around = np.asarray(cv2.dilate(spots, np.ones((reach, reach), np.uint8)), np.uint8)
    if large.any():
        own &= np.bincount(labels[around > 0], minlength=count) > 0
    else:
        own &= _together(own, labels, around) > _SPOT_MM2 * scale**2
    dust = ~own & ~remains & (area <= _SPOT_MM2 * scale**2)
    return np.asarray(own[labels], np.bool_), np.asarray(dust[labels], np.bool_)


def _thickness(mask: Mask, labels: NDArray[np.int32], count: int) -> NDArray[np.float32]:
    """How thick each part is where it is thickest."""
    depth = cv2.distanceTransform(mask.astype(np.uint8), cv2.DIST_L2, 3)
    found = np.zeros(count, np.float32)
    np.maximum.at(found, labels[mask], 2 * np.minimum(depth[mask], _SIDE))
    return found


def _together(own: NDArray[np.bool_], labels: NDArray[np.int32], around: NDArray[np.uint8]) -> NDArray[np.int_]:
    """For each part: how much ink lies in the spots that are near one another where it is."""
    _, groups = cv2.connectedComponents(around, connectivity=8)
    inked = own[labels]
    amount = np.bincount(groups[inked], minlength=int(groups.max()) + 1)
    found = np.zeros(len(own), np.int_)
    np.maximum.at(found, labels[inked], amount[groups[inked]])
    return found


def _in_shreds(dust: Mask, inner: Inner, scale: float) -> bool:
    """Whether what was taken for dust stands so close together somewhere in the box that it must be a torn character."""
    left, top, width, height = inner
    edge = round(_STRAY_MM * scale)
    inside = dust[top + edge : top + height - edge, left + edge : left + width - edge]
    if not inside.any():
        return False
    window = max(1, round(_SHRED_WINDOW_MM * scale))
    return bool(cv2.blur(inside.astype(np.float32), (window, window)).max() > _SHRED_SHARE)


def _line_spans(mask: Mask, scale: float) -> list[tuple[int, int]]:
    """Top and bottom (exclusive) of each line of writing."""
    rows = mask.sum(axis=1).astype(np.float32)
    there = np.flatnonzero(rows)
    columns = np.flatnonzero(mask.any(axis=0))
    top, bottom = int(there[0]), int(there[-1]) + 1
    if columns[-1] - columns[0] < 1.5 * (bottom - top):
        return [(top, bottom)]
    smooth = cv2.blur(rows.reshape(-1, 1), (1, max(1, round(0.4 * scale)))).ravel()
    return _halved(smooth, top, bottom, _LEAST_LINE_MM * scale)


def _halved(rows: NDArray[np.float32], top: int, bottom: int, least: float) -> list[tuple[int, int]]:
    """Split where hardly any ink lies between two parts that are each as high as a line."""
    first, last = int(top + least), int(bottom - least)
    if first >= last:
        return [(top, bottom)]
    middle = first + int(np.argmin(rows[first:last]))
    above, below = float(rows[top:middle].max()), float(rows[middle:bottom].max())
    if rows[middle] > 0.12 * min(above, below):
        return [(top, bottom)]
    up, down = middle, middle
    while up - 1 > top and rows[up - 1] <= 0:
        up -= 1
    while down < bottom - 1 and rows[down] <= 0:
        down += 1
    return _halved(rows, top, up, least) + _halved(rows, down, bottom, least)


def _closely(paper: Grey, mask: Mask, top: int, bottom: int, least: float) -> Grey:
    """One line cut close, with a little white around it, and at least ``least`` high."""
    columns = np.flatnonzero(mask[top:bottom].any(axis=0))
    left, right = int(columns[0]), int(columns[-1]) + 1
    line = np.where(
        cv2.dilate(mask[top:bottom].astype(np.uint8), np.ones((5, 5), np.uint8)) > 0, paper[top:bottom], 255
    )
    line = line[:, max(0, left - 2) : right + 2]
    high = max(least, bottom - top)
    pad = round(0.12 * high)
    extra = max(0, round((high - (bottom - top)) / 2))
    framed = cv2.copyMakeBorder(
        line.astype(np.uint8), pad + extra, pad + extra, pad, pad, cv2.BORDER_CONSTANT, value=255
    )
    return np.asarray(framed, np.uint8)
