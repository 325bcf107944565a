"""Laying pages on their form: how long, how near the truth, that no wrong page is accepted, and that each is told why.

    python -m bench.register [--pages 1000] [--seed 1] [--rounds 5] [--processes N] [--fax] [--json]

The pages are the gallery's scans, spoiled as they are at a counter (bench.spoil) and read as the form they were, half
of them by the corner marks and half by the print alone; one page in eight is a right one, turned, upside down or empty.
With --fax each page is made black and white before it is laid.
Whatever is accepted is read whole: a value that is certain, and that nobody wrote, is invented.  Times are medians of
one process and one core at 200 dpi.  The error is the largest over the paper against the exact transform by which a
drawn page was scanned.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import random
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path

import cv2
import numpy as np
from PIL import Image
from ruamel.yaml import YAML

from bench.paper import Wear, design, filled, form_of, printed, scan, worn
from bench.spoil import SPOILED, Desk, free_places, spoiled
from ocr.form import Form, load_form
from ocr.page import MM_PER_INCH, Page
from ocr.pages import read_pages
from ocr.read import read_form
from ocr.reading import FormReading, Refused
from ocr.register.ink import moved_by
from ocr.register.lay import lay

_PLACES = np.array([[x, y] for x in (10.0, 105.0, 200.0) for y in (10.0, 100.0, 200.0, 287.0)])
_SCENARIOS = Path(__file__).parents[1] / "scenarios"
FORMS = ("gakumu/shugaku-enjo", "yobo/kodomo-influ", "jinji/tsukin-todoke", "shimin/idou-todoke")
SLIP = FORMS[3]
"""Told by its QR code, which the counter prints: the empty form has none, and is refused."""
RIGHT = ("as_it_is", "upside_down", "quarter", "empty")
READABLE = ("turned_far",)
"""Kinds that may be read, if they are read right: all of the paper is still there."""
Place = tuple[float, float, float, float]
"""mm: left, top, width, height."""
_EACH = 10
_RIGHT_SHARE = 8


@dataclass(frozen=True)
class Task:
    """One page to make and to lay."""

    number: int
    kind: str
    form: str
    features: bool
    """Whether the form is laid by its print alone."""
    seed: int
    fax: bool
    """Whether the page is made black and white."""


@dataclass(frozen=True)
class Outcome:
    """What became of it."""

    task: Task
    code: str
    """Why it was refused; "" where it was accepted."""
    invented: tuple[str, ...] = ()
    """Fields with a certain value that nobody wrote."""


@cache
def _form(place: str, features: bool) -> Form:
    folder = _SCENARIOS / place / "forms"
    data = YAML(typ="safe", pure=True).load((folder / f"{Path(place).name}.yaml").read_text(encoding="utf-8"))
    more = {"register": "features"} if features else {}
    return load_form({**data, **more}, lambda name: (folder / name).read_bytes())


@cache
def _scans(place: str, seed: int) -> list[tuple[Page, Mapping[str, object]]]:
    """Every third scan of a form with its true values; which third goes by the seed."""
    sample = _SCENARIOS / place / "sample"
    truth = json.loads((sample / "truth.json").read_text(encoding="utf-8"))["pages"][seed % 3 :: 3]
    found = []
    for one in truth[:_EACH]:
        page = next(read_pages(sample / "in" / one["file"], (210, 297), first=one["page"]))
        assert isinstance(page, Page), page
        found.append((page, one["fields"]))
    return found


@cache
def _free(place: str) -> tuple[list[Place], list[Place]]:
    form = _form(place, False)
    boxes = [(box.left, box.top, box.width, box.height) for one in form.fields for _, box in one.kind.boxes(one.params)]
    return free_places(form), boxes


def tasks(pages: int, seed: int, fax: bool) -> list[Task]:
    """The kinds in turn, each with every form, by marks and by print."""
    wrong, found = list(SPOILED), []
    for number in range(pages):
        turn, rest = divmod(number, _RIGHT_SHARE)
        if rest == 0:
            kind, form, features = RIGHT[turn % 4], FORMS[turn // 4 % 4], turn // 16 % 2 == 1
            if kind == "empty" and form == SLIP:
                kind = "as_it_is"
        else:
            kind, form, features = wrong[number % len(wrong)], FORMS[number % 4], number // 4 % 2 == 1
        found.append(Task(number, kind, form, features, seed, fax))
    return found


def outcome(task: Task) -> Outcome:
    """Makes one page, and lays it."""
    cv2.setNumThreads(1)
    rng = random.Random(f"{task.seed}/{task.number}{task.kind}")
    form, scans = _form(task.form, task.features), _scans(task.form, task.seed)
    page, truth = rng.choice(scans)
    if task.kind in RIGHT:
        return _read(task, _right(task, page, form), truth if task.kind != "empty" else {}, form)
    sheet = lay(page, form, 0)
    if isinstance(sheet, Refused):
        return Outcome(task, f"the scan itself: {sheet.code}")
    stranger = rng.choice([one for other in FORMS if other != task.form for one, _ in _scans(other, task.seed)])
    desk = Desk(sheet, rng.choice(scans)[0], stranger, *_free(task.form))
    return _read(task, spoiled(task.kind, desk, rng), truth if task.kind in READABLE else None, form)


def _right(task: Task, page: Page, form: Form) -> Page:
    if task.kind == "empty":
        grain = np.random.default_rng((task.seed, task.number)).normal(0, 4, form.blanks[0].image.shape)
        return replace(form.blanks[0], image=np.clip(form.blanks[0].image + grain, 0, 255).astype(np.uint8))
    turns = {"as_it_is": 0, "upside_down": 2, "quarter": 1 + task.number // 16 % 2 * 2}[task.kind]
    return replace(page, image=np.rot90(page.image, turns).copy())


def _read(task: Task, page: Page, truth: Mapping[str, object] | None, form: Form) -> Outcome:
    """Lays the page; read whole where it is accepted, what nobody wrote is invented (``truth`` None: all of it)."""
    if task.fax:
        black = page.image < 0.6 * np.median(page.image)
        page = replace(page, image=np.where(black, 0, 255).astype(np.uint8))
    sheet = lay(page, form, 0)
    if isinstance(sheet, Refused):
        return Outcome(task, sheet.code)
    reading = read_form([page], form)
    assert isinstance(reading, FormReading)
    return Outcome(task, "", tuple(_invented(reading, truth)))


def _invented(reading: FormReading, truth: Mapping[str, object] | None) -> list[str]:
    flat: dict[str, object] = {}
    for name, value in (truth or {}).items():
        rows = value if isinstance(value, list) else []
        flat |= {f"{name}[{number}].{column}": one for number, row in enumerate(rows, 1) for column, one in row.items()}
        flat[name] = value
    return [name for name, one in reading.leaves() if one.certain and one.value and not flat.get(name)]


def summary(outcomes: Sequence[Outcome]) -> dict[str, object]:
    """The figures that are judged, and how each kind was told."""
    read = [one for one in outcomes if one.task.kind in READABLE and not one.code]
    wrong = [one for one in outcomes if one.task.kind in SPOILED and one not in read]
    right = [one for one in outcomes if one.task.kind in RIGHT]
    refused = [one for one in wrong if one.code]
    told = {kind: Counter(one.code or "ACCEPTED" for one in wrong if one.task.kind == kind) for kind in SPOILED}
    return {
        "wrong_pages": len(wrong),
        "wrong_accepted": len(wrong) - len(refused),
        "spoiled_but_whole_and_read": len(read),
        "right_pages": len(right),
        "right_refused": dict(Counter(f"{one.task.kind}: {one.code}" for one in right if one.code)),
        "values_invented": sum(len(one.invented) for one in outcomes),
        "invented": [
            f"{one.task.number} {one.task.kind} {one.task.form}: {'、'.join(one.invented)}"
            for one in outcomes
            if one.invented
        ],
        "reason_right": sum(one.code in SPOILED[one.task.kind][1] for one in refused),
        "reason_open": sum(one.code == "unclear" and "unclear" not in SPOILED[one.task.kind][1] for one in refused),
        "told": {kind: dict(codes) for kind, codes in told.items()},
        "told_otherwise": [
            f"{one.task.number} {one.task.kind} {one.task.form} {'print' if one.task.features else 'marks'}: {one.code or 'ACCEPTED'}"
            for one in wrong
            if one.code not in SPOILED[one.task.kind][1]
        ],
    }


def errors(pages: int, seed: int, *, markers: bool) -> dict[str, object]:
    """Right pages, drawn and scanned with a known transform: how near it is found."""
    one = design(7, markers=markers)
    form, empty, off_mm, accepted, turned = form_of(one), printed(one), [], 0, 0
    for number in range(pages):
        rng = random.Random(f"{seed}/{number}")
        wear = worn(rng, turned=rng.choice((0, 90, 180, 270)))
        page, truth = scan(filled(empty, one, rng.randrange(9999)), wear, rng.randrange(10**6))
        sheet = lay(page, form, 0)
        if isinstance(sheet, Refused):
            continue
        off = np.linalg.norm(moved_by(sheet.transform, _PLACES) - moved_by(truth, _PLACES), axis=1)
        off_mm.append(float(off.max()) * MM_PER_INCH / wear.dpi)
        accepted += 1
        turned += sheet.turned != wear.turned
    known = off_mm or [float("nan")]
    return {
        "pages": pages,
        "accepted": accepted,
        "wrongly_turned": turned,
        "error_mm_median": round(statistics.median(known), 3),
        "error_mm_worst": round(max(known), 3),
    }


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
        return {name: _median_ms(partial(_opened, file), rounds) for name, file in files.items()}


def _opened(file: Path) -> list[Page | Refused]:
    return list(read_pages(file, (210, 297)))


def measure(pages: int, seed: int, rounds: int, processes: int, *, fax: bool) -> dict[str, object]:
    """All figures."""
    figures: dict[str, object] = {}
    for markers in (True, False):
        one = design(7, markers=markers)
        form, name = form_of(one), "markers" if markers else "features"
        page, _ = scan(filled(printed(one), one, 1), Wear(tilt=1), 1)
        if markers:
            figures["decode_ms"] = decode_ms(page, rounds)
        lay_ms = _median_ms(partial(lay, page, form, 0), rounds)
        figures[name] = {"lay_ms": lay_ms, **errors(max(2, pages // 50), seed, markers=markers)}
    began = time.perf_counter()
    with ProcessPoolExecutor(processes, multiprocessing.get_context("spawn")) as pool:
        outcomes = list(pool.map(outcome, tasks(pages, seed, fax), chunksize=4))
    figures["spoiled"] = {"seconds": round(time.perf_counter() - began), **summary(outcomes)}
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--fax", action="store_true")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    figures = measure(options.pages, options.seed, options.rounds, options.processes, fax=options.fax)
    if options.json:
        print(json.dumps(figures, ensure_ascii=False))
        return
    for name, value in figures.items():
        print(name, json.dumps(value, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
