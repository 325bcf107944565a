"""The April transfer list: who is meant, who steps in, what is orphaned, and what it does to the register."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from openpyxl import load_workbook
from openpyxl.cell.cell import Cell, MergedCell

from robots.errors import BusinessError
from robots.ledger.audit import AuditLog, audit_records
from robots.ledger.store import Ledger
from robots.registry.approve import NotAllowed
from robots.registry.handing_over import HandingOver
from robots.registry.handover import Handover, plan
from robots.registry.handover_sheet import SHEET, STEPS, handover_sheet
from robots.registry.roster import Move, people_who_left, read_roster, who_goes
from robots.scenario.model import Scenario
from robots.scenario.validate import read_scenario
from robots.settings import Home
from tests.empty_ledger import empty_ledger
from tests.unit.registry.registry_help import DAY, ID, approve_it, edit_register, loaded, make_town

APRIL = date(2027, 4, 1)
HEAD = "職員番号,氏名,異動前,異動後,異動日,区分\n"
FLOW = "gakumu/flow"


def roster(place: Path, text: str, encoding: str = "utf-8") -> list[Move]:
    file = place / "異動.csv"
    file.write_bytes(text.encode(encoding))
    return read_roster(file)


def text_of(cell: Cell | MergedCell) -> str:
    assert isinstance(cell.value, str)
    return cell.value


def planned(home: Home, tmp_path: Path, text: str, grace: int = 30) -> dict[str, Handover]:
    moves = roster(tmp_path, HEAD + text)
    return {one.scenario: one for one in plan(loaded(home).register, moves, grace=grace)}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
@pytest.mark.parametrize(
    "text",
    [
        HEAD + "s1001,担当,学務課,税務課,2027-04-01,配置換\n",
        "氏　名,職員No.,旧所属,新所属,発令年月日,異動区分\n担当,１００１,学務課,税務課,令和9年4月1日,配置換\n",
        "番号,発令日,異動先,備考\n001001,20270401,税務課,\n",
        "職員番号,異動日,区分\n1001,R9.4.1,退職\n",
    ],
)
def test_a_list_is_understood_as_towns_write_it(home: Home, tmp_path: Path, text: str, encoding: str) -> None:
    going = who_goes(loaded(home).register, roster(tmp_path, text, encoding))
    assert {key: move.day for key, move in going.items()} == {"s1001": APRIL}


@pytest.mark.parametrize(
    "row",
    [
        "s1001,担当,学務課 学事係,学務課 管理係,2027-04-01,配置換\n",
        "s1001,担当,学務課,学務課,2027-04-01,昇任\n",
        "s9001,別の人,学務課,税務課,2027-04-01,配置換\n",
    ],
)
def test_who_stays_in_the_department_or_is_nobody_of_the_register_changes_nothing(
    home: Home, tmp_path: Path, row: str
) -> None:
    assert planned(home, tmp_path, row) == {}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (HEAD + "s1001,担当,学務課,税務課,四月,配置換\n", "2行目の異動日「四月」"),
        (HEAD + ",担当,学務課,税務課,2027-04-01,配置換\n", "2行目に職員番号がありません"),
        ("名前,日\n担当,2027-04-01\n", "「職員番号」、「異動日」、「異動後（または区分）」"),
        (HEAD, "一人も書かれていません"),
    ],
)
def test_what_can_not_be_understood_is_told_with_its_place(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(BusinessError, match=words):
        roster(tmp_path, text)


def test_a_number_that_could_be_two_people_is_refused(home: Home, tmp_path: Path) -> None:
    edit_register(home, "\n    s1002: {", "\n    t1001: {name: 別, department: dx}\n    s1002: {")
    with pytest.raises(BusinessError, match="s1001・t1001"):
        planned(home, tmp_path, "1001,担当,学務課,税務課,2027-04-01,配置換\n")


def test_the_deputy_steps_in_and_candidates_are_named(home: Home, tmp_path: Path) -> None:
    edit_register(home, "\n    s1002: {", "\n    s1003: {name: 新人, department: gakumu}\n    s1002: {")
    one = planned(home, tmp_path, "s1001,担当,学務課,税務課,2027-04-01,配置換\n")[ID]
    assert (one.action, one.day, one.owner, one.deputy) == ("deputy_steps_in", APRIL, "s1002", "s1001")
    assert one.candidates == ("新人 s1003",)
    assert "新しい承認" in one.mend


def test_a_deputy_who_goes_and_an_owner_on_leave_orphan_nothing(home: Home, tmp_path: Path) -> None:
    assert planned(home, tmp_path, "s1002,係長,学務課,,2027-04-01,退職\n")[ID].action == "deputy_needed"
    assert planned(home, tmp_path, "s1001,担当,学務課,学務課,2027-04-01,育児休業\n")[ID].action == "away"


def test_with_neither_it_is_orphaned_until_the_grace_is_over(home: Home, tmp_path: Path) -> None:
    both = "s1001,担当,学務課,税務課,2027-04-01,配置換\ns1002,係長,学務課,,2027-03-31,退職\n"
    one = planned(home, tmp_path, both, grace=14)[ID]
    assert (one.action, one.day, one.until) == ("orphaned", APRIL, date(2027, 4, 15))
    edit_register(home, "roles: [author, approver]}", "roles: [author, approver], left: 2026-10-01}")
    assert planned(home, tmp_path, both.splitlines()[0] + "\n")[ID].action == "orphaned"


def test_a_list_of_the_staff_tells_who_is_gone(home: Home, tmp_path: Path) -> None:
    file = tmp_path / "職員.csv"
    file.write_text("職員番号,氏名\n1002,係長\n0001,推進室\n", encoding="utf-8")
    assert list(people_who_left(file, loaded(home).register, DAY)) == ["s1001"]


class Desk:
    """A town with its ledger and audit log, where somebody hands over."""

    def __init__(self, root: Path) -> None:
        self.home = make_town(root / "town")
        approve_it(self.home)
        self.ledger: Ledger = empty_ledger(self.home.var / "ledger.sqlite")
        self.audit = AuditLog(self.ledger, [root / "heads"], "robot-1")
        self.root = root

    def apply(self, text: str, today: date, by: str = "d0001") -> list[str]:
        moves = roster(self.root, HEAD + text)
        read = loaded(self.home)
        plans = plan(read.register, moves, grace=30)
        return HandingOver(self.home, self.ledger, self.audit, by=by, user="user").apply(read, plans, moves, today)

    def actions(self) -> list[tuple[str, str]]:
        return [(one["action"], one["subject"]) for one in audit_records(self.ledger)]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.ledger.close()


GOES = "s1001,担当,学務課,税務課,2027-04-01,配置換\n"
BOTH = GOES + "s1002,係長,学務課,,2027-04-01,退職\n"


def test_nothing_is_written_before_the_day(desk: Desk) -> None:
    before = desk.home.register.read_bytes()
    assert desk.apply(GOES, date(2027, 3, 31)) == []
    assert desk.home.register.read_bytes() == before
    assert desk.actions() == []


def test_on_the_day_the_register_says_who_answers_and_all_else_stays(desk: Desk) -> None:
    before = desk.home.register.read_text(encoding="utf-8")
    assert len(desk.apply(GOES, APRIL)) == 3
    after = desk.home.register.read_text(encoding="utf-8")
    register = loaded(desk.home).register
    assert [(one.owner, one.deputy) for one in register.scenarios.values()] == [("s1002", "s1001")] * 2
    assert register.people["s1001"].left == APRIL
    gone = [line for line in before.splitlines() if line not in after.splitlines()]
    assert len(gone) == 4, "one person, two lines of one entry, one entry on a line"
    assert "# 係長" in after and "# 終わりの注" in after
    assert desk.actions() == [("handed_over", ID), ("handed_over", FLOW), ("settings", "s1001")]
    assert desk.apply(GOES, APRIL) == [], "once is enough"


def test_an_orphan_is_suspended_after_its_grace_and_not_before(desk: Desk) -> None:
    desk.apply(BOTH, date(2027, 5, 1))
    assert loaded(desk.home).register.scenarios[ID].suspended is None
    desk.apply(BOTH, date(2027, 5, 2))
    entry = loaded(desk.home).register.scenarios[ID]
    assert entry.suspended is not None and "後任" in entry.suspended.why
    assert loaded(desk.home).register.scenarios[FLOW].suspended is None, "what was never approved does not run anyway"
    assert ("suspended", ID) in desk.actions()


def test_who_is_no_approver_suspends_nothing(desk: Desk) -> None:
    edit_register(desk.home, "\n    d0001: {", "\n    x0001: {name: 通りがかり, department: dx}\n    d0001: {")
    with pytest.raises(NotAllowed):
        desk.apply(BOTH, date(2027, 6, 1), by="x0001")
    assert loaded(desk.home).register.scenarios[ID].suspended is None


def test_the_sheet_tells_the_next_person_everything(desk: Desk) -> None:
    source = """\
