"""Tampering while the gate reads: a writer changes files and the entry all the time; what passes is always what was signed.

    python -m bench.tamper [--races 10000] [--seed 1] [--json]

Each race is one look of the gate at a town that a thread keeps changing: a scenario's text, a form, a book, a called
scenario, each governed key, the approval itself (another's, an older one), in place and by replacing.  Reach: of what
passes, not one byte is other than what was signed (``wrong`` 0), and all of passing and refusing happens.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bench.told import tell
from robots.errors import SystemFailure
from robots.files import write_atomically
from robots.ledger.known import Known, Remembered
from robots.registry.approve import Request, approve, request_of
from robots.registry.digest import governed
from robots.registry.edit import edit_entry
from robots.registry.gate import Approved, pass_gate
from robots.registry.load import Loaded, read_register
from robots.registry.model import Approval, Asked
from robots.registry.signature import Signer, trust
from robots.scenario.problem import Problems
from robots.settings import Home, Settings

ID, CALLED = "gakumu/enjo", "gakumu/kensaku"
DAY = date(2026, 6, 1)
_ENTRY = """\
  {id}:
    name: 届
    owner: s1
    deputy: s2
    runs_on: [robot-1, robot-2]
    stop: 待つ
    data: personal
    baseline: {{minutes_per_item: 8, measured: 2026-05-01, how: 実測}}
"""
_REGISTER = f"""\
organization: 青空市
departments: {{gakumu: {{name: 学務課}}}}
people:
  s1: {{name: 担当, department: gakumu, roles: [author]}}
  s2: {{name: 係長, department: gakumu, roles: [author]}}
  d1: {{name: 推進室, department: gakumu, roles: [approver]}}
scenarios:
{_ENTRY.format(id=ID)}{_ENTRY.format(id=CALLED)}"""
_SCENARIO = f"""\
名称: 届
利用: {{サイト: {{学務: "https://gakumu.example.lg.jp"}}}}
対象: {{元: "${{[{{番号: '1'}}]}}", キー: "${{対象.番号}}"}}
各件:
  - 画面を開く: ${{サイト.学務}}/new
  - 呼び出す: {{シナリオ: {CALLED}, 値: {{番号: "${{対象.番号}}"}}}}
"""
_CALLED = """\
名称: 検索
利用: {サイト: {学務: "https://gakumu.example.lg.jp"}}
対象: {元: "${[{番号: '1'}]}", キー: "${対象.番号}"}
各件:
  - 画面を開く: ${サイト.学務}/find?no=${対象.番号}
