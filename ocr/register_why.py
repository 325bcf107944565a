"""Why a page is not read as this form, and what to do with the paper."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from ocr.page import Page
from ocr.reading import RefusalCode, Refused
from ocr.register_check import Laid
from ocr.register_ink import INK, WORK_PX_PER_MM, Ink, per_block
from ocr.register_landmarks import EDGE_MM, Landmarks

_FAR_OFF = 0.75  # a torn page may have lost so much and still be known
_EMPTY = 0.3
_PLACE_INK = 12  # pixels of ink in a block
_TAIL_LOST = 0.75
_DIRECTIONS = 16
_BARE = 0.5  # places with ink in the lost part, against those with print on the form
_LEAST_TAIL = 60

WHY: Mapping[RefusalCode, str] = {
    "blank": "白紙か裏面です。表裏を確かめて、もう一度読み取ってください。",
    "other_form": "この帳票ではないか、版が違います。紙を確かめて、その帳票の山へ移してください。",
    "torn": "紙の一部が欠けているか、折れています。しわを伸ばして読み取り直すか、手で入力してください。",
    "double_fed": "2 枚が重なって読み取られています。1 枚ずつ読み取り直してください。",
    "turned": "この帳票は上下を見分ける手がかりがありません。帳票に四隅の印を付けてください。",
    "damaged": "紙がゆがんで読み取られ、欄の位置が定まりません。平らにして、もう一度読み取ってください。",
}


def refused(page: Page, code: RefusalCode, why: str = "") -> Refused:
    """The page, refused in the usual words unless others are given."""
    return Refused(f"{page.source}#{page.number}", code, why or WHY[code])


def why_not(page: Page, ink: Ink, blank: Landmarks, best: Laid | None) -> Refused:
    """What is wrong with a page whose best way of lying does not stand."""
    if _places(ink.image > INK) < _EMPTY * _places(blank.print_):
        return refused(page, "blank")
    if best is None or best.lost_share > _FAR_OFF:
        return refused(page, "other_form")
    tail = _tail(blank.print_, best.lost)
    if tail is not None:
        bare = _places(tail & (best.over > INK)) < _BARE * _places(tail & blank.print_)
        return refused(page, "torn" if bare else "double_fed")
    return refused(page, "damaged" if best.stands else "other_form")


def _places(where: NDArray[np.bool_]) -> int:
    """In how many places of 6 mm something stands; stains and borders are large, but few places."""
    edge = round(EDGE_MM * WORK_PX_PER_MM)
    return int(np.count_nonzero(per_block(where[edge:-edge, edge:-edge]) >= _PLACE_INK))


def _tail(print_: NDArray[np.bool_], lost: NDArray[np.bool_]) -> NDArray[np.bool_] | None:
    """The part of the paper beyond a straight line from which on nearly all print is lost, if there is one."""
    y, x = np.nonzero(print_)
    gone = lost[y, x]
    count = int(np.count_nonzero(gone))
    if count < _LEAST_TAIL:
        return None
    for angle in np.arange(_DIRECTIONS) * 2 * np.pi / _DIRECTIONS:
        along = x * np.cos(angle) + y * np.sin(angle)
        limit = np.partition(along, -count)[-count]
        if np.mean(gone[along >= limit]) > _TAIL_LOST:
            rows, columns = np.ogrid[: print_.shape[0], : print_.shape[1]]
            return np.asarray(columns * np.cos(angle) + rows * np.sin(angle) >= limit, np.bool_)
    return None
