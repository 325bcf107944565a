"""From the networks' odds to a confidence that keeps its promise, on writing that nobody trained on; writes the card."""

from __future__ import annotations

import hashlib
import json

import numpy as np
from numpy.typing import NDArray

from ocr.engines.doubts import VOICELESS
from ocr.engines.networks import CARD, Network, open_network, together
from train.classes import CLASSES, GROUPS, INDEX, LOOKS
from train.fit import FIRST, MODELS, allowed_masks, only
from train.make_sets import HELD, Drawn, load

Reals = NDArray[np.float64]
Table = list[tuple[float, float]]

CERTAIN = 0.9996
"""The confidence from which on a cell needs no second look."""
_STEPS = 120
_REJECTING = ("struck", "other", "blank")
_NEVER = -1e4


def scores_of(network: Network, drawn: Drawn) -> Reals:
    """cells × classes; what the cell does not allow is far below everything."""
    starts = range(0, len(drawn.label), 500)
    scores = np.concatenate([network.scores(drawn.pictures[start : start + 500]) for start in starts])
    masks = allowed_masks().numpy()[drawn.group] if network.classes == CLASSES else np.ones(scores.shape, np.bool_)
    return np.where(masks, scores.astype(np.float64), _NEVER)


def odds_of(scores: Reals) -> tuple[NDArray[np.int_], Reals]:
    """The best class of each row, and its odds against all others together."""
    best = scores.argmax(axis=1)
    rows = np.arange(len(scores))
    top = scores[rows, best]
    rest = scores.copy()
    rest[rows, best] = -1e9
    return best, top - np.logaddexp.reduce(rest, axis=1)


def table(odds: Reals, right: NDArray[np.bool_], before: NDArray[np.bool_] | None = None) -> Table:
    """Rising (odds, confidence): of all with at least these odds, at most 1 - confidence are wrong; ``before`` (whether
    they are right) are some that come before all of them.

    The share is what was seen and one more: few cells give little confidence.  There is no further reserve; the
    card tells how that was chosen and where it does not hold.
    """
    order = np.argsort(-odds)
    earlier = np.zeros(0, np.bool_) if before is None else before
    odds, wrong = odds[order], np.cumsum(~right[order]) + (~earlier).sum()
    seen = np.arange(1, len(odds) + 1) + len(earlier)
    upper = (wrong + 1) / seen
    places = np.unique(np.linspace(0, 1, _STEPS) ** 3 * (len(odds) - 1)).astype(int)
    places = np.unique(np.concatenate([places, np.linspace(0, len(odds) - 1, _STEPS).astype(int)]))
    best, steps = 0.0, []
    for place in places[::-1]:
        sure = float(max(0.0, 1 - upper[place]))
        best = max(best, sure)
        steps.append((float(odds[place]), round(best, 6)))
    return steps


def worst(tables: list[Table]) -> Table:
    """The least confidence that any of the tables gives, odds by odds."""
    steps = sorted({odds for one in tables for odds, _ in one})
    columns = [np.array(one).T for one in tables]
    least = np.min([np.interp(steps, odds, sure, left=0.0) for odds, sure in columns], axis=0)
    return [(round(odds, 4), round(float(sure), 6)) for odds, sure in zip(steps, least, strict=True)]


def temperature(scores: Reals, label: NDArray[np.int16]) -> float:
    """By how much the scores are to be divided so that they are honest on average."""

    def loss(warm: float) -> float:
        cool = scores / warm
        return float((np.logaddexp.reduce(cool, axis=1) - cool[np.arange(len(cool)), label]).mean())

    return float(min(np.arange(0.4, 2.0, 0.05), key=loss))


class _Said:
    """What is said of some written cells: the best class, its odds, whether it is right, and whether the run could accept it."""

    def __init__(self, scores: Reals, drawn: Drawn, rows: NDArray[np.bool_], classes: tuple[str, ...]) -> None:
        self.best, self.odds = odds_of(scores)
        self.right = self.best == drawn.label[rows]
        voiceless = np.isin(self.best, [classes.index(one) for one in VOICELESS if one in classes])
        doubted = drawn.over[rows] | (drawn.shed[rows] & voiceless)
        self.told = ~np.isin(self.best, [classes.index(one) for one in _REJECTING]) & ~doubted
        self.blank = self.best == classes.index("blank")


