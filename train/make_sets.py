"""Drawing the sets to train, calibrate and measure on, through the same code as the run; kept in var/train/sets."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.engines.cells import over_the_edge
from ocr.engines.ink import find_ink
from train.classes import GROUPS, INDEX
from train.glyphs import Bank, font_files, fonts, join, mnist, strokes
from train.sheets import Desk
from train.spoil import quality

SETS = Path("var/train/sets")
PARTS = 12
"""How many sets to train on there are."""
LOOK_PARTS = 6
"""How many more there are of digits alone, and of kana alone, for the networks that look a second time."""
HELD_DIGITS = 6000
"""The last of the 60,000 digits are never trained on: they calibrate."""
HELD_STYLES = ("klee-one", "KleeOne", "stick", "hachi-maru")
"""Writing styles that are never trained on: they calibrate."""
HELD = {"digits": "held-digits", "kana": "held-styles"}
"""The sets to calibrate on, by what they are there for most."""
MIX = {"clean": 0.12, "scan": 0.46, "fax": 0.28, "bilevel": 0.14}


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """A set on disk; every array is over the cells that have ink (and, to count, those that have none)."""

    pictures: NDArray[np.uint8]
    label: NDArray[np.int16]
    group: NDArray[np.int8]
    """Index into GROUPS."""
    quality: NDArray[np.int8]
    """Index into MIX."""
    written: NDArray[np.bool_]
    over: NDArray[np.bool_]
    """Whether the run doubts it, whatever it is read as, since it goes over the edge;"""
    shed: NDArray[np.bool_]
    """and whether it does if what it is read as could have lost its 濁点."""

    def save(self, name: str) -> None:
        SETS.mkdir(parents=True, exist_ok=True)
        np.savez(SETS / f"{name}.npz", **{key: getattr(self, key) for key in self.__dataclass_fields__})


def load(name: str) -> Drawn:
    """A set as ``draw`` saved it."""
    with np.load(SETS / f"{name}.npz") as file:
        return Drawn(**{key: file[key] for key in Drawn.__dataclass_fields__})


def draw(
    bank: Bank,
    shares: dict[str, float],
    count: int,
    seed: int,
    rejects: float = 0.08,
    in_order: bool = False,
    mild: bool = False,
) -> Drawn:
    """About ``count`` cells with ink, on sheets of every quality; in_order: until each glyph was written once."""
    desk = Desk(bank, shares, seed, in_order, mild)
    parts: list[tuple[NDArray[np.generic], ...]] = []
    done = 0
    while done < count and not (in_order and not desk.waiting):
        name = str(desk.rng.choice(list(MIX), p=list(MIX.values())))
        _, written, cuts = desk.sheet(quality(name, desk.rng), rejects)
        inks = find_ink(cuts)
        labels = np.array([one.label for one in written], np.int16)
        use = inks.written | (labels != INDEX["blank"])
        groups = np.array([list(GROUPS).index(one.group) for one in written], np.int8)
        parts.append(
            (
                inks.pictures[use],
                labels[use],
                groups[use],
                np.full(use.sum(), list(MIX).index(name), np.int8),
                inks.written[use],
                over_the_edge(inks)[use],
                inks.shed[use],
            )
        )
        done += int(use.sum())
    return Drawn(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def both_of(sets: list[Drawn]) -> Drawn:
    """Several sets as one."""
    return Drawn(**{key: np.concatenate([getattr(one, key) for one in sets]) for key in Drawn.__dataclass_fields__})


def training_bank(seed: int) -> Bank:
    files = [path for path in font_files(False) if not any(held in str(path) for held in HELD_STYLES)]
    return join(training_digits(), strokes(150, seed), fonts(files))


def training_digits() -> Bank:
    digits = mnist("train")
    return digits.pick(np.arange(len(digits.label)) < len(digits.label) - HELD_DIGITS)


def calibration_banks() -> tuple[Bank, Bank]:
    """Digits nobody trained on, and kana and Latin of styles nobody trained on."""
    files = [path for path in font_files(False) if any(held in str(path) for held in HELD_STYLES)]
    digits = mnist("train")
    held = digits.pick(np.arange(len(digits.label)) >= len(digits.label) - HELD_DIGITS)
    return held, fonts(files)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument(
        "part",
        type=int,
        help=f"below {PARTS}: to train on; {PARTS}: digits, {PARTS + 1}: kana and Latin to calibrate on; "
        f"from {PARTS + 2}: {LOOK_PARTS} of digits, then {LOOK_PARTS} of kana to train on",
    )
    parser.add_argument("--cells", type=int, default=50_000)
    asked = parser.parse_args()
    cv2.setNumThreads(1)
    if asked.part < PARTS:
        bank = training_bank(asked.part)
        draw(bank, {"digits": 0.4, "kana": 0.49, "alnum": 0.11}, asked.cells, 100 + asked.part).save(
            f"train{asked.part}"
        )
        return
    if asked.part > PARTS + 1:
        kind, number = divmod(asked.part - PARTS - 2, LOOK_PARTS)
        bank, group = (training_digits(), "digits") if kind == 0 else (training_bank(asked.part), "kana")
        parts = [
            draw(bank, {group: 1.0}, asked.cells // 2, 300 + 2 * asked.part + mild, mild=mild) for mild in (False, True)
        ]
        both_of(parts).save(f"{group}{number}")
        return
    digits, styles = calibration_banks()
    bank, shares, name = (
        (digits, {"digits": 1.0}, HELD["digits"])
        if asked.part == PARTS
        else (styles, {"kana": 0.8, "alnum": 0.2}, HELD["kana"])
    )
    rejects, half = 0.0 if asked.part == PARTS else 0.02, asked.cells // 2
    # Half as people mostly fill forms in, half as badly as the network was trained on: the promise is to hold for both.
    halves = [draw(bank, shares, half, 200 + 10 * mild + asked.part, rejects, mild=mild) for mild in (False, True)]
    both_of(halves).save(name)


if __name__ == "__main__":
    main()
