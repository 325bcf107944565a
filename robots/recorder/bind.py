"""Which field gets its value from which column: by the column's name, or by what the first row says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from rapidfuzz import fuzz

from robots.recorder.model import Act, Entry, Place
from robots.recorder.sheet import Sheet, flat, item, reading_of
from robots.recorder.words import shown
from robots.values import text_of

_ALIKE = 60.0
_NONE = "どの列でもない（毎回この値を入れる）"


class Asker(Protocol):
    """Asks the person at the terminal."""

    # Yes or no; the default where nothing is typed.
    def confirm(self, question: str, *, default: bool) -> bool: ...
    # One of the options, by its number; the first where nothing is typed.
    def choose(self, question: str, options: Sequence[str]) -> int: ...
    # A text; the default where nothing is typed.
    def text(self, question: str, *, default: str = "") -> str: ...


@dataclass(slots=True)
class Bound:
    """columns: what each expression (of a field's place) is read from; notes: what the person should know."""

    expressions: dict[Entry, str] = field(default_factory=dict)
    columns: dict[Entry, str] = field(default_factory=dict)
    labels: dict[Entry, str] = field(default_factory=dict)
    """Labels that hold a value of the row: ${対象.日付} 1年."""
    in_labels: list[str] = field(default_factory=list)
    """The columns that such labels are made of."""
    added: list[tuple[Entry, Entry]] = field(default_factory=list)
    """(field of a form that was left as it was, a field of the same form that was filled in)."""
    literal: list[Entry] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def put(self, entry: Entry, column: str, expression: str) -> None:
        self.expressions[entry], self.columns[entry] = expression, column

    @property
    def used(self) -> list[str]:
        return list(dict.fromkeys([*self.in_labels, *self.columns.values()]))


def bind(acts: Sequence[Act], rest: Sequence[Sequence[Entry]], sheet: Sheet, ask: Asker) -> Bound:
    """Binds every field that was filled in, and fields left empty for whose name there is a column."""
    bound, entries = Bound(), [act.entry for act in acts if act.entry is not None]
    for entry in entries:
        _by_name(entry, sheet, bound, ask)
    for entry in entries:
        if entry not in bound.expressions:
            _in_label(entry, sheet, bound)
    for entry in entries:
        if entry not in bound.expressions:
            _by_value(entry, sheet, bound, ask)
    _left_empty(entries, rest, sheet, bound, ask)
    bound.literal = [entry for entry in entries if entry not in bound.expressions]
    return bound


def likeness(label: str, column: str) -> float:
    """How much a column's name is a field's label: 100 where it is the same."""
    one, other = flat(label), flat(column)
    if one == other:
        return 100.0
    contained = min(len(one), len(other)) >= 2 and (one in other or other in one)
    return max(fuzz.ratio(one, other), 80.0 if contained else 0.0)


def _names(entry: Entry) -> tuple[str, ...]:
    return (entry.place.name, *entry.names)


def _same_name(entry: Entry, sheet: Sheet) -> str | None:
    return next((one for one in sheet.columns for name in _names(entry) if flat(name) == flat(one)), None)


def _by_name(entry: Entry, sheet: Sheet, bound: Bound, ask: Asker) -> None:
    column = _same_name(entry, sheet)
    if column is None:
        return
    expression = reading_of(entry, sheet, column)
    if expression is None:
        question = (
            f"項目「{entry.place.name}」に入れた値「{shown(entry.given)}」が、同じ名前の列「{column}」の1件目"
            f"「{sheet.first(column)}」と違います。この列の値を入れますか"
        )
        if not ask.confirm(question, default=True):
            return
        expression = item(column)
    bound.put(entry, column, expression)


def _by_value(entry: Entry, sheet: Sheet, bound: Bound, ask: Asker) -> None:
    """A yes or a single figure says nothing by itself: there the name must be alike too."""
    telling = not isinstance(entry.given, bool) and len(shown(entry.given)) > 1
    found: list[tuple[float, str, str]] = []
    for column in sheet.columns:
        expression = reading_of(entry, sheet, column)
        alike = max(likeness(name, column) for name in _names(entry))
        if expression is not None and (telling or alike >= _ALIKE):
            found.append((alike - (50.0 if column in bound.used else 0.0), column, expression))
    found.sort(key=lambda one: -one[0])
    if not found:
        return
    at = 0
    if len(found) > 1 and found[0][0] - found[1][0] < 10.0:
        options = [*(f"列「{column}」" for _, column, _ in found), _NONE]
        at = ask.choose(f"項目「{entry.place.name}」の値「{shown(entry.given)}」は、どの列の値ですか", options)
        if at == len(found):
            return
    _, column, expression = found[at]
    bound.put(entry, column, expression)
    bound.notes.append(f"項目「{entry.place.name}」には、1件目の値が同じ列「{column}」の値を入れます。")


def _in_label(entry: Entry, sheet: Sheet, bound: Bound) -> None:
    """A field of a grid is called by its row and its column: 4月1日 1年, where the row says 日付: 4月1日."""
    for column in sheet.columns:
        text = sheet.first(column)
        rest = entry.place.name.replace(text, "").strip() if len(text) >= 2 and text in entry.place.name else ""
        other = next((one for one in sheet.columns if rest and flat(one) == flat(rest)), None)
        if other is None:
            continue
        if (expression := reading_of(entry, sheet, other)) is not None:
            bound.put(entry, other, expression)
            bound.in_labels.append(column)
            bound.labels[entry] = entry.place.name.replace(text, "${" + item(column) + "}")
            return


def _left_empty(
    entries: Sequence[Entry], rest: Sequence[Sequence[Entry]], sheet: Sheet, bound: Bound, ask: Asker
) -> None:
    """What the first row leaves empty another one may not."""
    filled, asked = {_key(entry.place): entry for entry in entries}, set[Place]()
    for form in rest:
        beside = next((filled[key] for entry in reversed(form) if (key := _key(entry.place)) in filled), None)
        if beside is None:
            continue
        for entry in form:
            known = _key(entry.place) in filled or entry.place in asked
            column = None if known else _column_for(entry, sheet, bound)
            asked.add(entry.place)
            if column is not None and _wanted(entry, column, sheet, ask):
                bound.added.append((entry, beside))
                bound.put(entry, column, item(column))
                bound.notes.append(f"項目「{entry.place.name}」は1件目では空でしたが、列「{column}」の値を入れます。")


def _key(place: Place) -> Place:
    return replace(place, rows=())


def _column_for(entry: Entry, sheet: Sheet, bound: Bound) -> str | None:
    free = [column for column in sheet.columns if column not in bound.used]
    same = next((one for one in free for name in _names(entry) if flat(name) == flat(one)), None)
    if same is not None or entry.kind != "tick":
        return same
    return next((one for one in free for name in _names(entry) if likeness(name, one) >= 80.0), None)


def _wanted(entry: Entry, column: str, sheet: Sheet, ask: Asker) -> bool:
    texts = [text_of(value) for value in sheet.values(column)]
    if not any(texts):
        return False
    if texts[0] == shown(entry.given) or reading_of(entry, sheet, column) is not None or not texts[0]:
        return True
    question = f"項目「{entry.place.name}」には何も入れませんでしたが、列「{column}」の1件目は「{texts[0]}」です。この列の値を入れますか"
    return ask.confirm(question, default=False)


def telling_columns(bound: Bound, sheet: Sheet) -> list[str]:
    """The columns whose values are told from other texts of a screen: numbers of some length, and what was typed as text."""
    typed = [bound.columns[entry] for entry in bound.columns if entry.kind == "text"]
    numbers = [column for column in sheet.columns if sum(letter.isdigit() for letter in sheet.first(column)) >= 3]
    return [column for column in dict.fromkeys([*typed, *numbers]) if len(sheet.first(column)) >= 3]


def value_of_row(text: str, sheet: Sheet, columns: Sequence[str]) -> str | None:
    """The expression for a text that one of the columns gives in the first row."""
    for column in columns if len(text) >= 2 else ():
        entry = Entry(Place((), "called", column), "text", text)
        if (expression := reading_of(entry, sheet, column)) is not None:
            return expression
    return None
