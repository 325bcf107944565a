"""The report as an Excel book: live formulas for every total, and Excel's own charts."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from openpyxl import Workbook
from openpyxl.chart import BarChart, Reference
from openpyxl.chart.label import DataLabelList
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.drawing.colors import ColorChoice
from openpyxl.drawing.fill import PatternFillProperties
from openpyxl.drawing.line import LineProperties
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from robots.ledger.behind import RunBehind
from robots.savings.figures import Hours, Line
from robots.savings.page import period_words
from robots.savings.statement import Statement
from robots.savings.table import heading

TABLE, YEARS, MONTHS, RANKS, LOOK, RUNS = "削減時間", "年度", "月", "順位", "見直し", "実行"
MOST_RUNS = 100_000
"""More runs than this are left out of the book, which says so; --json has them all."""

_FONT = "BIZ UDゴシック"
_THIN = Side(style="thin", color="999999")
_EDGE = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
_HEAD = PatternFill("solid", fgColor="E8ECF4")
_HOURS, _WHOLE, _SHARE = "#,##0.00", "#,##0", "0.0%"
_FORMULA = "=+-@＝＋－＠\t\r"
_FIGURES = (
    "件数", "削減時間（総）", "人の作業時間", "削減時間（正味）", "削減率", "シナリオ数", "うち内製", "内製率",
    "金額換算（円）", "費用（円）", "不要になった費用（円）", "差引効果（円）", "回収（か月）",
)  # fmt: skip


def workbook(drawn: Statement, runs: Sequence[RunBehind]) -> bytes:
    """The book's bytes.

    runs: those behind the whole report; the totals of their sheet show that nothing else is in it.
    """
    book = Workbook()
    front = book.active
    assert isinstance(front, Worksheet)
    front.title = TABLE
    _table(front, drawn.lines, drawn.wanted.by, drawn.total)
    years = _table(book.create_sheet(YEARS), drawn.years, "year", None)
    months = _table(book.create_sheet(MONTHS), drawn.months, "month", None)
    ranks = book.create_sheet(RANKS)
    _ranks(ranks, drawn)
    _look(book.create_sheet(LOOK), drawn)
    _runs(book.create_sheet(RUNS), runs)
    cover = book.create_sheet("まとめ", 0)
    _cover(cover, drawn, len(drawn.lines))
    _chart(cover, years, "年度ごとの時間", (4, 5), len(drawn.years), "A19")
    _chart(cover, months, "月ごとの削減時間（正味）", (6,), len(drawn.months), "A37")
    if drawn.best:
        _chart(cover, ranks, "削減時間（正味）の多いシナリオ", (3,), len(drawn.best), "A55", lying=True)
    book.active = 0
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _put(sheet: Worksheet, row: int, column: int, value: object, form: str = "") -> None:
    """One cell; text is text, whatever it begins with."""
    cell = sheet.cell(row, column)
    if isinstance(value, str) and value and not form.startswith("="):
        cell.value = value
        cell.data_type = "s"
        cell.quotePrefix = value[0] in _FORMULA
    elif value is not None and value != "":
        cell.value = value  # type: ignore[assignment]
    cell.number_format = form.removeprefix("=") or "General"
    cell.font = Font(name=_FONT, size=10)
    cell.border = _EDGE


def _formula(sheet: Worksheet, row: int, column: int, formula: str, form: str) -> None:
    _put(sheet, row, column, f"={formula}", f"={form}")
    sheet.cell(row, column).font = Font(name=_FONT, size=10, bold=True)


def _heads(sheet: Worksheet, row: int, names: Sequence[str]) -> None:
    for column, name in enumerate(names, 1):
        _put(sheet, row, column, name)
        cell = sheet.cell(row, column)
        cell.fill = _HEAD
        cell.alignment = Alignment(wrap_text=True, vertical="center")
        wide = max(len(name) * 2, 12) if column > 2 else 30
        sheet.column_dimensions[get_column_letter(column)].width = min(wide, 34)


def _printing(sheet: Worksheet, *, head: int = 1) -> None:
    sheet.freeze_panes = f"A{head + 1}"
    sheet.print_title_rows = f"{head}:{head}"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)


def _table(sheet: Worksheet, lines: Sequence[Line], by: str, total: Hours | None) -> Worksheet:
    """The lines under headings; with ``total``, a last row whose sums are formulas."""
    names = list(heading(lines[0], by)) if lines else [{"month": "月", "year": "年度"}.get(by, "課")]
    if by in ("month", "year"):
        names = [names[0], ""]  # the same columns on both sheets, for the charts
    _heads(sheet, 1, [*names, *_FIGURES])
    left = len(names)
    for row, line in enumerate(lines, 2):
        for column, value in enumerate([*heading(line, by).values(), "", ""][:left], 1):
            _put(sheet, row, column, value)
        _figures(sheet, row, left, line.hours)
    if total is not None:
        _total(sheet, len(lines) + 2, left, lines, total)
    _printing(sheet)
    return sheet


def _figures(sheet: Worksheet, row: int, left: int, hours: Hours) -> None:
    """One line: what was counted as values, what follows from it as formulas."""
    at = {name: get_column_letter(left + place) for place, name in enumerate(_FIGURES, 1)}
    values: dict[str, tuple[object, str]] = {
        "件数": (hours.items, _WHOLE),
        "削減時間（総）": (_float(hours.before / 60), _HOURS),
        "人の作業時間": (_float(hours.after / 60), _HOURS),
        "シナリオ数": (hours.works, _WHOLE),
        "うち内製": (hours.in_house, _WHOLE),
        "金額換算（円）": (None if hours.money is None else _float(hours.money), _WHOLE),
        "費用（円）": (_float(hours.cost + hours.initial), _WHOLE),
        "不要になった費用（円）": (_float(hours.avoided), _WHOLE),
        "回収（か月）": (hours.payback, _WHOLE),
    }
    for name, (value, form) in values.items():
        _put(sheet, row, left + _FIGURES.index(name) + 1, value, form)
    _derived(sheet, row, left, at)


def _derived(sheet: Worksheet, row: int, left: int, at: dict[str, str]) -> None:
    gross, people, net = (f"{at[name]}{row}" for name in ("削減時間（総）", "人の作業時間", "削減時間（正味）"))
    money, paid, avoided = (f"{at[name]}{row}" for name in ("金額換算（円）", "費用（円）", "不要になった費用（円）"))
    works, own = f"{at['シナリオ数']}{row}", f"{at['うち内製']}{row}"
    for name, formula, form in (
        ("削減時間（正味）", f"{gross}-{people}", _HOURS),
        ("削減率", f'IF({gross}=0,"",{net}/{gross})', _SHARE),
        ("内製率", f'IF({works}=0,"",{own}/{works})', _SHARE),
        ("差引効果（円）", f'IF({money}="","",{money}+{avoided}-{paid})', _WHOLE),
    ):
        _put(sheet, row, left + _FIGURES.index(name) + 1, f"={formula}", f"={form}")


def _total(sheet: Worksheet, row: int, left: int, lines: Sequence[Line], total: Hours) -> None:
    at = {name: get_column_letter(left + place) for place, name in enumerate(_FIGURES, 1)}
    for column in range(1, left + 1):
        _put(sheet, row, column, "合計" if column == 1 else "")
    summed = {"件数": _WHOLE, "削減時間（総）": _HOURS, "人の作業時間": _HOURS, "費用（円）": _WHOLE}
    summed |= {"不要になった費用（円）": _WHOLE} | ({} if total.money is None else {"金額換算（円）": _WHOLE})
    for name, form in summed.items():
        cells = f"{at[name]}2:{at[name]}{row - 1}"
        _formula(sheet, row, left + _FIGURES.index(name) + 1, f"SUM({cells})" if lines else "0", form)
    # A scenario may stand in several lines: these are of the whole, and no sum.
    for name, value in (("シナリオ数", total.works), ("うち内製", total.in_house), ("回収（か月）", total.payback)):
        _put(sheet, row, left + _FIGURES.index(name) + 1, value, _WHOLE)
    if total.money is None:
        _put(sheet, row, left + _FIGURES.index("金額換算（円）") + 1, None)
    _derived(sheet, row, left, at)
    for column in range(1, left + len(_FIGURES) + 1):
        sheet.cell(row, column).font = Font(name=_FONT, size=10, bold=True)


def _cover(sheet: Worksheet, drawn: Statement, lines: int) -> None:
    """The page on top: the figures of the whole, read from the table's last row, and the charts."""
    for row, text in ((1, "自動化による削減時間の報告"), (2, f"{drawn.wanted.organization}　{period_words(drawn)}")):
        _put(sheet, row, 1, text)
        sheet.cell(row, 1).border = Border()
    sheet["A1"].font = Font(name=_FONT, size=16)
    _put(sheet, 3, 1, f"{drawn.wanted.day:%Y-%m-%d} 作成")
    left = len(heading(drawn.lines[0], drawn.wanted.by)) if drawn.lines else 1
    forms = {"件数": _WHOLE, "シナリオ数": _WHOLE, "うち内製": _WHOLE, "回収（か月）": _WHOLE}
    forms |= {"削減率": _SHARE, "内製率": _SHARE}
    for place, name in enumerate(_FIGURES):
        _put(sheet, 4 + place, 1, name)
        cell = f"'{TABLE}'!{get_column_letter(left + place + 1)}{lines + 2}"
        form = forms.get(name, _WHOLE if name.endswith("（円）") else _HOURS)
        _formula(sheet, 4 + place, 2, f'IF({cell}="","",{cell})', form)
    sheet.column_dimensions["A"].width = 44
    sheet.column_dimensions["B"].width = 22
    _printing(sheet, head=3)
    sheet.print_title_rows = None
    sheet.page_setup.orientation = "portrait"
    sheet.page_setup.fitToHeight = 1


