"""Training on the drawn sets: scores among what the cell allows, averaged weights, fixed seeds."""

from __future__ import annotations

import argparse
import copy
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from train.classes import ALIKE, CLASSES, GROUPS, INDEX, LOOKS
from train.make_sets import HELD, SETS, Drawn, load
from train.network import export, network, second_look

BATCH = 256
TURN, LEAN, STRETCH, MOVE, BEND = 0.07, 0.1, 0.07, 0.06, 0.035
"""How much a picture is changed anew each time it is seen (standard deviations; the picture's half side is 1)."""
WEIGHTS, MODELS = Path("var/train"), Path("ocr/models")
FIRST = "characters"
RANGED = 4096
"""Cells from which the ranges of the bytes between a network's layers are told."""
_NEVER = -1e4


def allowed_masks() -> Tensor:
    """groups × classes: True where a class may stand in a cell of the group (the rejecting classes always)."""
    masks = torch.zeros(len(GROUPS), len(CLASSES), dtype=torch.bool)
    for row, names in enumerate(GROUPS.values()):
        masks[row, [INDEX[name] for name in (*names, "struck", "other", "blank")]] = True
    return masks


def apart_masks() -> Tensor:
    """classes × classes: what each class is taught against where anything is allowed: all but what looks alike."""
    masks = torch.ones(len(CLASSES), len(CLASSES), dtype=torch.bool)
    for alike in ALIKE:
        for one in alike:
            for other in alike:
                masks[INDEX[one], INDEX[other]] = one == other
    return masks


def only(drawn: Drawn, group: str) -> Drawn:
    """The cells of a set that allow a group's characters alone, labelled as the classes of its second look."""
    places = np.full(len(CLASSES), -1)
    places[[INDEX[name] for name in LOOKS[group]]] = np.arange(len(LOOKS[group]))
    rows = np.flatnonzero(drawn.group == list(GROUPS).index(group))
    those = Drawn(**{key: getattr(drawn, key)[rows] for key in Drawn.__dataclass_fields__})
    return replace(those, label=places[those.label].astype(np.int16), group=np.zeros_like(those.group))


def loss_of(scores: Tensor, label: Tensor, mask: Tensor) -> Tensor:
    """Cross entropy among the classes of the mask; unsmoothed, since the odds are to tell how sure a guess is."""
    return nn.functional.cross_entropy(scores.masked_fill(~mask, _NEVER), label)


def varied(pictures: Tensor) -> Tensor:
    """The pictures turned, leant, stretched, moved and bent, some thicker or thinner, fainter or fuller."""
    count = len(pictures)
    turn, lean = torch.randn(count) * TURN, torch.randn(count) * LEAN
    wide, high = torch.exp(torch.randn(2, count) * STRETCH)
    x, y = torch.randn(2, count) * MOVE
    rows = [
        torch.stack([wide * turn.cos(), lean - turn.sin(), x], 1),
        torch.stack([turn.sin(), high * turn.cos(), y], 1),
    ]
    grid = nn.functional.affine_grid(torch.stack(rows, 1), [count, 1, 32, 32], align_corners=False)
    bend = nn.functional.interpolate(torch.randn(count, 2, 4, 4) * BEND, (32, 32), mode="bilinear", align_corners=True)
    pictures = nn.functional.grid_sample(pictures, grid + bend.permute(0, 2, 3, 1), align_corners=False)
    some = torch.rand(count) < 0.2
    thicker = nn.functional.max_pool2d(pictures[some], 3, 1, 1)
    thinner = -nn.functional.max_pool2d(-pictures[some], 3, 1, 1)
    share = torch.rand(len(thicker), 1, 1, 1) * 1.4 - 0.6
    pictures[some] += share.clamp(min=0) * (thicker - pictures[some]) + (-share).clamp(min=0) * (
        thinner - pictures[some]
    )
    return (pictures * torch.empty(count, 1, 1, 1).uniform_(0.8, 1.3)).clamp(0, 255)


def batches(sets: list[Drawn], rng: np.random.Generator) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    """One epoch: varied pictures, labels, groups."""
    pairs = np.concatenate(
        [
            np.stack([np.full(len(one.label), number), np.arange(len(one.label))], 1)[one.written]
            for number, one in enumerate(sets)
        ]
    )
    rng.shuffle(pairs)
    for start in range(0, len(pairs) - BATCH + 1, BATCH):
        chosen = pairs[start : start + BATCH]
        parts: list[tuple[NDArray[np.uint8], NDArray[np.int16], NDArray[np.int8]]] = []
        for number, one in enumerate(sets):
            rows = chosen[chosen[:, 0] == number, 1]
            parts.append((one.pictures[rows], one.label[rows], one.group[rows]))
        pictures = torch.from_numpy(np.concatenate([part[0] for part in parts])).float()
        label = torch.from_numpy(np.concatenate([part[1] for part in parts]).astype(np.int64))
        group = torch.from_numpy(np.concatenate([part[2] for part in parts]).astype(np.int64))
        yield varied(pictures).contiguous(memory_format=torch.channels_last), label, group


