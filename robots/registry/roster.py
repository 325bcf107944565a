"""The lists of a personnel section: the April transfers (人事異動), who goes where and when, and the staff as it is now.

Headings differ from town to town, so each column is known by several names; full-width and half-width don't matter.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

from robots.drivers.csv_file import read_csv
from robots.eras import read_date
from robots.errors import BusinessError
from robots.registry.model import Register
from robots.values import Row, text_of

Column = Literal["number", "name", "before", "after", "day", "kind"]
_NAMES: Mapping[Column, tuple[str, ...]] = {
    "number": ("職員番号", "職員コード", "職員ID", "職員No", "番号", "社員番号"),
    "name": ("氏名", "職員氏名", "名前", "職員名"),
    "before": ("異動前", "異動前所属", "旧所属", "現所属", "所属", "異動前所属名"),
    "after": ("異動後", "異動後所属", "新所属", "異動先", "異動先所属", "異動後所属名"),
    "day": ("異動日", "発令日", "発令年月日", "異動年月日", "日付"),
    "kind": ("区分", "異動区分", "発令区分", "種別", "異動種別"),
}
_LEAVES = ("退職", "辞職", "免職", "失職", "死亡", "派遣", "出向", "転籍", "任期満了")
_AWAY = ("休職", "育児休業", "育休", "産休", "休業", "病休", "休暇")
_STAYS = ("復職", "採用", "昇任", "昇格", "昇給", "再任用", "配置換なし", "留任", "兼務")


@dataclass(frozen=True, slots=True)
class Move:
    """One person's move.  goes: to another place; leaves: the town; away: on leave, and will be back."""

    number: str
    name: str
    day: date
    before: str
    after: str
    kind: str
    goes: bool
    away: bool
    leaves: bool

    @property
    def told(self) -> str:
        """2027-04-01 学務課 → 税務課（配置換）."""
        way = " → ".join(one for one in (self.before, self.after) if one)
        return f"{self.day} {way}{f'（{self.kind}）' if self.kind else ''}".strip()


def read_roster(file: Path) -> list[Move]:
    """The moves of a list, in its order (cp932 or UTF-8).

    Raises: BusinessError with line and column for what can't be understood; SystemFailure where it can't be read.
    """
    rows, columns = _rows(file)
    _require(file.name, rows[0], columns)
    return [
        _move(
            file.name, row.origin.rpartition(" ")[2], {name: text_of(row[key]).strip() for name, key in columns.items()}
        )
        for row in rows
    ]


def people_who_left(file: Path, register: Register, today: date) -> dict[str, str]:
    """The people of the register who are not there any more, with why: by a transfer list (whoever has gone by today) or
    by a list of the staff (whoever is not on it).

    Raises: BusinessError with line and column for what can't be understood; SystemFailure where it can't be read.
    """
    rows, columns = _rows(file)
    if "day" in columns:
        gone = who_goes(register, read_roster(file))
        return {key: f"異動: {move.told}" for key, move in gone.items() if move.day <= today}
    if "number" not in columns:
        _require(file.name, rows[0], columns)
    there = {_bare(text_of(row[columns["number"]])) for row in rows}
    return {key: f"職員の一覧（{file.name}）にいません" for key in register.people if _bare(key) not in there}


def who_goes(register: Register, moves: Iterable[Move]) -> dict[str, Move]:
    """The people of the register who leave their department's work, by their key there."""
    found = {}
    for key, move in known_moves(register, moves).items():
        department = register.departments.get(register.people[key].department)
        own = _folded(department.name) if department is not None else ""
        if (move.goes or move.away) and not (own and not move.leaves and own in _folded(move.after) and not move.away):
            found[key] = move
    return found


def _rows(file: Path) -> tuple[list[Row], dict[Column, str]]:
    rows = read_csv(file, encoding="auto", delimiter=",", columns=())
    if not rows:
        raise BusinessError(f"{file.name} に職員が一人も書かれていません。", mend="正しい一覧か確かめてください。")
    return rows, _columns(list(rows[0]))


def _columns(headings: Sequence[str]) -> dict[Column, str]:
    folded = {_folded(one): one for one in headings}
    found: dict[Column, str] = {}
    for column, names in _NAMES.items():
        name = next((folded[_folded(one)] for one in names if _folded(one) in folded), None)
        if name is not None:
            found[column] = name
    return found


def _require(file: str, headings: Iterable[str], found: Mapping[Column, str]) -> None:
    missing = [_NAMES[column][0] for column in ("number", "day") if column not in found]
    if "after" not in found and "kind" not in found:
        missing.append("異動後（または区分）")
    if missing:
        raise BusinessError(
            f"{file} に列{'、'.join(f'「{one}」' for one in missing)}がありません（ある列: {'、'.join(headings)}）。",
            mend="一行目を 職員番号・氏名・異動前・異動後・異動日・区分 のような見出しにしてください。",
        )


def _folded(text: str) -> str:
    return re.sub(r"[\s・_（）()／/.]", "", unicodedata.normalize("NFKC", text)).lower()


def _move(file: str, place: str, values: Mapping[Column, str]) -> Move:
    number, written = values["number"], values["day"]
    if not number:
        raise BusinessError(f"{file} の{place}に職員番号がありません。", mend="職員番号を書いてください。")
    try:
        day = read_date(written)
    except BusinessError as error:
        raise BusinessError(
            f"{file} の{place}の異動日「{written}」は日付として読めません。",
            mend="2027-04-01、2027/4/1、令和9年4月1日 のように書いてください。",
        ) from error
    kind, before, after = values.get("kind", ""), values.get("before", ""), values.get("after", "")
    away = any(word in kind for word in _AWAY)
    stays = any(word in kind for word in _STAYS) and _folded(before) == _folded(after or before)
    leaves = any(word in kind or word in after for word in _LEAVES)
    goes = leaves or (not away and not stays and _folded(before) != _folded(after))
    return Move(number, values.get("name", ""), day, before, after, kind, goes, away and not leaves, leaves)


def known_moves(register: Register, moves: Iterable[Move]) -> dict[str, Move]:
    """The moves of people of the register by their key there; of several, the latest.

    A list writes 1001 where the register has s1001: letters before the digits and zeros at their head don't count,
    unless two people of the register would then be one.
    """
    keys: dict[str, list[str]] = {}
    for key in register.people:
        keys.setdefault(_bare(key), []).append(key)
    found: dict[str, Move] = {}
    for move in sorted(moves, key=lambda one: one.day):
        exact = move.number in register.people
        same = [move.number] if exact else keys.get(_bare(move.number), [])
        if len(same) > 1:
            raise BusinessError(
                f"職員番号「{move.number}」（{move.name}）が、台帳の people の {'・'.join(same)} のどれか分かりません。",
                mend="一覧の職員番号を、台帳の people と同じに書いてください。",
            )
        if same:
            found[same[0]] = move
    return found


def _bare(key: str) -> str:
    digits = re.fullmatch(r"[A-Za-z]*0*(\d+)", unicodedata.normalize("NFKC", key).strip())
    return digits[1] if digits else unicodedata.normalize("NFKC", key).strip().lower()
