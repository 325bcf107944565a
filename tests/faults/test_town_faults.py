"""The world fails in the middle of an entry: nothing is lost, nothing is entered twice, nobody is mistaken."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import Any

import pytest

from tests.conftest import JUTOGAI, ROOT, CityHall, small_book

POST = "POST /jumin/persons"
LATE = "{}\n          制限時間: {}s"
ROW = '画面を確かめる: {要素: {役割: cell, 名前: "${半角(対象.受付番号)}"}, 件数: 1}'
FAULTS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "the answer is lost after the entry was recorded": (POST, "drop_after", {"times": 1}),
    "the connection breaks before the entry arrives": (POST, "drop", {"times": 1}),
    "the system answers 500 to the entry": (POST, "error500", {"times": 1}),
    "the session ends just before the entry": (POST, "session_timeout", {"times": 1}),
    "the session ends just before the search": ("/jumin/search", "session_timeout", {"times": 1}),
    "the search breaks off": ("/jumin/search", "drop", {"times": 1}),
    "an unexpected notice stands in the way": ("/jumin/persons", "dialog", {"times": 1}),
    "the form is slow": ("/jumin/persons", "delay", {"times": 2, "seconds": 1.0}),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_in_the_middle_leaves_each_item_entered_exactly_once(city: CityHall, name: str) -> None:
    keys = small_book(city, 2)  # the one that meets the fault, and one that comes after it
    route, kind, named = FAULTS[name]
    city.town.faults.set(route, kind, **named)
    done = city.banken("run", JUTOGAI, "--json")
    report = done.json()
    assert isinstance(report, dict)
    assert report["items"]["done"] == 2, done.out + done.err
    assert city.arrived("jumin") == dict.fromkeys(keys, 1)


def test_a_system_that_saves_late_is_not_entered_twice(city: CityHall) -> None:
    keys = small_book(city, 2)
    settings = "settle_seconds = 5\nretry_wait = 0.2\nstep_timeout = 20\n"
    (city.home.root / "banken.toml").write_text(settings, encoding="utf-8")
    city.town.faults.set(POST, "late_save", times=1, seconds=2.0)
    # Only what is to be in vain is short: a busy machine has its time for all else.
    said = "画面を確かめる: {文字: 登録しました}"
    city.edit(JUTOGAI, lambda text: text.replace(said, LATE.format("画面を確かめる: {文字: 受理しました}", 1)))
    city.edit(JUTOGAI, lambda text: text.replace(ROW, LATE.format(ROW, 4)))
    city.edit(
        JUTOGAI,
        lambda text: text.replace(
            "        - 画面から読む: {ラベル: 受理番号}\n          保存名: 受理番号\n      登録済み", "      登録済み"
        ),
    )
    city.approve(JUTOGAI)
    city.banken("run", JUTOGAI)
    assert city.arrived("jumin") == dict.fromkeys(keys, 1)


def test_a_renamed_label_stops_the_item_before_its_entry_and_names_the_nearest(city: CityHall) -> None:
    small_book(city, 1)
    city.town.faults.set("/jumin/persons", "changed_label", old="新住所", new="新しい住所")
    city.edit(
        JUTOGAI, lambda text: text.replace("      備考: ${対象.備考}\n", "      備考: ${対象.備考}\n    制限時間: 2s\n")
    )
    city.approve(JUTOGAI)
    done = city.banken("run", JUTOGAI, "--json")
    report = done.json()
    assert isinstance(report, dict)
    assert report["items"]["failed"] == 1
    assert not city.arrived("jumin")
    assert "もしかして: 新しい住所" in done.err


@pytest.mark.skipif(sys.platform == "win32", reason="a console's Ctrl-C can't be sent to one process there")
def test_ctrl_c_ends_after_the_present_item_and_resume_does_the_rest(city: CityHall) -> None:
    keys = small_book(city, 6)
    running = subprocess.Popen(
        [sys.executable, "-m", "robots", "run", JUTOGAI],
        cwd=city.home.root,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"},
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )
    deadline = time.monotonic() + 60
    while not city.arrived("jumin") and time.monotonic() < deadline:
        time.sleep(0.02)
    running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=60)
    assert "いまの対象を終えたところで止めます" in err
    assert running.returncode == 1
    first = sum(city.arrived("jumin").values())
    assert 1 <= first < len(keys), out + err
    told = city.banken("runs", "--json").json()
    assert isinstance(told, list)
    assert told[0]["state"] == "stopped"
    assert city.banken("items", JUTOGAI, "--state", "committing", "--json").json() == []
    assert city.banken("run", JUTOGAI).code == 0
    assert city.arrived("jumin") == dict.fromkeys(keys, 1)
