"""A checkbox or bubble: ticked, crossed, filled, struck out, or merely crossed by what belongs elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from ocr.ask import Mark
from ocr.ink.found import PALEST
from ocr.marks.box import BoxInk
from ocr.marks.strokes import MARK_MM2, SPECK_MM2

_HEAVIER = 12.0  # of 255: a box that is so much darker than the page's others may have a mark on its print
_COVERED = 3.0  # the same for a box that is all print, on which nothing else can be seen
_DOTTED = 7.0  # of 255: a middle so much darker than that of boxes of the same kind may have a dot on its print
_SMUDGED = 8.0  # of 255: so much darker than the page's other empty boxes is a trace of something
_DARK_PAPER = 16.0
_DUST_MM2 = 0.15  # the point of a pen leaves more
_SPOT_MM2, _SPOT_REACH, _SPOT_MASS = 0.3, 0.3, 0.075
"""What is smaller than this, and shorter (in sides of the box), and so much less than the page's marks, is no mark either;"""
_UNDER_PRINT_MM2 = 0.1  # unless the middle of the box is so much darker that print hides more of it
_BESIDE_PRINT = 0.52  # of what chance would put there: a mark has as much of its ink beside the print
_ON_PRINT_MM2 = 0.03  # less than this beside the print is the print's own
_ENCLOSED = 0.7  # of the directions around a box
_AS_MASSIVE, _OVER = 0.5, 0.15
"""Of a blot, so much a usual mark has; and the share of the moat that is inked where it is larger than the box."""
_EVEN, _PALER = 0.7, 0.6
"""Of what is not printed, as a filled bubble leaves the corners of its square free; of the usual darkness."""
_VISIBLE = 0.05  # of a box: less than this unprinted is all print
_BETWEEN = "印が二つの欄にかかっていて、どちらのものか分かりません"

_SURE_EMPTY, _EMPTY, _LIKELY_EMPTY = 0.99995, 0.9995, 0.97
_SURE, _LIKELY, _STRUCK, _WEAK, _OPEN = 0.9995, 0.998, 0.95, 0.95, 0.5


@dataclass(frozen=True, slots=True)
class Empty:
    """How boxes without ink are on a page: medians, and median distances from them."""

    heavier: float
    """How much darker than the blank's such a box is,"""
    spread: float
    middle: float
    """and how much darker its middle."""
    middle_spread: float


@dataclass(frozen=True, slots=True)
class Pen:
    """How this page's marks usually are; zeros where nothing is marked."""

    dark: float
    mass: float
    smudge: float
    """How dark a box without any ink is on this page."""
    empty: Empty
    """Its boxes without ink, print and all,"""
    of_kind: Mapping[tuple[int, int], Empty]
    """and those of one kind, where there are enough of them."""


def judge_box(ink: BoxInk, pen: Pen) -> Mark:
    """What the ink means, on a page whose marks are as ``pen`` says."""
    if not ink.found:
        return _unclear("印刷された枠が空の帳票と同じ場所に見つかりません。用紙のずれか別の帳票の疑いがあります")
    if ink.own_mm2 + ink.shared_mm2 < SPECK_MM2:
        return _bare(ink, pen)
    if ink.torn:
        return _unclear(_BETWEEN)
    if ink.through and not ink.hidden and ink.along > 0.8 and len(ink.exits) <= 2:
        return Mark("empty", _LIKELY_EMPTY, ("欄を通り抜ける線があります（印ではなさそうです）",))
    # A box blacked out to cancel its mark looks the same: it is a mark where that is how the page's marks are made.
    blot = ink.blot and ink.surrounded < _ENCLOSED and pen.mass >= _AS_MASSIVE * ink.mass
    cancelled = None if blot else _cancelled(ink)
    if cancelled is not None:
        return cancelled
    if ink.blot and not blot and ink.moat > _OVER:
        return _unclear("ほかの印とちがって欄が塗りつぶされていて、印か取り消しか分かりません")
    if ink.through and not blot:
        return _unclear("印の上を線が通っていて、取り消しかどうか分かりません")
    if ink.shared_mm2 > max(ink.own_mm2 / 2, 0.15):
        return _unclear(_BETWEEN)
    if _dust(ink, pen):
        return Mark("empty", _EMPTY, ())
    # What a rubber leaves of a filled box is patchy, or much paler.
    even = ink.open_mm2 >= _EVEN * ink.free * ink.area and ink.dark >= _PALER * pen.dark
    rubbed = ink.dark < 0.82 * pen.dark and ink.mass < 0.6 * pen.mass and not even
    if ink.dark < PALEST or ink.dark < 0.45 * pen.dark or rubbed:
        return _unclear("ずっと薄い印です。消した跡か、裏の印が透けているのかもしれません")
    return _amount(ink)


def _dust(ink: BoxInk, pen: Pen) -> bool:
    """Whether the ink is too little for a mark, and print hides no more of it."""
    spot = ink.own_mm2 < _SPOT_MM2 and ink.reach < _SPOT_REACH and ink.mass < _SPOT_MASS * pen.mass
    middle = ink.middle - pen.of_kind.get(ink.kind, pen.empty).middle
    under_print = middle / 255 * ink.area / 4 - ink.mass
    return (spot or ink.own_mm2 < _DUST_MM2) and under_print < _UNDER_PRINT_MM2


