"""請求書一覧.xlsx and 債権者台帳.xlsx: two books that have the 債権者コード in common."""

from __future__ import annotations

from datetime import date, timedelta

from openpyxl import Workbook

from practice.books.style import ERA_FORMAT, dress_header, new_book, title, widths
from practice.seed import choose, creditors, sections

INVOICE_COLUMNS = (
    "請求書番号",
    "債権者コード",
    "請求日",
    "支払予定日",
    "所属",
    "科目コード",
    "金額",
    "源泉徴収",
    "摘要",
)
CREDITOR_COLUMNS = (
    "債権者コード",
    "債権者名",
    "銀行コード",
    "支店コード",
    "口座種別",
    "口座番号",
    "口座名義カナ",
    "登録日",
)
INVOICE_COUNT = 24
UNKNOWN_CREDITORS = {8: "009001", 19: "009014"}
"""The two invoices (0..23) whose 債権者コード is in no 台帳."""

_SURVEYOR = 14  # a person, not a company: tax is withheld
_BOUGHT = (
    ("コピー用紙", "10-02-10", 0),
    ("封筒印刷", "10-02-11", 1),
    ("街路樹剪定", "10-04-12", 2),
    ("庁舎照明修繕", "10-02-13", 3),
    ("システム保守", "10-04-12", 4),
    ("漏水修繕", "10-02-13", 5),
    ("広報紙デザイン", "10-02-11", 6),
    ("警備", "10-04-12", 7),
    ("書庫移転", "10-03-11", 8),
    ("境界確認測量", "10-04-12", _SURVEYOR),
)
"""(what was bought, 科目コード, position in creditors())."""


def invoice_book() -> Workbook:
    book, sheet = new_book("請求書")
    title(sheet, 1, len(INVOICE_COLUMNS), "令和8年5月　受理請求書一覧", size=14)
    sheet.append([])
    sheet.append(list(INVOICE_COLUMNS))
    dress_header(sheet, 3, len(INVOICE_COLUMNS))
    for at in range(INVOICE_COUNT):
        invoiced = date(2026, 5, 1) + timedelta(days=at)
        thing, account, creditor = _BOUGHT[at * 3 % len(_BOUGHT)]
        sheet.append(
            [
                f"S2605-{at + 1:03d}",
                UNKNOWN_CREDITORS.get(at, creditors()[creditor].code),
                invoiced,
                date(2026, 6, 15) if at < 14 else date(2026, 6, 30),
                sections()[choose("section", at, len(sections()))][1],
                account,
                (choose("yen", at, 900) + 10) * (110 if at % 3 else 1_375),
                "有" if creditor == _SURVEYOR else None,
                f"{thing}（5月分）",
            ]
        )
        sheet.cell(sheet.max_row, 3).number_format = ERA_FORMAT
        sheet.cell(sheet.max_row, 4).number_format = "yyyy/mm/dd"
        sheet.cell(sheet.max_row, 7).number_format = "#,##0"
    widths(sheet, (14, 14, 18, 14, 12, 14, 14, 10, 32))
    return book


def creditor_book() -> Workbook:
    book, sheet = new_book("債権者台帳")
    sheet.append(list(CREDITOR_COLUMNS))
    dress_header(sheet, 1, len(CREDITOR_COLUMNS))
    for at, one in enumerate(creditors()):
        registered = date(2019 + at % 7, choose("registered", at, 12) + 1, 1)
        sheet.append([one.code, one.name, one.bank, one.branch, "普通", one.account, one.holder, registered])
        sheet.cell(sheet.max_row, 8).number_format = "yyyy/mm/dd"
    widths(sheet, (14, 34, 12, 12, 10, 12, 40, 14))
    return book
