"""How well a labelled folder is read: cells, fields and whole forms; what was accepted, and what of that was wrong."""

from __future__ import annotations

import json
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ocr.ask import Answer, Ask, Guess, Mark, MarksAsk
from ocr.bench.truth import comparable, parts_of, true_answers
from ocr.cut import cut
from ocr.form import Form
from ocr.grid import doubt_of
from ocr.page import Grey, Page, Sheet
from ocr.pages import read_pages
from ocr.read import Asked, ask_all, lay_all, related
from ocr.reading import FieldReading, Refused


@dataclass(frozen=True, slots=True)
class Labelled:
    """One copy of a form in a folder, and what stands on it."""

    file: Path
    page: int
    """Its first page in the file, from 1."""
    fields: Mapping[str, object] | None
    """Values as a reading has them, a table as a list of rows by column; None: this page must be refused."""
    cells: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """What stands in each cell of a field, where that is known."""


def read_labels(folder: Path, form: str) -> list[Labelled]:
    """``truth.json`` of a folder, its files beside it or in ``in``; copies of other forms must be refused.

    {"pages": [{"file": "01.jpg", "page": 1, "form": "就学援助申請書", "fields": {…} or null, "cells": {…}}]}; page counts
    from 1 and may be left out, form and cells too.  Raises: OSError, ValueError where it can't be read so.
    """
    told = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    labels = []
    for one in told["pages"]:
        file = folder / one["file"]
        ours = one.get("form", form) == form
        labels.append(
            Labelled(
                file if file.is_file() else folder / "in" / one["file"],
                int(one.get("page", 1)),
                one["fields"] if ours else None,
                one.get("cells") or {},
            )
        )
    return labels


@dataclass(frozen=True, slots=True)
class Judged:
    """One cell, mark, line or code: what it was, what was read, how sure."""

    kind: str
    """The field's kind."""
    name: str
    part: str
    """Which cell or option of the field, Japanese; "" where the name says it."""
    option: bool
    """Whether it is an option: truth and read are "1" where it is marked."""
    source: str
    truth: str
    read: str
    confidence: float
    accepted: bool
    picture: Grey

    @property
    def right(self) -> bool:
        return comparable(self.read) == comparable(self.truth)


@dataclass(slots=True)
class Tally:
    """Counts of one sort of thing."""

    count: int = 0
    right: int = 0
    accepted: int = 0
    wrong_accepted: int = 0
    invented: int = 0
    """Accepted with a value where nothing is written."""

    def add(self, *, right: bool, accepted: bool, empty: bool, written: bool) -> None:
        self.count += 1
        self.right += right
        self.accepted += accepted
        self.wrong_accepted += accepted and not right
        self.invented += accepted and empty and written

    def figures(self) -> dict[str, float | int]:
        """For --json: counts and shares (0 to 1)."""
        return {
            "count": self.count,
            "right": self.right,
            "accepted": self.accepted,
            "wrong_accepted": self.wrong_accepted,
            "invented": self.invented,
            "right_share": self.right / self.count if self.count else 0.0,
            "accepted_share": self.accepted / self.count if self.count else 0.0,
            "wrong_among_accepted": self.wrong_accepted / self.accepted if self.accepted else 0.0,
        }


@dataclass(slots=True)
class Report:
    """Everything that was counted."""

    cells: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    """By field kind: single cells, options, lines, codes."""
    fields: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    """By field kind: whole fields (items)."""
    forms: Tally = field(default_factory=Tally)
    """Right when all fields are; accepted when none needs a person."""
    pages: int = 0
    refused_rightly: int = 0
    refused_wrongly: list[Refused] = field(default_factory=list)
    accepted_wrongly: list[str] = field(default_factory=list)
    """Pages that had to be refused and were read."""
    decode_ms: float = 0.0
    read_ms: float = 0.0
    judged: list[Judged] = field(default_factory=list)

    def figures(self) -> dict[str, object]:
        """For --json."""
        return {
            "pages": self.pages,
            "ms_a_page": {
                "decode": self.decode_ms / max(1, self.pages),
                "read": self.read_ms / max(1, self.pages),
            },
            "cells": {kind: tally.figures() for kind, tally in sorted(self.cells.items())},
            "fields": {kind: tally.figures() for kind, tally in sorted(self.fields.items())},
            "forms": self.forms.figures(),
            "refused_rightly": self.refused_rightly,
            "refused_wrongly": [f"{one.source}: {one.why}" for one in self.refused_wrongly],
            "accepted_wrongly": self.accepted_wrongly,
        }

    def worst(self, count: int) -> list[Judged]:
        """Wrong ones first, the surest of them first; then right ones that were least sure."""
        wrong = sorted((one for one in self.judged if not one.right), key=lambda one: -one.confidence)
        return (wrong + sorted((one for one in self.judged if one.right), key=lambda one: one.confidence))[:count]


