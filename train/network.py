"""The networks: small residual ones; 32 × 32 × 2 in, a score a class out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import torch
from torch import Tensor, nn

from train.classes import CLASSES

WIDTHS = (16, 40, 112)
SECOND_WIDTHS = (24, 56, 112)
"""Of the second look: it sees few cells, so it may take longer with each."""


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


def export(model: nn.Module, path: Path) -> None:
    """The model as ONNX: input ``pictures`` (cells × 2 × 32 × 32, 0…255), output ``scores``; weights as 16 bits."""
    model.eval()
    torch.onnx.export(
        model,
        (torch.zeros(4, 2, 32, 32),),
        str(path),
        dynamo=False,
        input_names=["pictures"],
        output_names=["scores"],
        dynamic_axes={"pictures": {0: "cells"}, "scores": {0: "cells"}},
    )
    halve(path)


def halve(path: Path) -> None:
    """Keeps the weights as 16 bits; who loads the file makes 32 of them again, and reads as fast as before."""
    model = onnx.load(path)
    casts = []
    for weight in model.graph.initializer:
        if weight.data_type != onnx.TensorProto.FLOAT or len(weight.dims) < 2:
            continue
        name, values = weight.name, onnx.numpy_helper.to_array(weight)
        weight.CopyFrom(onnx.numpy_helper.from_array(values.astype(np.float16), f"{name}.half"))
        casts.append(onnx.helper.make_node("Cast", [f"{name}.half"], [name], to=onnx.TensorProto.FLOAT))
    model.graph.node.extend([*casts, *(model.graph.node.pop(0) for _ in range(len(model.graph.node)))])
    onnx.checker.check_model(model)
    onnx.save(model, path)
