"""What reading a page costs against opening and laying it, and against one tesseract call a cell.

    python -m bench.page_speed [--rounds 15] [--json]

The page has 200 cells (a tenth empty) and 40 boxes to tick, at 200 dpi, in the files that scanners make.  Decoding, laying and
reading take turns as in a pile, the files too; tesseract has rounds of its own.  Medians.  OpenCV has one thread, as in a
worker of a pile; the network may run beside the rest of the reading.  ``cpu`` are the processor's milliseconds, which tell
more than the clock where others use the machine.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import cv2
import numpy as np
import pytesseract
from PIL import Image

from bench.grids import digits_of, file_of, grid_form, sheets, written
from bench.told import tell
from ocr.ask import CharacterAsk
from ocr.cut import cut
from ocr.form import Form
from ocr.page import Page, Sheet
from ocr.pages import read_pages
from ocr.read import ask_all, lay_all
from ocr.reading import Box, Refused
from practice.paper.fill import Filled
from practice.paper.hand import Hand
from practice.paper.pen import Pen
from practice.paper.scan import Scan, scanned
from practice.paper.sources import Digits, Face
from train.fetch import FILES

T = TypeVar("T")
Times = dict[str, list[float]]


def make_pages(form: Form, digits: Digits, folder: Path) -> dict[str, Path]:
    """One page at 200 dpi, tilted by a degree, written with a ball pen, as each kind of file."""
    how = Scan(dpi=200, tilt=1.0)
    _, values, _ = next(iter(sheets(form, digits, 1, 99)))
    rng = np.random.default_rng(99)
    hand = Hand(digits, Face("", ()), Pen("ball", 0.9, 0.4), neat=False)
    picture = scanned(written(form, Filled(values, hand, how), rng), how, rng)
    files = {kind: folder / f"page.{kind}" for kind in ("pdf", "jpg", "png", "tif")}
    files["jpg"].write_bytes(file_of(picture, how))
    grey, dots = Image.open(files["jpg"]), (how.dpi, how.dpi)
    grey.save(files["pdf"], resolution=how.dpi)
    grey.save(files["png"], dpi=dots)
    grey.point([0] * 150 + [255] * 106, "1").save(files["tif"], compression="group4", dpi=dots)
    return files


def measure(form: Form, files: dict[str, Path], rounds: int) -> dict[str, object]:
    """Of each kind of file: medians of all rounds, by the clock and by the processor, and the ratios."""
    times = {kind: (Times(), Times()) for kind in files}

    def timed(kind: str, name: str, work: Callable[[], T]) -> T:
        began, used = time.perf_counter(), time.process_time()
        found = work()
        for one, since, now in zip(times[kind], (began, used), (time.perf_counter(), time.process_time()), strict=True):
            one.setdefault(name, []).append((now - since) * 1000)
        return found

    laid: list[Sheet] = []
    for _ in range(rounds + 1):
        for kind, file in files.items():
            pages = timed(kind, "decode", lambda file=file: list(read_pages(file, form.definition.paper.mm)))  # type: ignore[misc]
            lying = timed(
                kind,
                "register",
                lambda pages=pages: lay_all([one for one in pages if isinstance(one, Page)], form),  # type: ignore[misc]
            )
            if isinstance(lying, Refused):
                sys.exit(lying.why)
            timed(kind, "read", lambda lying=lying: ask_all(lying, form))  # type: ignore[misc]
            laid = lying
    boxes = [
        ask.box
        for ask in (ask for one in form.fields for ask in one.kind.asks(one.params, form.rules))
        if isinstance(ask, CharacterAsk)
    ]
    return {
        "cells": len(boxes),
        **{kind: _told(*of) for kind, of in times.items()},
        "one tesseract call a cell / read": round(
            _tesseract(laid[0], boxes, rounds) * len(boxes) / _median(times["jpg"][0]["read"]), 1
        ),
    }


def _told(clock: Times, cpu: Times) -> dict[str, object]:
    found = {name: _median(one) for name, one in clock.items()}
    used = {name: _median(one) for name, one in cpu.items()}
    return {
        "ms": found,
        "cpu ms": used,
        "whole page / (decode + register)": round(sum(found.values()) / (found["decode"] + found["register"]), 2),
        "the same, cpu": round(sum(used.values()) / (used["decode"] + used["register"]), 2),
    }


def _median(times: list[float]) -> float:
    """The first round loads what is loaded once."""
    return round(float(np.median(times[1:])), 1)


def _tesseract(sheet: Sheet, boxes: list[Box], rounds: int) -> float:
    """ms a call."""
    times = []
    for number in range(rounds + 1):
        ((piece, _),) = cut(sheet, boxes[number % len(boxes) :][:1], 8.0, 0.0)
        began = time.perf_counter()
        pytesseract.image_to_string(piece, lang="eng", config="--psm 10")
        times.append((time.perf_counter() - began) * 1000)
    return _median(times)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    if not FILES.exists():
        sys.exit("測るデータがありません。先に ./run train data で取得してください")
    cv2.setNumThreads(1)
    form = grid_form()
    with tempfile.TemporaryDirectory() as folder:
        found = measure(form, make_pages(form, digits_of(False), Path(folder)), given.rounds)
    tell(found, as_json=given.json)


if __name__ == "__main__":
    main()
