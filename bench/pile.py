"""A pile of scans read by ``banken form read``: cores used, memory held, stopped half way and continued.

    python -m bench.pile [--pages 1000] [--json]

The gallery's 30 copies of 就学援助申請書 are taken again and again, each time shifted a little and with noise of its own.
The first run is stopped as Ctrl-C does when a third is kept; the second run is given the same store.  Told: pages read
by each, what the parent and the largest worker held at most, and how many cores' time was used a second.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import psutil
from PIL import Image

from bench.told import tell
from ocr.page import Page
from ocr.pages import read_pages

_SAMPLE = Path("scenarios/gakumu/shugaku-enjo/sample/in")
_FORM = Path("scenarios/gakumu/shugaku-enjo/forms/shugaku-enjo.yaml")
_LOOK_SECONDS = 2.0
_STOP_AT = 1 / 3


@dataclass
class Run:
    """One run of the command."""

    code: int = 0
    seconds: float = 0.0
    kept_before: int = 0
    """Copies in the store when it began,"""
    kept_after: int = 0
    """and when it ended."""
    results: int = 0
    """Copies in its answer."""
    refused: int = 0
    parent_mb: float = 0.0
    """The most that the parent held,"""
    worker_mb: float = 0.0
    """that one worker with what it started held,"""
    all_mb: float = 0.0
    """and all of them together."""
    workers: int = 0
    cores: float = 0.0
    """Processor seconds a second."""
    stop_seconds: float = 0.0
    """From Ctrl-C to its end, with no process left."""
    progress: str = ""
    """The last that it showed while it ran."""


def make_pile(folder: Path, count: int, seed: int = 5) -> None:
    """So many scans, in files of one page each."""
    rng = np.random.default_rng(seed)
    paper = (210.0, 297.0)
    pages = [one for file in sorted(_SAMPLE.iterdir()) for one in read_pages(file, paper) if isinstance(one, Page)]
    for number in range(count):
        page = pages[number % len(pages)]
        moved = np.roll(page.image, tuple(rng.integers(-3, 4, 2)), (0, 1)).astype(np.float32)
        noisy = moved + rng.standard_normal(moved.shape, np.float32) * 2
        picture = Image.fromarray(np.clip(noisy, 0, 255).astype(np.uint8))
        picture.save(folder / f"{number:05}.jpg", quality=80, dpi=(page.dpi, page.dpi))


def kept(store: Path) -> int:
    """Readings that are in the store."""
    return sum(one.name != "copies.json" for one in store.rglob("*.json"))


def run(files: Path, store: Path, folder: Path, stop_at: int | None) -> Run:
    """One run, watched; stopped as by Ctrl-C once so many readings are kept."""
    told = Run(kept_before=kept(store))
    command = [sys.executable, "-m", "robots", "form", "read", str(files)]
    command += ["--form", str(_FORM), "--store", str(store), "--json"]
    group = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)
    began, used = time.monotonic(), {}
    with (folder / "out").open("wb") as out, (folder / "err").open("wb") as err:
        process = subprocess.Popen(command, stdout=out, stderr=err, creationflags=group)
        parent, stopped = psutil.Process(process.pid), 0.0
        while process.poll() is None:
            _look(parent, told, used)
            if stop_at is not None and not stopped and kept(store) >= stop_at:
                told.progress = _last(folder / "err")
                process.send_signal(signal.SIGINT if os.name != "nt" else signal.CTRL_BREAK_EVENT)
                stopped = time.monotonic()
            time.sleep(_LOOK_SECONDS if not stopped else 0.02)
        told.stop_seconds = round(time.monotonic() - stopped, 2) if stopped else 0.0
    told.seconds = round(time.monotonic() - began, 1)
    told.cores = round(sum(used.values()) / told.seconds, 2)
    told.code, told.kept_after = process.returncode, kept(store)
    told.progress = told.progress or _last(folder / "err")
    if stop_at is None:
        answer = json.loads((folder / "out").read_text(encoding="utf-8"))
        told.results, told.refused = len(answer), sum("refused" in one for one in answer)
    return told


def _look(parent: psutil.Process, told: Run, used: dict[int, float]) -> None:
    """Adds what the processes hold and have used by now; ``used`` by process, those that have ended too."""
    try:
        workers = parent.children()
        families = [[parent], *([one, *one.children(recursive=True)] for one in workers)]
        held = [sum(one.memory_info().rss for one in family) / 1e6 for family in families]
        for one in (one for family in families for one in family):
            times = one.cpu_times()
            # What a worker's own programs used is told by it once they have ended.
            used[one.pid] = times.user + times.system + getattr(times, "children_user", 0.0)
    except psutil.Error:
        return  # one has just ended: the next look sees the others
    told.parent_mb = round(max(told.parent_mb, held[0]))
    told.worker_mb = round(max([told.worker_mb, *held[1:]]))
    told.all_mb = round(max(told.all_mb, sum(held)))
    told.workers = max(told.workers, sum(one > 100 for one in held[1:]))


def _last(file: Path) -> str:
    lines = file.read_text(encoding="utf-8", errors="replace").replace("\r", "\n").strip().splitlines()
    return lines[-1] if lines else ""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=1000)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    # Where a shell started this in the background, Ctrl-C is ignored, and would be by the command too.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        files, store = folder / "pile", folder / "store"
        files.mkdir()
        store.mkdir()
        make_pile(files, asked.pages)
        runs = {
            "stopped": run(files, store, folder, round(asked.pages * _STOP_AT)),
            "continued": run(files, store, folder, None),
        }
    told = {name: asdict(one) for name, one in runs.items()}
    tell(told, as_json=asked.json)


if __name__ == "__main__":
    main()
