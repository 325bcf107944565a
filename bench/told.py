"""How a bench says what it found."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import numpy as np


def tell(found: Mapping[str, object], *, as_json: bool) -> None:
    """One line a figure, or all of them as one line of JSON."""
    if as_json:
        print(json.dumps(found, ensure_ascii=False))
        return
    width = max(map(len, found), default=0)
    for name, value in found.items():
        print(f"{name:{width}}  {value}")


def waits(name: str, seconds: Sequence[float]) -> dict[str, object]:
    """Median, 95th percentile and longest of what took so many seconds each, in ms."""
    median, most = np.percentile(seconds, [50, 95])
    return {
        f"{name} ms median": round(float(median) * 1000, 1),
        f"{name} ms p95": round(float(most) * 1000, 1),
        f"{name} ms max": round(max(seconds) * 1000, 1),
    }
