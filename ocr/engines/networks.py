"""The networks that know characters, with what is needed to understand their answers.

The first sees every cell.  A second one that knows digits alone, or kana alone, looks again at those of which the first is
not sure, and what both say together counts: they err on different cells (docs/adr/0036).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from ocr.engines.small_kana import SMALL

CARD = Path(__file__).parent.parent / "models" / "characters.json"
"""The card for machines: the ONNX files lie beside it."""

Scores = NDArray[np.float64]
"""cells × classes (logarithms)."""


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """Scores for the pictures of characters."""

    session: onnxruntime.InferenceSession
    classes: tuple[str, ...]

    def scores(self, pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
        """cells × classes, of pictures as ``Inks`` holds them."""
        return np.asarray(self.session.run(None, {"pictures": pictures.astype(np.float32)})[0], np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """A network that looks again at the cells of one group."""

    network: Network
    certain: float
    """The odds (natural logarithm) from which on what the first network says needs no second look."""


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """All networks and their calibration."""

    first: Network
    looks: dict[str, Look]
    """By group."""
    temperature: float
    tables: dict[str, tuple[NDArray[np.float64], NDArray[np.float64]]]
    """By group: odds (natural logarithm, rising) and the confidence from there on; ``digits again`` for digits looked at twice."""


def load_model(card: Path = CARD) -> Model:
    """Reads the card and its ONNX files; ValueError where a file is not the one of the card."""
    told = json.loads(card.read_text(encoding="utf-8"))
    looks = {one["group"]: Look(_network(card, one), float(one["certain"])) for one in told["looks"]}
    tables = {
        group: (np.array([odds for odds, _ in table]), np.array([confidence for _, confidence in table]))
        for group, table in told["calibration"].items()
    }
    return Model(_network(card, told["first"]), looks, float(told["temperature"]), tables)


def _network(card: Path, told: dict[str, object]) -> Network:
    name, classes = str(told["file"]), told["classes"]
    data = card.with_name(name).read_bytes()
    if hashlib.sha256(data).hexdigest() != told["sha256"]:
        raise ValueError(f"{name} は {card.name} に書かれたものと違います。入れ直してください")
    return open_network(data, map(str, classes) if isinstance(classes, list) else ())


def open_network(data: bytes, classes: Iterable[str]) -> Network:
    """A network from its ONNX file's bytes; its scores are of these classes, in this order."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return Network(onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"]), tuple(classes))


def together(first: Scores, second: Scores, classes: Sequence[str]) -> Scores:
    """What two networks say of these classes: the mean of their logarithms, each made comparable.

    Whether it is ヨ or ョ stays as the first alone has it: what sizes and spelling say is weighed against one opinion, not two.
    """
    first = _shares(first)
    both = np.asarray((first + _shares(second)) / 2, np.float64)
    for one, other in SMALL.items():
        if one in classes:
            small, large = classes.index(one), classes.index(other)
            apart = first[:, small] - first[:, large]
            both[:, large] = np.logaddexp(both[:, small], both[:, large]) - np.logaddexp(0, apart)
            both[:, small] = both[:, large] + apart
    return both


def _shares(scores: Scores) -> Scores:
    return np.asarray(scores - np.logaddexp.reduce(scores, axis=1, keepdims=True), np.float64)