def _bare(ink: BoxInk, pen: Pen) -> Mark:
    if ink.torn:
        return _unclear(_BETWEEN)
    if ink.orphan_mm2 >= MARK_MM2:
        return _unclear("枠のすぐ外に印があり、どの欄のものか分かりません")
    if ink.foreign_mm2 >= MARK_MM2:
        return _unclear("となりの欄の印か取り消しが、この欄に大きくかかっています")
    empty = pen.of_kind.get(ink.kind, pen.empty)
    unusual = max(_HEAVIER, 5 * empty.spread) if ink.free >= _VISIBLE else max(_COVERED, 3.5 * empty.spread)
    if ink.heavier > empty.heavier + unusual:
        return _unclear("ほかの欄より黒く、印刷に重なった薄い印かもしれません")
    if ink.smudge > min(pen.smudge + _SMUDGED, _DARK_PAPER):
        return Mark("empty", _WEAK, ("うっすらと跡があります。消した跡かもしれません",))
    if ink.stubs >= 3:
        return _unclear("欄のまわりに線があります")
    if ink.kind in pen.of_kind and ink.middle > empty.middle + max(_DOTTED, 6.7 * empty.middle_spread):
        return _unclear("欄の中ほどがほかの欄より黒く、小さな印かもしれません")
    dust = ink.orphan_mm2 >= 2 * SPECK_MM2
    return Mark("empty", _EMPTY if ink.foreign_mm2 or dust else _SURE_EMPTY, ())


def _cancelled(ink: BoxInk) -> Mark | None:
    if ink.surrounded >= _ENCLOSED:
        if ink.own_mm2 + ink.shared_mm2 < 0.1 * ink.area:
            return _unclear("欄のまわりが丸で囲まれています")
        return Mark("cancelled", _STRUCK, ("印の上から塗りつぶしや訂正印で消されています",))
    filled = ink.own_mm2 > 0.4 * ink.area
    if len(ink.exits) >= 4 and not (filled and ink.far_exits < 2):
        gaps = sorted(_gaps(ink.exits))
        if len(ink.exits) == 4 and gaps[0] >= 50:
            cross = ink.moat <= 0.35 and ink.surrounded < 0.5
            return None if cross else _unclear("線がいくつも重なっていて、印か取り消しか分かりません")
        if (gaps[-2] >= 90 or len(ink.exits) > 5) and ink.far_exits >= 2:
            why = "二重線で消されています" if len(ink.exits) == 4 else "線で何度も消されています"
            return Mark("cancelled", _STRUCK, (why,))
        return _unclear("線がいくつも重なっていて、印か取り消しか分かりません")
    if ink.surrounded >= 0.5 or ink.moat > (0.4 if ink.own_mm2 < 0.9 * ink.area else 0.3):
        return _unclear("欄から大きくはみ出していて、印か取り消しか分かりません")
    if len(ink.exits) == 3 and all(25 <= one % 90 <= 65 for one in ink.exits) and min(_gaps(ink.exits)) >= 50:
        return None  # a cross of which one arm ends at the frame
    close = len(ink.exits) == 3 and not filled and min(_gaps(ink.exits)) < 40
    if close or (ink.far_exits >= 2 and len(ink.exits) in (2, 3)):
        return _unclear("線がいくつも重なっていて、印か取り消しか分かりません")
    return None


def _gaps(exits: tuple[float, ...]) -> list[float]:
    """Degrees from each to the next."""
    return [after - before for before, after in pairwise([*exits, exits[0] + 360])]


def _amount(ink: BoxInk) -> Mark:
    if ink.leans or (ink.orphan_mm2 >= MARK_MM2 and ink.own_mm2 < 0.12 * ink.area):
        return _unclear("印の多くが枠の外にあり、どの欄のものか分かりません")
    if ink.stubs >= 2:
        return _unclear("印の両側に線があり、印か取り消しか分かりません")
    if ink.open_mm2 < _ON_PRINT_MM2 and ink.free >= 0.5 and not ink.exits and ink.orphan_mm2 < MARK_MM2:
        return Mark("empty", _EMPTY, ())  # a frame that came out thicker than the page's others
    mostly_on_print = ink.open_mm2 < _BESIDE_PRINT * ink.free * ink.own_mm2
    if mostly_on_print or ink.open_mm2 < min(MARK_MM2 / 2, 0.5 * ink.free * ink.area):
        return _unclear("印刷の上だけが黒く、印か印刷のむらか分かりません")
    enough = ink.own_mm2 >= max(0.25, 0.025 * ink.area)
    if enough and ink.central and ink.reach >= 0.25:
        return Mark("marked", _SURE if ink.own_mm2 >= 0.06 * ink.area else _LIKELY, ())
    if ink.central or ink.reach >= 0.5:
        return _unclear("小さな印か汚れか分かりません")
    if ink.outside_mm2 > 2 * ink.own_mm2:
        return Mark("empty", _LIKELY_EMPTY, ("となりの書き込みが欄にかかっています",))
    return _unclear("欄の端に小さな印か汚れがあります")


def _unclear(why: str) -> Mark:
    return Mark("unclear", _OPEN, (why,))
