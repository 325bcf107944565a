"""Pages that must not be read as this form, or only after thought: another form, blank paper, torn, two at once."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from practice.paper.fill import Filled, written_page
from practice.paper.gallery import Paper
from practice.paper.pen import PX
from practice.paper.scan import Grey, Scan, scanned

Sheet = NDArray[np.float32]
BAD_SCAN = Scan(dpi=150, quality=45, tilt=0.6)


@dataclass(frozen=True, eq=False)
class Bad:
    """One such page. refused: what it must be refused as; "" where it is to be read, with these values."""

    name: str
    picture: Grey
    refused: str
    note: str
    filled: Filled | None = None


def bad_pages(own: Paper, sheets: list[Filled], other: Paper, strangers: list[Filled]) -> list[Bad]:
    """``own`` is the form that the pile is read as; ``other`` another one of the office."""
    rng = np.random.default_rng(13)
    first, second = (written_page(own.definition, own.fields, sheets[number], rng) for number in (0, 1))
    stranger = written_page(other.definition, other.fields, strangers[0], rng)
    empty = Filled({}, sheets[0].hand, BAD_SCAN)
    unfilled = written_page(own.definition, own.fields, empty, rng)
    upside_down = replace(sheets[1], scan=replace(BAD_SCAN, turned=180))

    def page(paper: Sheet, how: Scan = BAD_SCAN) -> Grey:
        return scanned(paper, how, rng)

    return [
        Bad("other-form.jpg", page(stranger), "other_form", "別の帳票（住民異動届）"),
        Bad("blank-sheet.jpg", page(np.ones_like(first)), "blank", "白紙"),
        Bad("back-side.jpg", page(_back(first)), "blank", "裏返し（表の文字がうっすら透けている）"),
        Bad("upside-down.jpg", page(second, upside_down.scan), "", "上下が逆（読むこと）", upside_down),
        Bad("double-fed.jpg", page(_double(first, second)), "double_fed", "2 枚が重なって送られた"),
        Bad("torn.jpg", page(_torn(first)), "torn", "下の 3 分の 1 がちぎれている"),
        Bad("corner-gone.jpg", page(_cornerless(first)), "torn", "右下の角がちぎれて折れている"),
        Bad("stretched.jpg", page(_stretched(first)), "damaged", "送りの途中で引っかかって縮んだ"),
        Bad("unfilled.jpg", page(unfilled), "", "何も書かれていない（すべて空欄と読むこと）", empty),
    ]


def _back(paper: Sheet) -> Sheet:
    soft = cv2.GaussianBlur(paper[:, ::-1], (0, 0), 6)
    return np.asarray(1 - (1 - soft) * 0.08, np.float32)


def _double(first: Sheet, second: Sheet) -> Sheet:
    """The second sheet lies over the lower part of the first, shifted."""
    found, down = first.copy(), round(62 * PX)
    aside = np.roll(second, round(9 * PX), axis=1)
    found[down:] = aside[: len(found) - down]
    found[down - 3 : down] = 0.55
    return found


def _torn(paper: Sheet) -> Sheet:
    found = paper.copy()
    height, width = paper.shape
    edge = height * 0.66 + np.cumsum(np.sin(np.arange(width) / 37) + np.cos(np.arange(width) / 11)) * 0.8
    found[np.arange(height)[:, None] > edge[None]] = 0.25
    return found


def _cornerless(paper: Sheet) -> Sheet:
    found = paper.copy()
    height, width = paper.shape
    ways = np.arange(height)[:, None] / height + np.arange(width)[None] / width
    found[ways > 1.72] = 1.0
    fold = (ways > 1.715) & (ways <= 1.72)
    found[fold] = 0.6
    return found


def _stretched(paper: Sheet) -> Sheet:
    """Half of the page went through slower than the other."""
    height = len(paper)
    middle = height // 2
    lower = cv2.resize(paper[middle:], (paper.shape[1], round((height - middle) * 0.955)), interpolation=cv2.INTER_AREA)
    found = np.ones_like(paper)
    found[:middle] = paper[:middle]
    found[middle : middle + len(lower)] = lower
    return found
