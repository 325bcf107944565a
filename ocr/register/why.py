"""Why a page is not read as this form, and what to do with the paper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.page import Page
from ocr.reading import RefusalCode, Refused
from ocr.register.check import Laid, laid, shifts_of_lost
from ocr.register.ink import INK, WORK_PX_PER_MM, Ink, Matrix, inverse, mm_to_work, moved_by, per_block
from ocr.register.landmarks import EDGE_MM, Landmarks
from ocr.register.layers import Layer, layers_of
from ocr.register.markers import HOLE_MM, stray_marks
from ocr.register.overlap import two_sheets

RESIDUAL_MM = 0.6
_EMPTY = 0.3
_PLACE_INK = 12  # pixels of ink in a block
_UNKNOWN = 0.8  # of the print lost: what is found may stand on any paper
_SOME_LOST = 0.3
_SHOWN_LOST, _LEAST_MM2 = 0.35, 1500.0
_ASKEW_DEGREES = 7.5
_HARDLY_LOST, _LITTLE_LOST = 0.1, 0.05
_SHIFT_MM, _SCALE = 4.0, 0.018
_STEADY_MM, _LEAST_SHIFTED = 1.0, 5
_SHARED_MM = 10.0
_TAIL_LOST, _KEPT_LOST = 0.65, 0.15
_DIRECTIONS = 32
_BARE, _ALL_LOST = 0.3, 0.9
_LEAST_TAIL = 40
_CLOSE_MM, _LEAST_LOST, _MOSTLY = 3.0, 16, 0.5
_PLACE_MM = 50.0  # what spreads wider both ways is no place

Part = NDArray[np.bool_]

WHY: Mapping[RefusalCode, str] = {
    "blank": "白紙か裏面か、薄すぎて何も読み取れない紙です。表裏と濃さを確かめて、もう一度読み取ってください。",
    "other_form": "この帳票ではありません。紙を確かめて、その帳票の山へ移してください。",
    "other_version": "この帳票に似ていますが、印刷が一部違います。様式の版が違うか、よく似た別の帳票です。"
    "紙を確かめて、その版の山へ移すか、手で入力してください。",
    "torn": "紙の一部が欠けているか、折れています。しわを伸ばして読み取り直すか、手で入力してください。",
    "double_fed": "2 枚が重なって読み取られています。1 枚ずつ読み取り直してください。",
    "turned": "この帳票は上下を見分ける手がかりがありません。帳票に四隅の印を付けてください。",
    "damaged": "紙がゆがんで読み取られ、欄の位置が定まりません。平らにして、もう一度読み取ってください。",
    "unclear": "一部がこの帳票と合いません。別の紙が重なったか、様式の版が違うか、紙送りがずれています。"
    "紙を見て、1 枚ずつ読み取り直すか、手で入力してください。",
}


_THIN = "ファクスや白黒の読み取りで線がとぎれているだけなら、濃くして読み取り直してください。"


def refused(page: Page, code: RefusalCode, why: str = "") -> Refused:
    """The page, refused in the usual words unless others are given."""
    return Refused(f"{page.source}#{page.number}", code, why or WHY[code])


def why_not(page: Page, ink: Ink, blank: Landmarks, best: Laid | None, paper_mm: tuple[float, float]) -> Refused:
    """What is wrong with a page that lies on the form in no way that stands; ``best`` came nearest."""
    if _places(ink.image > INK) < _EMPTY * _places(blank.print_):
        return refused(page, "blank")
    if blank.symmetric and best is None:
        return refused(page, "turned")
    layers = [
        (layer, one)
        for layer in layers_of(ink, blank)
        if _shows(layer, one := laid(page, ink, blank, layer.way, fixed=False), blank)
    ]
    if layers and (askew := _askew(layers[0][0].way)) > _ASKEW_DEGREES:
        why = f"紙が約 {askew:.0f} 度傾いて読み取られています。まっすぐに置いて、もう一度読み取ってください。"
        return refused(page, "turned", why)
    ways = [one for _, one in layers[:1]] + ([best] if best else [])
    nearest = min(ways, key=lambda one: one.lost_share, default=None)
    if nearest is None or (nearest.lost_share > _UNKNOWN and len(layers) < 2):
        return refused(page, "other_form")
    code = _wrong(ink, blank, nearest, [layer for layer, _ in layers], paper_mm)
    if code != "other_version":
        return refused(page, code)
    return refused(page, code, WHY[code] + (_where_lost(nearest) or (_THIN if page.bilevel or page.of_dots else "")))


def _where_lost(nearest: Laid) -> str:
    """The place where another word stands, or where most of the missing print is, if most of it is in one."""
    if nearest.other_at is not None:
        return _told(*nearest.other_at)
    lost = nearest.lost.view(np.uint8)
    reach = 2 * round(_CLOSE_MM * WORK_PX_PER_MM) + 1
    count, labels = cv2.connectedComponents(np.asarray(cv2.dilate(lost, np.ones((reach, reach), np.uint8)), np.uint8))
    share = np.bincount(labels[nearest.lost], minlength=count)
    one = int(share.argmax())
    if share[one] < max(_LEAST_LOST, _MOSTLY * share.sum()):
        return ""
    at = np.column_stack(np.nonzero((labels == one) & nearest.lost)) / WORK_PX_PER_MM
    if np.ptp(at, axis=0).min() > _PLACE_MM:
        return ""
    row, column = at.mean(axis=0).tolist()
    return _told(column, row)


def _told(x_mm: float, y_mm: float) -> str:
    return (
        f"違いが目立つのは、左から約 {x_mm / 10:.0f} cm、上から約 {y_mm / 10:.0f} cm のところです。"
        "シールや付せんで隠れているなら、はがして読み取り直し、修正テープなら手で入力してください。"
    )


def _shows(layer: Layer, one: Laid, blank: Landmarks) -> bool:
    """Whether most of the form's print is there among what was found: the same words stand on other forms too."""
    corners = np.percentile(layer.form, (5, 95), axis=0)
    if np.prod(corners[1] - corners[0]) < _LEAST_MM2:
        return False
    low, high = moved_by(mm_to_work(), corners)
    inside = np.s_[max(0, int(low[1])) : int(high[1]) + 1, max(0, int(low[0])) : int(high[0]) + 1]
    return bool(np.count_nonzero(one.lost[inside]) < _SHOWN_LOST * np.count_nonzero(blank.print_[inside]))