def measure(labelled: Sequence[Labelled], form: Form) -> Iterator[Report]:
    """Reads every labelled copy in this process; the report so far after each, for a progress bar."""
    report = Report()
    for one in labelled:
        _measure_one(one, form, report)
        yield report


def _measure_one(one: Labelled, form: Form, report: Report) -> None:
    started = time.perf_counter()
    pages: list[Page] = []
    refused: Refused | None = None
    for page in read_pages(one.file, form.definition.paper.mm):
        if isinstance(page, Refused):
            refused = page
        elif one.page <= page.number < one.page + len(form.blanks):
            pages.append(page)
    decoded = time.perf_counter()
    sheets = refused or lay_all(pages, form)
    asked = [] if isinstance(sheets, Refused) else ask_all(sheets, form)
    readings = related(asked)
    report.pages += 1
    report.decode_ms += 1000 * (decoded - started)
    report.read_ms += 1000 * (time.perf_counter() - decoded)
    if isinstance(sheets, Refused):
        if one.fields is None:
            report.refused_rightly += 1
        else:
            report.refused_wrongly.append(sheets)
    elif one.fields is None:
        report.accepted_wrongly.append(f"{one.file.name}#{one.page}")
    else:
        _judge(report, asked, readings, one, sheets)


def _judge(
    report: Report,
    asked: Sequence[Asked],
    readings: Mapping[str, FieldReading],
    label: Labelled,
    sheets: Sequence[Sheet],
) -> None:
    truth = label.fields or {}
    right = accepted = True
    for one in asked:
        name = one.field.name
        if name not in truth:
            continue
        reading = readings[name]
        true, read = _flat(truth[name]), _flat(_value(reading))
        report.fields[one.field.kind.name].add(
            right=true == read, accepted=reading.certain, empty=not any(true), written=any(read)
        )
        right &= true == read
        accepted &= reading.certain
        for judged in _cells(one, label, sheets):
            report.judged.append(judged)
            report.cells[judged.kind].add(
                right=judged.right, accepted=judged.accepted, empty=not judged.truth, written=bool(judged.read)
            )
    report.forms.add(right=right, accepted=accepted, empty=False, written=True)


def _value(reading: FieldReading) -> object:
    if reading.rows:
        return [{name: one.value for name, one in row.items()} for row in reading.rows]
    return reading.value


def _flat(value: object) -> tuple[str, ...]:
    """A value to compare: a table's cells in order without empty rows, else the text by itself."""
    if isinstance(value, list):
        rows = [tuple(comparable(str(one)) for one in row.values()) for row in value]
        return tuple(text for row in rows if any(row) for text in row)
    return (comparable(str(value)),)


def _cells(one: Asked, label: Labelled, sheets: Sequence[Sheet]) -> Iterator[Judged]:
    """Every ask of a field against what really stands there, where the truth says so cell by cell."""
    told = true_answers(one, label.fields or {}, label.cells)
    for ask, answer, true, (where, options) in zip(one.asks, one.answers, told, parts_of(one), strict=True):
        if true is None:
            continue
        many = isinstance(ask, MarksAsk) and (len(options) > 1 or not where)
        names = [f"「{name}」" for name in options] if many and options else [""] * len(true)
        for name, (box, text, read, confidence, accepted) in zip(
            names, _parts(ask, answer, true, one.rules.promise), strict=True
        ):
            ((picture, _),) = cut(sheets[box.page], [box], 6.0, 1.0)
            source = sheets[box.page].page
            yield Judged(
                kind=one.field.kind.name,
                name=one.field.name,
                part=where + name,
                option=isinstance(ask, MarksAsk),
                source=f"{source.source}#{source.number}",
                truth=text,
                read=read,
                confidence=confidence,
                accepted=accepted,
                picture=picture,
            )


def _parts(ask: Ask, answer: Answer, true: Sequence[str], promise: float) -> Iterator[tuple]:  # type: ignore[type-arg]
    """(box, truth, read, confidence, accepted) of a guess, or of each option of a group of marks."""
    if isinstance(ask, MarksAsk):
        for box, mark, text in zip(ask.boxes, answer, true, strict=True):  # type: ignore[arg-type]
            assert isinstance(mark, Mark)
            certain = mark.state in ("marked", "empty") and mark.confidence >= 1 - promise
            yield box, text, "1" if mark.state == "marked" else "", mark.confidence, certain
    else:
        assert isinstance(answer, Guess)
        yield ask.box, true[0], answer.text, answer.confidence, doubt_of(answer, promise) is None
