"""The gallery's scenarios, rehearsed: each gives what its expected/ says, field by field, and enters nothing."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from openpyxl import load_workbook

from robots.values import number_from_cell, text_of
from tests.conftest import JUTOGAI, ROOT, CityHall

PAPER = "gakumu/shugaku-enjo"
SCANS = ("02.jpg", "06.jpg", "11-15.pdf", "17.jpg")
"""The demo reads all of them (test_demo.py)."""
FIRST = {JUTOGAI: 20}
"""So many of its items; the demo enters all of them, as expected/ says (test_demo.py)."""
GALLERY = sorted(
    path.parent.relative_to(ROOT / "scenarios").as_posix() for path in (ROOT / "scenarios").rglob("scenario.yaml")
)


def planned(book: Path) -> list[list[str]]:
    """The rehearsal's book as text."""
    rows = load_workbook(book)["登録予定"].iter_rows(values_only=True)
    return [[text_of(number_from_cell(cell) if isinstance(cell, float) else cell) for cell in row] for row in rows]


@pytest.mark.parametrize("scenario", GALLERY)
def test_a_rehearsal_gives_what_is_expected(city: CityHall, scenario: str) -> None:
    if scenario == PAPER:
        for scan in (city.home.scenarios / PAPER / "sample" / "in").iterdir():
            scan.unlink() if scan.name not in SCANS else None
    limit = ("--limit", str(FIRST[scenario])) if scenario in FIRST else ()
    report = city.banken("run", scenario, "--rehearse", "--json", *limit).json()
    assert isinstance(report, dict)
    found = planned(city.home.var / "runs" / report["run"] / "登録予定.xlsx")
    with (ROOT / "scenarios" / scenario / "expected" / "登録予定.csv").open(encoding="utf-8-sig", newline="") as file:
        expected = list(csv.reader(file))
    if scenario in FIRST:
        expected = expected[: FIRST[scenario] + 1]
    if scenario == PAPER:
        head, *rows = expected
        rows = [row for row in rows if row[2].split()[0] in SCANS]
        expected = [head, *([str(number), *row[1:]] for number, row in enumerate(rows, 1))]
        # What is not certain waits for a person; what is, is as it stands on the paper.
        sure = [row for row in found if row[3] != "確認待ち"]
        assert sure and [row[2] for row in found] == [row[2] for row in expected]
        assert [row for row in sure if row not in expected] == []
    else:
        assert found == expected
    assert not any(city.arrived(system) for system in ("jumin", "zaimu", "kyushoku", "gakumu"))
    assert city.banken("items", scenario, "--json").json() == []
