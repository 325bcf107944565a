"""What printing, lying about and scanning do to a sheet."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.page import MM_PER_INCH

Reals = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Quality:
    """How a sheet is scanned."""

    name: str
    dpi: float
    down: float
    """Lines an inch (fax: fewer than dots)."""
    bilevel: bool
    noise: float
    blur: float
    jpeg: int
    stains: bool


def quality(name: str, rng: np.random.Generator) -> Quality:
    """clean, scan, fax (standard or fine) or bilevel."""
    if name == "fax":
        down = 98.0 if rng.random() < 0.5 else 196.0
        return Quality(name, 204, down, True, rng.uniform(2, 10), rng.uniform(0.2, 0.7), 0, rng.random() < 0.1)
    if name == "bilevel":
        dpi = float(rng.choice([200, 240, 300]))
        return Quality(name, dpi, dpi, True, rng.uniform(1, 8), rng.uniform(0.2, 0.8), 0, rng.random() < 0.1)
    dpi = rng.uniform(150, 300) if rng.random() < 0.7 else float(rng.choice([150, 200, 300]))
    if name == "clean":
        return Quality(name, dpi, dpi, False, rng.uniform(0, 2), rng.uniform(0.1, 0.5), 0, False)
    return Quality(
        name, dpi, dpi, False, rng.uniform(1, 10), rng.uniform(0.2, 1.1), int(rng.integers(35, 96)), rng.random() < 0.3
    )


def scan(
    paper: Reals, ink: Reals, how: Quality, rng: np.random.Generator, dpi: float
) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
    """Print and ink at ``dpi`` → the scan (grey) and the transform from mm to its pixels."""
    light = paper * (1 - ink) * 255
    height, width = light.shape
    light *= rng.uniform(0.88, 1.0)
    if how.stains:
        light *= _stains(light.shape, rng)
    x_scale, y_scale = how.dpi / dpi, how.down / dpi
    sigmas = [float(np.hypot(how.blur, 0.45 * max(0, 1 / scale - 1))) for scale in (x_scale, y_scale)]
    if max(sigmas) > 0.15:
        light = np.asarray(cv2.GaussianBlur(light, (0, 0), max(sigmas[0], 0.1), sigmaY=max(sigmas[1], 0.1)), np.float32)
    tilt = np.deg2rad(rng.uniform(-3, 3)) * rng.choice([0.3, 1.0])
    middle = np.array([[1, 0, -width / 2], [0, 1, -height / 2], [0, 0, 1]])
    turn = np.array([[np.cos(tilt), -np.sin(tilt), 0], [np.sin(tilt), np.cos(tilt), 0], [0, 0, 1]])
    border = 30
    away = np.array([[1, 0, width / 2 + border], [0, 1, height / 2 + border], [0, 0, 1]])
    scale = np.diag([x_scale, y_scale, 1])
    whole = scale @ away @ turn @ middle
    size = (int((width + 2 * border) * x_scale), int((height + 2 * border) * y_scale))
    picture = cv2.warpPerspective(light, whole, size, flags=cv2.INTER_LINEAR, borderValue=float(rng.uniform(200, 250)))
    picture = _sensed(np.asarray(picture, np.float32), how, rng)
    if how.down < how.dpi * 0.75:
        lines = round(how.dpi / how.down)
        picture = np.repeat(picture, lines, axis=0)
        whole = np.array([[1, 0, 0], [0, lines, (lines - 1) / 2], [0, 0, 1]]) @ whole
    px = dpi / MM_PER_INCH
    return np.ascontiguousarray(picture), whole @ np.array([[px, 0, -0.5], [0, px, -0.5], [0, 0, 1]])


def _sensed(picture: Reals, how: Quality, rng: np.random.Generator) -> NDArray[np.uint8]:
    if how.noise > 0:
        noise = np.empty(picture.shape, np.float32)
        cv2.randn(noise, np.zeros(1), np.full(1, how.noise))
        if rng.random() < 0.4:
            noise = cv2.GaussianBlur(noise, (0, 0), 0.8) * 1.8
        picture = picture + noise
    if how.bilevel:
        level = rng.uniform(120, 205)
        grey = picture > level
        if rng.random() < 0.4:
            flips = rng.random(picture.shape, np.float32) < rng.uniform(0, 0.002)
            grey ^= flips
        return np.where(grey, 255, 0).astype(np.uint8)
    gamma, gain = rng.uniform(0.75, 1.3), rng.uniform(0.95, 1.08)
    curve = np.clip((np.arange(256) / 255) ** gamma * 255 * gain, 0, 255)
    grey8 = np.clip(picture, 0, 255).astype(np.uint8)
    grey8 = np.asarray(cv2.LUT(grey8, curve.astype(np.uint8)))
    if how.jpeg:
        _, data = cv2.imencode(".jpg", grey8, [cv2.IMWRITE_JPEG_QUALITY, how.jpeg])
        grey8 = np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE))
    return grey8


def _stains(shape: tuple[int, ...], rng: np.random.Generator) -> Reals:
    """Coffee, folds, dust and hairs: what a sheet that lay about has (a factor for its brightness)."""
    quarter = (shape[0] // 4, shape[1] // 4)
    factor = np.ones(quarter, np.float32)
    for _ in range(int(rng.integers(0, 4))):
        spot = np.zeros(quarter, np.float32)
        middle = (int(rng.integers(quarter[1])), int(rng.integers(quarter[0])))
        axes = (int(rng.integers(20, 120)), int(rng.integers(20, 120)))
        if rng.random() < 0.5:
            cv2.ellipse(spot, middle, axes, float(rng.uniform(0, 180)), 0, 360, float(rng.uniform(0.05, 0.3)), -1)
        ring = float(rng.uniform(0.1, 0.4))
        cv2.ellipse(spot, middle, axes, float(rng.uniform(0, 180)), 0, 360, ring, int(rng.integers(1, 6)))
        factor *= 1 - cv2.GaussianBlur(spot, (0, 0), float(rng.uniform(0.6, 4)))
    if rng.random() < 0.5:
        x, y = np.linspace(-1, 1, quarter[1])[None, :], np.linspace(-1, 1, quarter[0])[:, None]
        factor *= (1 - rng.uniform(0, 0.12) * (1 + x * rng.uniform(-1, 1) + y * rng.uniform(-1, 1))).astype(np.float32)
    whole = np.asarray(cv2.resize(factor, shape[::-1], interpolation=cv2.INTER_LINEAR))
    dirt = np.zeros(shape, np.uint8)
    for _ in range(int(rng.integers(0, 60))):
        place = (int(rng.integers(shape[1])), int(rng.integers(shape[0])))
        cv2.circle(dirt, place, int(rng.integers(0, 3)), int(rng.integers(60, 255)), -1, cv2.LINE_AA)
    for _ in range(int(rng.integers(0, 5))):
        start = rng.uniform(0, 1, 2) * shape[::-1]
        points = (start + np.cumsum(rng.normal(0, 12, (10, 2)), axis=0)).astype(np.int32)
        cv2.polylines(dirt, [points], False, int(rng.integers(60, 200)), 1, cv2.LINE_AA)
    return np.asarray(np.clip(whole, 0.3, 1) * (1 - dirt.astype(np.float32) / 255), np.float32)
