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
        return np.asarray(self.session.run(None, {"pictures": pictures})[0], np.float32)


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
    """A network from its ONNX file's bytes; its scores are of these classes, in this order, and the same on every machine."""
    quick, exact = (_session(data, slowly) for slowly in (False, True))
    tried = {"pictures": _harsh()}
    same = np.array_equal(*(session.run(None, tried)[0] for session in (quick, exact)))
    return Network(quick if same else exact, tuple(classes))


def _session(data: bytes, slowly: bool) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    # Where a processor has no sums for it (VNNI), ONNX Runtime adds products of bytes in 16 bits, which overflow, unless told.
    options.add_session_config_entry("session.x64quantprecision", "1" if slowly else "0")
    return onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])


def _harsh() -> NDArray[np.uint8]:
    """Pictures of black and white at random, whose sums overflow wherever any can."""
    return np.asarray(np.random.default_rng(0).integers(0, 2, (8, 2, 32, 32)) * 255, np.uint8)


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
