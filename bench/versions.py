"""The next version of a form, read as the one before: how many of such sheets are taken for it.

    python -m bench.versions [--seed 1] [--fax] [--json]

Each form of the gallery is drawn with one thing changed: two options or two labels exchanged, another word, a field
longer, shorter or elsewhere, everything below a place moved down, a line of print worded otherwise.  The sheets are
empty: writing covers print and takes none of it away.  Sheets of the very form are scanned as well; none may be refused.
"""

from __future__ import annotations

import argparse
import copy
import json
import random
import tempfile
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image
from ruamel.yaml import YAML

from bench.register import FORMS
from ocr.draw.form import draw_form
from ocr.form import Form, FormProblems, check_definition, load_form
from ocr.page import Page
from ocr.pages import read_pages
from ocr.reading import Refused
from ocr.register.lay import lay
from practice.paper.fill import page_of
from practice.paper.scan import Scan, scanned

_SCENARIOS = Path(__file__).parents[1] / "scenarios"
_A4 = (210, 297)
_WORDS = (("市長", "町長"), ("練習市", "演習市"), ("km", "m"), ("口座", "口座番"))
_AS_IT_IS = 20

Data = dict[str, Any]


def _data(place: str) -> Data:
    file = _SCENARIOS / place / "forms" / f"{Path(place).name}.yaml"
    data: Data = YAML(typ="safe", pure=True).load(file.read_text(encoding="utf-8"))
    return data


def _versions(data: Data) -> Iterator[tuple[str, str, Data]]:
    """Kind, what was changed, and the definition of the next version."""
    for name, field in data["fields"].items():
        yield from _of_options(data, name, field)
        yield from _of_place(data, name, field)
    for first, second in pairwise(_labelled(data)):
        new = copy.deepcopy(data)
        new["fields"][first]["label"], new["fields"][second]["label"] = second, first
        yield "labels exchanged", f"{first}・{second}", new
    for number, one in enumerate(data["prints"]):
        for old, word in _WORDS:
            if old in one["text"]:
                new = copy.deepcopy(data)
                new["prints"][number]["text"] = one["text"].replace(old, word)
                yield "print", f"{old}→{word}", new
    for below in (80, 140, 200):
        yield "moved below", f"{below} mm", _down(data, below)


def _labelled(data: Data) -> list[str]:
    return [name for name, one in data["fields"].items() if one["kind"] not in ("table", "qr") and "label" not in one]


def _of_options(data: Data, name: str, field: Data) -> Iterator[tuple[str, str, Data]]:
    places = field.get("options", {})
    words = list(places)
    for first, second in pairwise(words):
        new = copy.deepcopy(data)
        other = {first: second, second: first}
        new["fields"][name]["options"] = {other.get(word, word): at for word, at in places.items()}
        yield "options exchanged", f"{name} {first}・{second}", new
    if words:
        new = copy.deepcopy(data)
        new["fields"][name]["options"] = {**{word: places[word] for word in words[:-1]}, "別": places[words[-1]]}
        yield "another option", f"{name} {words[-1]}", new
        new = copy.deepcopy(data)
        new["fields"][name]["options"] = {word: [at[0] + 3, *at[1:]] for word, at in places.items()}
        yield "moved", name, new


def _of_place(data: Data, name: str, field: Data) -> Iterator[tuple[str, str, Data]]:
    at = field.get("at")
    if field["kind"] in ("table", "qr") or not at or isinstance(at[0], list):
        return
    left, top, width, height = at
    cells = field.get("cells")
    step = width / cells if cells else 10
    changes = [("moved", left, top + 3, width, cells), ("moved", left + 4, top, width, cells)]
    for by in (-1, 1):
        changes.append(("longer" if by > 0 else "shorter", left, top, width + by * step, cells and cells + by))
        if cells:
            changes.append(("other cells", left, top, width, cells + by))
    for kind, x, y, wide, count in changes:
        new = copy.deepcopy(data)
        new["fields"][name] |= {"at": [x, y, wide, height]} | ({"cells": count} if count else {})
        new["fields"][name].pop("check", None)
        yield kind, name, new


def _down(data: Data, below: float) -> Data:
    def moved(at: Any) -> Any:
        if isinstance(at[0], list):
            return [moved(one) for one in at]
        return [at[0], at[1] + 4 if at[1] > below else at[1], *at[2:]]

    new = copy.deepcopy(data)
    for one in [*new["fields"].values(), *new["prints"], *new["frames"]]:
        if "at" in one:
            one["at"] = moved(one["at"])
        if "options" in one:
            one["options"] = {word: moved(at) for word, at in one["options"].items()}
    return new


def _scanned(data: Data, seed: str, *, fax: bool) -> Page | None:
    """A sheet of a form out of a scanner; None where what was changed is no form."""
    try:
        definition, fields = check_definition(data)
    except FormProblems:
        return None
    rng = random.Random(seed)
    how = Scan(
        dpi=rng.choice((200, 300) if fax else (150, 200, 300)),
        tilt=rng.uniform(-2, 2),
        blur=rng.uniform(0.4, 0.9),
        noise=rng.uniform(0.5, 3),
        black=rng.choice((25.0, 60.0, 110.0)),
        fax=fax,
    )
    picture = scanned(page_of(draw_form(definition, fields)), how, np.random.default_rng(rng.randrange(10**6)))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "a.png"
        Image.fromarray(picture).convert("1" if fax else "L").save(file, dpi=(how.dpi, how.dpi))
        page = next(read_pages(file, _A4))
    assert isinstance(page, Page), page
    return page


def measure(seed: int, *, fax: bool) -> dict[str, object]:
    """All figures."""
    sheets, taken, refused = Counter[str](), Counter[str](), 0
    which: list[str] = []
    for place in FORMS[:3]:
        data = _data(place)
        folder = _SCENARIOS / place / "forms"
        form = load_form(data, lambda name, folder=folder: (folder / name).read_bytes())  # type: ignore[misc]
        refused += sum(_refused(data, form, f"{seed}/{place}/{number}", fax=fax) for number in range(_AS_IT_IS))
        for number, (kind, what, new) in enumerate(_versions(data)):
            page = _scanned(new, f"{seed}/{place}/{number}/{kind}", fax=fax)
            if page is None:
                continue
            sheets[kind] += 1
            if not isinstance(lay(page, form, 0), Refused):
                taken[kind] += 1
                which.append(f"{Path(place).name} {kind}: {what}")
    return {
        "as_it_is": len(FORMS[:3]) * _AS_IT_IS,
        "as_it_is_refused": refused,
        "next_version": sheets.total(),
        "taken_for_the_one_before": taken.total(),
        "by_kind": {kind: f"{taken[kind]} of {count}" for kind, count in sheets.items()},
        "which": which,
    }


def _refused(data: Data, form: Form, seed: str, *, fax: bool) -> bool:
    page = _scanned(data, seed, fax=fax)
    assert page is not None
    return isinstance(lay(page, form, 0), Refused)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--fax", action="store_true")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    print(json.dumps(measure(options.seed, fax=options.fax), ensure_ascii=False, indent=None if options.json else 1))


if __name__ == "__main__":
    main()
