"""Whether a row of cells is divided as on the form: in its next version a number may have a digit more in the same frame.

The rules between cells are often pale dots that a copy loses, so they are compared with each other: a page that shows
those of the other rows shows these too, unless they stand elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from ocr.ask import CharacterAsk
from ocr.cut import blank_pieces, cut
from ocr.field import around
from ocr.form import Form
from ocr.grid import groups_of
from ocr.page import Grey, Sheet
from ocr.reading import Box

_PX_PER_MM = 6.0
_INSIDE, _BANDS = 0.12, 10  # of the height, above and below, where the frame is; pieces of the rest
_BESIDE, _AROUND, _SHIFT, _REACH = 4, 12, 4, 1  # pixels
_SEEN, _GRAIN = 8.0, 4.0  # of 255, darker than beside it; what is paler is lost in the grain of the paper
_OTHERS, _MOST, _CLEAR = 6, 0.9, 0.25
"""Rules of other rows that tell how this page shows them; the share of them that it must show; how well at least."""
_GONE, _SHARE = 0.4, 0.4  # of how the others show; of a row's rules
_APART, _ALIKE, _LINES = 5, 2.0, 3
_OTHER_COUNTS = (-2, -1, 1, 2)

Columns = NDArray[np.intp]
Dark = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class _Row:
    """Cells side by side on an empty page; of the rules between them those that it shows."""

    field: str
    box: Box
    cells: int
    left: int
    """Where it begins, in columns of all rows side by side."""
    rules: slice
    """Its rules among those of all rows."""


@dataclass(frozen=True, slots=True, eq=False)
class _Rows:
    """Of an empty page."""

    rows: tuple[_Row, ...]
    at: Columns
    """Of each rule between two cells, all rows side by side."""
    dark: Dark
    """How much darker each is than the paper around it."""


def other_cells(sheet: Sheet, form: Form, page_index: int) -> str | None:
    """The name of a field whose cells are divided otherwise on the page than on the form; None where all are as they were."""
    blank = _rows(form, page_index)
    if not blank.rows:
        return None
    bands = _bands([scan for scan, _ in cut(sheet, [row.box for row in blank.rows], _PX_PER_MM, 0.0)])
    shown = _shown(bands, blank)
    for row in blank.rows:
        others = np.delete(shown, row.rules)
        if _lost(shown[row.rules], blank.dark[row.rules], others) or _elsewhere(bands, blank, row, shown[row.rules]):
            return row.field
    return None


@lru_cache(maxsize=128)
def _rows(form: Form, page_index: int) -> _Rows:
    """The rows of an empty page, worked out once for each Form object."""
    groups = list(_groups(form, page_index))
    boxes = tuple(around(group) for _, group in groups)
    pieces = blank_pieces(form.blanks[page_index], boxes, _PX_PER_MM, 0.0)
    if not pieces:
        return _Rows((), np.zeros(0, np.intp), np.zeros(0, np.float32))
    bands, lefts = _bands(pieces), np.cumsum([0, *(piece.shape[1] for piece in pieces)])
    rows, found = list[_Row](), list[Columns]()
    for (field, group), box, left in zip(groups, boxes, lefts.tolist(), strict=False):
        at = np.array([left + round((cell.left - box.left) * _PX_PER_MM) for cell in group[1:]], np.intp)
        found.append(at[_stands_out(bands, at) > _SEEN])
        before = sum(map(len, found[:-1]))
        rows.append(_Row(field, box, len(group), left, slice(before, before + len(found[-1]))))
    at = np.concatenate(found)
    return _Rows(tuple(rows), at, _darker(bands, at, 0)[0])


def _groups(form: Form, page_index: int) -> Iterator[tuple[str, Sequence[Box]]]:
    for field in form.fields:
        asks = field.kind.asks(field.params, form.rules)
        cells = [ask.box for ask in asks if isinstance(ask, CharacterAsk) and ask.box.page == page_index]
        yield from ((field.name, group) for group in groups_of(cells) if len(group) > 1)


def _lost(shown: Dark, dark: Dark, others: Dark) -> bool:
    """Whether many of a row's rules are lost on a page that shows those of the others."""
    if not len(shown) or len(others) < _OTHERS:
        return False
    usual = float(np.median(others))
    if usual < _CLEAR or np.mean(others >= usual / 2) < _MOST:
        return False
    # What would be as pale as the paper's grain can't be missed.
    return bool(np.mean((shown < _GONE * usual) & (usual * dark >= _GRAIN)) >= _SHARE)


