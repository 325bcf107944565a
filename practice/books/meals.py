"""給食食数.xlsx: one school, one month."""

from __future__ import annotations

from datetime import date

from openpyxl import Workbook

from practice.books.style import BORDER, Value, dress_header, new_book, title, widths
from practice.seed import choose

MEAL_COLUMNS = ("日付", "曜日", "1年", "2年", "3年", "4年", "5年", "6年", "職員", "合計")
_PUPILS = (58, 61, 64, 57, 66, 70, 31)


def meal_book() -> Workbook:
    book, sheet = new_book("4月")
    title(sheet, 1, len(MEAL_COLUMNS), "学校給食　食数報告書", size=14)
    for column, text in ((1, "学校名"), (2, "東小学校"), (4, "年月"), (5, "令和8年4月"), (8, "報告者"), (9, "教頭")):
        sheet.cell(2, column, text)
    for column, name in enumerate(MEAL_COLUMNS, start=1):
        sheet.cell(4, column, name)
    dress_header(sheet, 4, len(MEAL_COLUMNS))
    totals = [0] * 8
    for number in range(1, 31):
        day = date(2026, 4, number)
        counts = _meals_of(day)
        cells: list[Value] = [f"4月{number}日", "月火水木金土日"[day.weekday()]]
        cells += [*counts, sum(counts)] if counts else [None] * 8
        for column, value in enumerate(cells, start=1):
            sheet.cell(4 + number, column, value).border = BORDER
        totals = [
            total + count for total, count in zip(totals, [*counts, sum(counts)] if counts else [0] * 8, strict=True)
        ]
    for column, value in enumerate(["合計", None, *totals], start=1):
        sheet.cell(35, column, value).border = BORDER
    sheet.cell(37, 1, "※ 給食のない日は空欄にしてください。")
    widths(sheet, (12, 10, 8, 8, 12, 8, 8, 8, 8, 10))
    return book


def _meals_of(day: date) -> list[int]:
    """The counts by grade and staff; none on weekends, before the meals begin, and on 昭和の日. The first grade starts later."""
    if day.weekday() >= 5 or day < date(2026, 4, 9) or day == date(2026, 4, 29):
        return []
    away = [choose(f"away-{day.isoformat()}", grade, 4) for grade in range(7)]
    counts = [pupils - gone for pupils, gone in zip(_PUPILS, away, strict=True)]
    return [0, *counts[1:]] if day < date(2026, 4, 13) else counts
