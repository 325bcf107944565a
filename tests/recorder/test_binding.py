"""Which column gives a field its value, and how what was entered is looked for: without a browser."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import pytest

from robots.recorder.bind import bind
from robots.recorder.compose import Names, compose
from robots.recorder.model import Act, Entry, FieldKind, Given, Place, Recording, Seen
from robots.recorder.sheet import Sheet, reading_of
from robots.scenario.problem import Problems
from robots.scenario.validate import read_scenario
from robots.values import Row, Value

SITE = "http://127.0.0.1:9"


class Answers:
    """Says what a person says who presses Enter, and keeps the questions."""

    def __init__(self, *texts: str, chosen: int = 0) -> None:
        self.texts, self.chosen, self.asked = list(texts), chosen, list[str]()

    def confirm(self, question: str, *, default: bool) -> bool:
        self.asked.append(question)
        return default

    def choose(self, question: str, options: Sequence[str]) -> int:
        self.asked.append(question)
        return self.chosen

    def text(self, question: str, *, default: str = "") -> str:
        self.asked.append(question)
        return self.texts.pop(0) if self.texts else default


def place(name: str, kind: str = "called") -> Place:
    return Place((), kind, name)


def entry(name: str, given: Given, kind: FieldKind = "text", typed: str = "") -> Entry:
    return Entry(place(name), kind, given, typed=typed)


def fill(name: str, given: Given, kind: FieldKind = "text") -> Act:
    return Act("fill", place(name), entry(name, given, kind))


def click(name: str) -> Act:
    return Act("click", place(name, "button"), button=True)


def sheet(*rows: Mapping[str, Value]) -> Sheet:
    return Sheet(Path("一覧.xlsx"), [Row(row, origin=f"{number}行目") for number, row in enumerate(rows, 2)])


@pytest.mark.parametrize(
    ("cell", "field", "expression"),
    [
        ("123", entry("番号", "123"), "対象.列"),
        ("１２３", entry("番号", "123"), "半角(対象.列)"),
        ("ﾐﾎﾝ", entry("カナ", "ミホン"), "全角(対象.列)"),
        ("みほん", entry("カナ", "ミホン"), "カタカナ(対象.列)"),
        (57, entry("支店", "0057", typed="0057"), "右('0000' + 半角(対象.列), 4)"),
        (57, entry("支店", "0057", typed="57"), "対象.列"),
        (1234567, entry("金額", "1,234,567"), "対象.列"),
        ("000-0101", entry("郵便番号", "0000101"), "数字だけ(対象.列)"),
        (date(2026, 4, 1), entry("届出日", "令和8年4月1日", "date"), "日付(対象.列)"),
        ("R8.4.1", entry("届出日", "令和8年4月1日", "date"), "日付(対象.列)"),
        (date(2026, 4, 1), entry("届出日", "2026/04/01"), "置換(対象.列, '-', '/')"),
        (date(2026, 4, 1), entry("届出日", "令和8年4月1日"), "和暦(対象.列)"),
        ("○", entry("確認した", True, "tick"), "対象.列"),
        ("済", entry("確認した", True, "tick"), "対象.列 == '済'"),
        ("給食費、医療費", entry("費目", ("医療費", "給食費"), "checks"), "対象.列"),
        ("別の値", entry("番号", "123"), None),
        ("", entry("番号", ""), None),
    ],
)
def test_how_a_value_is_read_off_a_cell(cell: Value, field: Entry, expression: str | None) -> None:
    assert reading_of(field, sheet({"列": cell}), "列") == expression


def test_a_blank_date_in_another_row_is_no_error() -> None:
    given = sheet({"届出日": "2026-04-01"}, {"届出日": ""})
    assert reading_of(entry("届出日", "令和8年4月1日", "date"), given, "届出日") == "対象.届出日"


def test_names_come_before_values_and_a_yes_says_nothing_by_itself() -> None:
    given = sheet({"氏名": "見本", "保護者氏名": "見本", "同居": "○", "本人確認": "○"})
    ask = Answers()
    bound = bind(
        [fill("氏名", "見本"), fill("届出人の氏名", "見本"), fill("本人確認をした", True, "tick")], [], given, ask
    )
    assert list(bound.columns.values()) == ["氏名", "保護者氏名", "本人確認"]
    alone = bind([fill("同意", True, "tick")], [], sheet({"番号": "1", "有無": "○"}), ask)
    assert [one.place.name for one in alone.literal] == ["同意"]


def test_two_columns_that_say_the_same_are_asked_about() -> None:
    ask = Answers(chosen=1)
    bound = bind([fill("甲", "練習市")], [], sheet({"乙": "練習市", "丙": "練習市"}), ask)
    assert "どの列の値ですか" in ask.asked[0]
    assert list(bound.columns.values()) == ["丙"]


def made(recording: Recording, given: Sheet, ask: Answers) -> tuple[str, list[str]]:
    composed = compose(recording, given, Names("例", "", "sample", "var/out/rei"), ask, practice=True)
    assert not isinstance(composed.text, Problems)
    read = read_scenario({"scenario.yaml": composed.text}, "dx/rei")
    assert not isinstance(read, Problems), f"{read}\n{composed.text.decode()}"
    return composed.text.decode(), composed.notes


def screen(after: int, path: str, heading: str, *, messages: tuple[str, ...] = (), cells: tuple[str, ...] = ()) -> Seen:
    return Seen(after, (), SITE + path, heading, messages, cells, alerts=False)


ROWS = ({"受付番号": "R8-001", "区分": "新規"}, {"受付番号": "R8-002", "区分": "継続"})


def test_a_search_that_no_address_shows_is_repeated_from_where_it_began() -> None:
    recording = Recording(
        acts=[
            Act("open", text=f"{SITE}/new"), click("新規"), fill("受付番号", "R8-001"), fill("区分", "新規", "radio"), click("登録"),
            Act("click", place("一覧", "link")), fill("番号", "R8-001"), click("検索"),
        ],
        seen=[
            screen(1, "/new", "入力"), screen(5, "/done", "完了", messages=("登録しました",)), screen(6, "/list", "一覧"),
            screen(8, "/list", "一覧", cells=("R8-001", "新規")),
        ],
    )  # fmt: skip
    text, _ = made(recording, sheet(*ROWS), Answers())
    assert "- 押す: {ボタン: 新規}" in text, "a button is not the row's 区分, though it is called so"
    look = text.partition("登録済みの確認:")[2].partition("後始末")[0]
    assert [line.strip() for line in look.strip().splitlines()] == [
        "- 画面を開く: ${サイト.業務システム}/list",
        "- 一括入力する:",
        "番号: ${対象.受付番号}",
        "- 押す: {ボタン: 検索}",
        "- 画面から読む: {文字: 一覧}",
        "- 画面を確かめる: {要素: {役割: cell, 名前: '${対象.受付番号}'}, 件数: 1}",
    ]


def test_where_nothing_was_shown_the_address_is_asked_and_without_one_the_person_is_told() -> None:
    def recording() -> Recording:
        acts = [
            Act("open", text=f"{SITE}/new"),
            fill("受付番号", "R8-001"),
            fill("区分", "新規", "radio"),
            click("登録"),
        ]
        return Recording(acts=acts, seen=[screen(4, "/done", "完了", messages=("登録しました",))])

    text, _ = made(recording(), sheet(*ROWS), Answers(f"{SITE}/list?no=R8-001&year=2026", "一覧"))
    assert "- 画面を開く: ${サイト.業務システム}/list?no=${対象.受付番号}&year=2026" in text
    text, notes = made(recording(), sheet(*ROWS), Answers())
    assert "登録済みの確認" not in text
    assert any("登録済みの確認は書いていません" in note for note in notes)


def test_a_second_row_is_no_part_of_the_pattern() -> None:
    acts = [
        Act("open", text=f"{SITE}/new"),
        fill("受付番号", "R8-001"),
        click("登録"),
        Act("click", place("次へ", "link")),
    ]
    recording = Recording(
        [*acts, fill("受付番号", "R8-002"), click("登録")], [screen(3, "/done", "完了", messages=("登録しました",))]
    )
    text, _ = made(recording, sheet(*ROWS), Answers())
    assert text.count("ボタン: 登録") == 1
    assert "次へ" not in text
