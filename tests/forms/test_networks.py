"""The networks' scores are the same numbers on every machine: processors without VNNI would overflow in them unless told not to."""

from __future__ import annotations

import numpy as np
import pytest

from ocr.engines.networks import Network, load_model

_MODEL = load_model()


@pytest.mark.parametrize(
    ("network", "scores"),
    [
        (_MODEL.first, [-0.682, -4.338, 0.430, 0.910, -2.858, -1.192]),
        (_MODEL.looks["digits"].network, [-1.061, -1.089, -1.088, -1.436, -0.225, -0.740]),
        (_MODEL.looks["kana"].network, [-2.269, -2.041, -2.543, -1.159, -2.697, -2.175]),
    ],
)
def test_scores_are_the_same_on_every_machine(network: Network, scores: list[float]) -> None:
    """Of networks that ship (trained anew, they have others); where products of bytes overflow they are 0.1 to 0.5 off."""
    harsh = np.asarray(np.random.default_rng(7).integers(0, 2, (3, 2, 32, 32)) * 255, np.uint8)
    assert network.scores(harsh)[0, : len(scores)].tolist() == pytest.approx(scores, abs=2e-3)