名称: 就学援助申請
概要: =申請書を登録する
入力値: {年度: {型: 整数, 既定値: 2026, 説明: 対象の年度}}
利用:
  サイト: {学務: "http://127.0.0.1:8710"}
  資格情報: [practice]
  フォルダ: {受付: sample}
準備:
  - Excel表を読む: {ブック: "${フォルダ.受付}/届出.xlsx", 列: [受付番号, 氏名]}
    保存名: 届出
  - ログインする: {サイト: 学務, 資格情報: practice}
対象: {元: "${届出}", キー: "${対象.受付番号}"}
各件:
  - 画面を開く: ${サイト.学務}/gakumu/applications/new
  - 一括入力する: {氏名: "${対象.氏名}"}
  - 確定する: {手順: [押す: {ボタン: 登録}], 登録済みの確認: [画面を確かめる: {文字: 登録済み}]}
"""
    read = read_scenario({"scenario.yaml": source.encode()}, ID)
    assert isinstance(read, Scenario), str(read)
    book = load_workbook(io.BytesIO(handover_sheet(loaded(desk.home), read, desk.ledger, DAY)))
    rows = {str(row[0].value): row[1] for row in book[SHEET].iter_rows(max_col=2) if row[0].value}
    assert (rows["何をするか"].value, rows["何をするか"].data_type) == ("=申請書を登録する", "s")
    for label, words in {
        "所有者": "学務課の担当（s1001、学務課）",
        "副担当": "学務課の係長",
        "予定": "every open day　19:00",
        "動かす端末": "robot-1、robot-2",
        "指定する値 年度": "整数、指定しなければ 2026。対象の年度",
        "Excel表を読む": "届出.xlsx\n必要な列・項目: 受付番号、氏名",
        "使う列": "受付番号、氏名",
        "サイト 学務": "http://127.0.0.1:8710\n開く画面:\n・${サイト.学務}/gakumu/applications/new",
        "資格情報": "practice",
        "安全な止め方": "いまの対象が終わるのを待つ",
        "不明": "banken settle",
        "承認": "推進室の担当 が承認",
        "実行": "まだありません",
        "基準時間": "1 件 8 分",
    }.items():
        assert words in text_of(rows[label]), label
    assert "正味 0" in text_of(rows["これまでの合計"])
    assert any("確定する" in str(row[1].value) for row in book[STEPS].iter_rows(max_col=2))
    for sheet in book:
        assert (sheet.page_setup.paperSize, sheet.page_setup.fitToWidth) == (9, 1), "A4, as wide as the page"


def test_the_plan_names_days_in_order(home: Home, tmp_path: Path) -> None:
    moves = roster(tmp_path, HEAD + GOES)
    later = [replace(one, day=date(2027, 7, 1)) for one in moves]
    assert [one.day for one in plan(loaded(home).register, later, grace=30)] == [date(2027, 7, 1)] * 2
