"""Decoding a scanned page and laying it on its form: how long, how near the truth, and that no wrong page is accepted.

    python -m bench.register [--pages 1000] [--rounds 5] [--json]

Times are medians of one process and one core at 200 dpi.  The error is the largest over the paper against the exact
transform by which the scan was made.  The wrong pages are, in turn: blank, of another form, of a version with one field
moved, torn, double-fed (lying over, and showing through); every right page is turned by 0, 90, 180 or 270 degrees.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from bench.paper import Design, Wear, design, filled, form_of, moved, printed, scan, worn
from ocr.form import Form
from ocr.page import MM_PER_INCH, Grey, Page
from ocr.pages import read_pages
from ocr.reading import Refused
from ocr.register import lay
from ocr.register_ink import moved_by

_PLACES = np.array([[x, y] for x in (10.0, 105.0, 200.0) for y in (10.0, 100.0, 200.0, 287.0)])
WRONG = ("blank", "other", "version", "torn", "covered", "shows_through")


@dataclass
class Tally:
    """What became of the pages of one form."""

    right: int = 0
    right_accepted: int = 0
    right_wrongly_turned: int = 0
    errors_mm: list[float] = field(default_factory=list)
    wrong: Counter[str] = field(default_factory=Counter)
    wrong_accepted: Counter[str] = field(default_factory=Counter)


def wrong_paper(kind: str, one: Design, paper: Grey, rng: random.Random) -> Grey:
    """A sheet that must not be read as this form."""
    height = len(paper)
    if kind == "blank":
        return np.full_like(paper, 255)
    if kind == "other":
        other = design(rng.randrange(1000, 9000), markers=one.markers)
        return filled(printed(other), other, rng.randrange(9999))
    if kind == "version":
        newer = moved(one, rng.randrange(len(one.fields)), rng.choice((0, 8, 20)), rng.choice((-3, 2, 3)))
        return filled(printed(newer), newer, rng.randrange(9999))
    cut = int(height * rng.uniform(0.3, 0.8))
    if kind == "torn":
        return np.concatenate((paper[:cut], np.full_like(paper[cut:], rng.choice((250, 30)))))
    if kind == "covered":
        return np.concatenate((paper[:cut], paper[: height - cut]))
    return np.minimum(paper, np.roll(paper, (rng.randint(60, 900), rng.randint(-300, 300)), (0, 1)))


def judge(one: Design, form: Form, pages: int, seed: int) -> Tally:
    """Half of the pages right ones, half wrong ones."""
    tally, empty = Tally(), printed(one)
    for number in range(pages):
        rng = random.Random(seed * 100_003 + number)
        wear = worn(rng, turned=rng.choice((0, 90, 180, 270)))
        paper = filled(empty, one, rng.randrange(9999))
        if number % 2:
            kind = WRONG[number // 2 % len(WRONG)]
            tally.wrong[kind] += 1
            page, _ = scan(wrong_paper(kind, one, paper, rng), wear, number)
            tally.wrong_accepted[kind] += not isinstance(lay(page, form, 0), Refused)
            continue
        tally.right += 1
        page, truth = scan(paper, wear, number)
        sheet = lay(page, form, 0)
        if not isinstance(sheet, Refused):
            off = np.linalg.norm(moved_by(sheet.transform, _PLACES) - moved_by(truth, _PLACES), axis=1)
            tally.errors_mm.append(float(off.max()) * MM_PER_INCH / wear.dpi)
            tally.right_accepted += 1
            tally.right_wrongly_turned += sheet.turned != wear.turned
    return tally


def _median_ms(work: Callable[[], object], rounds: int) -> float:
    work()
    took = []
    for _ in range(rounds):
        began = time.perf_counter()
        work()
        took.append(1000 * (time.perf_counter() - began))
    return round(statistics.median(took), 1)


def decode_ms(page: Page, rounds: int) -> dict[str, float]:
    """Milliseconds to decode one page of each kind of file."""
    picture = Image.fromarray(page.image)
    with tempfile.TemporaryDirectory() as folder:
        files = {name: Path(folder) / f"a.{name}" for name in ("png", "jpg", "tif", "pdf")}
        for name, file in files.items():
            (picture.convert("1") if name == "tif" else picture).save(
                file, dpi=(200, 200), resolution=200, **({"compression": "group4"} if name == "tif" else {})
            )
        return {
            name: _median_ms(lambda file=file: list(read_pages(file, (210, 297))), rounds)
            for name, file in files.items()
        }


def measure(pages: int, rounds: int) -> dict[str, object]:
    """All figures."""
    figures: dict[str, object] = {}
    for markers in (True, False):
        one = design(7, markers=markers)
        form, name = form_of(one), "markers" if markers else "features"
        page, _ = scan(filled(printed(one), one, 1), Wear(tilt=1), 1)
        if markers:
            figures["decode_ms"] = decode_ms(page, rounds)
        tally = judge(one, form, pages // 2, 1 + markers)
        errors = tally.errors_mm or [float("nan")]
        figures[name] = {
            "lay_ms": _median_ms(lambda page=page, form=form: lay(page, form, 0), rounds),
            "error_mm_median": round(statistics.median(errors), 3),
            "error_mm_worst": round(max(errors), 3),
            "right_pages": tally.right,
            "right_accepted": tally.right_accepted,
            "right_wrongly_turned": tally.right_wrongly_turned,
            "wrong_pages": dict(tally.wrong),
            "wrong_accepted": {kind: count for kind, count in tally.wrong_accepted.items() if count},
        }
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    figures = measure(options.pages, options.rounds)
    if options.json:
        print(json.dumps(figures))
        return
    for name, value in figures.items():
        print(name, json.dumps(value, ensure_ascii=False))


if __name__ == "__main__":
    main()