def _wrong(
    ink: Ink, blank: Landmarks, nearest: Laid, layers: Sequence[Layer], paper_mm: tuple[float, float]
) -> RefusalCode:
    """What is wrong with a page that shows at least some of the form."""
    well = nearest.lost_share < _HARDLY_LOST and nearest.residual_mm <= RESIDUAL_MM
    if stray_marks(ink) or (well and two_sheets(ink, blank, nearest, paper_mm)):
        return "double_fed"
    second = _second(layers)
    if second is not None:
        return second
    shift = _shift(nearest, blank)
    if shift is not None:
        return shift
    if _is_tail(blank.print_, nearest.lost):
        return "torn" if _bare(nearest, blank) or _corner_gone(nearest, blank) else "unclear"
    if nearest.stands:
        return "damaged"
    if nearest.lost_share < _SOME_LOST:
        return "other_version"
    return "unclear" if layers else "other_form"


def _shift(nearest: Laid, blank: Landmarks) -> Literal["damaged", "other_version"] | None:
    """What print tells that lies beside its place: all alike moved by the printer, more and more by the scanner."""
    places, shifts = shifts_of_lost(nearest, blank)
    if len(shifts) < _LEAST_SHIFTED:
        return None
    by_place = np.column_stack((places, np.ones(len(places))))
    fit = np.linalg.lstsq(by_place, shifts, rcond=None)[0]
    if np.median(np.abs(shifts - by_place @ fit)) > _STEADY_MM:
        return None  # the same words, but anywhere
    return "damaged" if np.ptp(np.percentile(shifts, (10, 90), axis=0), axis=0).max() > _STEADY_MM else "other_version"


def _askew(way: Matrix) -> float:
    """Degrees from the nearest quarter turn."""
    degrees = float(np.degrees(np.arctan2(way[1, 0], way[0, 0])))
    return abs((degrees + 45) % 90 - 45)


def _second(layers: Sequence[Layer]) -> Literal["double_fed", "damaged", "other_version"] | None:
    """What a second way, in which other print of the form lies, tells."""
    if len(layers) < 2:
        return None
    first, second = layers[:2]
    between = inverse(first.way) @ second.way
    scale = np.linalg.norm(between[:2, :2], axis=0)
    shift = float(np.median(np.linalg.norm(moved_by(between, second.form) - second.form, axis=1)))
    # The same places of the form twice are two sheets; some here and the others there are one.
    (low, high), (other_low, other_high) = (np.percentile(one.form, (5, 95), axis=0) for one in (first, second))
    shared = np.minimum(high, other_high) - np.maximum(low, other_low)
    if shared.min() > _SHARED_MM and shift > _SHIFT_MM:
        return "double_fed"
    return "damaged" if shift < _SHIFT_MM or np.abs(scale - 1).max() > _SCALE else "other_version"


def _places(where: Part) -> int:
    """In how many places of 6 mm something stands; stains and borders are large, but few places."""
    edge = round(EDGE_MM * WORK_PX_PER_MM)
    return int(np.count_nonzero(per_block(where[edge:-edge, edge:-edge]) >= _PLACE_INK))


def _is_tail(print_: Part, lost: Part) -> bool:
    """Whether there is a straight line across the paper, beyond which nearly all print is lost, and hardly any before."""
    y, x = np.nonzero(print_)
    gone = lost[y, x]
    count = int(np.count_nonzero(gone))
    if not _LEAST_TAIL <= count < len(gone):
        return False
    for angle in np.arange(_DIRECTIONS) * 2 * np.pi / _DIRECTIONS:
        along = x * np.cos(angle) + y * np.sin(angle)
        order = np.argpartition(along, -count)
        if np.mean(gone[order[-count:]]) > _TAIL_LOST and np.mean(gone[order[:-count]]) < _KEPT_LOST:
            return True
    return False


def _bare(one: Laid, blank: Landmarks) -> bool:
    """Whether nothing stands where the print is lost."""
    print_, lost = per_block(blank.print_), per_block(one.lost)
    gone = (print_ >= _PLACE_INK) & (lost >= _ALL_LOST * print_)
    return bool(per_block(one.over > INK)[gone].sum() < _BARE * print_[gone].sum())


def _corner_gone(one: Laid, blank: Landmarks) -> bool:
    """Whether little is lost but one of the corner marks is."""
    if blank.marks is None or one.lost_share > _LITTLE_LOST:
        return False
    half = round(HOLE_MM * WORK_PX_PER_MM)
    places = moved_by(mm_to_work(), blank.marks).round().astype(int)
    return any(float(one.over[y - half : y + half, x - half : x + half].mean()) < INK for x, y in places)
