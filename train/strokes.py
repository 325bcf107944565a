"""Characters as pen strokes: the drawings of kanjivg, the ways of ``train.habits``, and many hands that write them."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from ocr.ask import DIGITS, KATAKANA, LATIN, SYMBOLS
from train.fetch import FILES
from train.habits import hasty

Points = NDArray[np.float32]
"""points × 2, in a square of 109 × 109 as kanjivg draws."""

_PATH = re.compile(r'<path [^>]*\bd="([^"]+)"')
_TOKEN = re.compile(r"[MmCcSsLl]|-?\d*\.?\d+(?:e-?\d+)?")
_STEPS = np.linspace(0, 1, 9)[1:]
_HASTE = 0.6  # the share of hasty ways

_SYMBOL_STROKES: dict[str, list[list[tuple[float, float]]]] = {
    "-": [[(30, 55), (80, 55)]],
    ".": [[(50, 92), (52, 94)]],
    "/": [[(80, 10), (28, 100)]],
    "・": [[(53, 54), (55, 56)]],
    "(": [[(66, 8), (46, 34), (46, 76), (66, 102)]],
    ")": [[(44, 8), (64, 34), (64, 76), (44, 102)]],
    ",": [[(54, 88), (56, 94), (48, 104)]],
    "¥": [[(26, 12), (54, 52)], [(82, 12), (54, 52), (54, 100)], [(32, 58), (78, 58)], [(32, 74), (78, 74)]],
}


def stroke_models() -> dict[str, list[Points]]:
    """Each character as it is taught, a list of strokes; empty where nobody drew it."""
    folder = next(FILES.glob("kanjivg*"))
    models: dict[str, list[Points]] = {}
    for character in DIGITS + LATIN + KATAKANA + SYMBOLS:
        path = folder / f"{ord(character):05x}.svg"
        if character in _SYMBOL_STROKES:
            models[character] = [smooth(np.array(stroke, np.float32)) for stroke in _SYMBOL_STROKES[character]]
        else:
            models[character] = parse(path.read_text(encoding="utf-8")) if path.exists() else []
    return models


def by_hand(character: str, taught: list[Points], rng: np.random.Generator) -> list[Points]:
    """The character's strokes as some hand writes them; most in haste, the others as taught."""
    hurried = hasty(character, rng) if not taught or rng.random() < _HASTE else []
    return jittered([smooth(stroke) for stroke in hurried] or taught, rng)


def parse(svg: str) -> list[Points]:
    """The strokes of a kanjivg drawing."""
    return [_path(found) for found in _PATH.findall(svg)]


def smooth(points: Points) -> Points:
    """A curve through the points (Catmull-Rom); two points are a straight line."""
    if len(points) < 3:
        return np.linspace(points[0], points[-1], 9).astype(np.float32)
    padded = np.concatenate([points[:1] * 2 - points[1:2], points, points[-1:] * 2 - points[-2:-1]])
    parts = [points[:1]]
    for before, start, end, after in zip(padded, padded[1:], padded[2:], padded[3:], strict=False):
        t = _STEPS[:, None]
        parts.append(
            0.5
            * (
                2 * start
                + (end - before) * t
                + (2 * before - 5 * start + 4 * end - after) * t**2
                + (3 * start - before - 3 * end + after) * t**3
            )
        )
    return np.concatenate(parts).astype(np.float32)


def _path(data: str) -> Points:
    tokens, place, at = _TOKEN.findall(data), 0, np.zeros(2)
    points: list[NDArray[np.float64]] = []
    control, command = at, ""
    while place < len(tokens):
        if tokens[place].isalpha():
            command, place = tokens[place], place + 1
        base = at if command.islower() else np.zeros(2)
        needed = {"m": 2, "l": 2, "c": 6, "s": 4}[command.lower()]
        pairs = np.array(tokens[place : place + needed], float).reshape(-1, 2) + base
        place += needed
        if command in "Mm":
            at, control = pairs[0], pairs[0]
            points.append(at)
            command = "l" if command == "m" else "L"
            continue
        first = {"c": pairs[0], "s": 2 * at - control, "l": at}[command.lower()]
        second = pairs[-2] if len(pairs) > 1 else pairs[-1]
        t = _STEPS[:, None]
        points.extend((1 - t) ** 3 * at + 3 * (1 - t) ** 2 * t * first + 3 * (1 - t) * t**2 * second + t**3 * pairs[-1])
        at, control = pairs[-1], second
    return np.array(points, np.float32)


