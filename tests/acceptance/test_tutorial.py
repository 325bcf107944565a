"""The scenarios that a reader writes first, followed to the letter, in a real browser."""

from __future__ import annotations

import re
import shutil
from datetime import date
from pathlib import Path
from typing import Any, cast

import pytest
from openpyxl import load_workbook

from practice.server import RunningTown
from robots.settings import open_home
from tests.conftest import ROOT, CityHall, banken_here
from tests.docs_blocks import FIRST, GUIDE, Block, entry, sheet, whole


def hall(tmp_path: Path, town: RunningTown, entries: str) -> CityHall:
    """An empty scenarios folder under the repository's own register with these entries, and the practice town."""
    root = tmp_path / "city"
    (root / "scenarios").mkdir(parents=True)
    register = (ROOT / "registry.yaml").read_text(encoding="utf-8").partition("\nscenarios:\n")[0]
    (root / "registry.yaml").write_text(f"{register}\nscenarios:\n{entries}", encoding="utf-8")
    (root / "banken.toml").write_text("settle_seconds = 1.0\nretry_wait = 0.2\nstep_timeout = 8\n", encoding="utf-8")
    return CityHall(open_home(root, {}), town)


def put(city: CityHall, block: Block, sample: str, content: str) -> None:
    """A scenario of the documentation under FIRST, with its sample."""
    folder = city.home.scenarios / FIRST
    place = folder / "sample" / sample
    place.parent.mkdir(parents=True)
    text = block.text.replace("http://127.0.0.1:8710", city.town.url)
    (folder / "scenario.yaml").write_text(text, encoding="utf-8")
    place.write_text(content, encoding="utf-8")


def planned(city: CityHall) -> list[dict[str, object]]:
    book = load_workbook(next(city.home.var.glob("runs/*/登録予定.xlsx")))["登録予定"]
    head, *rows = book.iter_rows(values_only=True)
    return [dict(zip(map(str, head), row, strict=True)) for row in rows]


@pytest.mark.parametrize("document", sorted(ROOT.glob("README*.md")), ids=lambda document: document.name)
def test_the_first_scenario_of_the_readme_rehearses(document: Path, tmp_path: Path, town: RunningTown) -> None:
    city = hall(tmp_path, town, entry().text)
    put(city, whole(document), "食数.csv", sheet(document).text)
    assert banken_here(city.home.root, "check").code == 0
    done = city.banken("run", FIRST, "--rehearse")
    assert done.code == 0, done.out + done.err
    (row,) = planned(city)
    assert (row["結果"], row["4月9日 1年"], row["4月9日 職員"]) == ("登録予定", "58", "31")
    assert city.town.entries("kyushoku") == []


def asked_and_answered(city: CityHall) -> list[tuple[str, str]]:
    """The questions of ``banken new`` as the guide tells them, with its answers."""
    table = GUIDE.read_text(encoding="utf-8").partition("| 聞かれること | 答え |\n|---|---|\n")[2].partition("\n\n")[0]
    pairs = [re.findall(r"\| ([^|]+) \| ([^|]+) \|", line)[0] for line in table.splitlines()]
    return [(question, answer.replace("http://127.0.0.1:8710", city.town.url)) for question, answer in pairs]


def drafted(city: CityHall, sample: Block) -> Path:
    """The draft that the guide lets ``banken new`` make, with the reader's own sheet in it; gives that sheet's place."""
    (city.home.root / "再配当依頼.csv").write_text(sample.text, encoding="utf-8")
    steps = asked_and_answered(city)
    made = banken_here(city.home.root, "new", typed="".join(f"{answer}\n" for _, answer in steps))
    assert made.code == 0, made.out + made.err
    asked = made.out + made.err
    assert [question for question, _ in steps if question not in asked] == []
    place = city.home.scenarios / FIRST / "sample" / "再配当依頼.csv"
    assert place.is_file()
    place.write_text(sample.text, encoding="utf-8")
    return place


def test_the_first_scenario_of_the_guide_goes_as_told(tmp_path: Path, town: RunningTown) -> None:
    city = hall(tmp_path, town, "  {}\n")
    sample = sheet(GUIDE)
    place = drafted(city, sample)
    assert "問題はありません" in banken_here(city.home.root, "check", FIRST).out
    assert city.banken("run", FIRST, "--rehearse").code == 0
    assert [row["結果"] for row in planned(city)] == ["登録予定"] * 4
    shutil.rmtree(city.home.var / "runs")

    text = whole(GUIDE).text.replace("http://127.0.0.1:8710", town.url)
    assert kept(text, (place.parents[1] / "scenario.yaml").read_text(encoding="utf-8")) == []
    (place.parents[1] / "scenario.yaml").write_text(text, encoding="utf-8")
    assert "問題はありません" in banken_here(city.home.root, "check").out
    assert banken_here(city.home.root, "run", FIRST).code == 3

    assert city.banken("run", FIRST, "--rehearse").code == 1
    rows = {str(row["キー"]): row for row in planned(city)}
    assert (rows["H8-003"]["結果"], rows["H8-003"]["理由"]) == ("業務エラー", "配当元と配当先が同じです")
    assert (rows["H8-002"]["結果"], rows["H8-002"]["配当先"]) == ("登録予定", "福祉課")
    assert city.town.entries("zaimu") == []

    until = date(2099, 3, 31).isoformat()
    approved = banken_here(city.home.root, "approve", FIRST, "--as", "d0001", "--yes", "--until", until)
    assert approved.code == 0, approved.err
    city.town.faults.set("POST /zaimu/transfers", "drop_after", times=1)  # 登録済みの確認 must find the first one
    report = cast("dict[str, Any]", city.banken("run", FIRST, "--json").json())
    assert (report["items"]["done"], report["items"]["rejected"], report["items"]["in_doubt"]) == (3, 1, 0)
    assert city.arrived("zaimu") == {"H8-001": 1, "H8-002": 1, "H8-004": 1}

    place.write_text(sample.text.replace("土木課,土木課", "土木課,学務課"), encoding="utf-8")
    again = cast("dict[str, Any]", city.banken("run", FIRST, "--json").json())
    assert (again["items"]["done"], again["items"]["skipped"]) == (1, 3)
    assert city.arrived("zaimu") == {"H8-001": 1, "H8-002": 1, "H8-003": 1, "H8-004": 1}

    book = load_workbook(city.home.var / "out" / "yosan-haito" / "予算再配当の入力の結果.xlsx")["結果"]
    head, *result = book.iter_rows(values_only=True)
    assert head == ("依頼番号", "金額", "受理番号", "登録日時")
    assert sorted(str(row[0]) for row in result) == ["H8-001", "H8-002", "H8-003", "H8-004"]
    assert all(row[2] for row in result)


def kept(text: str, made: str) -> list[str]:
    """The lines of the draft that the guide's own text has no longer, but for notes: the reader only adds to it."""
    bare = [{line.partition("#")[0].rstrip() for line in one.splitlines()} for one in (text, made)]
    return sorted(bare[1] - bare[0])