"""
_OTHER_FILES: Mapping[str, bytes] = {"forms/memo.txt": b"approved " * 2000, "books/a.bin": bytes(range(256)) * 400}
_TAMPERED: tuple[tuple[str, str], ...] = (
    ("owner: s1", "owner: s2"),
    ("data: personal", "data: none"),
    ("runs_on: [robot-1, robot-2]", "runs_on: [robot-1, robot-9]"),
    ("minutes_per_item: 8", "minutes_per_item: 80"),
    ("organization: 青空市", "organization: 赤空市"),
    ("until: 2027-03-31", "until: 2037-03-31"),
)


@dataclass(frozen=True)
class Town:
    """A town with one signed version now, and an older one."""

    home: Home
    register: bytes
    old_register: bytes
    files: Mapping[Path, bytes]
    signed: Mapping[str, Mapping[str, bytes]]
    """The files of each signed digest that may run."""
    entry: Mapping[str, object]
    memory: Remembered


def made_town(root: Path) -> Town:
    """Signed twice: the first version must never come back."""
    home = Home(root=root / "town", settings=Settings(machine="robot-1", trusted_keys=str(root / "trusted")))
    for id, text in ((ID, _SCENARIO), (CALLED, _CALLED)):
        folder = home.scenarios / id
        for name, data in {**_OTHER_FILES, "scenario.yaml": text.encode()}.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(data)
    home.register.write_text(_REGISTER, encoding="utf-8")
    signer = Signer(Ed25519PrivateKey.generate())
    trust(home, "青空市", "d1", signer.public)
    known: dict[str, Known] = {}
    old = b""
    for turn in range(2):
        for id in (CALLED, ID):
            approval = _approved(home, id, signer)
            known[id] = Known(int(approval.number), approval.signature)
        old = old if turn else home.register.read_bytes()
        if not turn:
            scenario = home.scenarios / ID / "scenario.yaml"
            scenario.write_bytes(scenario.read_bytes() + "# 直した\n".encode())
    loaded, request = _request(home, ID)
    places = [path for path in home.scenarios.rglob("*") if path.is_file()]
    return Town(
        home,
        home.register.read_bytes(),
        old,
        {path: path.read_bytes() for path in places},
        {request.digest: dict(request.version.files)},
        governed(loaded.raw_entries[ID]),
        Remembered(known),
    )


def _request(home: Home, id: str) -> tuple[Loaded, Request]:
    loaded = read_register(home.register.read_bytes())
    assert isinstance(loaded, Loaded), str(loaded)
    request = request_of(home, loaded, id)
    assert isinstance(request, Request), str(request)
    return loaded, request


def _approved(home: Home, id: str, signer: Signer) -> Approval:
    _, request = _request(home, id)
    edit_entry(home, id, {"request": Asked(by="s1", on=DAY, digest=request.digest)})
    loaded, request = _request(home, id)
    return approve(home, loaded, request, by="d1", on=DAY, until=date(2027, 3, 31), signer=signer)


class Writer:
    """Changes something, leaves it a moment, puts it back; in place or by replacing, as it comes."""

    def __init__(self, town: Town, seed: int) -> None:
        self._town = town
        self._random = random.Random(seed)
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._work)

    def __enter__(self) -> Writer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()

    def _work(self) -> None:
        acts: list[Callable[[], None]] = [self._file, self._file, self._added, self._entry, self._older]
        while not self._end.is_set():
            self._random.choice(acts)()
            time.sleep(self._random.random() * 0.01)  # now and then the town stands as it was signed

    def _put(self, place: Path, data: bytes) -> None:
        if self._random.random() < 0.5:
            write_atomically(place, data)
        else:
            place.write_bytes(data)

    def _pause(self) -> None:
        time.sleep(self._random.random() * 0.004)

    def _file(self) -> None:
        place, data = self._random.choice(list(self._town.files.items()))
        at = self._random.randrange(len(data))
        self._put(place, data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
        self._pause()
        self._put(place, data)

    def _added(self) -> None:
        place = self._town.home.scenarios / self._random.choice([ID, CALLED]) / "extra.txt"
        place.write_bytes(b"x")
        self._pause()
        place.unlink()

    def _entry(self) -> None:
        before, after = self._random.choice(_TAMPERED)
        self._put(self._town.home.register, self._town.register.replace(before.encode(), after.encode()))
        self._pause()
        self._put(self._town.home.register, self._town.register)

    def _older(self) -> None:
        """Back to the first version, register and folder, each signed in its time."""
        place = self._town.home.scenarios / ID / "scenario.yaml"
        self._put(place, _SCENARIO.encode())
        self._put(self._town.home.register, self._town.old_register)
        self._pause()
        self._put(place, self._town.files[place])
        self._put(self._town.home.register, self._town.register)


def race(town: Town) -> str:
    """One look of the gate: refused, unreadable (half a file), passed, or wrong: passed with what was not signed."""
    home = town.home
    try:
        loaded = read_register(home.register.read_bytes())
        if isinstance(loaded, Problems):
            return "unreadable"
        answer = pass_gate(home, loaded, ID, today=DAY, rehearsal=False, memory=town.memory)
    except (SystemFailure, FileNotFoundError):
        return "unreadable"
    if not isinstance(answer, Approved):
        return "refused"
    signed = town.signed.get(answer.digest)
    folder = home.scenarios / CALLED
    called = {
        place.relative_to(folder).as_posix(): data for place, data in town.files.items() if place.is_relative_to(folder)
    }
    right = (
        signed == dict(answer.files)
        and dict(answer.callees[CALLED].files) == called
        and governed(loaded.raw_entries[ID]) == town.entry
        and answer.entry.owner == "s1"
    )
    return "passed" if right else "wrong"


def measured(races: int, seed: int) -> dict[str, object]:
    """All races, and how they ended."""
    with tempfile.TemporaryDirectory() as folder:
        town = made_town(Path(folder))
        assert race(town) == "passed"
        began = time.monotonic()
        with Writer(town, seed):
            counts = Counter(race(town) for _ in range(races))
        seconds = time.monotonic() - began
        assert race(town) == "passed"
    ended = {name: counts[name] for name in ("passed", "refused", "unreadable", "wrong")}
    return {"races": races, **ended, "seconds": round(seconds, 1)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--races", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    found = measured(given.races, given.seed)
    tell(found, as_json=given.json)


if __name__ == "__main__":
    main()
