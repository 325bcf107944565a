"""A system that nobody here has drawn: Django's admin site, filled in, searched, mended and read by two scenarios."""

from __future__ import annotations

import csv
import os
import re
import secrets
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from robots.drivers.browser import site_of
from robots.drivers.playwright_browser import PlaywrightBrowser
from robots.vault import Credential, FileVault
from tests.conftest import ROOT
from tests.flow_town import FlowTown, open_flow_town

PROJECT = ROOT / "tests" / "django_admin"
USER = "desk"
ENTER, MEND = "shimin/idou", "shimin/teisei"
COUNT = 7
"""Two pages of the site's list.  The same test with 50 passes; it took 168 s on a busy machine of two cores."""
KINDS = ("転入", "転出", "転居", "世帯主変更")
NAMES = ("髙橋 一郎", "渡邊　花子", "田中 ①", "<b>山田</b>", "O'Brien & 子")


@dataclass(frozen=True)
class Desk:
    """The admin site while it is served."""

    address: str
    password: str
    folder: Path

    def notices(self) -> list[sqlite3.Row]:
        """What stands in the site's own database."""
        with closing(sqlite3.connect(self.folder / "desk.sqlite")) as database:
            database.row_factory = sqlite3.Row
            return database.execute("SELECT * FROM desk_notice ORDER BY number").fetchall()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    folder, password = tmp_path / "desk", secrets.token_urlsafe(12)
    folder.mkdir()
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", "DJANGO_SUPERUSER_PASSWORD": password}
    command = [sys.executable, "-m", "tests.django_admin.serve", str(folder), USER]
    with subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, encoding="utf-8") as served:
        assert served.stdout
        address = served.stdout.readline().strip()
        assert address.startswith("http://127.0.0.1:"), "the site did not start"
        try:
            yield Desk(address, password, folder)
        finally:
            served.kill()


@pytest.fixture
def office(tmp_path: Path, desk: Desk) -> Iterator[FlowTown]:
    opened = open_flow_town(tmp_path / "office")
    site = site_of(desk.address)
    assert site
    opened.browser = lambda: PlaywrightBrowser({site})
    FileVault(opened.home.var / "vault.age", opened.home.var / "key").keep("desk", Credential(USER, desk.password))
    for id, file in ((ENTER, "enter.yaml"), (MEND, "mend.yaml")):
        text = (PROJECT / file).read_text(encoding="utf-8")
        assert not re.search(r"CSS|css:", text)
        opened.write(text.replace("http://127.0.0.1:8000", desk.address), id, accept=False)
        opened.ask_and_sign(id)
    yield opened
    opened.ledger.close()


def _row(number: int) -> dict[str, object]:
    return {
        "受付番号": f"R8-{number:03}",
        "氏名": f"{NAMES[number % 5]}{number}",
        "届出日": date(2026, 4, 1) + timedelta(days=number),
        "届出区分": KINDS[number % 4],
        "本人確認": "○" if number % 3 else "",
        "備考": f"一行目\n{number}番の二行目" if number % 2 else None,
        "写し": f"写し/届書 {number:03}.pdf",
    }


def _sheet(office: FlowTown, count: int) -> list[dict[str, object]]:
    """A sheet of ``count`` notices beside their copies, as a department keeps them."""
    folder = office.home.scenarios / ENTER / "sample"
    (folder / "写し").mkdir(parents=True)
    rows = [_row(number) for number in range(1, count + 1)]
    book = Workbook()
    assert book.active is not None
    book.active.append(list(rows[0]))
    for row in rows:
        book.active.append(list(row.values()))
        (folder / str(row["写し"])).write_bytes(f"%PDF-1.4 {row['受付番号']}".encode())
    book.save(folder / "受付簿.xlsx")
    return rows


def test_objects_are_added_one_is_found_and_mended_and_the_list_comes_home(office: FlowTown, desk: Desk) -> None:
    rows = _sheet(office, COUNT)
    report = office.run(ENTER)
    assert (report.items["done"], report.exit_code) == (COUNT, 0), office.reasons(ENTER)
    _check_entered(desk, rows)
    out = office.home.var / "out"
    with (out / "異動届一覧.csv").open(encoding="cp932", newline="") as file:
        listed = list(csv.DictReader(file))
    assert [line["受付番号"] for line in listed] == [row["受付番号"] for row in rows]
    assert listed[2]["届出日"] == "2026年4月4日" and listed[2]["届出区分"] == "世帯主変更"
    assert {line["本人確認済み"] for line in listed} == {"True", "False"}
    sheet = load_workbook(out / "異動届一覧.xlsx")["一覧"]
    assert [str(row[0]) for row in sheet.iter_rows(min_row=2, values_only=True)] == [one["受付番号"] for one in listed]

    folder = office.home.scenarios / MEND / "sample"
    folder.mkdir(parents=True)
    before, after = str(rows[6]["氏名"]), "渡辺 花子"
    (folder / "訂正.csv").write_text(
        f"受付番号,訂正前,訂正後,届出区分\n{rows[6]['受付番号']},{before},{after},転出\n", encoding="utf-8"
    )
    report = office.run(MEND)
    assert (report.items["done"], report.exit_code) == (1, 0), office.reasons(MEND)
    mended = {**rows[6], "氏名": after, "届出区分": "転出", "本人確認": "○"}
    _check_entered(desk, [*rows[:6], mended, *rows[7:]])
    assert f"R8-007,{after}" in (out / "訂正後の一覧.csv").read_text(encoding="utf-8-sig")


def _check_entered(desk: Desk, rows: list[dict[str, object]]) -> None:
    """Every field of every object is what the sheet says, its file included, and no object is there twice."""
    codes = dict(zip(KINDS, ("in", "out", "move", "head"), strict=True))
    notices = desk.notices()
    assert [one["number"] for one in notices] == [row["受付番号"] for row in rows]
    for one, row in zip(notices, rows, strict=True):
        assert one["name"] == row["氏名"] and one["day"] == str(row["届出日"])
        assert one["kind"] == codes[str(row["届出区分"])] and bool(one["checked"]) == (row["本人確認"] == "○")
        assert one["remarks"].replace("\r\n", "\n") == (row["備考"] or "")
        assert (desk.folder / "media" / one["paper"]).read_bytes().endswith(str(row["受付番号"]).encode())


def test_what_is_there_already_is_found_by_search_and_not_added_again(office: FlowTown, desk: Desk) -> None:
    _sheet(office, 3)
    # A screen that never says so: each commit ends without an answer, and the search decides.
    said = "画面を確かめる: {文字: を追加しました}"
    text = (office.home.scenarios / ENTER / "scenario.yaml").read_text(encoding="utf-8")
    all_pages = "  - 押す: {リンク: 全件表示}\n"  # three are on one page
    assert said in text and all_pages in text
    text = text.replace(said, "画面を確かめる: {文字: を登録いたしました}\n          制限時間: 1s").replace(
        all_pages, ""
    )
    office.write(text, ENTER, accept=False)
    office.ask_and_sign(ENTER)
    report = office.run(ENTER)
    assert report.items["done"] == 3, report
    assert set(office.states(ENTER).values()) == {"done"}, office.reasons(ENTER)
    assert [one["number"] for one in desk.notices()] == ["R8-001", "R8-002", "R8-003"]