def _elsewhere(bands: Dark, blank: _Rows, row: _Row, shown: Dark) -> bool:
    """Whether the rules stand where they would divide the row into a few cells more or less, and nowhere else."""
    dark = blank.dark[row.rules]
    if not len(dark) or np.median(shown * dark) >= _SEEN:
        return False
    for cells in (row.cells + more for more in _OTHER_COUNTS):
        step = row.box.width * _PX_PER_MM / max(1, cells)
        at = np.round(row.left + step * np.arange(1, cells)).astype(np.intp)
        at = at[np.abs(at[:, None] - blank.at[row.rules]).min(axis=1) > _APART]
        if len(at) < _LINES:
            continue
        there = _stands_out(bands, at)
        # Strokes of a pen are darker, and none is like the other.
        if there.min() >= _SEEN and there.max() < _ALIKE * min(there.min(), float(np.median(dark))):
            return True
    return False


def _bands(pieces: Sequence[Grey]) -> Dark:
    """How dark rows are, bands × columns of all side by side: writing fills some bands of a column, a rule all of them."""
    found = []
    for piece in pieces:
        edge = round(piece.shape[0] * _INSIDE)
        size = piece.shape[1], _BANDS
        found.append(cv2.resize(piece[edge : piece.shape[0] - edge], size, interpolation=cv2.INTER_AREA))
    dark = 255 - np.hstack(found).astype(np.float32)
    return np.asarray(cv2.sepFilter2D(dark, -1, np.array([0.25, 0.5, 0.25]), np.ones(1)), np.float32)


def _shown(bands: Dark, blank: _Rows) -> Dark:
    """How dark each rule is against the empty form's; a row may lie a little beside its place."""
    if not len(blank.at):
        return blank.dark
    shifted = _darker(bands, blank.at, _SHIFT) / blank.dark
    usual = np.median(shifted.max(axis=0))
    best = np.zeros_like(blank.dark)
    for row in blank.rows:
        here = shifted[:, row.rules]
        best[row.rules] = here[np.minimum(here, usual).sum(axis=1).argmax()]
    return best


def _darker(bands: Dark, at: Columns, reach: int) -> Dark:
    """shifts × places: how much darker than the paper around each place, which writing there can only raise; for each shift of
    at most ``reach`` columns."""
    around = _inside(bands, at + np.arange(-_AROUND, _AROUND + 1)[:, None])
    quarter = np.partition(bands[:, around], len(around) // 4, axis=1)[:, len(around) // 4]
    paper = np.partition(quarter, _BANDS // 4, axis=0)[_BANDS // 4]
    columns = _inside(bands, at + np.arange(-reach - _REACH, reach + _REACH + 1)[:, None])
    return _most(bands[:, columns] - paper)


def _stands_out(bands: Dark, at: Columns) -> Dark:
    """How much darker each place is than what is beside it on both sides."""
    columns = at + np.arange(-_REACH, _REACH + 1)[:, None]
    left, right = (bands[:, _inside(bands, columns + beside)] for beside in (-_BESIDE, _BESIDE))
    return np.asarray(_most(bands[:, _inside(bands, columns)] - np.maximum(left, right))[0], np.float32)


def _inside(bands: Dark, columns: Columns) -> Columns:
    return np.asarray(np.clip(columns, 0, bands.shape[1] - 1), np.intp)


def _most(contrast: Dark) -> Dark:
    """bands × shifts × places → the usual of the bands, and the most of each 2 * _REACH + 1 shifts together."""
    by_band = np.sort(contrast, axis=0)
    usual = by_band[_BANDS // 4 : _BANDS - _BANDS // 4].mean(axis=0)
    return np.asarray(sliding_window_view(usual, 2 * _REACH + 1, axis=0).max(axis=-1), np.float32)
