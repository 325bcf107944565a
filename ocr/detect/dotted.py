"""Where one writes on an empty form within dotted rules: frames for a seal, a signature or a code, lines after a label."""

from __future__ import annotations

from collections.abc import Sequence

from ocr.detect.found import Found, place
from ocr.detect.layout import Layout, words_before
from ocr.detect.rules import crop, dotted_lines, ink_without_rules, inside
from ocr.detect.words import beside
from ocr.detect.writing import SEALS
from ocr.page import Page
from ocr.reading import Box

_SAME = 0.8
"""Ends of rules this near meet, mm."""
_SIDES = (6.0, 45.0)
_CODE = (15.0, 40.0)
"""The sides of a square frame for a code, mm."""
_ROOM = 8.0
_LONGEST_WAY = 8.0
"""From a label to the line that is its own, mm."""
_EMPTY = 0.004
_SIGNED = "署名・押印の枠なので記入の有無だけを見ます"


def find_dotted(layout: Layout, found: Sequence[Found]) -> list[Found]:
    """Frames and lines that are dotted, where nothing else was found."""
    across = dotted_lines(layout.page)
    turned = dotted_lines(Page(layout.page.image.T.copy(), layout.page.dpi, layout.page.source, layout.page.number))
    down = [Box(one.page, one.top, one.left, one.height, one.width) for one in turned]
    frames = [frame for top in across for frame in _frames(top, across, down)]
    fields = [_framed(layout, frame) for frame in frames]
    edges = [line for line in across if any(_on_edge(line, box) for box in frames)]
    fields += [_upon(layout, line) for line in across if line not in edges]
    return [one for one in fields if one and not any(_meet(one.box, other.box) for other in found)]


def _frames(top: Box, across: Sequence[Box], down: Sequence[Box]) -> list[Box]:
    """The frame of which a dotted rule is the upper edge."""
    frames = []
    for foot in across:
        high = foot.top - top.top
        same = abs(foot.left - top.left) < _SAME and abs(foot.width - top.width) < 2 * _SAME
        sides = [line for line in down if abs(line.top - top.top) < _SAME and abs(line.height - high) < 2 * _SAME]
        ends = top.left, top.left + top.width
        if same and _SIDES[0] < high < _SIDES[1] and all(any(abs(one.left - x) < _SAME for one in sides) for x in ends):
            frames.append(top._replace(height=high))
    return frames


def _framed(layout: Layout, frame: Box) -> Found | None:
    held = "".join(sign.text for run in layout.runs for sign in run.signs if inside(frame, sign.middle))
    label = held if held in SEALS else _label(layout, frame)
    square = abs(frame.width - frame.height) < 2 and _CODE[0] < frame.width < _CODE[1]
    if label:
        return Found(label, {"kind": "ink", "at": place(frame)}, f"点線の枠です。{_SIGNED}", frame)
    if square and _white(layout, frame):
        why = "点線の正方形の枠です。QR コードを刷るところとしました（違えば kind を直してください）"
        return Found("QRコード", {"kind": "qr", "at": place(frame)}, why, frame)
    return None


def _upon(layout: Layout, line: Box) -> Found | None:
    """A dotted line after a label, with room above it."""
    room = line._replace(top=line.top - _ROOM, height=_ROOM)
    edge = any(_on_edge(line, cell.box) for cell in layout.cells)
    label = "" if edge else _label(layout, room)
    if not label or not _white(layout, room):
        return None
    if "署名" in label or "印" in label:
        return Found(label, {"kind": "ink", "at": place(room)}, f"点線の上に書くところです。{_SIGNED}", room)
    return Found(label, {"kind": "text", "at": place(room)}, "点線の上に書くところです", room)


def _label(layout: Layout, box: Box) -> str:
    """The words right before a box, if they are near."""
    ends = [run.box.left + run.box.width for run in layout.runs if beside(run.box, box)]
    return words_before(layout, box) if any(0 <= box.left - end < _LONGEST_WAY for end in ends) else ""


def _on_edge(line: Box, box: Box) -> bool:
    """Whether a rule is the upper or lower edge of a box."""
    lies = box.left - _SAME < line.left and line.left + line.width < box.left + box.width + _SAME
    return lies and min(abs(line.top - box.top), abs(line.top - box.top - box.height)) < _SAME


def _white(layout: Layout, box: Box) -> bool:
    return float(crop(ink_without_rules(layout.page), box, 0.7).mean()) < _EMPTY


def _meet(one: Box, other: Box) -> bool:
    wide = min(one.left + one.width, other.left + other.width) - max(one.left, other.left)
    tall = min(one.top + one.height, other.top + other.height) - max(one.top, other.top)
    return wide > 1 and tall > 1
