"""Files and pictures in whole runs: fetched, read, attached and sent, by a real browser in the practice town."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from pypdf import PdfReader

from practice.server import RunningTown
from robots.drivers.browser import site_of
from robots.drivers.playwright_browser import PlaywrightBrowser
from tests.flow_town import FlowTown, open_flow_town

TEXT = """\
名称: 名簿の控えを送る
利用:
  サイト: {練習: "TOWN"}
  フォルダ: {出力: var/out}
準備:
  - 画面を開く: ${サイト.練習}/practice/files
  - ダウンロードする: {ボタン: 一覧をCSVで出力, フォルダ: "${フォルダ.出力}", ファイル名: 名簿.csv}
    保存名: 名簿の場所
  - CSVを読む: {ファイル: "${名簿の場所}", 文字コード: cp932}
    保存名: 名簿
対象:
  元: ${名簿}
  キー: ${対象.メールアドレス}
  条件: ${対象.姓 in ['佐藤', '鈴木']}
各件:
  - 画面を開く: ${サイト.練習}/practice/files
  - 範囲を絞る:
      まとまり: ダウンロード
      手順:
        - 画面を撮る: ${フォルダ.出力}/${対象.姓}.png
          保存名: 絵
  - 入力する: {ラベル: 受付番号, 値: "${対象.姓}"}
  - 添付する: {ラベル: 添付ファイル, ファイル: "${絵}"}
  - 添付する: {ボタン: 参照, ファイル: "${名簿の場所}"}
  - 画面を待つ: {文字: 名簿}
  - 確定する:
      手順:
        - 押す: {ボタン: 送付}
        - 画面を確かめる: {文字: 受け付けました}
  - PDFに保存する: ${フォルダ.出力}/控え_${対象.姓}.pdf
"""


@pytest.fixture
def office(tmp_path: Path, town: RunningTown) -> Iterator[FlowTown]:
    opened = open_flow_town(tmp_path / "office")
    site = site_of(town.url)
    assert site
    opened.browser = lambda: PlaywrightBrowser({site})
    opened.write(TEXT.replace("TOWN", town.url))
    yield opened
    opened.ledger.close()


def test_files_are_fetched_read_attached_and_sent(office: FlowTown, town: RunningTown) -> None:
    planned = office.run(rehearsal=True)
    out = office.home.var / "out"
    assert planned.items["done"] == 2 and town.entries("practice") == []
    assert not list(out.glob("*.*")), "a rehearsal writes into its own folder"

    report = office.run()
    assert (report.items["done"], report.exit_code) == (2, 0), office.reasons()
    sent = {str(one["key"]): one["values"] for one in town.entries("practice")}
    names = {key: [file["名前"] for file in values["ファイル"]] for key, values in sent.items()}  # type: ignore[index]
    assert names == {"佐藤": ["佐藤.png", "名簿.csv"], "鈴木": ["鈴木.png", "名簿.csv"]}
    assert Image.open(out / "佐藤.png").height < 500
    papers = "".join(page.extract_text() for page in PdfReader(out / "控え_鈴木.pdf").pages)
    papers = unicodedata.normalize("NFKC", papers)  # the font's 木 is a sign of its own
    assert "鈴木.png" in papers and "受け付けました" in papers
    assert (out / "名簿.csv").read_bytes().decode("cp932").count("\n") == 11

    office.run()
    assert len(town.entries("practice")) == 2, "what is sent is not sent again"
    assert (out / "名簿 (2).csv").exists() and not (out / "佐藤 (2).png").exists()
