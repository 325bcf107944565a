"""A recording that ends before its time is not lost: what was done so far becomes the scenario, now or later."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from threading import Timer

import psutil
import pytest

from practice.server import start_town
from robots.recorder.browser import Recorder
from robots.recorder.keep import Kept
from robots.settings import Home, open_home
from robots.wiring import records
from tests.conftest import banken_here
from tests.recorder.person import Person
from tests.recorder.test_record import book_of, empty_hall
from tests.recorder.town import WORKS

WORK = WORKS[0]


def kept_in(home: Home) -> Kept:
    with records(home) as (ledger, _):
        return Kept(home.var, ledger.sealer)


def kill_the_browser() -> None:
    for one, words in ours():
        if "chrom" in one.name() and not any("--type=" in word for word in words):
            one.kill()


def kill_the_page() -> None:
    for one, words in ours():
        if "--type=renderer" in words:
            one.kill()


def ours() -> Iterator[tuple[psutil.Process, list[str]]]:
    """The processes under this one, each with its command line; one of a test before may have ended and not be gone."""
    for one in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            yield one, one.cmdline()


def press_ctrl_c() -> None:
    os.kill(os.getpid(), signal.SIGINT)


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C can't be sent to one process there")
def test_a_recording_whose_browser_is_killed_becomes_a_scenario(tmp_path: Path) -> None:
    root = empty_hall(tmp_path / "city")
    home, rows = open_home(root, {}), WORK.rows()
    kept = kept_in(home)
    with start_town(tmp_path / "town.sqlite") as town:
        url = town.url + WORK.begin
        with Recorder(url, lambda _: None, kept.keep, headed=False) as recorder:
            WORK.do(Person(recorder.page), rows[0])
            kill_the_browser()
            recorder.wait()
    on_disk = [path.read_bytes() for path in home.var.rglob("*") if path.is_file()]
    assert on_disk and not any(rows[0]["児童氏名"].encode() in data for data in on_disk), "sealed"
    book = book_of(rows, tmp_path / "一覧.xlsx")
    asked = ("record", url, "--id", WORK.id, "--sheet", str(book))
    given_up = banken_here(root, *asked, typed="\n" * 4)
    assert given_up.code == 1 and "記録は残してあります" in given_up.err, given_up.err
    assert not list((root / "scenarios").iterdir())
    done = banken_here(root, *asked, typed="\n" * 30)
    assert done.code == 0 and "前の記録" in done.err, done.err
    assert "ボタン: 登録" in (root / "scenarios" / WORK.id / "scenario.yaml").read_text(encoding="utf-8")
    assert kept_in(home).find() is None, "what was typed does not stay on disk"


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C can't be sent to one process there")
@pytest.mark.parametrize("end", [kill_the_page, press_ctrl_c])
def test_whatever_ends_the_recording_it_is_kept_to_the_last_field(tmp_path: Path, end: object) -> None:
    assert callable(end)
    kept = kept_in(open_home(empty_hall(tmp_path / "city"), {}))
    with (
        start_town(tmp_path / "town.sqlite") as town,
        Recorder(f"{town.url}/practice/controls", lambda _: None, kept.keep, headed=False) as recorder,
    ):
        Person(recorder.page).type("制御入力", "未完")
        Timer(0.5, end).start()
        recorder.wait()
    found = kept.find()
    assert found is not None
    assert [act.entry.given for act in found[0].acts if act.entry] == ["未完"]