def _ranks(sheet: Worksheet, drawn: Statement) -> None:
    _heads(sheet, 1, ["シナリオ", "課", "削減時間（正味）"])
    sheet.column_dimensions["C"].width = 18
    for row, line in enumerate([*drawn.best, *drawn.worst[::-1]], 2):
        _put(sheet, row, 1, line.scenario_name or line.scenario)
        _put(sheet, row, 2, line.department_name or line.department)
        _put(sheet, row, 3, _float(line.hours.saved / 60), _HOURS)
    _printing(sheet)


def _look(sheet: Worksheet, drawn: Statement) -> None:
    _heads(sheet, 1, ["シナリオ", "理由・見積り（年・時間）", "実績（年・時間）", "判定"])
    sheet.column_dimensions["B"].width = 60
    rows: list[list[object]] = [[mark.name, "。".join(mark.reasons), None, "見直し"] for mark in drawn.marks]
    for one in drawn.compared:
        told = f"見積り {one.expected.net:,.0f}（{one.expected.low:,.0f}～{one.expected.high:,.0f}）"
        rows.append([one.name, told, _float(one.came), "範囲内" if one.within else "範囲外"])
    for row, values in enumerate(rows, 2):
        for column, value in enumerate(values, 1):
            _put(sheet, row, column, value, _HOURS if isinstance(value, float) else "")
    _printing(sheet)


