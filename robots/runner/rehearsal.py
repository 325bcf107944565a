"""The rehearsal's book (登録予定.xlsx): one row an item, one column a field, as it would be entered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from robots.drivers.workbook import Workbooks
from robots.ledger.items import Item, Outcome
from robots.runner.words import REHEARSED
from robots.values import Row

FILE_NAME = "登録予定.xlsx"


@dataclass(frozen=True, slots=True)
class Ending:
    """How a run ended: ended or stopped, and what is to be said of it."""

    state: str
    message: str = ""


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What a rehearsal brought: the book, how many items came to which state, and how it ended."""

    book: Path
    counts: Mapping[str, int]
    ended: Ending


def planned_row(number: int, item: Item, outcome: Outcome, on_screen: dict[str, str]) -> Row:
    """One line of the book; a field of the screen that is called as one of the book's own columns is told apart."""
    own = {
        "番号": number,
        "キー": item.key,
        "元データ": item.origin,
        "結果": REHEARSED[outcome.state],
        "理由": outcome.reason,
    }
    return Row(own | {f"{name}（画面）" if name in own else name: text for name, text in on_screen.items()})


def write_book(workbooks: Workbooks, folder: Path, rows: list[Row]) -> Path:
    """Writes the book anew and returns its place."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    place = folder / FILE_NAME
    place.unlink(missing_ok=True)
    filled = [Row({name: row.get(name, "") for name in columns}, origin=row.origin) for row in rows]
    workbooks.append_rows(place, "登録予定", filled)
    return place
