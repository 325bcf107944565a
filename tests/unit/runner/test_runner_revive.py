"""After a failure of the screen a fresh browser is brought to where `prepare` left it, and no file is fetched twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from robots.drivers.browser import site_of
from robots.drivers.browser_pages import MemoryAction, MemoryPage
from robots.drivers.memory_browser import MemoryBrowser
from tests.flow_town import ITEMS, FlowTown, enter, open_flow_town

BASE = "http://127.0.0.1:9"
SUB = "shimin/menu"
TEXT = f"""\
名称: 届の登録
利用:
  サイト: {{町: "{BASE}"}}
  フォルダ: {{受付: sample, 出力: var/out}}
準備:
  - もし:
      条件: ${{1 == 1}}
      ならば:
        - 画面を開く: ${{サイト.町}}/first
  - ダウンロードする: {{ボタン: 一覧, フォルダ: "${{フォルダ.出力}}", あるとき: 止める}}
    保存名: 一覧
  - 呼び出す: {{シナリオ: {SUB}, 値: {{どこ: menu}}}}
  - CSVを読む: {{ファイル: "${{フォルダ.受付}}/届.csv"}}
    保存名: 届
{ITEMS}各件:
  - 画面を開く: ${{サイト.町}}/item
{enter("${対象.氏名}")}"""


@pytest.fixture
def town(tmp_path: Path) -> Iterator[FlowTown]:
    opened = open_flow_town(tmp_path / "town")
    yield opened
    opened.ledger.close()


def test_the_screens_of_prepare_are_gone_through_again_but_nothing_is_fetched_twice(town: FlowTown) -> None:
    seen: Counter[str] = Counter()

    def pages(address: str) -> MemoryPage | None:
        path = address.removeprefix(BASE)
        seen[path] += 1
        if path == "/item" and seen[path] == 1:
            return MemoryPage("落ちました", status=500)
        return MemoryPage(path, actions=(MemoryAction("一覧", file=("一覧.csv", b"a")),))

    site = site_of(BASE)
    assert site
    town.browser = lambda: MemoryBrowser(pages, {site})
    sub = "名称: メニュー\n利用: {サイト: {町: BASE}}\n対象: {元: '${[]}'}\n各件:\n  - 画面を開く: ${サイト.町}/${対象.どこ}\n"
    town.write(sub.replace("BASE", f'"{BASE}"'), SUB)
    town.write(TEXT)
    town.rows("1,山田,")
    report = town.run()
    assert report.items["done"] == 1, town.reasons()
    assert seen == {"/first": 2, "/menu": 2, "/item": 2}
    assert [path.name for path in (town.home.var / "out").iterdir() if path.suffix == ".csv"] == ["一覧.csv"]
    assert town.entered() == {"1": "山田"}
