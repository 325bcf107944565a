"""The networks: small residual ones; 32 × 32 × 2 in, a score a class out."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from numpy.typing import NDArray
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from torch import Tensor, nn

from train.blocks import in_blocks
from train.classes import CLASSES

WIDTHS = (16, 40, 112)
SECOND_WIDTHS = (24, 56, 112)
"""Of the second look: it sees few cells, so it may take longer with each."""


_AT_ONCE = 256


class Scale(nn.Module):
    """Bytes to 0…1, so that the run hands over what it has."""

    def forward(self, pictures: Tensor) -> Tensor:
        return pictures / 255


class Residual(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(width, width, 3, 1, 1, bias=False),
            nn.BatchNorm2d(width),
            nn.ReLU(inplace=True),
            nn.Conv2d(width, width, 1, bias=False),
            nn.BatchNorm2d(width),
        )

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(x + self.body(x))


def _step(before: int, after: int, kernel: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(before, after, kernel, 2, kernel // 2, bias=False), nn.BatchNorm2d(after), nn.ReLU(inplace=True)
    )


def network() -> nn.Sequential:
    """The one that sees every cell."""
    return _network(WIDTHS, 1, len(CLASSES))


def second_look(classes: int) -> nn.Sequential:
    """One that sees again the cells of which the first is not sure: wider, deeper, and it knows their group alone."""
    return _network(SECOND_WIDTHS, 2, classes)


def _network(widths: tuple[int, int, int], deep: int, classes: int) -> nn.Sequential:
    first, second, third = widths
    return nn.Sequential(
        Scale(),
        _step(2, first, 5),
        *(Residual(first) for _ in range(deep)),
        _step(first, second, 3),
        *(Residual(second) for _ in range(deep)),
        _step(second, third, 3),
        Residual(third),
        nn.Conv2d(third, third, 4, groups=third),
        nn.ReLU(inplace=True),
        nn.Flatten(),
        nn.Dropout(0.1),
        nn.Linear(third, classes),
    )


def export(model: nn.Module, path: Path, pictures: NDArray[np.uint8]) -> None:
    """The model as ONNX: input ``pictures`` (cells × 2 × 32 × 32, 0…255), output ``scores``.

    Weights and what flows between the layers are bytes, in the ranges that these pictures give; only the last layer works in
    full, since confidence is told from small differences of its scores (docs/adr/0039).
    """
    model.eval()
    with tempfile.TemporaryDirectory() as folder:
        whole, folded = (str(Path(folder) / name) for name in ("whole.onnx", "folded.onnx"))
        torch.onnx.export(
            model,
            (torch.zeros(4, 2, 32, 32),),
            whole,
            dynamo=False,
            input_names=["pictures"],
            output_names=["scores"],
            dynamic_axes={"pictures": {0: "cells"}, "scores": {0: "cells"}},
        )
        options = onnxruntime.SessionOptions()
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
        options.optimized_model_filepath = folded
        onnxruntime.InferenceSession(whole, options, providers=["CPUExecutionProvider"])
        quantize_static(
            folded,
            str(path),
            _Pictures(pictures),
            quant_format=QuantFormat.QOperator,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            per_channel=True,
            nodes_to_exclude=[node.name for node in onnx.load(folded).graph.node if node.op_type == "Gemm"],
        )
        in_blocks(path)


class _Pictures(CalibrationDataReader):  # type: ignore[misc]
    """Gives pictures to a network, some at once."""

    def __init__(self, pictures: NDArray[np.uint8]) -> None:
        starts = range(0, len(pictures), _AT_ONCE)
        self._parts = iter([pictures[start : start + _AT_ONCE].astype(np.float32) for start in starts])

    def get_next(self) -> dict[str, NDArray[np.float32]] | None:
        part = next(self._parts, None)
        return None if part is None else {"pictures": part}