def twice(first: _Said, again: _Said, certain: float) -> Table:
    """For cells of which the first network is not certain: the odds of both together, and the confidence among all of the group,
    those before them that were not looked at again."""
    once = first.odds >= certain
    told = again.told & ~once
    return table(again.odds[told], again.right[told], first.right[once & first.told])


def main() -> None:
    first = opened(FIRST, CLASSES)
    held = {name: load(name) for name in HELD.values()}
    scores = {name: scores_of(first, one) for name, one in held.items()}
    found: dict[str, Table] = {}
    blanks: list[_Said] = []
    for number, group in enumerate(GROUPS):
        parts = []
        for name, drawn in held.items():
            rows = (drawn.group == number) & drawn.written
            said = _Said(scores[name][rows], drawn, rows, CLASSES)
            blanks.append(said)
            if said.told.sum() >= 1500:
                parts.append(table(said.odds[said.told], said.right[said.told]))
                tell(group, said, parts[-1])
        found[group] = worst(parts)
    looks = []
    for group, classes in LOOKS.items():
        # Where none is so sure, nearly all are looked at again.
        certain = next((odds for odds, sure in found[group] if sure >= CERTAIN), found[group][-1][0])
        whole, drawn = held[HELD[group]], only(held[HELD[group]], group)
        rows = whole.group == list(GROUPS).index(group)
        mine = scores[HELD[group]][rows][:, [INDEX[name] for name in classes]][drawn.written]
        both = together(mine, scores_of(opened(group, classes), drawn)[drawn.written], classes)
        once, again = (_Said(one, drawn, drawn.written, classes) for one in (mine, both))
        found[f"{group} again"] = [(round(odds, 4), sure) for odds, sure in twice(once, again, certain)]
        print(f"looked at again: {(once.odds < certain).mean():.3f} of the {group}")
        tell(f"{group} again", again, found[f"{group} again"], once.odds >= certain)
        looks.append({"group": group, "certain": certain, **named(group, classes)})
    found["blank"] = worst(
        [
            table(
                np.concatenate([one.odds[one.blank] for one in blanks]),
                np.concatenate([one.right[one.blank] for one in blanks]),
            )
        ]
    )
    everything = np.concatenate([scores[name][one.written] for name, one in held.items()])
    labels = np.concatenate([one.label[one.written] for one in held.values()])
    card = {
        "first": named(FIRST, CLASSES),
        "looks": looks,
        "temperature": round(temperature(everything, labels), 3),
        "calibration": found,
    }
    text = json.dumps(card, ensure_ascii=False, indent=None, separators=(", ", ": "))
    CARD.write_text(text.replace('], "', '],\n"') + "\n", encoding="utf-8")


def opened(name: str, classes: tuple[str, ...]) -> Network:
    """One of the networks that were made."""
    return open_network((MODELS / f"{name}.onnx").read_bytes(), classes)


def named(name: str, classes: tuple[str, ...]) -> dict[str, object]:
    """What the card says of its file."""
    digest = hashlib.sha256((MODELS / f"{name}.onnx").read_bytes()).hexdigest()
    return {"file": f"{name}.onnx", "sha256": digest, "classes": list(classes)}


def tell(name: str, said: _Said, steps: Table, once: NDArray[np.bool_] | None = None) -> None:
    """Prints how much of a group is right and how much of it could be accepted."""
    print(f"{name}: {len(said.right)} cells, right {said.right.mean():.4f}")
    for sure in (0.99, 0.999):
        needs = next((odds for odds, one in steps if one >= sure), np.inf)
        accepted = said.told & (said.odds >= needs)
        accepted |= False if once is None else once
        print(f"  needs odds of {needs:.2f} for {sure}: {accepted.mean():.4f} accepted")


if __name__ == "__main__":
    main()
