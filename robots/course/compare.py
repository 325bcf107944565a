"""Comparing what came out with what was asked for; the words name the place and what is missing, never how to write it."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence

from robots.course.exercise import Lines, Outcome

_SHOWN = 5


def in_book(outcome: Outcome, name: str, sheet: str, meant: Lines, key: str) -> list[str]:
    """What a written sheet lacks of these rows, found by their key."""
    rows = outcome.book(name, sheet)
    if rows is None:
        return [f"「{name}」にシート「{sheet}」ができていません。"]
    columns = [column for column in meant[0] if all(column not in row for row in rows)]
    if not rows or columns:
        missing = [f"「{name}」に「{column}」の列がまだありません。" for column in columns]
        return missing if rows else [f"「{name}」に行が一つもありません。"]
    found: list[str] = []
    for row in meant:
        same = [one for one in rows if one.get(key) == row[key]]
        where = f"「{name}」の{key} {row[key]} の行"
        if len(same) != 1:
            found.append(f"{where}が{'まだありません' if not same else f'{len(same)} 行あります'}。")
            continue
        found += _differences(where, row, same[0])
    known = {row[key] for row in meant}
    found += [f"「{name}」に、要らない行（{key} {row[key]}）があります。" for row in rows if row[key] not in known]
    return shortened(found)


def on_screen(outcome: Outcome, meant: Mapping[str, Mapping[str, str]], *, compare: bool = False) -> list[str]:
    """What a rehearsal would leave empty on the screen (or, with ``compare``, fill in otherwise).

    meant: by the items' keys, what is to be on the screen by label.
    """
    if not outcome.planned:
        return ["対象が一件もありません。一件ずつ処理する表が決まっているか、確かめてください。"]
    found: list[str] = []
    for number, (key, row) in enumerate(meant.items(), 1):
        planned = next((one for one in outcome.planned if one["キー"] == key), None)
        if planned is None:
            found.append(f"{number}行目（{key}）が対象になっていません。")
        elif planned["結果"] != "登録予定":
            found.append(f"{number}行目（{key}）が「{planned['結果']}」になりました。{planned['理由']}")
        else:
            found += on_one_screen(f"{number}行目（{key}）", row, planned, compare=compare)
    return shortened(found)


def on_one_screen(where: str, meant: Mapping[str, str], planned: Mapping[str, str], *, compare: bool) -> list[str]:
    """The same for one item."""
    found = []
    for label, value in meant.items():
        came = planned.get(
            f"{label}（画面）", planned.get(label, "")
        )  # so named where the book has a column of that name
        if came == "" and value != "":
            found.append(f"{where}の「{label}」がまだ入力されていません。")
        elif compare and not same_text(came, value):
            found.append(f"{where}の「{label}」に「{came}」が入力されます。それでよいか、見直してください。")
    return found


def by_key(rows: Lines, column: str) -> dict[str, Mapping[str, str]]:
    """Rows by one of their columns."""
    return {row[column]: row for row in rows}


def arrived(outcome: Outcome, system: str, meant: Sequence[Mapping[str, object]], key: str) -> list[str]:
    """What the practice town did not receive (or received twice, or otherwise) of these entries."""
    entries = outcome.entries(system)
    found: list[str] = []
    for row in meant:
        same = [one for one in entries if one["key"] == row[key]]
        where = f"{key} {row[key]}"
        if len(same) != 1:
            found.append(f"{where} が{'まだ登録されていません' if not same else f'{len(same)} 回登録されました'}。")
            continue
        values = same[0]["values"]
        assert isinstance(values, Mapping)
        found += _differences(f"{where} の登録", row, values)
    known = {row[key] for row in meant}
    found += [f"登録してはいけない {one['key']} が登録されました。" for one in entries if one["key"] not in known]
    return shortened(found)


def shortened(found: list[str]) -> list[str]:
    """The first few, and how many more there are."""
    return found if len(found) <= _SHOWN else [*found[:_SHOWN], f"ほか {len(found) - _SHOWN} か所"]


def _differences(where: str, meant: Mapping[str, object], got: Mapping[str, object]) -> list[str]:
    found = []
    for name, value in meant.items():
        came = got.get(name, "")
        if same_text(came, value):
            continue
        empty = came in ("", None, [])
        found.append(f"{where}の「{name}」が{'空です' if empty else f'「{_text(came)}」になっています'}。")
    return found


def same_text(one: object, other: object) -> bool:
    """Whether two values are the same but for what a screen changes of them: width, hyphens, commas, order of ticks."""
    return _plain(one) == _plain(other)


def _plain(value: object) -> str:
    parts = _text(value).split("、")
    return "、".join(sorted(unicodedata.normalize("NFKC", part).replace("-", "").replace(",", "") for part in parts))


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "はい" if value else "いいえ"
    return "、".join(map(str, value)) if isinstance(value, list) else str(value)
