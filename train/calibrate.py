"""From the network's odds to a confidence that keeps its promise, on writing that nobody trained on; writes the card."""

from __future__ import annotations

import argparse
import hashlib
import json
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from train.classes import CLASSES, GROUPS, INDEX
from train.fit import WEIGHTS, allowed_masks
from train.make_sets import Drawn, load
from train.network import network

Reals = NDArray[np.float64]

_STEPS = 40
_REJECTING = ("struck", "other", "blank")


def scores_of(model: nn.Module, drawn: Drawn) -> Reals:
    """cells × classes; what the cell does not allow is far below everything."""
    model.eval()
    masks = allowed_masks()
    parts = []
    with torch.inference_mode():
        for start in range(0, len(drawn.label), 1024):
            part = slice(start, start + 1024)
            scores = model(torch.from_numpy(drawn.pictures[part]).float())
            parts.append(scores.masked_fill(~masks[torch.from_numpy(drawn.group[part].astype(np.int64))], -1e4).numpy())
    return np.concatenate(parts).astype(np.float64)


def odds_of(scores: Reals) -> tuple[NDArray[np.int_], Reals]:
    """The best class of each row, and its odds against all others together."""
    best = scores.argmax(axis=1)
    rows = np.arange(len(scores))
    top = scores[rows, best]
    rest = scores.copy()
    rest[rows, best] = -1e9
    return best, top - np.logaddexp.reduce(rest, axis=1)


def table(odds: Reals, right: NDArray[np.bool_]) -> list[tuple[float, float]]:
    """Rising (odds, confidence): of all with at least these odds, at most 1 - confidence are wrong.

    The share is what was seen and one more: few cells give little confidence.  There is no further reserve; the
    card tells how that was chosen and where it does not hold.
    """
    order = np.argsort(-odds)
    odds, wrong = odds[order], np.cumsum(~right[order])
    seen = np.arange(1, len(odds) + 1)
    upper = (wrong + 1) / seen
    places = np.unique(np.linspace(0, 1, _STEPS) ** 3 * (len(odds) - 1)).astype(int)
    places = np.unique(np.concatenate([places, np.linspace(0, len(odds) - 1, _STEPS).astype(int)]))
    best, steps = 0.0, []
    for place in places[::-1]:
        sure = float(max(0.0, 1 - upper[place]))
        best = max(best, sure)
        steps.append((float(odds[place]), round(best, 6)))
    return steps


def worst(tables: list[list[tuple[float, float]]]) -> list[tuple[float, float]]:
    """The least confidence that any of the tables gives, odds by odds."""
    steps = sorted({odds for one in tables for odds, _ in one})
    least = np.min([np.interp(steps, *zip(*one, strict=True), left=0.0) for one in tables], axis=0)
    return [(round(odds, 4), round(float(sure), 6)) for odds, sure in zip(steps, least, strict=True)]


def temperature(scores: Reals, label: NDArray[np.int16]) -> float:
    """By how much the scores are to be divided so that they are honest on average."""

    def loss(warm: float) -> float:
        cool = scores / warm
        return float((np.logaddexp.reduce(cool, axis=1) - cool[np.arange(len(cool)), label]).mean())

    return float(min(np.arange(0.4, 2.0, 0.05), key=loss))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", type=Path, default=Path("ocr/models/characters.onnx"))
    asked = parser.parse_args()
    model = network()
    model.load_state_dict(torch.load(WEIGHTS))
    held = {name: load(name) for name in ("held-digits", "held-styles")}
    scores = {name: scores_of(model, one) for name, one in held.items()}
    found: dict[str, list[tuple[float, float]]] = {}
    blanks: list[tuple[Reals, NDArray[np.bool_]]] = []
    for number, group in enumerate(GROUPS):
        parts = []
        for name, drawn in held.items():
            rows = (drawn.group == number) & drawn.written
            best, odds = odds_of(scores[name][rows])
            label = drawn.label[rows]
            blanks.append((odds[best == INDEX["blank"]], label[best == INDEX["blank"]] == INDEX["blank"]))
            said = ~np.isin(best, [INDEX[one] for one in _REJECTING])
            if said.sum() >= 1500:
                parts.append(table(odds[said], best[said] == label[said]))
            told = said & (label != INDEX["blank"])
            print(group, name, f"{told.sum()} read, right {(best == label)[told].mean():.4f}")
        found[group] = worst(parts)
        for sure in (0.99, 0.999):
            print("  needs odds of", [odds for odds, one in found[group] if one >= sure][:1], "for", sure)
    found["blank"] = worst(
        [table(np.concatenate([one[0] for one in blanks]), np.concatenate([one[1] for one in blanks]))]
    )
    everything = np.concatenate([scores[name][one.written] for name, one in held.items()])
    labels = np.concatenate([one.label[one.written] for one in held.values()])
    card = {
        "file": asked.model.name,
        "sha256": hashlib.sha256(asked.model.read_bytes()).hexdigest(),
        "classes": list(CLASSES),
        "temperature": round(temperature(everything, labels), 3),
        "calibration": found,
    }
    text = json.dumps(card, ensure_ascii=False, indent=None, separators=(", ", ": "))
    asked.model.with_suffix(".json").write_text(text.replace('], "', '],\n"') + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
