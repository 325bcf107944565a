"""``banken new``: a scenario from a sheet, asked for or told at once; nothing is half done, nothing overwritten."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest
from openpyxl import load_workbook

from robots.settings import open_home
from tests.conftest import JUTOGAI, CityHall, banken_here

ROWS = "依頼番号,配当元,配当先,科目,金額,理由\nH8-001,財政課,学務課,10-02-10,250000,追加配当\nH8-002,財政課,福祉課,10-04-12,1200,当初配当\n"


def test_what_new_writes_is_approved_and_enters_the_rows(city: CityHall) -> None:
    root = city.home.root
    (root / "依頼.csv").write_text(ROWS, "utf-8")
    register = (root / "registry.yaml").read_text("utf-8")
    page = f"{city.town.url}/zaimu/transfers/new"
    new = ("new", "kaikei/haito", "--name", "予算再配当の入力", "--sheet", "依頼.csv", "--site", "財務", "--url", page)
    done = city.banken(*new, "--data", "なし", "--yes")
    assert done.code == 0, done.err
    after = (root / "registry.yaml").read_text("utf-8")
    assert after.startswith(register), "nothing else of the register changes"
    assert city.banken("check").code == 0
    assert city.banken("fmt", "kaikei/haito", "--check").code == 0
    sample = root / "scenarios" / "kaikei" / "haito" / "sample" / "依頼.csv"
    assert "財政課" not in sample.read_text("utf-8-sig"), "the sheet's own values are not copied"
    assert sample.read_text("utf-8-sig").splitlines()[0] == ROWS.splitlines()[0]
    assert city.banken(*new, "--yes").code == 1, "never overwritten"

    sample.write_text(ROWS, "utf-8")
    rehearsed = cast("dict[str, Any]", city.banken("run", "kaikei/haito", "--rehearse", "--json").json())
    assert rehearsed["state"] == "ended" and not city.arrived("zaimu")
    city.approve("kaikei/haito")
    ran = cast("dict[str, Any]", city.banken("run", "kaikei/haito", "--json").json())
    assert ran["items"]["done"] == 2
    assert city.arrived("zaimu") == {"H8-001": 1, "H8-002": 1}
    book = load_workbook(city.home.var / "out" / "haito" / "予算再配当の入力の結果.xlsx")["結果"]
    assert [row[0].value for row in book.iter_rows()] == ["依頼番号", "H8-001", "H8-002"]


def test_new_asks_and_refreshes_what_the_editor_knows(desk: Path) -> None:
    assert banken_here(desk, "schema", "--vscode").code == 0
    answers = ["kaikei", "hojo", "補助: 金", "", "番号,1 年,a'b,${x}", "", "財務", *[""] * 9]
    done = banken_here(desk, "new", typed="\n".join(answers) + "\n")
    assert done.code == 0, done.err
    assert "会計課" in done.err and "読む表" in done.err
    assert banken_here(desk, "check").code == 0
    assert banken_here(desk, "fmt", "kaikei/hojo", "--check").code == 0
    (sample,) = (desk / "scenarios" / "kaikei" / "hojo" / "sample").iterdir()
    head, *rows = load_workbook(sample).worksheets[0].iter_rows(values_only=True)
    assert head == ("番号", "1 年", "a'b", "${x}") and len(rows) == 3
    assert "scenario.kaikei.hojo.json" in (desk / ".vscode" / "settings.json").read_text("utf-8")


def test_new_asks_again_what_was_answered_wrong(desk: Path) -> None:
    (desk / "依頼.csv").write_text(ROWS, "utf-8")
    answers = [
        *("kaikai", "kaikei", "a b", "hojo", "補助金", "ない.csv", "依頼.csv", "番号", "依頼番号", "財務"),
        *("ftp://x", "http://127.0.0.1:8710/a", "", "", "毎晩", "手で動かす", "だれか", "s2001", "s2001", "s2002"),
        *("秘密", "なし", "長い", "7.5"),
    ]
    done = banken_here(desk, "new", "--owner", "いない", typed="\n".join(answers) + "\n")
    assert done.code == 0, done.err
    for word in (
        "もしかして: kaikei",
        "形が違います",
        "ない.csv がありません",
        "ある列は 依頼番号",
        "アドレスではありません",
    ):
        assert word in done.err
    for word in ("選べるのは", "「いない」は台帳の people にいません", "同じ人", "数値が必要"):
        assert word in done.err
    register = (desk / "registry.yaml").read_text("utf-8")
    assert "minutes_per_item: 7.5" in register and "s2002" in register.partition("kaikei/hojo:")[2]
    assert banken_here(desk, "check").code == 0


@pytest.mark.parametrize("stopped_at", ["write_sample", "write_atomically"])
def test_ctrl_c_leaves_nothing_half_done(desk: Path, stopped_at: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    place = "robots.cli.new" if stopped_at == "write_sample" else "robots.cli.new_write"
    monkeypatch.setattr(f"{place}.{stopped_at}", stop)
    before = {path: path.read_bytes() for path in desk.rglob("*") if path.is_file()}
    folders = {path for path in desk.rglob("*") if path.is_dir()}
    done = banken_here(desk, "new", "kaikei/hojo", "--yes")
    assert done.code == 1 and "取りやめました" in done.err
    assert {path: path.read_bytes() for path in desk.rglob("*") if path.is_file()} == before
    assert {path for path in desk.rglob("*") if path.is_dir()} == folders


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("kaikai/a",), "もしかして: kaikei"),
        (("kaikei",), "課/名前"),
        (("kaikei/../a",), "課/名前"),
        ((JUTOGAI,), "もうあります"),
        (("kaikei/a", "--owner", "s2001", "--deputy", "s2001"), "同じ人"),
        (("kaikei/a", "--key", "番号"), "ある列は 受付番号、氏名"),
        (("kaikei/a", "--sheet", "a.docx"), "表として読めません"),
        (("kaikei/a", "--site", "財務", "--url", "ftp://x"), "アドレスではありません"),
        (("kaikei/a", "--minutes", "長い"), "数値が必要"),
        (("kaikei/a", "--when", "毎晩"), "開庁日の毎晩"),
    ],
)
def test_new_refuses_before_it_writes(desk: Path, arguments: tuple[str, ...], word: str) -> None:
    before = {path: path.read_bytes() for path in desk.rglob("*") if path.is_file()}
    done = banken_here(desk, "new", *arguments, "--yes")
    assert done.code == 1 and word in done.err, done.err
    assert {path: path.read_bytes() for path in desk.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize(
    "tail",
    [
        "",
        "scenarios: {}   # まだない\n",
        "scenarios: {}\nhourly_cost: 2800\n",
        "# 末尾のメモ",
        "scenarios: {}\r\n",
    ],
)
def test_new_finds_its_place_in_any_register(tmp_path: Path, tail: str) -> None:
    head = (
        "organization: 練習市  # メモ\ndepartments:\n  kaikei: {name: 会計課}\n"
        "people:\n  s1: {name: 甲, department: kaikei}\n  s2: {name: 乙, department: kaikei}\n"
    )
    newline = "\r\n" if "\r\n" in tail else "\n"
    content = head.replace("\n", newline) + tail
    (tmp_path / "registry.yaml").write_bytes(content.encode())
    assert open_home(tmp_path).root == tmp_path.resolve()
    done = banken_here(tmp_path, "new", "kaikei/a", "--yes")
    assert done.code == 0, done.err
    after = (tmp_path / "registry.yaml").read_bytes().decode()
    assert after.startswith(head.replace("\n", newline)) and "メモ" in after
    assert banken_here(tmp_path, "new", "kaikei/b", "--yes").code == 0
    assert banken_here(tmp_path, "check").code == 0
    assert after.count("\n") == after.count("\r\n") or newline == "\n"
