"""Training on the drawn sets: scores among what the cell allows, averaged weights, fixed seeds."""

from __future__ import annotations

import argparse
import copy
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from train.classes import ALIKE, CLASSES, GROUPS, INDEX
from train.make_sets import SETS, Drawn, load
from train.network import export, network

BATCH = 256
SMOOTHING = 0.04
WEIGHTS = Path("var/train/characters.pt")
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


def loss_of(scores: Tensor, label: Tensor, mask: Tensor) -> Tensor:
    """Smoothed cross entropy among the classes of the mask."""
    scores = scores.masked_fill(~mask, _NEVER)
    logs = torch.log_softmax(scores, 1)
    hit = logs.gather(1, label[:, None])[:, 0]
    spread = (logs * mask).sum(1) / mask.sum(1)
    return -((1 - SMOOTHING) * hit + SMOOTHING * spread).mean()


def batches(sets: list[Drawn], rng: np.random.Generator) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    """One epoch: pictures (moved by a pixel, fainter or fuller by a little), labels, groups."""
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
        pictures = torch.roll(pictures, (int(rng.integers(-1, 2)), int(rng.integers(-1, 2))), (2, 3))
        pictures = (pictures * torch.from_numpy(rng.uniform(0.8, 1.3, (BATCH, 1, 1, 1)).astype(np.float32))).clamp(
            0, 255
        )
        label = torch.from_numpy(np.concatenate([part[1] for part in parts]).astype(np.int64))
        group = torch.from_numpy(np.concatenate([part[2] for part in parts]).astype(np.int64))
        yield pictures, label, group


def accuracy(model: nn.Module, drawn: Drawn) -> float:
    """The share right among what the cell allows; a written cell without ink counts as wrong."""
    model.eval()
    masks = allowed_masks()
    right = 0
    with torch.inference_mode():
        for start in range(0, len(drawn.label), 1024):
            part = slice(start, start + 1024)
            scores = model(torch.from_numpy(drawn.pictures[part]).float())
            scores = scores.masked_fill(~masks[torch.from_numpy(drawn.group[part].astype(np.int64))], _NEVER)
            guess = scores.argmax(1).numpy()
            right += int(((guess == drawn.label[part]) & drawn.written[part]).sum())
    return right / len(drawn.label)


def fit(
    sets: list[Drawn], held: dict[str, Drawn], epochs: int, seed: int, rate: float, start: nn.Module | None = None
) -> nn.Module:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    model = start or network()
    average = copy.deepcopy(model)
    masks, apart = allowed_masks(), apart_masks()
    steps = epochs * (sum(int(one.written.sum()) for one in sets) // BATCH)
    optimiser = torch.optim.AdamW(model.parameters(), rate, weight_decay=0.02)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, rate, steps, pct_start=0.15)
    step, began = 0, time.monotonic()
    for epoch in range(epochs):
        model.train()
        total = 0.0
        for pictures, label, group in batches(sets, rng):
            anything = torch.from_numpy(rng.random(BATCH) < 0.3)
            mask = torch.where(anything[:, None], apart[label], masks[group])
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
        told = " ".join(f"{name} {accuracy(average, one):.4f}" for name, one in held.items())
        print(
            f"epoch {epoch + 1} loss {total / max(1, steps // epochs):.4f} {told} {time.monotonic() - began:.0f}s",
            flush=True,
        )
    return average


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--rate", type=float, default=4e-3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--start", type=Path)
    parser.add_argument("--to", type=Path, default=Path("ocr/models/characters.onnx"))
    asked = parser.parse_args()
    torch.set_num_threads(asked.threads)
    sets = [load(path.stem) for path in sorted(SETS.glob("train*.npz"))]
    held = {name: load(name) for name in ("held-digits", "held-styles")}
    start = None
    if asked.start:
        start = network()
        start.load_state_dict(torch.load(asked.start))
    model = fit(sets, held, asked.epochs, 1, asked.rate, start)
    torch.save(model.state_dict(), WEIGHTS)
    export(model, asked.to)


if __name__ == "__main__":
    main()
