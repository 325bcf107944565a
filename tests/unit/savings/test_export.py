"""The report in every format: what opens there is the same report, and no text of the data is live in it."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from lxml import etree, html
from openpyxl import load_workbook
from PIL import Image
from pypdf import PdfReader

from robots.drivers.openpyxl_workbook import OpenpyxlWorkbooks
from robots.drivers.workbook_recalculate import find_office
from robots.ledger.behind import RunBehind
from robots.ledger.store import Ledger
from robots.ledger.tallies import Tally
from robots.savings import statement as statements
from robots.savings.export import export
from robots.savings.statement import Expected, Statement, Wanted, statement
from robots.savings.workbook import workbook
from robots.wiring import print_page
from tests.empty_ledger import empty_ledger

HOSTILE = (
    '=HYPERLINK("http://x","y")',
    "+1+1",
    "-1+1",
    "@SUM(A1)",
    "＝1+1",
    "＋1",
    "－1",
    "＠A1",
    "<script>alert(1)</script>",
)
ONE = Tally(
    "ka0/w0", "就学援助の入力", "ka0", "学務課", "教育部", "in_house", "2021-01-01", "2025-04", "2025-04", "2025-04",
    items=90, runs=1, minutes_per_item=Decimal("6.5"), minutes_per_run=Decimal(10), hourly_cost=Decimal(2800),
    running=Decimal("33.3"),
)  # fmt: skip


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    opened = empty_ledger(tmp_path_factory.mktemp("ledger") / "ledger.sqlite")
    yield opened
    opened.close()


@pytest.fixture
def drawn(empty: Ledger, monkeypatch: pytest.MonkeyPatch) -> Statement:
    """A report over works with hostile names, two months, costs, a mark and an estimate."""
    found = [
        replace(ONE, scenario=f"ka{number}/w{number}", scenario_name=name, department=f"ka{number}", department_name=name,
                division=name, period=month, first=month, last=month)
        for number, name in enumerate(HOSTILE) for month in ("2025-04", "2025-05")
    ]  # fmt: skip
    found.append(replace(ONE, items=0, runs=0, running=Decimal(0), cost=Decimal("1000.5"), initial=Decimal(500)))
    monkeypatch.setattr(statements, "tallies", lambda *_given: found)
    expected = {"ka1/w1": Expected(Decimal(1), Decimal(50), Decimal(200), date(2025, 1, 1))}
    return statement(empty, Wanted("練習市", day=date(2026, 4, 1), expected=expected))


def never(html: str, files: Mapping[str, bytes]) -> bytes:
    raise AssertionError("only PDF is printed")


def test_every_text_is_text_in_xlsx_and_csv(drawn: Statement, empty: Ledger, tmp_path: Path) -> None:
    book, sheet = tmp_path / "r.xlsx", tmp_path / "r.csv"
    export(drawn, empty, book, never)
    export(drawn, empty, sheet, never)
    table = load_workbook(book)["削減時間"]
    names = [table.cell(row, 2) for row in range(2, 2 + len(drawn.lines))]
    assert {cell.value for cell in names} == set(HOSTILE)
    assert {cell.data_type for cell in names} == {"s"}
    assert all(cell.style and cell.quotePrefix for cell in names if not str(cell.value).startswith("<"))
    live = [cell for page in load_workbook(book) for row in page.iter_rows() for cell in row if cell.data_type == "f"]
    assert live
    assert all(re.match(r"=(SUM\(|IF\(|\(?[A-Z]+\d+[-*]|0$)", str(cell.value)) for cell in live)
    rows = list(csv.reader(io.StringIO(sheet.read_text(encoding="utf-8-sig"))))
    assert not [cell for row in rows for cell in row if cell[:1] in "=+@＝＋＠－" and cell]
    assert "'-1+1" in rows[3]


@pytest.mark.skipif(find_office() is None, reason="there is no LibreOffice on this machine")
def test_the_books_formulas_give_the_reports_figures(drawn: Statement, tmp_path: Path) -> None:
    book = tmp_path / "r.xlsx"
    behind = [
        RunBehind("r1", "ka0/w0", "ka0", "", "2025-04-01T19:00", 90, True, Decimal("6.5"), Decimal(10), Decimal(6))
    ]
    book.write_bytes(workbook(drawn, behind))
    with OpenpyxlWorkbooks().recalculated(book, seconds=300) as copy:
        read = load_workbook(copy, data_only=True)
    total = [cell.value for cell in read["削減時間"][len(drawn.lines) + 2]]
    hours = drawn.total
    assert total[:2] == ["合計", None]
    expected = (hours.items, hours.before / 60, hours.after / 60, hours.saved / 60, hours.rate)
    assert total[2:7] == pytest.approx([float(one or 0) for one in expected])
    assert total[10:14] == pytest.approx(
        [float(one or 0) for one in (hours.money, Decimal("1500.5"), 0, hours.balance)]
    )
    assert [row[1].value for row in read["まとめ"].iter_rows(min_row=4, max_row=7)] == pytest.approx(total[2:6])
    assert read["実行"]["G3"].value == pytest.approx((90 * 6.5 + 10) / 60)
    summary: Any = load_workbook(book)["まとめ"]  # openpyxl has no public name for the charts it has read
    assert len(summary._charts) == 3


def test_the_pdf_has_real_text_and_carries_its_typeface(drawn: Statement, empty: Ledger, tmp_path: Path) -> None:
    paper = tmp_path / "r.pdf"
    export(drawn, empty, paper, print_page)
    read = PdfReader(paper)
    text = "".join(page.extract_text() for page in read.pages)
    assert "自動化による削減時間の報告" in text
    assert "練習市" in text
    assert "<script>alert(1)</script>" in text.replace("\n", "")
    assert f"{drawn.total.items:,} 件" in text
    width, height = read.pages[0].mediabox[2:]
    assert (round(float(width) / 72 * 25.4), round(float(height) / 72 * 25.4)) == (210, 297)
    fonts = [font.get_object() for page in read.pages for font in page["/Resources"]["/Font"].values()]  # type: ignore[index]
    carried = {str(font["/BaseFont"]): font["/DescendantFonts"][0].get_object()["/FontDescriptor"] for font in fonts}
    assert any("BIZUDGothic" in name and "/FontFile2" in one.get_object() for name, one in carried.items())
    picture = pypdfium2.PdfDocument(paper)[0].render(scale=1).to_pil().convert("L")
    assert sum(picture.histogram()[:100]) > 5000, "the charts and the text are there"


def test_the_page_stands_alone_and_runs_nothing(drawn: Statement, empty: Ledger, tmp_path: Path) -> None:
    place = tmp_path / "r.html"
    export(drawn, empty, place, never)
    page = html.fromstring(place.read_bytes())
    assert isinstance(page, html.HtmlMixin)
    assert not page.xpath("//script | //link | //img | //iframe | //*[@onclick or @onload]")
    assert "url(" not in place.read_text(encoding="utf-8"), "nothing is fetched"
    charts = page.xpath("//figure/*[local-name()='svg']")
    assert isinstance(charts, list)
    assert len(charts) == 2 + (len(drawn.years) > 1)
    told = page.text_content()
    for mark in drawn.marks:
        assert mark.name in told
    assert "基準時間が2年より前（2021-01-01）の測定です" in told
    assert "範囲内" in told


def test_json_names_what_it_groups_by_and_charts_are_pictures(drawn: Statement, empty: Ledger, tmp_path: Path) -> None:
    for suffix in ("json", "svg", "png"):
        export(drawn, empty, tmp_path / f"r.{suffix}", never)
    told = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
    assert {"year", "by", "rows", "total", "years", "months", "best", "worst", "marks", "estimates"} <= set(told)
    assert told["estimates"][0]["scenario"] == "ka1/w1"
    assert sum(row["items"] for row in told["rows"]) == told["total"]["items"] == drawn.total.items
    drawing = etree.fromstring((tmp_path / "r.svg").read_bytes())
    assert "BIZ UDGothic" in etree.tostring(drawing, encoding="unicode")
    assert not drawing.xpath("//*[local-name()='script']")
    with Image.open(tmp_path / "r.png") as picture:
        assert picture.width > 1000
