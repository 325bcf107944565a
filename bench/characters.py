"""The character engine end to end on writing that nobody trained or tuned on.

The 10,000 MNIST test digits, set into printed cells and scanned (clean, scan, fax); kana of writing styles held out
from training; empty cells; and what 200 cells cost.  The data lies in var/train, where ``./run train`` puts it.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass

import cv2
import numpy as np

from ocr.ask import KATAKANA, Guess
from ocr.engine import Cut
from ocr.engines.cells import CellsEngine
from ocr.engines.ink import find_ink
from train.classes import CLASSES, INDEX
from train.fetch import FILES
from train.glyphs import Bank, font_files, fonts, mnist
from train.sheets import Desk
from train.spoil import quality

PROMISE = {"digits": 0.001, "kana": 0.01}


@dataclass(frozen=True, slots=True)
class Figures:
    """What became of the written cells of one set."""

    name: str
    cells: int
    right: float
    """The share whose best guess was right, before any threshold."""
    accepted: float
    wrong_among_accepted: float


def read(desk: Desk, engine: CellsEngine, how: str, enough: int, **shares: float) -> Iterator[tuple[str, Guess]]:
    """What was written in each cell ("" for nothing) and what the engine says, sheet by sheet."""
    done = 0
    while done < enough and (desk.waiting is None or desk.waiting):
        _, written, cuts = desk.sheet(quality(how, desk.rng), **shares)
        for one, guess in zip(written, engine.read(cuts), strict=True):
            yield (CLASSES[one.label] if len(CLASSES[one.label]) == 1 else ""), guess
            done += 1


def figures(name: str, pairs: Iterator[tuple[str, Guess]], promise: float) -> Figures:
    """Only cells in which something was written count."""
    cells = right = accepted = wrong = 0
    for truth, guess in pairs:
        if not truth:
            continue
        cells += 1
        good = guess.text == truth
        sure = guess.state in ("read", "blank") and guess.confidence >= 1 - promise
        right += good
        accepted += sure
        wrong += sure and not good
    return Figures(name, cells, right / max(cells, 1), accepted / max(cells, 1), wrong / max(accepted, 1))


def kana_styles() -> Iterator[tuple[str, Bank]]:
    """Each held-out writing style by its font's name, only its kana."""
    for path in font_files(measuring=True):
        if "latin" in path.name or "-ex" in path.name:
            continue
        bank = fonts([path], others=False)
        yield path.stem.split("-japanese")[0], bank.pick(np.isin(bank.label, [INDEX[one] for one in KATAKANA]))


def invented(engine: CellsEngine, count: int, seed: int) -> dict[str, int]:
    """Empty cells, some beside written ones, on sheets of every quality: how many became a character."""
    desk = Desk(mnist("t10k"), {"digits": 1.0}, seed)
    empty = accepted = said = 0
    while empty < count:
        how = ("clean", "scan", "fax", "bilevel")[int(desk.rng.integers(4))]
        _, written, cuts = desk.sheet(quality(how, desk.rng), rejects=0, empty=float(desk.rng.choice([0.4, 1.0])))
        for one, guess in zip(written, engine.read(cuts), strict=True):
            if one.label == INDEX["blank"]:
                empty += 1
                accepted += guess.state == "read" and guess.confidence >= 1 - PROMISE["digits"]
                said += guess.state == "read"
    return {"empty": empty, "read as a character": said, "accepted as a character": accepted}


def cost(engine: CellsEngine, cuts: list[Cut], times: int = 9) -> dict[str, float]:
    """Milliseconds for 200 cells of a page: all, and the preparation alone; medians."""
    cuts = (cuts * 2)[:200]
    whole, ink = [], []
    for _ in range(times):
        start = time.perf_counter()
        engine.read(cuts)
        middle = time.perf_counter()
        find_ink(cuts)
        whole.append(middle - start)
        ink.append(time.perf_counter() - middle)
    return {"200 cells": float(np.median(whole)) * 1000, "of that preparing": float(np.median(ink)) * 1000}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--small", action="store_true", help="a tenth of the cells")
    asked = parser.parse_args()
    if not FILES.exists():
        sys.exit(
            "測るデータがありません。先に ./run train を実行してください（データの取得だけなら python -m train.fetch）"
        )
    cv2.setNumThreads(1)
    engine, part = CellsEngine(), 10 if asked.small else 1
    told: dict[str, object] = {}
    digits = mnist("t10k")
    rows = []
    for how in ("clean", "scan", "fax", "bilevel"):
        desk = Desk(digits, {"digits": 1.0}, 1000, in_order=True)
        pairs = read(desk, engine, how, 30_000 // part, rejects=0, empty=0.03)
        rows.append(figures(f"digits {how}", pairs, PROMISE["digits"]))
    for name, bank in kana_styles():
        for how in ("scan", "fax"):
            desk = Desk(bank, {"kana": 1.0}, 1001)
            pairs = read(desk, engine, how, 3000 // part, rejects=0, empty=0.03)
            rows.append(figures(f"kana {name} {how}", pairs, PROMISE["kana"]))
    told["cells"] = [asdict(row) for row in rows]
    told["empty"] = invented(engine, 10_000 // part, 1002)
    _, _, cuts = Desk(digits, {"digits": 1.0}, 1003).sheet(quality("scan", np.random.default_rng(1)))
    told["ms"] = cost(engine, cuts)
    if asked.json:
        print(json.dumps(told, ensure_ascii=False, indent=1))
        return
    for row in rows:
        print(
            f"{row.name:32} {row.cells:6} cells  right {row.right:.4f}  accepted {row.accepted:.4f}  wrong among accepted {row.wrong_among_accepted:.5f}"
        )
    print(told["empty"], told["ms"])


if __name__ == "__main__":
    main()