def accuracy(model: nn.Module, drawn: Drawn, masks: Tensor) -> float:
    """The share right among what the cell allows; a written cell without ink counts as wrong."""
    model.eval()
    right = 0
    with torch.inference_mode():
        for start in range(0, len(drawn.label), 1024):
            part = slice(start, start + 1024)
            scores = model(torch.from_numpy(drawn.pictures[part]).float())
            scores = scores.masked_fill(~masks[torch.from_numpy(drawn.group[part].astype(np.int64))], _NEVER)
            guess = scores.argmax(1).numpy()
            right += int(((guess == drawn.label[part]) & drawn.written[part]).sum())
    return right / len(drawn.label)


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be learnt."""

    model: nn.Sequential
    masks: Tensor
    """By group: the classes that may stand in its cells."""
    apart: Tensor
    """By class: what it is taught against where anything is allowed."""
    weights: Path


def fit(task: Task, sets: list[Drawn], held: dict[str, Drawn], epochs: int, rate: float) -> nn.Module:
    rng = np.random.default_rng(1)
    model = task.model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    average = copy.deepcopy(model)
    steps = epochs * (sum(int(one.written.sum()) for one in sets) // BATCH)
    optimiser = torch.optim.AdamW(model.parameters(), rate, weight_decay=0.02)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, rate, steps, pct_start=0.1, final_div_factor=500)
    step, began = 0, time.monotonic()
    for epoch in range(epochs):
        model.train()
        total = 0.0
        for pictures, label, group in batches(sets, rng):
            anything = torch.from_numpy(rng.random(BATCH) < 0.3)
            mask = torch.where(anything[:, None], task.apart[label], task.masks[group])
            loss = loss_of(model(pictures), label, mask)
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            if step < steps - 1:
                schedule.step()
            step += 1
            total += float(loss.detach())
            keep = min(0.998, step / (step + 20))
            with torch.no_grad():
                for mean, now in zip(average.state_dict().values(), model.state_dict().values(), strict=True):
                    if mean.is_floating_point():
                        mean.lerp_(now, 1 - keep)
                    else:
                        mean.copy_(now)
        told = " ".join(f"{name} {accuracy(average, one, task.masks):.4f}" for name, one in held.items())
        print(
            f"epoch {epoch + 1} loss {total / max(1, steps // epochs):.4f} {told} {time.monotonic() - began:.0f}s",
            flush=True,
        )
        torch.save(average.state_dict(), task.weights)  # what was learnt so far is not lost
    return average


def some_pictures(sets: list[Drawn]) -> NDArray[np.uint8]:
    """Written cells of all sets, by chance."""
    rng, each = np.random.default_rng(2), RANGED // len(sets)
    return np.concatenate([one.pictures[rng.choice(np.flatnonzero(one.written), each, replace=False)] for one in sets])


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("network", choices=(FIRST, *LOOKS), help="the one for every cell, or the second look at these")
    parser.add_argument("--epochs", type=int, default=0, help="0: as many as what ships was given")
    parser.add_argument("--rate", type=float, default=4e-3)
    asked = parser.parse_args()
    torch.set_num_threads(1)  # two networks are trained at once; and the order of a sum is the same everywhere
    name: str = asked.network
    torch.manual_seed(1 + (FIRST, *LOOKS).index(name))
    names = [path.stem for path in sorted(SETS.glob("train*.npz"))]
    weights = WEIGHTS / f"{name}.pt"
    if name in LOOKS:
        names += [path.stem for path in sorted(SETS.glob(f"{name}*.npz"))]
        classes = len(LOOKS[name])
        everything = torch.ones(classes, classes, dtype=torch.bool)
        task = Task(second_look(classes), everything[:1], everything, weights)
        held = {HELD[name]: only(load(HELD[name]), name)}
        sets = [only(load(one), name) for one in names]
    else:
        task = Task(network(), allowed_masks(), apart_masks(), weights)
        held = {one: load(one) for one in HELD.values()}
        sets = [load(one) for one in names]
    model = fit(task, sets, held, asked.epochs or (5 if name in LOOKS else 7), asked.rate)
    export(model, MODELS / f"{name}.onnx", some_pictures(sets))


if __name__ == "__main__":
    main()
