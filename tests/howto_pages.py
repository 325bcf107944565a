"""How a how-to of docs/howto is read: the files it tells the reader to make, what it says comes of it, in order."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from openpyxl import Workbook, load_workbook
from pypdf import PdfReader, PdfWriter

from robots.values import text_of

_FILE = re.compile(r"^`(?P<place>(?:scenarios|var)/[^`]+)`(?P<note>（.*）)?$", re.MULTILINE)
_FENCE = re.compile(r"^```\w*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_ROW = re.compile(r"^\|(.*)\|$")
_OUTCOME = re.compile(r"「((?:(?:完了|業務エラー|除外・登録済み|確認待ち) \d+ 件　?)+|対象なし)」")
_CELL = ["セル", "中身"]
ANYTHING = "…"
Table = list[list[str]]


@dataclass(frozen=True)
class Shown:
    """A file as a page shows it: the text of its fence, its table, or only how many pages a PDF has."""

    place: str
    note: str
    text: str = ""
    table: tuple[tuple[str, ...], ...] = ()

    @property
    def sheet(self) -> str:
        found = re.search(r"シート「(.+?)」", self.note)
        return found[1] if found else "Sheet1"

    def put(self, root: Path) -> None:
        """Makes the file as the reader would."""
        place = root / self.place
        place.parent.mkdir(parents=True, exist_ok=True)
        if place.suffix == ".pdf":
            writer = PdfWriter()
            for _ in range(self._pages()):
                writer.add_blank_page(595, 842)
            writer.write(place)
        elif place.suffix == ".xlsx":
            self._book().save(place)
        else:
            place.write_text(self.text, encoding="cp932" if "cp932" in self.note else "utf-8", newline="\r\n")

    def _pages(self) -> int:
        return int(re.findall(r"PDF、(\d+) ページ", self.note)[0])

    def _book(self) -> Workbook:
        book = Workbook()
        sheet = book.active
        assert sheet is not None
        sheet.title = self.sheet
        head, *rows = self.table
        if list(head) == _CELL:
            for cell, content in rows:
                sheet[cell] = _typed(content)
        else:
            for row in (head, *rows):
                sheet.append([_typed(cell) for cell in row])
        return book

    def wrong(self, root: Path) -> str:
        """What is otherwise in the newest file of this name than the page says; empty: nothing."""
        found = sorted(root.glob(self.place), key=lambda place: place.stat().st_mtime_ns)
        if not found:
            return f"{self.place} is not there"
        if found[-1].suffix == ".pdf":
            pages = len(PdfReader(found[-1]).pages)
            return "" if pages == self._pages() else f"{self.place} has {pages} pages"
        book = load_workbook(found[-1])
        sheet = book[self.sheet] if self.sheet in book.sheetnames else book.worksheets[0]
        head, *rows = self.table
        if list(head) == _CELL:
            pairs = [(_plain(sheet[cell].value), content) for cell, content in rows]
        else:
            made = [[_plain(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]
            if [len(row) for row in made] != [len(row) for row in self.table]:
                return f"{self.place} holds {made}"
            pairs = [pair for row, told in zip(made, self.table, strict=True) for pair in zip(row, told, strict=True)]
        return "".join(f"{self.place}: {has!r}, told {told!r}\n" for has, told in pairs if not _is(has, told))


@dataclass(frozen=True)
class HowTo:
    """One page.  ``files``: what the reader makes, a file that is shown again was mended; ``results``: what comes of it."""

    page: Path
    files: tuple[Shown, ...]
    results: tuple[Shown, ...]
    outcomes: tuple[str, ...]
    drawn: tuple[str, ...]
    """The ``banken form draw`` lines."""

    @property
    def scenarios(self) -> list[str]:
        """The ids, in the order of the page."""
        places = [file.place for file in self.files if file.place.endswith("/scenario.yaml")]
        return [place.removeprefix("scenarios/").removesuffix("/scenario.yaml") for place in places]

    @property
    def first(self) -> list[Shown]:
        """The files as they are made at first."""
        return list({file.place: file for file in reversed(self.files)}.values())[::-1]

    @property
    def mended(self) -> list[Shown]:
        return [file for file in self.files if file not in self.first]


def read_page(page: Path) -> HowTo:
    """A page as its reader follows it."""
    text = page.read_text(encoding="utf-8")
    files: list[Shown] = []
    results: list[Shown] = []
    for match in _FILE.finditer(text):
        shown = _shown(match, text[match.end() :].lstrip("\n"))
        after = text.rfind("\n## 結果\n", 0, match.start()) >= 0
        (results if after and not shown.text else files).append(shown)
    drawn = re.findall(r"^banken (form draw .+)$", text, re.MULTILINE)
    return HowTo(page, tuple(files), tuple(results), tuple(_OUTCOME.findall(text)), tuple(drawn))


def _shown(match: re.Match[str], rest: str) -> Shown:
    place, note = match["place"], match["note"] or ""
    fence = _FENCE.match(rest)
    table = tuple(tuple(row) for row in _rows(rest) if not set("".join(row)) <= {"-"} or not any(row))
    return Shown(place, note, fence[1] if fence else "", () if place.endswith(".pdf") or fence else table)


def _rows(text: str) -> Iterator[list[str]]:
    for line in text.splitlines():
        row = _ROW.match(line)
        if row is None:
            return
        yield [cell.strip(" ") for cell in row[1].split("|")]


def _typed(cell: str) -> str | int | None:
    """What Excel makes of what is typed: amounts are numbers, codes in a text cell stay text."""
    if re.fullmatch(r"-?[1-9]\d*", cell):
        return int(cell)
    return cell or None


def _plain(value: object) -> str:
    if isinstance(value, datetime | date):
        return value.strftime("%Y-%m-%d")
    return "" if value is None else text_of(value)


def _is(has: str, told: str) -> bool:
    return bool(has) if told == ANYTHING else has == told
