"""False alarms and misses of `banken check --live`, against the practice town in a real browser.

    python -m bench.live [--looks 100] [--json]

Looks at unchanged screens so many times (reach: nothing is ever reported), then at each of some changes once (reach:
each is named, with the line that mends it).
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from loguru import logger

from bench.told import tell
from bench.town import Silent
from practice.server import RunningTown, start_town
from robots.cli.common import registered
from robots.cli.run import cleared, inputs_of
from robots.registry.approve import approve, request_of
from robots.registry.gate import Approved
from robots.registry.load import Loaded, load_register
from robots.runner.live import Live
from robots.runner.mend import Mender
from robots.runner.order import Order, Parts
from robots.runner.outlines import read_kept
from robots.runner.run import run_scenario
from robots.scenario.problem import Problems
from robots.settings import open_home
from robots.wiring import wired

ROOT = Path(__file__).parent.parent
SCENARIO = "shimin/jutogai-jusho"
CHANGES = (
    ("changed_label", "新住所", "転入先住所", "転入先住所: ${対象.住所}"),
    ("changed_label", ">登録<", ">登録する<", "- 押す: {ボタン: 登録する}"),
    ("changed_label", ">住所変更<", ">住所の変更<", "- 押す: {リンク: 住所の変更}"),
    ("changed_label", "<dt>生年月日", "<dt>誕生日", "- 画面から読む: {ラベル: 誕生日}"),
    ("changed_label", "届出区分", "届出人", "届出人: ${対象.届出区分}"),
)
HARMLESS = (("moved_button", "登録", "操作"), ("new_column", "住所", "地区"))


@contextmanager
def gallery(town: RunningTown) -> Iterator[tuple[Parts, Approved]]:
    """The scenario of the gallery in a town of its own, approved, its sites at the practice town."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        shutil.copytree(ROOT / "scenarios" / SCENARIO, root / "scenarios" / SCENARIO)
        register = (ROOT / "registry.yaml").read_text(encoding="utf-8")
        (root / "registry.yaml").write_text(register, encoding="utf-8")
        (root / "banken.toml").write_text("step_timeout = 5\n", encoding="utf-8")
        place = root / "scenarios" / SCENARIO / "scenario.yaml"
        text = place.read_text(encoding="utf-8").replace("http://127.0.0.1:8710", town.url)
        place.write_text(text, encoding="utf-8")
        home = open_home(root, {})
        loaded = load_register(home)
        assert isinstance(loaded, Loaded), str(loaded)
        request = request_of(home, loaded, SCENARIO)
        assert not isinstance(request, Problems), str(request)
        approve(home, loaded, request, by="d0001", on=date(2026, 4, 1), until=date(2099, 3, 31))
        logger.remove()
        with wired(home) as parts:
            yield parts, cleared(home, registered(home), SCENARIO)


def look(parts: Parts, approved: Approved) -> Live:
    """One look at the screens as they are."""
    live = Live(read_kept(parts.home.var, SCENARIO))
    order = Order(approved, inputs_of(approved, {}), "bench", rehearsal=True, beside=(live,))
    run_scenario(order, parts, live)
    return live


def measure(looks: int) -> dict[str, object]:
    """The figures."""
    with (
        tempfile.TemporaryDirectory() as folder,
        start_town(Path(folder) / "town.sqlite") as town,
        gallery(town) as (
            parts,
            approved,
        ),
    ):
        run_scenario(Order(approved, inputs_of(approved, {}), "bench", rehearsal=True, limit=3), parts, Silent())
        false_alarms, seconds = 0, []
        for _ in range(looks):
            started = time.monotonic()
            live = look(parts, approved)
            seconds.append(time.monotonic() - started)
            false_alarms += bool(live.gone or live.changed or live.blocked or not live.reached)
        named = 0
        for kind, old, new, line in CHANGES:
            town.faults.set("/jumin", kind, old=old, new=new)
            named += line in _lines(look(parts, approved), approved)
            town.faults.clear()
        told = 0
        for kind, old, new in HARMLESS:
            town.faults.set("/jumin", kind, old=old, new=new)
            live = look(parts, approved)
            told += bool(live.changed) and not live.gone
            town.faults.clear()
        entered = len(town.entries("jumin"))
    return {
        "looks": looks,
        "false_alarms": false_alarms,
        "seconds_median": round(sorted(seconds)[len(seconds) // 2], 2) if seconds else None,
        "changes": len(CHANGES),
        "mended_rightly": named,
        "harmless_changes": len(HARMLESS),
        "told_without_alarm": told,
        "entered": entered,
    }


def _lines(live: Live, approved: Approved) -> list[str]:
    mender = Mender(approved.files, approved.id)
    proposals = (mender.proposal(gone.step, gone.name, gone.now) for gone in live.gone.values() if gone.now)
    return [one.new.strip() for one in proposals if one is not None]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--looks", type=int, default=100)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    figures = measure(given.looks)
    tell(figures, as_json=given.json)


if __name__ == "__main__":
    main()
