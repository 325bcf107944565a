"""The careful way through a YAML file: every oddity is noted at its place, in words that an author understands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from ruamel.yaml.reader import ReaderError

from robots.position import Position
from robots.scenario.problem import Findings
from robots.scenario.quick import Path, Quick
from robots.scenario.yaml_errors import explain

Data = dict[str, "Data"] | list["Data"] | str

_HALVES = re.compile("[\ud800-\udfff]")
_FULL_WIDTH_SPACE = "\u3000"


class _Stop(Exception):
    """Reading cannot go on; the reason has been noted."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How many values, how deep, and what is said where there are more or none at all."""

    nodes: int
    depth: int
    too_large: str
    empty: str


def careful_read(path: str, text: str, findings: Findings, limits: Limits) -> Quick | None:
    """The data with its places, everything wrong noted in ``findings``; None where it cannot be read at all."""
    reader = _Reader(path, text, findings, limits)
    try:
        data = reader.read()
    except _Stop:
        return None
    return Quick(data, reader.values, reader.keys)


@dataclass(slots=True)
class _Reader:
    """Builds the data from YAML's events, one look at each."""

    path: str
    text: str
    findings: Findings
    limits: Limits
    nodes: int = 0
    values: dict[Path, tuple[int, int, int, int]] = field(default_factory=dict)
    keys: dict[Path, tuple[int, int]] = field(default_factory=dict)

    def read(self) -> Data:
        events = self._events()
        data: Data | None = None
        for event in events:
            if isinstance(event, DocumentStartEvent):
                self._check_document(event, first=data is None)
            elif isinstance(event, NodeEvent):
                data = self._node(event, events, ())
        if data is None or data == "":
            self.findings.add(Position(self.path, 1, 1), "ファイルに何も書かれていません。", self.limits.empty)
            raise _Stop
        return data

    def _events(self) -> Iterator[Event]:
        try:
            yield from YAML(typ="safe", pure=True).parse(self.text)
        except MarkedYAMLError as error:
            line, column, what, mend = explain(error, self.text)
            self.findings.add(Position(self.path, line + 1, column + 1), what, mend)
            raise _Stop from None
        except ReaderError as error:
            before = self.text[: error.position]
            self.findings.add(
                Position(self.path, before.count("\n") + 1, len(before) - before.rfind("\n")),
                f"使えない文字（制御文字 U+{error.character:04X}）があります。",
                "この文字を消してください（ほかのソフトから貼り付けたときに紛れ込むことがあります）。",
            )
            raise _Stop from None

    def _check_document(self, event: DocumentStartEvent, *, first: bool) -> None:
        at = self._position(event)
        if event.version or event.tags:
            self.findings.add(Position(self.path, 1, 1), "% で始まる指定は使えません。", "% の行を消してください。")
        if not first:
            self.findings.add(
                at,
                "--- で区切られた二つ目の文書があります。",
                "--- の行を消し、一つのファイルに一つのシナリオを書いてください。",
            )
            raise _Stop

    def _position(self, event: Event) -> Position:
        return Position(self.path, event.start_mark.line + 1, event.start_mark.column + 1)

    def _node(self, event: Event, events: Iterator[Event], path: Path) -> Data:
        at = self._position(event)
        self._check_bounds(at, path)
        start, end = event.start_mark, event.end_mark
        self.values[path] = (start.line, start.column, start.index, end.index)
        if isinstance(event, AliasEvent):
            self.findings.add(
                at, f"「*{event.anchor}」のような参照は使えません。", _quote_advice("*", "値をそのまま書いてください。")
            )
            return ""
        if isinstance(event, NodeEvent) and event.anchor:
            self.findings.add(
                at, f"「&{event.anchor}」のような目印は使えません。", _quote_advice("&", "目印を消してください。")
            )
        if getattr(event, "ctag", None) is not None:
            self.findings.add(at, "「!」で始まる型の指定は使えません。", _quote_advice("!", "指定を消してください。"))
        if isinstance(event, ScalarEvent):
            return self._scalar(event)
        if isinstance(event, SequenceStartEvent):
            return self._sequence(events, path)
        return self._mapping(events, path)

    def _check_bounds(self, at: Position, path: Path) -> None:
        self.nodes += 1
        if self.nodes > self.limits.nodes:
            self.findings.add(
                at,
                f"値が多すぎます（{self.limits.nodes:,} 個まで）。",
                self.limits.too_large,
            )
            raise _Stop
        if len(path) > self.limits.depth:
            self.findings.add(
                at, f"入れ子が深すぎます（{self.limits.depth} 段まで）。", "手順を分けて、入れ子を浅くしてください。"
            )
            raise _Stop

    def _check_characters(self, event: ScalarEvent) -> None:
        """Half a character, as "\\ud800" writes it, can be neither shown nor written to a file."""
        if _HALVES.search(str(event.value)):
            what = "文字になっていない指定（\\ud800 など）があります。"
            self.findings.add(self._position(event), what, "文字をそのまま書いてください。")
            raise _Stop

    def _scalar(self, event: ScalarEvent) -> str:
        value = str(event.value)
        self._check_characters(event)
        if event.style is None and "\n" in self.text[event.start_mark.index : event.end_mark.index].strip():
            self.findings.add(
                Position(self.path, event.start_mark.line + 2, 1),
                "前の行の値が、この行に続いてしまっています。",
                "字下げと「:」を確かめてください。長い文を続けて書くときは、値のところに | と書いて次の行から書きます。",
            )
        return value

    def _sequence(self, events: Iterator[Event], path: Path) -> Data:
        result: list[Data] = []
        for event in events:
            if isinstance(event, SequenceEndEvent):
                break
            result.append(self._node(event, events, (*path, len(result))))
        return result

    def _mapping(self, events: Iterator[Event], path: Path) -> Data:
        result: dict[str, Data] = {}
        for event in events:
            if isinstance(event, MappingEndEvent):
                break
            key = self._key(event, path)
            inside = (*path, key)
            if key in result:
                first = self.keys[inside][0] + 1
                self.findings.add(
                    self._position(event),
                    f"「{key}」が二度書かれています（最初は {first} 行目）。",
                    "どちらか一方を消してください。",
                )
                inside = (*path, f"{key}\0{len(self.keys)}")
            self.keys[inside] = (event.start_mark.line, event.start_mark.column)
            value = self._node(next(events), events, inside)
            result.setdefault(key, value)
        return result

    def _key(self, event: Event, path: Path) -> str:
        at = self._position(event)
        if not isinstance(event, ScalarEvent):
            what = "参照（*）" if isinstance(event, AliasEvent) else "[ ] や { }"
            self.findings.add(
                at,
                f"項目の名前に{what}が使われています。",
                'ここは「名前: 値」と書きます。値に ${…} を使うときは "${…}" のように引用符で囲んでください。',
            )
            raise _Stop
        self._check_bounds(at, path)
        self._check_characters(event)
        if event.anchor or event.ctag is not None:
            self.findings.add(at, "項目の名前に「&」や「!」の指定は使えません。", "指定を消してください。")
        key = str(event.value)
        if event.style is None and key.startswith(_FULL_WIDTH_SPACE):
            self.findings.add(at, "全角の空白で字下げされています。", "行の先頭の空白を半角にしてください。")
        return key.strip(_FULL_WIDTH_SPACE) if event.style is None else key


def _quote_advice(sign: str, otherwise: str) -> str:
    return f'{otherwise}「{sign}」で始まる文字を値にするときは "{sign}…" のように引用符で囲みます。'
