"""A person does one row's work in each system of the practice town; what was recorded enters ten rows by itself."""

from __future__ import annotations

import io
import sys
from contextlib import chdir
from pathlib import Path

import pytest
import typer
from openpyxl import Workbook

from practice import PRACTICE_PASSWORD, PRACTICE_USER
from practice.server import start_town
from robots.cli.common import Stop, registered
from robots.cli.record import planned, write_scenario
from robots.recorder.browser import Recorder
from robots.recorder.model import Act, Place, Recording
from robots.settings import open_home
from tests.conftest import ROOT, CityHall
from tests.recorder.person import Person, Row
from tests.recorder.town import COUNT, WORKS, Work


def empty_hall(root: Path) -> Path:
    """A town's folder with the repository's people and no scenario."""
    (root / "scenarios").mkdir(parents=True)
    register = (ROOT / "registry.yaml").read_text(encoding="utf-8").partition("\nscenarios:\n")[0]
    (root / "registry.yaml").write_text(f"{register}\n", encoding="utf-8")
    (root / "banken.toml").write_text("settle_seconds = 1.0\nretry_wait = 0.2\nstep_timeout = 8\n", encoding="utf-8")
    return root


def book_of(rows: list[Row], path: Path) -> Path:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(list(rows[0]))
    for row in rows:
        sheet.append(list(row.values()))
    book.save(path)
    return path


def recorded(work: Work, url: str, said: list[str]) -> Recording:
    with Recorder(url + work.begin, said.append, headed=False) as recorder:
        work.do(Person(recorder.page), work.rows()[0])
        return recorder.recording


def written(
    root: Path, work: Work, recording: Recording, book: Path, typed: str, monkeypatch: pytest.MonkeyPatch
) -> str:
    home = open_home(root, {})
    monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
    with chdir(root):
        write_scenario(home, planned(home, registered(home), work.id, str(book)), recording)
    return (home.scenarios / work.id / "scenario.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize("work", WORKS, ids=lambda work: work.id)
def test_a_recorded_session_enters_every_row(
    work: Work, tmp_path: Path, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    with start_town(tmp_path / "town.sqlite", port=port) as town:
        recording = recorded(work, town.url, said)
        by_hand = town.entries(work.system)
    assert len(by_hand) == 1, said
    rows = work.rows()
    root = empty_hall(tmp_path / "city")
    text = written(root, work, recording, book_of(rows, tmp_path / "一覧.xlsx"), "\n" * 30, monkeypatch)
    print(text)
    assert PRACTICE_PASSWORD not in text + repr(recording) + "".join(said)
    assert f"'{PRACTICE_USER}'" not in repr(recording)
    with start_town(tmp_path / "fresh.sqlite", port=town.port) as fresh:
        city = CityHall(open_home(root, {}), fresh)
        check = city.banken("check")
        assert check.code == 0, check.out + check.err + text
        city.approve(work.id)
        if work.commit:  # the answer to a registration is lost: what the person showed must find it
            fresh.faults.set(work.commit, "drop_after", times=1)
        done = city.banken("run", work.id, "--json")
        assert done.code == 0, done.out + done.err + text
        report = done.json()
        assert isinstance(report, dict)
        assert report["items"]["done"] == COUNT
        entries = fresh.entries(work.system)
    assert len(entries) == COUNT
    assert entries[0]["values"] == by_hand[0]["values"], "the first row as the person entered it"
    assert len({repr(entry["values"]) for entry in entries}) == COUNT


def test_the_row_that_was_really_entered_is_not_entered_again(
    tmp_path: Path, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The person has entered two rows, the third and the fourth of the sheet: one of them is the pattern."""
    work, said = WORKS[0], list[str]()
    with start_town(tmp_path / "town.sqlite", port=port) as town:
        with Recorder(town.url + work.begin, said.append, headed=False) as recorder:
            person = Person(recorder.page)
            rows = work.rows()
            work.do(person, rows[2])
            person.follow("新規入力")
            person.type("受付番号", rows[3]["受付番号"])
            person.press("登録")  # refused: nothing else was filled in
            recording = recorder.recording
        assert len(town.entries(work.system)) == 1
        root = empty_hall(tmp_path / "city")
        yes = "\n" * 7 + "はい\n" + "\n" * 10
        text = written(root, work, recording, book_of(rows, tmp_path / "一覧.xlsx"), yes, monkeypatch)
        assert f"条件: ${{対象.受付番号 != '{rows[2]['受付番号']}'}}" in text
        assert text.count("ボタン: 登録") == 1
        city = CityHall(open_home(root, {}), town)
        city.approve(work.id)
        done = city.banken("run", work.id, "--json")
        assert done.code == 0, done.out + done.err + text
        assert set(city.arrived(work.system).values()) == {1}
        assert len(city.arrived(work.system)) == COUNT


def test_nothing_is_written_where_nothing_was_done_and_a_wrong_answer_is_asked_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    root = empty_hall(tmp_path / "city")
    work = WORKS[0]
    book = book_of(work.rows(), tmp_path / "一覧.xlsx")
    with pytest.raises(Stop):
        written(root, work, Recording(), book, "\n" * 9, monkeypatch)
    assert "何も記録されませんでした" in capsys.readouterr().err
    done = Recording([Act("open", text="http://127.0.0.1:1/"), Act("click", Place((), "button", "登録"), button=True)])
    with pytest.raises(typer.Abort):
        written(root, work, done, tmp_path / "一覧.txt", f"{tmp_path / 'ない.xlsx'}\n", monkeypatch)
    said = capsys.readouterr().err
    assert "表として読めません" in said and "ない.xlsx がありません" in said
    with pytest.raises(typer.Abort):
        written(root, work, done, book, "名前\nだれか\ns2001\ns2001\n", monkeypatch)
    said = capsys.readouterr().err
    assert "「だれか」は台帳の people にいません" in said and "同じ人です" in said
    assert not list((root / "scenarios").iterdir())
    assert work.id not in (root / "registry.yaml").read_text(encoding="utf-8")
