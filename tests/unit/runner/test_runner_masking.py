"""What a run says, logs and leaves for people holds no secret and nobody's values; the ledger holds them whole."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from loguru import logger

from robots.ledger.items import Item, Outcome
from robots.ledger.lookup import scenario_items
from robots.mask import Mask
from robots.runner.discreet import Discreet
from robots.settings import Home, Settings
from robots.values import Row
from robots.wiring import masking, records
from tests.flow_town import ID, ITEMS, TOP, FlowTown, enter, open_flow_town
from tests.papers import Still

SECRET = "himitsu-77/&"


class Listening(Still):
    def __init__(self) -> None:
        self.said: list[tuple[str, str]] = []

    def item(self, item: Item, outcome: Outcome) -> None:
        self.said.append((item.key, outcome.reason))


def told(reason: str, **values: object) -> tuple[str, str]:
    watch, mask = Listening(), Mask()
    mask.keep_secret(SECRET)
    mask.begin_run(["区分: 新規"], tuple)
    item = Item(1, "K-1", "failed", "届.csv 2行目", Row({"番号": "K-1", **values}), "", 1)
    Discreet(watch, mask).item(item, Outcome("failed", reason))
    return watch.said[0]


def test_a_name_is_told_by_its_beginning_and_a_wrong_date_as_it_stands() -> None:
    reason = f"「山田花子」の「令和8年13月1日」は暦になく、{SECRET}、123456789018、新規も違います（K-1）"
    key, said = told(reason, 氏名="山田花子", 日="令和8年13月1日", 区分="新規")
    assert key == "K-1"
    assert said == "「山●●●（4文字）」の「令和8年13月1日」は暦になく、●●●、●●●、新規も違います（K-1）"


@pytest.mark.parametrize(
    "written",
    [
        SECRET,
        "himitsu-77%2F%26",
        "himitsu-77/&amp;",
        "himitsu-77/\n&",
        "himitsu…",
        "himits",
        "aGltaXRzdS03Ny8m",
    ],
)
def test_a_secret_is_hidden_however_it_is_written_or_cut(written: str) -> None:
    mask = Mask()
    mask.keep_secret(SECRET)
    shown = mask.text(f"前 {written}")
    assert "himi" not in shown and "aGlt" not in shown and shown.startswith("前 ●●●")


def test_an_exception_that_leaves_holds_no_secret_nor_do_those_behind_it() -> None:
    mask = Mask()
    mask.keep_secret(SECRET)
    with pytest.raises(RuntimeError) as caught, masking(mask):
        try:
            raise ValueError(f"inner {SECRET}")
        except ValueError as inner:
            raise RuntimeError(f"outer {SECRET}") from inner
    assert (str(caught.value), str(caught.value.__cause__)) == ("outer ●●●", "inner ●●●")


def test_the_log_masks_messages_and_exceptions(tmp_path: Path) -> None:
    home = Home(root=tmp_path, settings=Settings(audit_heads=(str(tmp_path / "heads"),)))
    mask = Mask()
    mask.keep_secret(SECRET)
    mask.begin_run([], lambda: ["山田花子"])
    with records(home, mask):
        logger.info("山田花子 {}", SECRET)
        try:
            raise ValueError(f"山田花子 123456789018 {SECRET}")
        except ValueError:
            logger.exception("だめ")
    text = (tmp_path / "var" / "logs" / "banken.log").read_text(encoding="utf-8")
    assert "ValueError: 山●●●（4文字） ●●● ●●●" in text
    assert SECRET not in text and "山田花子" not in text


@pytest.fixture
def town(tmp_path: Path) -> Iterator[FlowTown]:
    opened = open_flow_town(tmp_path / "town")
    yield opened
    opened.ledger.close()


def test_what_the_ledger_holds_is_whole_but_for_secrets(town: FlowTown) -> None:
    town.write(
        TOP
        + ITEMS
        + '各件:\n  - 記録する: "${対象.金額}"\n    秘密: true\n'
        + '  - 業務エラーにする: "${対象.氏名}さんの暗証 ${対象.金額} は使えません"\n'
        + enter("${行.番号}")
    )
    town.rows("1,山田花子,angou-4471")
    town.run()
    (row,) = scenario_items(town.ledger, ID, None)
    assert row["reason"] == "山田花子さんの暗証 ●●● は使えません"
    assert row["values"]["金額"] == "angou-4471", "sealed, and needed to enter it"


def test_nothing_is_masked_where_nothing_is_known() -> None:
    assert Mask().public("山田花子 himitsu") == "山田花子 himitsu"
