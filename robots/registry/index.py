"""What was learned of a town's files before, kept beside the ledger: so that ten thousand scenarios are looked at in seconds.

Everything is keyed by bytes: the register by its SHA-256, a scenario's folder by the SHA-256 of each of its files, and all
of it by the code that learned it.  A file's stamps (size, times, number) only tell that it need not be read again, and
only where it was at rest when it was read: one that was saved within the clock's grain of that is read again each time.
Deleting the index costs time and nothing else.  It is for looking; what decides whether a scenario runs reads the bytes.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import sqlite3
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from robots.errors import SystemFailure
from robots.registry.digest import counts, read_folder
from robots.scenario.problem import Problems
from robots.settings import Home

if TYPE_CHECKING:
    from robots.registry.load import Loaded

NAME = "index.sqlite"
GRAIN = 2_500_000_000
"""Nanoseconds: FAT keeps times to two seconds, every other file system to less."""
_WAIT = 10.0
_TABLES = """
CREATE TABLE IF NOT EXISTS register (sha TEXT PRIMARY KEY, data TEXT NOT NULL, written TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS folder (place TEXT PRIMARY KEY, stamps TEXT NOT NULL, fingerprint TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS answer (
    kind TEXT NOT NULL, place TEXT NOT NULL, reached TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL,
    PRIMARY KEY (kind, place)
);
"""
_DATES = re.compile(r"\d{4}-\d{2}-\d{2}")
_CODE = ("robots", "ocr", "japan", "practice")


@dataclass(frozen=True, slots=True)
class Answer:
    """What was found out about a folder.  reached: the scenarios that were read for it too, or None where it calls none;
    key: of all that it was found out from; value: JSON."""

    reached: tuple[str, ...] | None
    key: str
    value: str


@dataclass(frozen=True, slots=True)
class Written:
    """A sound register as it is written."""

    organization: str
    departments: Mapping[str, str]
    """Each department's name."""
    entries: Mapping[str, Mapping[str, object]]
    """Without their approvals, which are most of the register."""
    prints: Mapping[str, tuple[str, tuple[str, ...]]]
    """Of each entry its SHA-256, and the dates that are in it."""


class Index:
    """One town's index; ``open_index`` opens it."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._stamps: dict[str, tuple[str, str]] = {
            place: (stamps, fingerprint)
            for place, stamps, fingerprint in connection.execute("SELECT place, stamps, fingerprint FROM folder")
        }
        self._seen: dict[str, str] = {}
        self._last: tuple[bytes, Written] | None = None

    def register(self, content: bytes) -> Loaded | Problems:
        """The register of these bytes, read and checked, or its problems."""
        from robots.registry.load import Loaded, uncollected  # the models, which looking at what is kept needs not
        from robots.registry.model import Register

        kept = self._kept("data", content)
        if kept is None:
            learned = self._learned(content)
            return learned if isinstance(learned, Problems) else learned[0]
        with uncollected():
            data = json.loads(kept)
            return Loaded(Register.model_validate(data), data["scenarios"])

    def written(self, content: bytes) -> Written | Problems:
        """The same without the typed model, which takes longer to make than to read."""
        if self._last is None or self._last[0] != content:
            kept = self._kept("written", content)
            if kept is None:
                learned = self._learned(content)
                if isinstance(learned, Problems):
                    return learned
                kept = learned[1]
            self._last = (content, _written(json.loads(kept)))
        return self._last[1]

    def _learned(self, content: bytes) -> tuple[Loaded, str] | Problems:
        """The register, and the JSON of it as it is written."""
        from robots.registry.load import read_register

        loaded = read_register(content)
        if isinstance(loaded, Problems):
            return loaded
        head = loaded.register.model_dump(mode="json", exclude={"scenarios"}, exclude_unset=True)
        data = json.dumps({**head, "scenarios": loaded.raw_entries}, ensure_ascii=False)
        written = json.dumps(_as_written(loaded), ensure_ascii=False)
        self._write("DELETE FROM register", [()])
        self._write("INSERT OR REPLACE INTO register VALUES (?, ?, ?)", [(_sha(content), data, written)])
        with suppress(sqlite3.Error):
            self._connection.commit()  # for the processes that look at many scenarios (looks.py)
        return loaded, written

    def _kept(self, what: Literal["data", "written"], content: bytes) -> str | None:
        row = self._connection.execute(f"SELECT {what} FROM register WHERE sha = ?", (_sha(content),)).fetchone()
        return None if row is None else str(row[0])

    def fingerprint(self, folder: Path) -> str:
        """What the files of a scenario's folder are, byte by byte; empty where it has none.

        Raises: SystemFailure where one can't be read, or is none that a scenario may have.
        """
        place = str(folder)
        if place not in self._seen:
            self._seen[place] = self._fingerprint(place, folder)
        return self._seen[place]

    def again(self, folder: Path) -> str:
        """The fingerprint as it is by now, after a look that took its time."""
        self._seen.pop(str(folder), None)
        return self.fingerprint(folder)

    def answers(self, kind: str) -> Mapping[str, Answer]:
        """All that was found out of this kind, by the folder's place."""
        rows = self._connection.execute("SELECT place, reached, key, value FROM answer WHERE kind = ?", (kind,))
        return {
            place: Answer(None if reached == "" else tuple(json.loads(reached)), key, value)
            for place, reached, key, value in rows
        }

    def keep(self, kind: str, answers: Mapping[str, Answer], gone: Iterable[str] = ()) -> None:
        """Keeps what was found out, and forgets folders that are there no more."""
        self._write(
            "INSERT OR REPLACE INTO answer VALUES (?, ?, ?, ?, ?)",
            [
                (kind, place, "" if one.reached is None else json.dumps(one.reached), one.key, one.value)
                for place, one in answers.items()
            ],
        )
        self._write("DELETE FROM answer WHERE place = ?", [(place,) for place in gone])
        self._write("DELETE FROM folder WHERE place = ?", [(place,) for place in gone])

    def close(self) -> None:
        """Writes the stamps of what was read."""
        rows = [(place, *self._stamps[place]) for place in self._seen if place in self._stamps]
        self._write("INSERT OR REPLACE INTO folder VALUES (?, ?, ?)", rows)
        with suppress(sqlite3.Error):
            self._connection.commit()

    def _fingerprint(self, place: str, folder: Path) -> str:
        began = time.time_ns()
        before, at_rest = _stamps(folder, began)
        known = self._stamps.get(place)
        if known is not None and known[0] == before:
            return known[1]
        self._stamps.pop(place, None)
        self._write("DELETE FROM folder WHERE place = ?", [(place,)])
        files = read_folder(folder) if folder.is_dir() else {}
        listing = [(path, hashlib.sha256(data).hexdigest()) for path, data in sorted(files.items())]
        found = hashlib.sha256(json.dumps(listing).encode()).hexdigest() if files else ""
        if at_rest and _stamps(folder, began) == (before, True):
            self._stamps[place] = (before, found)
        return found

    def _write(self, statement: str, rows: Sequence[tuple[str, ...]]) -> None:
        with suppress(sqlite3.Error):  # a full disk, or another's lock: what can't be kept is found out again
            self._connection.executemany(statement, rows)


@contextmanager
def open_index(home: Home) -> Iterator[Index]:
    """The index of a town, made where there is none; one that can't be opened or read is made anew, or done without."""
    place = home.var / NAME
    try:
        connection = _opened(place)
    except (sqlite3.Error, OSError):
        with suppress(OSError):
            place.unlink(missing_ok=True)
        connection = _opened(None)
    with closing(connection):
        index = Index(connection)
        try:
            yield index
        finally:
            index.close()


def _opened(place: Path | None) -> sqlite3.Connection:
    if place is not None:
        place.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(":memory:" if place is None else place, timeout=_WAIT)
    try:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.execute("CREATE TABLE IF NOT EXISTS code (version TEXT PRIMARY KEY)")
        present = code_version()
        if [row[0] for row in connection.execute("SELECT version FROM code")] != [present]:
            for table in ("register", "folder", "answer"):
                connection.execute(f"DROP TABLE IF EXISTS {table}")
            connection.execute("DELETE FROM code")
            connection.execute("INSERT INTO code VALUES (?)", (present,))
            connection.commit()
        connection.executescript(_TABLES)
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def code_version() -> str:
    """What the code is that finds things out: another one may find otherwise."""
    parts = [version("banken"), sys.version]
    root = Path(__file__).parents[2]
    for package in _CODE:
        for folder, folders, files in os.walk(root / package):
            folders[:] = sorted(name for name in folders if name != "__pycache__")
            for name in sorted(files):
                if name.endswith((".py", ".lark", ".json", ".txt", ".csv")):
                    state = os.stat(os.path.join(folder, name))  # noqa: PTH116, PTH118 (hundreds of them at each start)
                    parts.append(f"{name} {state.st_size} {state.st_mtime_ns}")
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _as_written(loaded: Loaded) -> dict[str, Any]:
    """The fields of ``Written`` for JSON."""
    texts = {id: json.dumps(raw, ensure_ascii=False, sort_keys=True) for id, raw in loaded.raw_entries.items()}
    return {
        "organization": loaded.register.organization,
        "departments": {key: one.name for key, one in loaded.register.departments.items()},
        "entries": {
            id: {key: value for key, value in raw.items() if key != "approval"}
            for id, raw in loaded.raw_entries.items()
        },
        "prints": {id: (_sha(text.encode()), sorted(set(_DATES.findall(text)))) for id, text in texts.items()},
    }


def _written(data: Mapping[str, Any]) -> Written:
    prints = {id: (sha, tuple(dates)) for id, (sha, dates) in data["prints"].items()}
    return Written(data["organization"], data["departments"], data["entries"], prints)


def _sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _stamps(folder: Path, now: int) -> tuple[str, bool]:
    """The stamps of every file that counts, and whether all had been at rest before ``now``."""
    found: list[str] = []
    latest = 0
    ahead = [(str(folder), "")]
    while ahead:
        place, above = ahead.pop()
        try:
            with os.scandir(place) as entries:
                for entry in entries:
                    relative = f"{above}{entry.name}"
                    if entry.is_dir(follow_symlinks=False):
                        if counts(f"{relative}/"):
                            ahead.append((entry.path, f"{relative}/"))
                        continue
                    if not counts(relative):
                        continue
                    state = os.lstat(entry.path)  # on Windows, what scandir tells of a file may be old
                    latest = max(latest, state.st_mtime_ns, state.st_ctime_ns)
                    found.append(
                        f"{relative}\t{state.st_mode}\t{state.st_size}\t{state.st_mtime_ns}\t{state.st_ctime_ns}\t{state.st_ino}"
                    )
        except FileNotFoundError:
            continue  # gone, or never there
        except OSError as error:
            raise SystemFailure(
                f"フォルダ {place} を読めません。", mend="読む権限があるかを確かめてください。"
            ) from error
    return "\n".join(sorted(found)), latest < now - GRAIN
