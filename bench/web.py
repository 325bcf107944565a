"""The pages with many readers over a large register: how long a page takes.

    python -m bench.web [--scenarios 10000] [--readers 200] [--think 10] [--seconds 60] [--json]

The town is that of bench/register_size.py.  ``banken serve`` runs as a process of its own, and the readers are plain
sockets in this one: each is signed in, opens a page (今日, 台帳, a search, a further page, a scenario's own), reads it
for ``think`` seconds on average, and opens the next only then: a person at a screen.  Times are from connecting to
the answer's last byte, in milliseconds, and beside them is the floor: the same readers fetching one small static file.
``alone`` is one reader who does not think; ``rush`` is all of them not thinking, which no office does: it says how many
pages a second there are (``pages`` over its quarter of ``seconds``), and its times are what queueing for them costs.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from bench.register_size import build
from bench.told import tell
from robots.ledger.accounts import Accounts
from robots.ledger.sessions import Sessions
from robots.settings import open_home
from robots.wiring import records

ROOT = Path(__file__).parents[1]
_PERSON, _PASSWORD = "x0001", "neko ga niwa de nemuru"
_STATIC = "/static/banken.svg"


@dataclass
class Times:
    """Milliseconds by kind of page, and answers that were not 200."""

    of: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    wrong: int = 0

    def told(self) -> dict[str, object]:
        every = sorted(one for some in self.of.values() for one in some)
        return {
            "pages": len(every),
            "wrong": self.wrong,
            "p50_ms": at(every, 0.5),
            "p95_ms": at(every, 0.95),
            "max_ms": at(every, 1),
            "p95_by_page": {name: at(sorted(some), 0.95) for name, some in sorted(self.of.items())},
        }


def at(values: Sequence[float], part: float) -> float | None:
    """That part of sorted values (0.95: all but a twentieth are less); None of none."""
    return round(values[min(len(values) - 1, int(part * len(values)))], 1) if values else None


def _page(rng: random.Random, scenarios: int, number: int) -> tuple[str, str]:
    """What a reader opens next: its kind and its address."""
    id = rng.randrange(scenarios)
    return (
        ("today", "/"),
        ("list", "/register"),
        ("search", f"/register?q=%E4%BA%8B%E5%8B%99+{id}&department=d{id % 100:03}"),
        ("page", f"/register?page={rng.randrange(max(1, scenarios // 50)) + 1}&sort=-name"),
        ("scenario", f"/scenarios/d{id % 100:03}/work-{id:05}"),
    )[number % 5]


async def _get(path: str, port: int, token: str) -> int:
    """One page over a connection of its own: a browser's has been closed while the page was read."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: banken={token}\r\n\r\n".encode())
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    length = head.partition("content-length:")[2].partition("\r\n")[0]
    await reader.readexactly(int(length or 0))
    writer.close()
    return int(head.split(" ", 2)[1])


async def _reader(
    port: int, token: str, scenarios: int, think: float, until: float, times: Times, seed: int, *, static: bool
) -> None:
    rng = random.Random(seed)
    await asyncio.sleep(rng.random() * think)
    number = seed
    while time.perf_counter() < until:
        kind, path = ("static", _STATIC) if static else _page(rng, scenarios, number)
        began = time.perf_counter()
        code = await _get(path, port, token)
        times.of[kind].append((time.perf_counter() - began) * 1000)
        times.wrong += code != 200
        number += 1
        await asyncio.sleep(rng.expovariate(1 / think) if think else 0)


async def _readers(
    port: int, tokens: Sequence[str], scenarios: int, think: float, seconds: float, *, static: bool = False
) -> Times:
    times, until = Times(), time.perf_counter() + seconds
    each = [
        _reader(port, token, scenarios, think, until, times, seed, static=static) for seed, token in enumerate(tokens)
    ]
    await asyncio.gather(*each)
    return times


def measure(scenarios: int, readers: int, think: float, seconds: float) -> dict[str, object]:
    """All figures."""
    with tempfile.TemporaryDirectory() as place:
        root = Path(place)
        build(root, scenarios)
        home = open_home(root, {})
        with records(home) as (ledger, audit):
            Accounts(ledger, audit).put(_PERSON, _PASSWORD, by="bench", must_change=False)
            tokens = [Sessions(ledger).begin(_PERSON) for _ in range(readers)]
        with serving(root) as port:
            first = _first_look(port, tokens[0])
            figures: dict[str, object] = {"scenarios": scenarios, "readers": readers, "think_s": think}
            figures["town_looked_at_s"] = first
            for name, some, pause, static in (
                ("alone", tokens[:1], 0.0, False),
                ("floor", tokens, think, True),
                ("many", tokens, think, False),
                ("rush", tokens, 0.0, False),
            ):
                length = seconds if name == "many" else seconds / 4
                times = asyncio.run(_readers(port, some, scenarios, pause, length, static=static))
                figures[name] = times.told()
    return figures


@contextmanager
def serving(root: Path) -> Iterator[int]:
    """``banken serve`` in a folder, as a process of its own, until the block ends; gives its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "robots", "serve", "--port", str(port)]
    server = subprocess.Popen(command, cwd=root, env=environment, stdout=subprocess.DEVNULL)
    try:
        _until_open(server, port)
        yield port
    finally:
        server.terminate()
        server.wait(20)


def _until_open(server: subprocess.Popen[bytes], port: int) -> None:
    for _ in range(600):
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        if server.poll() is not None:
            break
        time.sleep(0.1)
    raise RuntimeError("the pages were never served")


def _first_look(port: int, token: str) -> float:
    """Seconds until the first look over the whole town is shown."""
    began = time.perf_counter()
    request = urllib.request.Request(f"http://127.0.0.1:{port}/", headers={"Cookie": f"banken={token}"})
    while time.perf_counter() - began < 600:
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                if "調べています" not in answer.read().decode():
                    return round(time.perf_counter() - began, 1)
        except (urllib.error.URLError, ConnectionError):
            pass
        time.sleep(0.5)
    raise RuntimeError("the town was never looked at")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scenarios", type=int, default=10_000)
    parser.add_argument("--readers", type=int, default=200)
    parser.add_argument("--think", type=float, default=10.0)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    figures = measure(options.scenarios, options.readers, options.think, options.seconds)
    tell(figures, as_json=options.json)


if __name__ == "__main__":
    main()
