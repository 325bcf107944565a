"""What a rehearsal says of itself, and what its steps find of what they wrote."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from openpyxl import load_workbook

from robots.cli.progress import tell_report
from robots.ledger.lookup import scenario_items
from tests.flow_town import ID, ITEMS, TOP, FlowTown, enter, open_flow_town


@pytest.fixture
def town(tmp_path: Path) -> Iterator[FlowTown]:
    opened = open_flow_town(tmp_path / "town")
    opened.rows("1,山田太郎,500", "2,鈴木一郎,0")
    yield opened
    opened.ledger.close()


def test_an_item_is_planned_not_done(town: FlowTown, capsys: pytest.CaptureFixture[str]) -> None:
    town.write(
        f"{TOP}{ITEMS}各件:\n  - 審査する:\n      - {{条件: '${{対象.金額 != 0}}', さもなくば: 零です}}\n{enter('x')}"
    )
    report = town.run(rehearsal=True)
    tell_report(report)
    said = capsys.readouterr().out
    assert "登録予定 1 件" in said and "業務エラー 1 件" in said and "完了" not in said
    assert report.as_json()["items"] == {**report.items, "done": 1, "rejected": 1}, "the published keys stay"
    tell_report(town.run())
    assert "完了 1 件" in capsys.readouterr().out


LISTED = """\
  - CSVを書く: {ファイル: "${フォルダ.出力}/控え/届.csv", 行: "${届}"}
  - 写す: {ファイル: "${フォルダ.受付}/届.csv", 先: "${フォルダ.出力}/控え/写し.csv"}
  - 移す: {ファイル: "${フォルダ.出力}/控え/写し.csv", 先: "${フォルダ.出力}/済/届.csv"}
  - ファイルを探す: {フォルダ: "${フォルダ.出力}/控え"}
    保存名: 控え
  - ファイルを探す: {フォルダ: "${フォルダ.出力}/済"}
    保存名: 済
  - CSVを読む: {ファイル: "${済[0].ファイル}"}
    保存名: 読んだもの
"""


def test_a_folder_that_was_written_into_can_be_listed(town: FlowTown) -> None:
    counts = "${件数(控え)}・${件数(済)}・${件数(読んだもの)}"
    text = f"{TOP}{LISTED}{ITEMS}各件:\n  - 業務エラーにする: {counts}\n{enter('x')}"
    town.write(text)
    report = town.run(rehearsal=True)
    assert report.planned is not None, report.message
    head, *rows = load_workbook(report.planned)["登録予定"].iter_rows(values_only=True)
    assert [row[head.index("理由")] for row in rows] == ["1・1・2"] * 2, "as the run has it"
    assert not (town.home.var / "out").exists(), "not even an empty folder"
    town.run()
    assert {str(row["reason"]) for row in scenario_items(town.ledger, ID, None)} == {"1・1・2"}
    assert sorted(path.name for path in (town.home.var / "out").rglob("*.csv")) == ["届.csv", "届.csv"]
