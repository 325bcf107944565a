"""Finding many planted texts in many bytes at once, in whatever way they are written there."""

from __future__ import annotations

import json
from base64 import b64encode
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import quote

import numpy as np

_WINDOW = 8


@dataclass(frozen=True, slots=True)
class Needle:
    """A planted text, by kind, with the bytes that would be it."""

    kind: str
    text: str
    forms: tuple[bytes, ...]


@dataclass(slots=True)
class Found:
    """What was planted, how much was searched, and what was found where."""

    planted: int = 0
    searched: int = 0
    files: int = 0
    pictures: int = 0
    by_place: Counter[str] = field(default_factory=Counter)
    examples: list[str] = field(default_factory=list)

    @property
    def count(self) -> int:
        return sum(self.by_place.values())

    def as_json(self) -> dict[str, object]:
        return {
            "planted": self.planted,
            "searched": {"files": self.files, "bytes": self.searched, "pictures": self.pictures},
            "found": self.count,
            "where": dict(self.by_place),
            "examples": self.examples[:20],
            "reach": 0,
        }

    def told(self) -> str:
        return (
            f"planted {self.planted}, searched {self.files} texts and files ({self.searched:,} bytes) and "
            f"{self.pictures} pictures: found {self.count} {dict(self.by_place)} (reach 0)"
        )


def needle(kind: str, text: str) -> Needle:
    """Of a password its halves count too: a message that was cut off shows one."""
    parts = [text] if kind != "password" else [text, text[: len(text) // 2], text[len(text) // 2 :]]
    return Needle(kind, text, tuple({form for part in parts for form in _forms(part) if len(form) >= _WINDOW}))


def _forms(text: str) -> set[bytes]:
    raw = text.encode()
    found = {raw, text.encode("utf-16-le"), text.encode("utf-16-be"), text.encode("cp932", errors="ignore")}
    found |= {quote(text, safe="").encode(), quote(text).encode(), json.dumps(text)[1:-1].encode()}
    for shift in range(3):  # inside a longer text that is base64
        whole = b64encode(bytes(shift) + raw)
        found.add(whole[-(-shift * 8 // 6) :].rstrip(b"=")[: -1 if (len(raw) + shift) % 3 else None])
    return found


class Index:
    """Finds needles in bytes: by their first eight, at all places at once."""

    def __init__(self, needles: Sequence[Needle]) -> None:
        self.starts: dict[int, list[tuple[Needle, bytes]]] = {}
        for one in needles:
            for form in one.forms:
                self.starts.setdefault(int.from_bytes(form[:_WINDOW], "little"), []).append((one, form))
        self.wanted = np.array(sorted(self.starts), dtype="<u8")


def hits(place: str, data: bytes, index: Index, found: Found) -> None:
    """Counts the planted texts that stand in the data (each once a place)."""
    found.files += 1
    found.searched += len(data)
    starts, wanted = index.starts, index.wanted
    seen: set[str] = set()
    for offset in range(min(_WINDOW, len(data))):
        end = offset + (len(data) - offset) // _WINDOW * _WINDOW
        windows = np.frombuffer(data[offset:end], dtype="<u8")
        near = np.minimum(np.searchsorted(wanted, windows), len(wanted) - 1)
        for at in np.flatnonzero(wanted[near] == windows):
            begin = offset + int(at) * _WINDOW
            for one, form in starts[int(windows[at])]:
                if data.startswith(form, begin) and one.text not in seen:
                    seen.add(one.text)
                    found.by_place[f"{place}: {one.kind}"] += 1
                    found.examples.append(f"{place}: {one.kind} {form[:4]!r}…")