def jittered(strokes: list[Points], rng: np.random.Generator) -> list[Points]:
    """The same character by another hand.

    The whole leans, rises, widens and warps, most of all in a hasty hand; 濁点 are set larger or smaller, nearer or
    farther off; each stroke is moved, turned and stretched, its course bent, its corners rounded, its ends lengthened or
    cut short, hooks left away; now and then the pen is not lifted between two strokes.
    """
    wild = rng.uniform(0.3, 1.0) if rng.random() < 0.6 else rng.uniform(1.0, 1.9)
    whole, warp = _leant(wild, rng), rng.normal(0, 3.0, (2, 3, 3)) * wild
    moved = [_moved(stroke, wild, rng) for stroke in _dots_moved(strokes, wild, rng)]
    written = [(_warped(stroke, warp) - 54.5) @ whole.T + 54.5 for stroke in moved]
    return [stroke.astype(np.float32) for stroke in _joined(written, 0.05 * wild, rng)]


def _leant(wild: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """How a hand leans, lifts its lines to the right, and draws wide or narrow; a hasty one does more of all that."""
    lean, rise = rng.normal(0, 0.1) * wild, rng.normal(-0.03, 0.07) * wild
    wide, high = rng.normal(1, 0.12 * wild), rng.normal(1, 0.1 * wild)
    if rng.random() < 0.3:
        lean, rise, wide = lean + rng.normal(-0.1, 0.18), rise + rng.normal(-0.08, 0.1), wide * rng.uniform(0.65, 1.05)
    return np.array([[wide, lean], [rise, high]])


def _dots_moved(strokes: list[Points], wild: float, rng: np.random.Generator) -> list[Points]:
    """The small strokes at the upper right (濁点, 半濁点), together moved and drawn larger or smaller."""
    small = [np.ptp(one, axis=0).max() < 26 and one[:, 0].mean() > 68 and one[:, 1].mean() < 42 for one in strokes]
    if not any(small) or all(small):
        return strokes
    dots = np.concatenate([one for one, is_small in zip(strokes, small, strict=True) if is_small])
    middle, size, away = dots.mean(axis=0), np.exp(rng.normal(0, 0.2) * wild), rng.normal(0, 3.0, 2) * wild
    return [
        ((one - middle) * size + middle + away).astype(np.float32) if is_small else one
        for one, is_small in zip(strokes, small, strict=True)
    ]


def _moved(stroke: Points, wild: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """One stroke by itself: elsewhere, turned, stretched, bent, rounded, its ends longer or shorter."""
    stroke = _unhooked(stroke) if rng.random() < 0.35 else stroke
    # 濁点 moved as far as other strokes would be nobody's any more.
    wild *= min(1.0, max(0.4, float(np.hypot(*np.diff(stroke, axis=0).T).sum()) / 30))
    middle = stroke.mean(axis=0)
    turn, stretch = rng.normal(0, 0.07) * wild, 1 + rng.normal(0, 0.08, 2) * wild
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    bent = (stroke - middle) * stretch @ rotation.T + middle + rng.normal(0, 2.4, 2) * wild
    wave = np.linspace(0, np.pi, len(bent))[:, None]
    bent = bent + (np.sin(wave) * rng.normal(0, 2.0, 2) + np.sin(2 * wave) * rng.normal(0, 1.2, 2)) * wild
    if len(bent) > 6 and rng.random() < 0.4 * wild:
        reach = int(rng.integers(1, 4))
        framed = np.concatenate([bent[:1]] * reach + [bent] + [bent[-1:]] * reach)
        rounded = np.stack([framed[n : n + len(bent)] for n in range(2 * reach + 1)]).mean(axis=0)
        bent[1:-1] = rounded[1:-1]
    if len(bent) > 3:
        bent[0] += (bent[0] - bent[2]) * rng.uniform(-0.15, 0.6)
        bent[-1] += (bent[-1] - bent[-3]) * rng.uniform(-0.35, 0.6)
    return np.asarray(bent, np.float64)


def _unhooked(stroke: Points) -> Points:
    """The stroke without the short way back at its end, if it has one: many leave the hook of オ or ホ away."""
    lengths = np.hypot(*np.diff(stroke, axis=0).T)
    for corner in range(len(stroke) - 2, 3, -1):
        if lengths[corner:].sum() > 0.25 * lengths.sum():
            break
        before, after = stroke[corner] - stroke[corner - 3], stroke[-1] - stroke[corner]
        if before @ after < 0:
            return stroke[: corner + 1]
    return stroke


def _warped(points: NDArray[np.float64], warp: NDArray[np.float64]) -> NDArray[np.float64]:
    """The points moved by a smooth field, given on a grid of 3 × 3 over the square."""
    across, down = (np.clip(points[:, axis] / 109, 0, 1) for axis in (0, 1))
    weights = [np.stack([(1 - t) ** 2, 2 * t * (1 - t), t**2]) for t in (down, across)]
    return np.asarray(points + np.einsum("crk,rn,kn->nc", warp, *weights), np.float64)


def _joined(strokes: list[NDArray[np.float64]], chance: float, rng: np.random.Generator) -> list[NDArray[np.float64]]:
    """Strokes that follow each other closely, some drawn without lifting the pen."""
    written = strokes[:1]
    for stroke in strokes[1:]:
        near = np.hypot(*(stroke[0] - written[-1][-1])) < 45
        if near and rng.random() < chance:
            written[-1] = np.concatenate([written[-1], stroke])
        else:
            written.append(stroke)
    return written


def strike_lines(w: float, h: float, rng: np.random.Generator) -> list[NDArray[np.float64]]:
    """The strokes with which a character in a box of w × h is crossed out: two lines, a cross, one line, a scribble."""
    kind = rng.choice(["two", "cross", "scribble", "one", "fill"], p=[0.4, 0.15, 0.25, 0.1, 0.1])
    lines: list[NDArray[np.float64]] = []
    if kind == "two":
        tilt, apart, y = rng.uniform(-0.25, 0.25) * h, rng.uniform(0.12, 0.28) * h, rng.uniform(0.35, 0.6) * h
        for shift in (0, apart):
            lines.append(
                np.array(
                    [
                        [rng.uniform(-0.1, 0.15) * w, y + shift - tilt],
                        [rng.uniform(0.85, 1.1) * w, y + shift + tilt],
                    ]
                )
            )
    elif kind == "cross":
        lines = [
            np.array([[0.1 * w, 0.1 * h], [0.9 * w, 0.9 * h]]),
            np.array([[0.9 * w, 0.1 * h], [0.1 * w, 0.9 * h]]),
        ]
    elif kind == "one":
        lines = [np.array([[0.0, 0.75 * h], [w, 0.25 * h]])]
    else:
        turns = int(rng.integers(5, 9) if kind == "scribble" else rng.integers(12, 20))
        across, down = np.linspace(0.1, 0.9, turns) * w, np.where(np.arange(turns) % 2, 0.2, 0.8) * h
        lines = [
            np.stack(
                [across, down]
                if rng.random() < 0.6
                else [np.where(np.arange(turns) % 2, 0.15, 0.85) * w, np.linspace(0.15, 0.85, turns) * h],
                1,
            )
        ]
    return lines
