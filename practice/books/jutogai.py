"""住登外者異動届.xlsx: sixty reports as a section really keeps them."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from practice.books.style import BORDER, ERA_FORMAT, Value, dress_header, new_book, title
from practice.era import wareki, wareki_short
from practice.seed import Resident, address_of, choose, residents

_TO_FULL = str.maketrans("0123456789-", "０１２３４５６７８９－")


@dataclass(frozen=True)
class Report:
    """One 異動届 as it is meant, before the section's habits have been at it."""

    position: int
    number: str
    reported: date
    moved: date
    person: Resident
    postal_code: str
    address: str
    building: str


JUTOGAI_COLUMNS = (
    "受付番号",
    "届出日",
    "異動日",
    "異動事由",
    "届出区分",
    "処理コード",
    "宛名番号",
    "氏名カナ",
    "生年月日",
    "郵便番号",
    "住所",
    "方書",
    "本人確認",
    "備考",
)
JUTOGAI_GROUPS = (("異動者", "宛名番号", "生年月日"), ("新住所", "郵便番号", "方書"))
"""(upper header, its first column, its last column)."""
IMPOSSIBLE_DATE, NO_ADDRESS, NOBODY = 17, 33, 48
"""The positions (0..59) of the three rows that hold a business error."""
REPORT_COUNT = 60


def reports() -> list[Report]:
    """The sixty reports, by 受付番号."""
    people = sorted(residents(), key=lambda person: choose("report", int(person.number), 1_000_000))[:REPORT_COUNT]
    days = _office_days()
    made = []
    for position, person in enumerate(people):
        day = days[position * len(days) // REPORT_COUNT]
        postal_code, address = address_of("new-address", position)
        has_building = choose("building", position, 3) == 0
        building = (
            f"コーポ見本{choose('room', position, 4) + 1}0{choose('door', position, 8) + 1}号室" if has_building else ""
        )
        moved = day - timedelta(days=choose("moved", position, 21))
        made.append(Report(position, f"{26040001 + position}", day, moved, person, postal_code, address, building))
    return made


def _office_days() -> list[date]:
    """The days of April and May 2026 on which the office was open."""
    spring = [date(2026, 4, 1) + timedelta(days=count) for count in range(59)]
    closed = [date(2026, 4, 29), date(2026, 5, 4), date(2026, 5, 5), date(2026, 5, 6)]
    return [day for day in spring if day.weekday() < 5 and day not in closed]


def _report_cells(report: Report) -> list[Value]:
    """The row's cells with everything in them that makes such books hard to read."""
    at = report.position
    person = report.person
    by = ("本人", "代理人", "送付")[choose("by", at, 3)]
    moved: Value = "令和8年2月30日" if at == IMPOSSIBLE_DATE else _as_kept(report.moved, choose("moved-style", at, 8))
    address = "" if at == NO_ADDRESS else report.address
    number = "00999999" if at == NOBODY else person.number
    return [
        _wide(report.number, at % 19 == 4),
        _as_kept(report.reported, choose("reported-style", at, 8)),
        moved,
        ("転居", "転居", "転入通知", "職権", "その他")[choose("reason", at, 5)],
        by,
        f"K{choose('code', at, 90) + 10}",
        _wide(number, at % 9 == 2),
        half_kana(person.kana) if at % 5 else person.kana,
        _as_kept(person.born, choose("born-style", at, 8)),
        _wide(report.postal_code, at % 11 == 6),
        address or None,
        report.building or None,
        "○" if by != "送付" else None,
        ("電話で確認済", "旧姓での届出あり")[at % 2] if choose("note", at, 9) == 0 else None,
    ]


def _as_kept(day: date, style: int) -> Value:
    """A date as one of several clerks typed it: most as text, one in eight as a true date of Excel."""
    if style == 0:
        return day
    return wareki_short(day) if style <= 3 else wareki(day)


def _wide(text: str, wide: bool) -> str:
    return text.translate(_TO_FULL) if wide else text


def half_kana(text: str) -> str:
    """Full-width katakana as half-width: サトウ　ハナコ → ｻﾄｳ ﾊﾅｺ."""
    halves = {" ": " ", "　": " "}
    for code in range(0xFF66, 0xFF9E):
        for mark in ("", "ﾞ", "ﾟ"):
            half = chr(code) + mark
            full = unicodedata.normalize("NFKC", half)
            if len(full) == 1:
                halves[full] = half
    return "".join(halves[letter] for letter in text)


def jutogai_book() -> Workbook:
    book, sheet = new_book("異動届受付簿")
    last = len(JUTOGAI_COLUMNS)
    title(sheet, 1, last, "令和8年度　住登外者異動届　受付簿", size=16)
    title(sheet, 2, last, "市民課　住民記録担当　　　令和8年5月29日現在", size=10)
    _two_row_header(sheet, 3)
    row = 5
    for report in reports():
        # A blank line wherever somebody began a new week or was called away.
        if report.position and choose("blank", report.position, 7) == 0:
            row += 1
        for column, value in enumerate(_report_cells(report), start=1):
            cell = sheet.cell(row, column, value)
            cell.border = BORDER
            if isinstance(value, date):
                cell.number_format = ERA_FORMAT if report.position % 2 else "yyyy/m/d"
        row += 1
    notes = (
        "※ 届出区分が「送付」のものは、本人確認書類の写しを別綴りで保管しています。",
        "※ 方書は建物名と部屋番号を記入してください。",
        "※ 入力が済んだものから順に、処理簿へ転記すること。",
    )
    for offset, note in enumerate(notes, start=1):
        sheet.cell(row + offset, 1, note)
    for letter, width in zip("ABCDEFGHIJKLMN", (11, 17, 17, 10, 9, 9, 12, 22, 17, 12, 40, 26, 9, 20), strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.column_dimensions["F"].hidden = True
    sheet.freeze_panes = "A5"
    return book


def _two_row_header(sheet: Worksheet, top: int) -> None:
    grouped: set[str] = set()
    for name, first, last in JUTOGAI_GROUPS:
        left, right = JUTOGAI_COLUMNS.index(first) + 1, JUTOGAI_COLUMNS.index(last) + 1
        grouped.update(JUTOGAI_COLUMNS[left - 1 : right])
        sheet.cell(top, left, name)
        sheet.merge_cells(start_row=top, end_row=top, start_column=left, end_column=right)
    for column, name in enumerate(JUTOGAI_COLUMNS, start=1):
        if name in grouped:
            sheet.cell(top + 1, column, name)
        else:
            sheet.cell(top, column, name)
            sheet.merge_cells(start_row=top, end_row=top + 1, start_column=column, end_column=column)
    for row in (top, top + 1):
        dress_header(sheet, row, len(JUTOGAI_COLUMNS))
