"""What reading a page costs against opening and laying it, and against one tesseract call a cell.

    python -m bench.page_speed [--rounds 15] [--json]

The page has 200 cells (a tenth empty) and 40 boxes to tick, at 200 dpi.  Decoding, laying, reading and tesseract take
turns; medians.  OpenCV has one thread, as in a worker of a pile; the network may run beside the rest of the reading.
``cpu`` are the processor's milliseconds, which tell more than the clock where others use the machine.
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

from bench.grids import digits_of, file_of, grid_form, sheets, written
from bench.told import tell
from ocr.ask import CharacterAsk
from ocr.cut import cut
from ocr.form import Form
from ocr.page import Page
from ocr.pages import read_pages
from ocr.read import ask_all, lay_all
from ocr.reading import Refused
from practice.paper.fill import Filled
from practice.paper.hand import Hand
from practice.paper.pen import Pen
from practice.paper.scan import Scan, scanned
from practice.paper.sources import Digits, Face
from train.fetch import FILES

T = TypeVar("T")
Times = dict[str, list[float]]


def make_page(form: Form, digits: Digits, file: Path) -> None:
    """One page at 200 dpi, tilted by a degree, written with a ball pen."""
    how = Scan(dpi=200, tilt=1.0)
    _, values, _ = next(iter(sheets(form, digits, 1, 99)))
    rng = np.random.default_rng(99)
    hand = Hand(digits, Face("", ()), Pen("ball", 0.9, 0.4), neat=False)
    file.write_bytes(file_of(scanned(written(form, Filled(values, hand, how), rng), how, rng), how))


def measure(form: Form, file: Path, rounds: int) -> dict[str, object]:
    """Medians of all rounds, by the clock and by the processor, and the ratios."""
    clock: Times = {}
    cpu: Times = {}

    def timed(name: str, work: Callable[[], T]) -> T:
        began, used = time.perf_counter(), time.process_time()
        found = work()
        cpu.setdefault(name, []).append((time.process_time() - used) * 1000)
        clock.setdefault(name, []).append((time.perf_counter() - began) * 1000)
        return found

    for number in range(rounds + 1):
        pages = timed(
            "decode", lambda: [one for one in read_pages(file, form.definition.paper.mm) if isinstance(one, Page)]
        )
        laid = timed("register", lambda pages=pages: lay_all(pages, form))  # type: ignore[misc]
        if isinstance(laid, Refused):
            sys.exit(laid.why)
        asked = timed("read", lambda laid=laid: ask_all(laid, form))  # type: ignore[misc]
        boxes = [ask.box for one in asked for ask in one.asks if isinstance(ask, CharacterAsk)]
        ((piece, _),) = cut(laid[0], boxes[number % len(boxes) :][:1], 8.0, 0.0)
        timed(
            "one tesseract call", lambda piece=piece: pytesseract.image_to_string(piece, lang="eng", config="--psm 10")
        )  # type: ignore[misc]
    # The first round loads what is loaded once.
    found = {name: round(float(np.median(one[1:])), 1) for name, one in clock.items()}
    floor = found["decode"] + found["register"]
    used = {name: round(float(np.median(one[1:])), 1) for name, one in cpu.items() if "tesseract" not in name}
    return {
        "ms": found,
        "cpu ms": used,
        "cells": len(boxes),
        "whole page / (decode + register)": round((floor + found["read"]) / floor, 2),
        "the same, cpu": round(sum(used.values()) / (used["decode"] + used["register"]), 2),
        "one tesseract call a cell / read": round(found["one tesseract call"] * len(boxes) / found["read"], 1),
    }


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
        file = Path(folder) / "page.jpg"
        make_page(form, digits_of(False), file)
        found = measure(form, file, given.rounds)
    tell(found, as_json=given.json)


if __name__ == "__main__":
    main()
