"""kill -9 at the boundaries of a run, which is then carried on: is every item in the core system exactly once?

    python -m bench.kill [--json] [--items 20] [--points 60]

Boundaries are those of tests/faults/killer.py: about five an item, in a real run with a real browser against the practice
town.  Each point is a town of its own: the run is killed there, carried on as a person would, and what arrived is counted.
Where a run has more boundaries than points, the points lie evenly among them.  Lost, doubled and wrong (the run was not
killed, was not carried on well, or the book of results says otherwise) are to be 0.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

from loguru import logger
from openpyxl import load_workbook

from bench.told import tell
from practice.server import start_town
from robots.settings import open_home
from tests.commands import in_a_process_of_its_own
from tests.conftest import JUTOGAI, CityHall, approved_gallery, small_book
from tests.faults.killer import carried_on, killed


def boundaries_of(city: CityHall) -> list[str]:
    """What each boundary of a run that nobody kills is the end of, in order."""
    assert in_a_process_of_its_own(killed, city.home.root, JUTOGAI, 0) == 0
    return (city.home.root / "boundaries.txt").read_text(encoding="utf-8").splitlines()


def result_rows(city: CityHall) -> Counter[str]:
    """How often each key stands in the book of results."""
    book = load_workbook(city.home.var / "out" / "jutogai-jusho" / "住所変更の登録結果.xlsx")
    column = [str(row[0]) for row in book["登録結果"].iter_rows(min_row=2, max_col=1, values_only=True)]
    return Counter(column)


def sweep(city: CityHall, items: int, points: int | None = None) -> dict[str, object]:
    """Kills a run of so many items at its boundaries (points: at so many of them); ends the town that it is given.
    Returns items, boundaries, points, and the points at which something was lost, doubled or wrong."""
    keys = small_book(city, items)
    count = len(boundaries_of(city))
    city.town.stop()
    chosen = sorted({1 + number * count // (points or count) for number in range(points or count)})
    found: dict[str, list[int]] = {"lost": [], "doubled": [], "wrong": []}
    for at in chosen:
        shutil.rmtree(city.home.var, ignore_errors=True)
        with (
            tempfile.TemporaryDirectory() as folder,
            start_town(Path(folder, "town.sqlite"), port=city.town.port) as town,
        ):
            present = replace(city, home=open_home(city.home.root, {}), town=town)
            died = in_a_process_of_its_own(killed, present.home.root, JUTOGAI, at)
            ended = carried_on(present.home.root, JUTOGAI)
            arrived = present.arrived("jumin")
        found["lost"] += [at] if any(arrived[key] == 0 for key in keys) else []
        found["doubled"] += [at] if any(count > 1 for count in arrived.values()) else []
        found["wrong"] += [at] if died == 0 or ended != 0 or result_rows(present) != Counter(keys) else []
    return {"items": items, "boundaries": count, "points": len(chosen), **found}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--items", type=int, default=20)
    parser.add_argument("--points", type=int, default=60)
    given = parser.parse_args()
    began = time.perf_counter()
    logger.remove()  # a run's log has a file of its own
    with tempfile.TemporaryDirectory() as folder, start_town(Path(folder, "town.sqlite")) as town:
        root = approved_gallery(Path(folder, "city"), town.port)
        found = sweep(CityHall(open_home(root, {}), town), given.items, given.points)
    found["seconds"] = round(time.perf_counter() - began, 1)
    tell(found, as_json=given.json)


if __name__ == "__main__":
    main()
