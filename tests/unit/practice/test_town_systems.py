"""The five systems: what is entered is what arrives, and what is wrong is said."""

from __future__ import annotations

import re

from practice.seed import creditors, residents
from practice.server import RunningTown
from tests.unit.practice.practice_clerk import Clerk, era_fields

PERSON = "/jumin/persons/00104005/address"


def test_an_address_change_arrives_and_is_found_again(clerk: Clerk, town: RunningTown, change: dict[str, str]) -> None:
    assert "該当する異動はありません" in clerk.see("/jumin/changes?no=26049001")
    assert "登録しました" in clerk.send(PERSON, change)
    (entry,) = town.entries("jumin")
    assert (entry["key"], entry["subject"]) == ("26049001", "00104005")
    assert entry["values"] == {
        "宛名番号": "00104005",
        "氏名": "佐藤　健一",
        "受付番号": "26049001",
        "届出日": "2026-04-10",
        "異動日": "2026-04-01",
        "異動事由": "転居",
        "届出区分": "代理人",
        "郵便番号": "000-0203",
        "新住所": "見本県稽古市中央1丁目1番1号",
        "方書": "コーポ見本101号室",
        "本人確認": True,
        "備考": "",
    }
    assert str(entry["receipt"]) in clerk.see("/jumin/changes?no=26049001")
    assert "見本県稽古市中央1丁目1番1号　コーポ見本101号室" in clerk.see("/jumin/search?number=00104005")


def test_a_second_entry_of_the_same_is_not_refused(clerk: Clerk, town: RunningTown, change: dict[str, str]) -> None:
    clerk.send(PERSON, change)
    clerk.send(PERSON, change)
    assert [entry["key"] for entry in town.entries("jumin")] == ["26049001", "26049001"]


def test_errors_are_all_told_and_what_was_typed_stays(clerk: Clerk, town: RunningTown, change: dict[str, str]) -> None:
    wrong = {**change, **era_fields("moved", "5", 8, 2, 30), "address": "", "no": "２６０４９００１"}
    page = clerk.send(PERSON, wrong)
    assert 'role="alert"' in page and "入力エラー" in page
    for message in (
        "異動日に存在しない日付が入力されています",
        "新住所を入力してください",
        "受付番号は半角数字で入力してください",
    ):
        assert page.count(message) == 2  # at the top and beside the field
    assert 'value="コーポ見本101号室"' in page
    assert town.entries("jumin") == []


def test_an_era_date_outside_its_era_is_wrong(clerk: Clerk, change: dict[str, str]) -> None:
    page = clerk.send(PERSON, {**change, **era_fields("moved", "4", 31, 5, 1)})
    assert "異動日に存在しない日付が入力されています" in page


def test_an_unknown_person_is_told(clerk: Clerk) -> None:
    answer = clerk.http.get("/jumin/persons/00999999/address")
    assert answer.status_code == 404
    assert "宛名番号 00999999 の方は登録されていません" in answer.text


def test_a_search_is_paged_ten_a_page_with_same_names_among_them(clerk: Clerk) -> None:
    page = clerk.see("/jumin/search?name=佐藤花子")
    rows = page.count(">住所変更</a>")
    following = re.findall(r'href="([^"]+)">次へ', page)
    assert rows == 10 and len(following) == 1
    last = clerk.see(following[0].replace("&amp;", "&"))
    assert last.count(">住所変更</a>") == 2 and "次へ" not in last


def test_half_width_kana_and_a_birth_date_find_one_person(clerk: Clerk) -> None:
    hanako = [person for person in residents() if person.name == "佐藤　花子"]
    wanted = hanako[3]
    query = {"kana": "ｻﾄｳ ﾊﾅｺ", **era_fields("born", "3", wanted.born.year - 1925, wanted.born.month, wanted.born.day)}
    page = clerk.http.get("/jumin/search", params=query).text
    assert page.count(">住所変更</a>") == 1 and wanted.number in page


def test_searching_for_nothing_asks_for_a_condition(clerk: Clerk) -> None:
    assert "検索条件を1つ以上入力してください" in clerk.see("/jumin/search?name=")
    assert "該当する方はいません" in clerk.see("/jumin/search?name=不在")


