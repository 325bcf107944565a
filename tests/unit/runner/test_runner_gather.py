"""The work items of a run: each row with its key, in order, refused where it can't be begun."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from robots.drivers.memory_forms import MemoryForms
from robots.drivers.memory_mail import MemoryMailer
from robots.drivers.memory_workbook import MemoryWorkbooks
from robots.errors import ScenarioFault
from robots.ledger.audit import AuditLog
from robots.ledger.items import NewItem
from robots.mask import Mask
from robots.runner.account import Account
from robots.runner.gather import gather
from robots.runner.places import Places
from robots.runner.post import Post
from robots.runner.session import Session
from robots.scenario.model import Scenario
from robots.scenario.validate import read_scenario
from robots.step import RunFacts
from robots.values import Row
from robots.vault import FileVault
from tests.empty_ledger import empty_ledger

HEAD = """\
名称: 届出の登録
準備:
  - 画面の表を読む: {表: 届出}
    保存名: 届出
"""
EACH = """\
各件:
  - 記録する: ${対象.氏名}
"""


def session_of(tmp_path: Path, items: str, source: object) -> Session:
    """A session whose `prepare` has left 届出."""
    text = f"{HEAD}{items}{EACH if items else ''}"
    scenario = read_scenario({"scenario.yaml": text.encode()}, "shimin/todoke")
    assert isinstance(scenario, Scenario), str(scenario)
    facts = RunFacts(id="r1", date=date(2026, 6, 1), scenario="shimin/todoke", rehearsal=False)
    ledger = empty_ledger(tmp_path / "ledger.sqlite")
    session = Session(
        scenario,
        facts,
        {},
        places=Places(scenario=tmp_path, folders={}, var=tmp_path / "var", files={}, private=tmp_path / "private"),
        open_browser=lambda: pytest.fail("gathering needs no browser"),
        workbooks=MemoryWorkbooks(),
        forms=MemoryForms(),
        reading=lambda done, total: None,
        post=Post(ledger, MemoryMailer(), facts, ()),
        vault=FileVault(tmp_path / "vault.age", tmp_path / "key"),
        mask=Mask(),
        account=Account(ledger, AuditLog(ledger, [], "robot-1"), "s1"),
        practice=None,
        step_timeout=1.0,
    )
    session.names["届出"] = source
    session.keep_names()
    return session


def gathered(tmp_path: Path, rows: Sequence[Row], *, key: str = "${対象.番号}", where: str = "") -> list[NewItem]:
    condition = f"  条件: {where}\n" if where else ""
    return gather(session_of(tmp_path, f"対象:\n  元: ${{届出}}\n  キー: {key}\n{condition}", rows), {})


def row(number: object, name: str = "練習 太郎", origin: str = "", **more: object) -> Row:
    return Row({"番号": number, "氏名": name, **more}, origin=origin)


def test_items_have_the_sources_order_their_key_their_origin_and_their_values(tmp_path: Path) -> None:
    rows = [row("B-2", origin="届出.xlsx 「一覧」7行目"), row("A-1")]
    first, second = gathered(tmp_path, rows)
    assert (first.key, first.origin, first.refusal) == ("B-2", "届出.xlsx 「一覧」7行目", "")
    assert first.values == {"番号": "B-2", "氏名": "練習 太郎"}
    assert (second.key, second.origin) == ("A-1", "2件目")


@pytest.mark.parametrize(
    ("value", "key"),
    [("011002", "011002"), (11002, "11002"), (Decimal("3.0"), "3"), (date(2026, 4, 1), "2026-04-01"), (" A1　", "A1")],
)
def test_a_key_is_text_and_spaces_around_it_do_not_make_another_key(tmp_path: Path, value: object, key: str) -> None:
    (item,) = gathered(tmp_path, [row(value)])
    assert item.key == key


def test_a_key_may_be_put_together(tmp_path: Path) -> None:
    items = gathered(tmp_path, [row("1", 年度=2026), row("1", 年度=2025)], key="${対象.年度}-${対象.番号}")
    assert [item.key for item in items] == ["2026-1", "2025-1"]


@pytest.mark.parametrize("value", ["", " ", "　", None])
def test_a_row_without_a_key_is_refused_and_the_others_go_on(tmp_path: Path, value: object) -> None:
    items = gathered(tmp_path, [row("1"), row(value, origin="届出.xlsx 「一覧」8行目"), row("3")])
    assert [item.key for item in items] == ["1", "（届出.xlsx 「一覧」8行目）", "3"]
    assert "キー（key）が空です" in items[1].refusal
    assert [bool(item.refusal) for item in items] == [False, True, False]


def test_two_rows_without_a_key_are_two_items(tmp_path: Path) -> None:
    items = gathered(tmp_path, [row("", origin="7行目"), row("", origin="8行目")])
    assert [item.key for item in items] == ["（7行目）", "（8行目）"]


def test_equal_rows_count_once(tmp_path: Path) -> None:
    (item,) = gathered(tmp_path, [row("1", origin="7行目"), row("1", origin="9行目")])
    assert (item.origin, item.refusal) == ("7行目", "")


def test_rows_that_contradict_each_other_under_one_key_are_refused_and_both_named(tmp_path: Path) -> None:
    rows = [row("1", origin="7行目"), row("2"), row("1", "練習 次郎", origin="9行目"), row("1", origin="11行目")]
    items = gathered(tmp_path, rows)
    assert [item.key for item in items] == ["1", "2"]
    assert "7行目と9行目" in items[0].refusal
    assert "どちらが正しいか" in items[0].refusal
    assert items[0].origin == "7行目と9行目"


@pytest.mark.parametrize("other", [2, Decimal("1.5"), date(2026, 4, 2), "1", True, None])
def test_values_of_another_kind_are_other_values(tmp_path: Path, other: object) -> None:
    (item,) = gathered(tmp_path, [row("k", 値=1), row("k", 値=other)])
    assert item.refusal


def test_where_leaves_rows_out_before_their_key_is_asked_for(tmp_path: Path) -> None:
    rows = [row("1", 区分="転居"), row("", 区分="転入"), row("3", 区分="転居")]
    items = gathered(tmp_path, rows, where="${対象.区分 == '転居'}")
    assert [(item.key, item.refusal) for item in items] == [("1", ""), ("3", "")]


def test_a_row_whose_key_cannot_be_made_is_refused_with_the_reason(tmp_path: Path) -> None:
    items = gathered(
        tmp_path, [row("1", 届出日="2026-04-01"), row("2", 届出日="２月３０日")], key="${和暦(対象.届出日)}"
    )
    assert [bool(item.refusal) for item in items] == [False, True]
    assert "日付" in items[1].refusal


def test_a_condition_that_is_neither_yes_nor_no_is_the_authors_fault(tmp_path: Path) -> None:
    with pytest.raises(ScenarioFault, match="はい・いいえ"):
        gathered(tmp_path, [row("1")], where="${対象.番号}")


def test_without_a_key_every_run_works_on_every_row(tmp_path: Path) -> None:
    items = gather(session_of(tmp_path, "対象:\n  元: ${届出}\n", [row("1"), row("1")]), {})
    assert [item.key for item in items] == ["r1/1", "r1/2"]


def test_no_rows_are_no_items(tmp_path: Path) -> None:
    assert gathered(tmp_path, []) == []
    assert gather(session_of(tmp_path, "", [row("1")]), {}) == []


@pytest.mark.parametrize("source", ["届出.xlsx", None, {"番号": "1"}, [["1"]], [row("1"), "2"]])
def test_a_source_that_is_no_table_is_the_authors_fault(tmp_path: Path, source: object) -> None:
    with pytest.raises(ScenarioFault, match="表ではありません"):
        gather(session_of(tmp_path, "対象:\n  元: ${届出}\n", source), {})


def test_a_column_that_the_source_lacks_is_told_before_the_first_item_with_its_line(tmp_path: Path) -> None:
    rows = [Row({"番号": "1", "氏　名": "練習 太郎"}), Row({"番号": "2", "備考": ""})]
    with pytest.raises(ScenarioFault, match=r"scenario\.yaml:9:.*「氏名」という列がありません") as fault:
        gathered(tmp_path, rows)
    assert fault.value.guess == "氏　名"
    assert "番号" in fault.value.mend


def test_a_column_of_some_rows_only_is_there(tmp_path: Path) -> None:
    rows = [Row({"番号": "1"}), row("2")]
    assert [item.key for item in gathered(tmp_path, rows)] == ["1", "2"]
