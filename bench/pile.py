"""A pile of scans read by ``banken form read``: cores used, memory held, stopped half way and continued.

    python -m bench.pile [--pages 1000] [--seed 5] [--no-lines] [--again 100] [--json]

The gallery's 30 copies of 就学援助申請書 are taken again and again, each time shifted a little and with noise of its own.
The first run is stopped as Ctrl-C does when a third is kept; the second run is given the same store.  Told: pages read
by each, what the parent and the largest worker held at most, what the parent held when so many were kept, and how many
cores' time was used a second.  Then what the stop has cost: copies lost, told twice or kept twice, and, of ``--again``
copies around it that are read once more in one go, how many differ.  ``--no-lines`` leaves the form's text lines out,
which take nine tenths of the time.
"""

from __future__ import annotations

import argparse
import json
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
import psutil
from PIL import Image
from ruamel.yaml import YAML

from bench.told import tell
from ocr.page import Page
from ocr.pages import read_pages

_SAMPLE = Path("scenarios/gakumu/shugaku-enjo/sample/in")
_FORM = Path("scenarios/gakumu/shugaku-enjo/forms/shugaku-enjo.yaml")
_LOOK_SECONDS = 2.0
_STOP_AT = 1 / 3
_MARKS = (100, 250, 500, 750, 1000)


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
    parent_mb_at: dict[int, int] = field(default_factory=dict)
    """What the parent held when so many copies were kept,"""
    parent_mb: float = 0.0
    """the most that it held,"""
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


def make_pile(folder: Path, count: int, seed: int) -> None:
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


def form_in(folder: Path, *, lines: bool) -> Path:
    """The form with all that lies beside it, in a folder of its own; without its text lines unless they are wanted."""
    shutil.copytree(_FORM.parent, folder)
    definition = YAML(typ="safe", pure=True).load(_FORM.read_text(encoding="utf-8"))
    if not lines:
        definition["fields"] = {name: one for name, one in definition["fields"].items() if one["kind"] != "text"}
    place = folder / _FORM.name
    place.write_text(json.dumps(definition, ensure_ascii=False), encoding="utf-8")  # JSON is YAML, too
    return place


def run(files: Sequence[Path], form: Path, store: Path, out: Path, stop_at: int | None) -> Run:
    """One run, watched; stopped as by Ctrl-C once so many readings are kept.  Its answer is in ``out``."""
    told = Run(kept_before=kept(store))
    command = [sys.executable, "-m", "robots", "form", "read", *map(str, files)]
    command += ["--form", str(form), "--store", str(store), "--json"]
    group = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)
    used: dict[int, float] = {}
    began, said = time.monotonic(), out.with_suffix(".err")
    with out.open("wb") as stdout, said.open("wb") as stderr:
        process = subprocess.Popen(command, stdout=stdout, stderr=stderr, creationflags=group)
        parent, stopped = psutil.Process(process.pid), 0.0
        while process.poll() is None:
            now = kept(store) if not stopped else 0
            _look(parent, told, used, now)
            if stop_at is not None and not stopped and now >= stop_at:
                told.progress = _last(said)
                process.send_signal(getattr(signal, "CTRL_BREAK_EVENT", signal.SIGINT))
                stopped = time.monotonic()
            time.sleep(_LOOK_SECONDS if not stopped else 0.02)
        told.stop_seconds = round(time.monotonic() - stopped, 2) if stopped else 0.0
    told.seconds = round(time.monotonic() - began, 1)
    told.cores = round(sum(used.values()) / told.seconds, 2)
    told.code, told.kept_after = process.returncode, kept(store)
    told.progress = told.progress or _last(said)
    answer = json.loads(out.read_text(encoding="utf-8"))
    told.results, told.refused = len(answer), sum("refused" in one for one in answer)
    return told


def _look(parent: psutil.Process, told: Run, used: dict[int, float], kept_now: int) -> None:
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
    for mark in _MARKS:
        if told.kept_before < mark <= kept_now:
            told.parent_mb_at.setdefault(mark, round(held[0]))
    told.worker_mb = round(max([told.worker_mb, *held[1:]]))
    told.all_mb = round(max(told.all_mb, sum(held)))
    told.workers = max(told.workers, sum(one > 100 for one in held[1:]))


def marks_of(store: Path) -> dict[Path, int]:
    """When each kept reading was written."""
    return {one: one.stat().st_mtime_ns for one in store.rglob("*.json")}


def harm(files: Sequence[Path], first: Path, second: Path, kept_twice: int, once_more: Path) -> dict[str, object]:
    """What stopping has cost: three answers are compared, of the stopped run, the continued one, and one in one go."""
    stopped, continued, whole = (json.loads(one.read_text(encoding="utf-8")) for one in (first, second, once_more))
    times = Counter(one["source"] for one in continued)
    by_source = {one["source"]: one for one in continued}
    return {
        "lost": sum(f"{one.name}#1" not in times for one in files),
        "told_twice": sum(count > 1 for count in times.values()),
        "kept_twice": kept_twice,
        "stopped_answer_differs": sum(one != other for one, other in zip(stopped, continued, strict=False)),
        "read_in_one_go": len(whole),
        "in_one_go_differs": sum(one != by_source.get(one["source"]) for one in whole),
    }


def _last(file: Path) -> str:
    """The last line of how far it has come: 読み取り 333 / 1000 …"""
    lines = file.read_text(encoding="utf-8", errors="replace").replace("\r", "\n").splitlines()
    return next((line.strip() for line in reversed(lines) if " / " in line), "")


def measure(folder: Path, pages: int, seed: int, again: int, *, lines: bool) -> dict[str, object]:
    """All figures."""
    pile, store, fresh = (folder / name for name in ("pile", "store", "fresh"))
    for place in (pile, store, fresh):
        place.mkdir()
    make_pile(pile, pages, seed)
    form, stop_at = form_in(folder / "form", lines=lines), round(pages * _STOP_AT)
    files, stopped, continued = sorted(pile.iterdir()), folder / "stopped", folder / "continued"
    told: dict[str, object] = {"stopped": asdict(run([pile], form, store, stopped, stop_at))}
    before = marks_of(store)
    told["continued"] = asdict(run([pile], form, store, continued, None))
    after = marks_of(store)
    twice = sum(after.get(one) != when for one, when in before.items())
    around = files[max(0, stop_at - again // 2) :][:again]
    told["in_one_go"] = asdict(run(around, form, fresh, folder / "whole", None))
    return {**told, "harm": harm(files, stopped, continued, twice, folder / "whole")}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--no-lines", action="store_true")
    parser.add_argument("--again", type=int, default=100)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    # Where a shell started this in the background, Ctrl-C is ignored, and would be by the command too.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with tempfile.TemporaryDirectory() as folder:
        told = measure(Path(folder), asked.pages, asked.seed, max(1, asked.again), lines=not asked.no_lines)
    tell(told, as_json=asked.json)


if __name__ == "__main__":
    main()
