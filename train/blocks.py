"""A network in bytes, its first layer at work on 2 × 2 blocks of the pictures: the same scores sooner."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import helper, numpy_helper

_SIDE = 5  # of the first layer's kernel, which takes steps of 2 with 2 around the picture
_BLOCKS = 3  # that it covers at a place


def in_blocks(path: Path) -> None:
    """Rewrites the network at ``path`` as ``train.network`` has made it bytes.

    Two channels of 32 × 32 leave a processor's wide sums mostly empty; eight of 16 × 16 (a block's four pixels, one after the
    other) fill them.  And the pictures are taken as the bytes that they are: to divide them by 255 and make them bytes again
    in steps of 1 / 255 changes none.  ValueError where the network begins otherwise.
    """
    model = onnx.load(path)
    graph, held = model.graph, {one.name: one for one in model.graph.initializer}
    if [node.op_type for node in graph.node[:3]] != ["Div", "QuantizeLinear", "QLinearConv"]:
        raise ValueError(f"{path.name} は train.network のネットワークと始まりが違います")
    _, whole, first = graph.node[:3]
    step, zero = (numpy_helper.to_array(held[name]) for name in whole.input[1:])
    layout = {one.name: list(one.ints) for one in first.attribute}
    plain = abs(float(step) * 255 - 1) < 1e-6 and int(zero) == 0
    if not plain or [layout[name] for name in ("kernel_shape", "strides", "pads")] != [[_SIDE] * 2, [2] * 2, [2] * 4]:
        raise ValueError(f"{path.name} は最初の層が違い、2 × 2 画素ずつにできません")
    weights = numpy_helper.to_array(held[first.input[3]])
    kernels, channels = weights.shape[:2]
    blocks = np.zeros((kernels, 2, 2, channels, _BLOCKS, _BLOCKS), weights.dtype)
    for row in range(_SIDE):
        for column in range(_SIDE):
            blocks[:, row % 2, column % 2, :, row // 2, column // 2] = weights[:, :, row, column]
    held[first.input[3]].CopyFrom(
        numpy_helper.from_array(blocks.reshape(kernels, 4 * channels, _BLOCKS, _BLOCKS), first.input[3])
    )
    given = graph.input[0]
    given.type.tensor_type.elem_type = onnx.TensorProto.UINT8
    del graph.node[:2]
    graph.node.insert(0, helper.make_node("SpaceToDepth", [given.name], ["blocks"], blocksize=2))
    first.input[0] = "blocks"
    del first.attribute[:]
    for name, value in (("kernel_shape", [_BLOCKS] * 2), ("strides", [1] * 2), ("pads", [1] * 4)):
        first.attribute.append(helper.make_attribute(name, value))
    used = {name for node in graph.node for name in node.input}
    for one in [one for one in graph.initializer if one.name not in used]:
        graph.initializer.remove(one)
    onnx.checker.check_model(model)
    onnx.save(model, path)