def _runs(sheet: Worksheet, runs: Sequence[RunBehind]) -> None:
    """Every run behind the report, and its sums by formulas."""
    names = ["実行", "シナリオ", "日", "件数", "1 件の分", "1 回の分", "削減時間（総）", "人の作業時間（この実行の分）"]
    _heads(sheet, 1, names)
    if len(runs) > MOST_RUNS:
        _put(sheet, 2, 1, f"実行が {len(runs):,} 件あり、ここには書けません。banken savings --json で見られます。")
        return
    for row, run in enumerate(runs, 2):
        per_run = run.minutes_per_run if run.books_run else Decimal(0)
        values = (run.items, _float(run.minutes_per_item), _float(per_run))
        for column, text in enumerate((run.run, run.scenario), 1):
            cell = sheet.cell(row, column)
            cell.value = text
            cell.data_type = "s"
        day = sheet.cell(row, 3)
        day.value = date.fromisoformat(run.started_at[:10])
        day.number_format = "yyyy-mm-dd"
        for column, value in enumerate(values, 4):
            sheet.cell(row, column).value = value
        sheet.cell(row, 7).value = f"=(D{row}*E{row}+F{row})/60"
        sheet.cell(row, 7).number_format = _HOURS
        sheet.cell(row, 8).value = _float(run.people / 60)
        sheet.cell(row, 8).number_format = _HOURS
    end = len(runs) + 2
    _put(sheet, end, 1, "合計")
    for letter, form in (("D", _WHOLE), ("G", _HOURS), ("H", _HOURS)):
        column = "ABCDEFGH".index(letter) + 1
        _formula(sheet, end, column, f"SUM({letter}2:{letter}{end - 1})" if runs else "0", form)
    _printing(sheet)


def _chart(
    cover: Worksheet, of: Worksheet, title: str, columns: Sequence[int], rows: int, where: str, *, lying: bool = False
) -> None:
    """Excel's own bars over a sheet's columns; dark and hatched, so that grey print tells them apart."""
    if not rows:
        return
    chart = BarChart()
    chart.type = "bar" if lying else "col"
    chart.title = title
    chart.height, chart.width = 8.2, 17.5  # type: ignore[assignment]  # cm; the stubs know whole ones only
    chart.gapWidth = 60
    for column in columns:
        chart.add_data(Reference(of, min_col=column, min_row=1, max_row=rows + 1), titles_from_data=True)
    chart.set_categories(Reference(of, min_col=1, min_row=2, max_row=rows + 1))
    for place, series in enumerate(chart.series):
        series.graphicalProperties = GraphicalProperties(ln=LineProperties(solidFill="222222"))
        if place:
            series.graphicalProperties.pattFill = PatternFillProperties(
                prst="wdUpDiag", fgClr=_colour("173A7A"), bgClr=_colour("FFFFFF")
            )
        else:
            series.graphicalProperties.solidFill = "173A7A"
    chart.dataLabels = DataLabelList(showVal=True, showSerName=False, showCatName=False, showLegendKey=False)
    chart.dataLabels.numFmt = "#,##0"
    chart.legend = chart.legend if len(columns) > 1 else None
    if chart.legend is not None:
        chart.legend.position = "t"
    chart.x_axis.delete = chart.y_axis.delete = False
    chart.y_axis.numFmt = "#,##0"
    if lying:
        chart.x_axis.scaling.orientation = "maxMin"
    cover.add_chart(chart, where)


def _colour(rgb: str) -> ColorChoice:
    return ColorChoice(srgbClr=rgb)  # type: ignore[arg-type]  # the stubs want an object that the library itself makes of it


def _float(number: Decimal) -> float:
    return float(number)
