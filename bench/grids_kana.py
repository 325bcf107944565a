"""Kana in writing styles held out from training, set into printed grids, scanned in effect, read end to end.

    python -m bench.grids_kana [--pages 6] [--seed 1] [--json]

As ``bench.grids``: the paper and the scanner are ``practice.paper``'s.  Each page is in one style: half its rows hold
names, which are read with the list of all names; the other half holds kana of all sorts (voiced, small, ー).  The
fonts lie in var/train, where ``./run train data`` puts them.  ``at_one_percent`` is the largest share of cells that could be
accepted with one in a hundred of them wrong; ``accepted`` is what was accepted at the promise of 0.01.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
from PIL import ImageFont

from bench.grids import file_of, scan_of, written
from bench.told import tell
from ocr.ask import KATAKANA, CharacterAsk, Guess
from ocr.draw.form import draw_form
from ocr.form import Form, check_definition, load_form
from ocr.page import Page
from ocr.pages import read_pages
from ocr.read import Asked, ask_all, lay_all
from ocr.reading import Refused
from practice.paper.fill import Filled
from practice.paper.hand import Hand
from practice.paper.pen import Pen
from practice.paper.people import kana_names
from practice.paper.scan import scanned
from practice.paper.sources import Digits, Face
from train.fetch import FILES
from train.glyphs import font_files

PROMISE = 0.01
_ROWS, _CELLS = 16, 20
_EM = 96


@dataclass
class Figures:
    """What became of one style."""

    refused: int = 0
    names: int = 0
    names_right: int = 0
    """As the list settles them."""
    names_right_bare: int = 0
    """Cell by cell, without the list."""
    names_accepted: int = 0
    names_wrong: int = 0
    """Among the accepted."""
    of_names: list[tuple[float, bool]] = field(default_factory=list)
    """Each cell of a name: how sure (0 where it went to a person), and whether it is right;"""
    of_all: list[tuple[float, bool]] = field(default_factory=list)
    """and each cell of the other rows."""


def kana_form() -> Form:
    """Sixteen rows of twenty cells on an A4 page with corner marks."""
    fields: dict[str, object] = {}
    for row in range(_ROWS):
        grid: dict[str, object] = {"kind": "kana", "at": [32, 30 + 14.5 * row, 7.0 * _CELLS, 8.0], "cells": _CELLS}
        fields[f"名{row}" if row % 2 else f"字{row}"] = {**grid, "words": "names.txt"} if row % 2 else grid
    data: dict[str, object] = {
        "form": "測定用紙（カナ）",
        "paper": {"size": "A4", "orientation": "portrait"},
        "blank": "blank.pdf",
        "register": "markers",
        "promise": PROMISE,
        "fields": fields,
    }
    files = {"blank.pdf": draw_form(*check_definition(data)), "names.txt": "\n".join(kana_names()).encode()}
    return load_form(data, files.__getitem__)


def styles() -> Iterator[Face]:
    """The held-out styles that this machine has."""
    for path in font_files(measuring=True):
        if "latin" not in path.name and "-ex" not in path.name:
            yield Face(path.stem.split("-japanese")[0], (ImageFont.truetype(str(path), _EM),))


def measure(form: Form, face: Face, pages: int, seed: int, folder: Path) -> Figures:
    """So many pages in one style, every fourth a fax."""
    rng, found, file = np.random.default_rng(seed), Figures(), folder / "page"
    names, signs = kana_names(), [one for one in KATAKANA if _has(face, one)]
    for number in range(pages):
        pen = Pen("ball", rng.uniform(0.8, 0.95), rng.uniform(0.35, 0.55))
        hand = Hand(Digits({}, {}), face, pen, size=rng.uniform(0.6, 0.8), slant=rng.uniform(-6, 6))
        values = {
            one.name: str(rng.choice(names)) if one.name.startswith("名") else "".join(rng.choice(signs, _CELLS))
            for one in form.fields
        }
        how = scan_of(number, rng)
        file.write_bytes(file_of(scanned(written(form, Filled(values, hand, how), rng), how, rng), how))
        laid = lay_all([one for one in read_pages(file, form.definition.paper.mm) if isinstance(one, Page)], form)
        if isinstance(laid, Refused):
            found.refused += 1
            continue
        for asked in ask_all(laid, form):
            _count(found, asked, values[asked.field.name])
    return found


def _has(face: Face, sign: str) -> bool:
    try:
        face.glyph(sign)
    except KeyError:
        return False
    return True


def _count(told: Figures, asked: Asked, value: str) -> None:
    guesses = [
        one
        for ask, one in zip(asked.asks, asked.answers, strict=True)
        if isinstance(ask, CharacterAsk) and isinstance(one, Guess)
    ]
    signs = value.replace("　", " ").ljust(len(guesses))
    cells = told.of_names if asked.rules.words and asked.field.name.startswith("名") else told.of_all
    for sign, guess in zip(signs, guesses, strict=True):
        if sign != " ":
            sure = guess.confidence if guess.state in ("read", "blank") else 0.0
            cells.append((sure, guess.text == sign))
    if asked.field.name.startswith("名"):
        reading = asked.reading()
        told.names += 1
        told.names_right += reading.value == value
        told.names_right_bare += "".join(guess.text or " " for guess in guesses).rstrip() == signs.rstrip()
        told.names_accepted += reading.certain
        told.names_wrong += reading.certain and reading.value != value


def shares(cells: list[tuple[float, bool]]) -> dict[str, float]:
    """Of cells: the share right, accepted at the promise, wrong among those, and what could be accepted at 1 % wrong."""
    if not cells:
        return {}
    sure, right = (np.array(one) for one in zip(*cells, strict=True))
    accepted = sure >= 1 - PROMISE
    order = np.argsort(-sure, kind="stable")
    wrong = np.cumsum(~right[order].astype(bool)) / np.arange(1, len(order) + 1)
    good = np.flatnonzero((wrong <= PROMISE) & (sure[order] > 0))
    return {
        "cells": len(cells),
        "right": round(float(right.mean()), 4),
        "accepted": round(float(accepted.mean()), 4),
        "wrong_among_accepted": round(float((~right.astype(bool))[accepted].mean()) if accepted.any() else 0.0, 5),
        "at_one_percent": round(float((good[-1] + 1) / len(order)) if good.size else 0.0, 4),
    }


def told(found: Figures) -> dict[str, object]:
    """For --json."""
    return {
        "of names": shares(found.of_names),
        "of all kana": shares(found.of_all),
        "names": {
            "count": found.names,
            "right": round(found.names_right / max(found.names, 1), 4),
            "right without the list": round(found.names_right_bare / max(found.names, 1), 4),
            "accepted": round(found.names_accepted / max(found.names, 1), 4),
            "wrong": found.names_wrong,
        },
        "pages refused": found.refused,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=6, help="a style")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    if not FILES.exists():
        sys.exit("測るデータがありません。先に ./run train data で取得してください")
    cv2.setNumThreads(1)
    form, found = kana_form(), {}
    with tempfile.TemporaryDirectory() as folder:
        for face in styles():
            found[face.name] = measure(form, face, given.pages, given.seed, Path(folder))
    figures: dict[str, object] = {name: told(one) for name, one in found.items()}
    for kind in ("of_names", "of_all"):
        cells = [cell for one in found.values() for cell in getattr(one, kind)]
        figures[f"all styles, {kind}"] = shares(cells)
    tell(figures, as_json=given.json)


if __name__ == "__main__":
    main()
