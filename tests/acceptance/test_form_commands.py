"""banken form …: drawing, reading and sorting papers from the command line."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import numpy as np
import psutil
import pypdfium2
import pytest
from openpyxl import Workbook, load_workbook
from PIL import Image

from ocr.reading import Refused
from robots.cli import form_read, form_stop
from robots.cli.form_stop import Stopped, Stopping
from robots.errors import SystemFailure
from tests.conftest import banken_here
from tests.scans import SHINSEI, TODOKE, put_form, put_pictures, scan, white

SIGNED = (25.0, 39.0)
GRIDS = """\
form: 届
blank: grids.pdf
fields:
  番号: {kind: digits, at: [20, 30, 32, 8], cells: 4, check: mod11}
  氏名: {kind: kana, at: [20, 50, 80, 8], cells: 10}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two forms, a signed paper, and a PDF of both forms and an empty page."""
    root = tmp_path_factory.mktemp("forms")
    put_form(root, "todoke", TODOKE)
    put_form(root, "shinsei", SHINSEI)
    paper, other = scan(root / "todoke.pdf", SIGNED), scan(root / "shinsei.pdf", (25, 139))
    put_pictures(root / "in" / "1.png", paper)
    put_pictures(root / "in" / "2.pdf", other, paper, white())
    (root / "in" / "読み方.txt").write_text("これはスキャンではない", encoding="utf-8")
    return root


def test_reading_tells_what_is_certain_and_ends_with_1_where_something_is_not(folder: Path) -> None:
    done = banken_here(folder, "form", "read", "in/1.png", "--form", "todoke.yaml")
    assert done.code == 0, done.err
    assert "署名: 記入あり" in done.out and "すべて確かなもの 1 枚" in done.out
    mixed = banken_here(
        folder, "form", "read", "in", "--form", "todoke.yaml", "--json", "--xlsx", "out.xlsx", "--overlay", "drawn"
    )
    assert mixed.code == 1
    papers = cast("list[dict[str, Any]]", mixed.json())
    assert [one["source"] for one in papers] == ["1.png#1", "2.pdf#1", "2.pdf#2", "2.pdf#3"]
    assert [one.get("refused") for one in papers] == [None, "other_form", None, "blank"]
    assert papers[0]["fields"]["署名"]["value"] == "記入あり"
    assert papers[0]["fields"]["印"]["state"] == "blank"
    head, first, refused, *_ = load_workbook(folder / "out.xlsx")["読み取り"].iter_rows(values_only=True)
    assert head == ("ファイル", "要確認", "署名", "印")
    assert first == ("1.png 1ページ目", None, "記入あり", None)
    assert refused[0] == "2.pdf 1ページ目" and refused[1]
    assert sorted(path.name for path in (folder / "drawn").iterdir()) == ["1_p1.png", "2_p2.png"]


@pytest.mark.skipif(sys.platform == "win32", reason="no signal but Ctrl-Break reaches another process there")
def test_a_reading_that_is_stopped_leaves_a_whole_list_and_says_how_to_go_on(folder: Path, tmp_path: Path) -> None:
    """Stopped by who closes the session, begun again and stopped by Ctrl-C, begun again: each time it takes up what was read."""
    pile = copies_of(folder / "in" / "1.png", 24, tmp_path / "pile.pdf")
    command = [sys.executable, "-m", "robots", "form", "read", str(pile), "--form", str(folder / "todoke.yaml")]
    command += ["--store", str(tmp_path / "kept"), "--json"]
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONUTF8": "1"}
    before: list[dict[str, Any]] = []
    for sent in (signal.SIGTERM, signal.SIGINT):
        with (
            (tmp_path / "said").open("w+", encoding="utf-8") as stderr,
            subprocess.Popen(
                command, cwd=tmp_path, env=environ, stdout=subprocess.PIPE, stderr=stderr, encoding="utf-8"
            ) as reading,
        ):
            assert reading.stdout is not None
            begin = reading.stdout.read(1)  # a copy is told as soon as it is there
            workers = psutil.Process(reading.pid).children(recursive=True)
            reading.send_signal(sent)
            told = cast("list[dict[str, Any]]", json.loads(begin + reading.stdout.read()))
        said = (tmp_path / "said").read_text(encoding="utf-8")
        assert reading.returncode == 1, said
        assert [one["source"] for one in told] == [f"pile.pdf#{number}" for number in range(1, len(told) + 1)]
        assert 0 < len(told) < 24
        assert told[: len(before)] == before[: len(told)]
        assert f"初めから pile.pdf {len(told)}ページ目 までの {len(told)} 枚です" in said
        assert f"それより後（{24 - len(told)} 枚以上）の結果はありません" in said and "同じ --store" in said
        assert not psutil.wait_procs(workers, timeout=10)[1], "no worker goes on"
        before = told
    again = cast("list[dict[str, Any]]", banken_here(tmp_path, *command[3:]).json())
    assert again[: len(before)] == before and len(again) == 24


def test_a_reading_that_fails_half_way_leaves_a_whole_list(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(files: list[Path], *_: object, **__: object) -> Iterator[tuple[Path, Refused]]:
        yield files[0], Refused("1.png#1", "blank", "白紙です。")
        raise SystemFailure("読み取りのプロセスを始められません。", mend="もう一度実行してください。")

    monkeypatch.setattr(form_read, "readings", fails)
    done = banken_here(folder, "form", "read", "in", "--form", "todoke.yaml", "--json", "--xlsx", "never.xlsx")
    assert done.code == 4
    assert cast("list[dict[str, Any]]", done.json()) == [{"source": "1.png#1", "refused": "blank", "why": "白紙です。"}]
    assert "初めから 1.png 1ページ目 までの 1 枚です" in done.err
    assert "never.xlsx は書いていません" in done.err and "プロセスを始められません" in done.err
    assert not (folder / "never.xlsx").exists()


def test_a_signal_is_heard_where_the_reading_looks_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signal, "getsignal", {signal.SIGTERM: signal.SIG_IGN}.get)
    with Stopping() as nothing_to_take:
        nothing_to_take.look(3)
    monkeypatch.undo()
    before = signal.getsignal(signal.SIGTERM)
    with Stopping() as stopping:
        signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGTERM)  # an impatient hand: nothing is cut for it
        with pytest.raises(Stopped):
            stopping.look(3)
        monkeypatch.setattr(form_stop, "_PATIENCE", -1.0)
        with pytest.raises(KeyboardInterrupt):  # whoever is to read the answer may never read on
            signal.raise_signal(signal.SIGTERM)
    assert signal.getsignal(signal.SIGTERM) is before


def copies_of(picture: Path, count: int, pile: Path) -> Path:
    """A PDF of so many pages, all of them this picture."""
    one = put_pictures(pile.with_suffix(".one.pdf"), np.asarray(Image.open(picture), np.uint8))
    with pypdfium2.PdfDocument(one) as page, pypdfium2.PdfDocument.new() as many:
        many.import_pages(page, [0] * count)
        many.save(pile)
    return pile


def test_sorting_copies_files_and_splits_a_pdf_by_its_forms(folder: Path) -> None:
    done = banken_here(
        folder, "form", "sort", "in", "--forms", "todoke.yaml", "--forms", "shinsei.yaml", "--to", "sorted", "--json"
    )
    assert done.code == 1, "an empty page is none of the forms"
    told = cast("list[dict[str, Any]]", done.json())
    assert [(one["copy"], one["pages"]) for one in told] == [
        ("届/1.png", "1"),
        ("申請書/2_p1.pdf", "1"),
        ("届/2_p2.pdf", "2"),
        ("不明/2_p3.pdf", "3"),
    ]
    assert told[-1]["why"]
    assert (folder / "sorted" / "届" / "1.png").read_bytes() == (folder / "in" / "1.png").read_bytes()
    with pypdfium2.PdfDocument(folder / "sorted" / "申請書" / "2_p1.pdf") as document:
        assert len(document) == 1
    assert (folder / "in" / "2.pdf").exists(), "copies, not moves"


def test_drawing_prints_an_empty_form_or_one_copy_a_row(tmp_path: Path) -> None:
    (tmp_path / "grids.yaml").write_text(GRIDS, encoding="utf-8")
    assert banken_here(tmp_path, "form", "draw", "grids.yaml", "--out", "grids.pdf").code == 0
    book = Workbook()
    assert book.active is not None
    for row in (("番号", "氏名"), ("0019", "ヤマダ"), ("0027", "スズキ")):
        book.active.append(row)
    book.save(tmp_path / "rows.xlsx")
    done = banken_here(tmp_path, "form", "draw", "grids.yaml", "--out", "two.pdf", "--values", "rows.xlsx")
    assert (done.code, "2 部" in done.out) == (0, True), done.err
    with pypdfium2.PdfDocument(tmp_path / "two.pdf") as document:
        assert len(document) == 2
    wrong = banken_here(tmp_path, "form", "draw", "grids.yaml", "--out", "x.pdf", "--value", "番合=1")
    assert wrong.code == 1 and "「番合」という欄はありません" in wrong.err
    assert not (tmp_path / "x.pdf").exists()


def test_a_mistake_in_a_definition_is_told_at_its_line(tmp_path: Path) -> None:
    (tmp_path / "grids.yaml").write_text(GRIDS.replace("kind: kana", "kind: kanna"), encoding="utf-8")
    done = banken_here(tmp_path, "form", "draw", "grids.yaml", "--out", "grids.pdf")
    assert done.code == 1
    assert "grids.yaml:5:14: 「kanna」という種類はありません" in done.err
    (tmp_path / "grids.yaml").write_text(GRIDS, encoding="utf-8")
    missing = banken_here(tmp_path, "form", "read", "grids.yaml", "--form", "grids.yaml")
    assert missing.code == 1 and "grids.yaml:2:8: grids.pdf がありません" in missing.err
    assert banken_here(tmp_path, "form", "read", "grids.yaml", "--form", "nai.yaml").code == 2