def test_a_school_expense_application_arrives(clerk: Clerk, town: RunningTown) -> None:
    fields: dict[str, str | list[str]] = {
        "no": "10000017",
        "nendo": "2026",
        "child_name": "練習　太郎",
        "child_kana": "レンシュウ　タロウ",
        **era_fields("born", "4", 30, 6, 7),
        "category": "新規",
        "items": ["学用品費", "学校給食費"],
        "school": "103",
        "grade": "2",
        "guardian": "練習　花子",
        "postal": "0000101",
        "address": "見本県手本市本町1丁目1番1号",
        "bank": "9901",
        "branch": "012",
        "account": "0123456",
        "holder": "ﾚﾝｼﾕｳ ﾊﾅｺ",
        "note": "一行目\r\n二行目",
    }
    assert "登録しました" in clerk.send("/gakumu/applications/new", fields)
    (entry,) = town.entries("gakumu")
    values = entry["values"]
    assert isinstance(values, dict)
    assert values["年度"] == "令和8年度" and values["生年月日"] == "2018-06-07"
    assert values["希望費目"] == ["学用品費", "学校給食費"] and values["学校"] == "南小学校"
    assert values["口座番号"] == "0123456"
    assert "練習　太郎" in clerk.see("/gakumu/applications?no=10000017")
    assert "該当する申請はありません" in clerk.see("/gakumu/applications?no=10000018")


def test_a_payment_arrives_and_is_found_by_either_number(clerk: Clerk, town: RunningTown) -> None:
    fields = {
        "invoice": "S2605-001",
        "creditor": creditors()[0].code,
        "creditor_name": creditors()[0].name,
        **era_fields("invoiced", "5", 8, 5, 1),
        "due": "2026-06-15",
        "section": "0410",
        "account": "10-02-10",
        "amount": "152,625",
        "note": "コピー用紙",
    }
    assert "登録しました" in clerk.send("/zaimu/payments/new", fields)
    (entry,) = town.entries("zaimu")
    values = entry["values"]
    assert isinstance(values, dict)
    assert values["金額"] == 152_625 and values["源泉徴収"] is False and values["支払予定日"] == "2026-06-15"
    for number in ("S2605-001", entry["receipt"]):
        assert "152,625" in clerk.see(f"/zaimu/payments?no={number}")
    unknown = clerk.send("/zaimu/payments/new", {**fields, "creditor": "009001"})
    assert "債権者コード 009001 は債権者台帳に登録されていません" in unknown
    assert len(town.entries("zaimu")) == 1


def test_budget_cannot_go_back_to_where_it_came_from(clerk: Clerk, town: RunningTown) -> None:
    fields = {"no": "H-1", "source": "0110", "target": "0110", "account": "10-04-12", "amount": "500000"}
    assert "配当先は配当元と別の所属を選択してください" in clerk.send("/zaimu/transfers/new", fields)
    clerk.send("/zaimu/transfers/new", {**fields, "target": "0120"})
    assert [entry["kind"] for entry in town.entries("zaimu")] == ["予算再配当"]


def test_a_month_of_meals_arrives_by_day_and_grade(clerk: Clerk, town: RunningTown) -> None:
    grid = "/kyushoku/meals/edit?school=101&month=2026-04"
    assert 'aria-label="4月6日 1年"' in clerk.see(grid)
    assert "4月4日 1年" not in clerk.see(grid)  # a Saturday
    assert "4月9日 1年は0から9999までの半角数字で入力してください" in clerk.send(grid, {"d9-1": "六十"})
    clerk.send(grid, {"d9-1": "0", "d9-7": "28", "d10-1": "58"})
    (entry,) = town.entries("kyushoku")
    assert entry["values"] == {
        "学校": "東小学校",
        "年月": "2026-04",
        "食数": {"2026-04-09": {"1年": 0, "職員": 28}, "2026-04-10": {"1年": 58}},
    }
    assert str(entry["receipt"]) in clerk.see("/kyushoku/meals?school=東小学校&month=2026-04")
    assert "登録済みの食数はありません" in clerk.see("/kyushoku/meals?school=102&month=2026-04")
