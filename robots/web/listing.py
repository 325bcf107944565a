"""The register as rows to search: made once for a register and a day, so that ten thousand entries answer at once."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from robots.registry.load import Loaded
from robots.registry.model import Entry, Register, State, state_of

DATA = {"none": "個人情報なし", "personal": "個人情報", "my_number": "マイナンバー"}
DUE = {"over": "過ぎている", "soon": "90 日以内", "none": "決まっていない"}
_SOON = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Row:
    """One scenario in the list."""

    id: str
    name: str
    department: str
    department_name: str
    state: State
    data: str
    owner: str
    owner_name: str
    deputy: str
    reviewed_by: date | None
    due: str
    """over, soon, none, or empty where it is still far."""
    asked: str
    """Who has asked for its approval, and when; empty where nobody has."""
    text: str
    """What the search looks in, folded."""

    @property
    def link(self) -> str:
        return f"/scenarios/{self.id}"


@dataclass(frozen=True, slots=True)
class Filter:
    """What is wanted; an empty condition is none."""

    text: str = ""
    department: str = ""
    state: str = ""
    data: str = ""
    owner: str = ""
    due: str = ""

    def of(self, rows: Sequence[Row]) -> Sequence[Row]:
        """The rows that meet all conditions; every word of the text must be there."""
        if self == Filter():
            return rows
        words = folded(self.text).split()
        return [
            row
            for row in rows
            if (not self.department or row.department == self.department)
            and (not self.state or row.state == self.state)
            and (not self.data or row.data == self.data)
            and (not self.owner or self.owner in (row.owner, row.deputy))
            and (not self.due or row.due == self.due)
            and all(word in row.text for word in words)
        ]


def rows_of(loaded: Loaded, day: date) -> list[Row]:
    """Every scenario of the register, by id."""
    register = loaded.register
    found = []
    for id, entry in sorted(register.scenarios.items()):
        department, told = register.department_of(id)
        owner = register.people.get(entry.owner)
        owner_name = owner.name if owner is not None else entry.owner
        found.append(
            Row(
                id,
                entry.name,
                department,
                told.name,
                state_of(entry, day),
                entry.data,
                entry.owner,
                owner_name,
                entry.deputy,
                entry.reviewed_by,
                _due(entry.reviewed_by, day),
                _asked(register, entry),
                folded(f"{id} {entry.name} {told.name} {entry.owner} {owner_name}"),
            )
        )
    return found


def _asked(register: Register, entry: Entry) -> str:
    if entry.request is None or entry.retired is not None:
        return ""
    by = register.people.get(entry.request.by)
    return f"{by.name if by is not None else entry.request.by}（{entry.request.on}）"


def folded(text: str) -> str:
    """The same for full and half width, capitals and small letters."""
    return unicodedata.normalize("NFKC", text).casefold()


def _due(until: date | None, day: date) -> str:
    if until is None:
        return "none"
    return "over" if until < day else ("soon" if until <= day + _SOON else "")
