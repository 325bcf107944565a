"""One suite for both browsers: the real one and the double that the engine is tested with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from robots.drivers.browser import Browser, Expectation, Locator, Scope, site_of
from robots.drivers.memory_browser import MemoryBrowser
from robots.drivers.playwright_browser import PlaywrightBrowser
from robots.errors import NotMet, ScenarioFault, SystemFailure
from tests.contracts.browser_town import Town, TownServer

SHORT, LONG = 0.2, 10.0


@dataclass
class Bench:
    browser: Browser
    town: Town

    def open(self, path: str) -> None:
        self.browser.open(self.town.base + path, timeout=LONG)


@pytest.fixture(scope="module")
def real() -> Iterator[tuple[PlaywrightBrowser, TownServer]]:
    server = TownServer()
    site = site_of(server.town.base)
    assert site
    browser = PlaywrightBrowser({site})
    yield browser, server
    browser.close()
    server.stop()


@pytest.fixture(params=["memory", "playwright"])
def at(request: pytest.FixtureRequest) -> Bench:
    if request.param == "memory":
        town = Town("http://town.invalid")
        site = site_of(town.base)
        assert site
        return Bench(MemoryBrowser(town.pages, {site}), town)
    browser, server = request.getfixturevalue("real")
    town = server.town
    town.__init__(town.base)
    return Bench(browser, town)


def called(name: str) -> Locator:
    return Locator(called=name)


def test_a_form_is_filled_by_its_labels_and_sent(at: Bench) -> None:
    at.open("/form")
    entered = at.browser.fill_form(
        {
            "受付番号": "011002",
            "氏名": "山田 太郎",
            "年度": "令和8年度",
            "申請区分": "継続",
            "希望費目": ["学用品費", "給食費"],
            "確認した": True,
            "届出日": date(2026, 4, 1),
        },
        timeout=LONG,
    )
    at.browser.click(Locator(button="登録"), timeout=LONG)
    at.browser.expect(Expectation(text="登録しました"), timeout=LONG)

    assert entered == {
        "受付番号": "011002",
        "氏名": "山田 太郎",
        "年度": "令和8年度",
        "申請区分": "継続",
        "希望費目": "学用品費、給食費",
        "確認した": "はい",
        "届出日": "令和8年4月1日",
    }
    assert len(at.town.sent) == 1
    assert {label: at.town.sent[0][label] for label in ("受付番号", "氏名 必須", "希望費目", "届出日")} == {
        "受付番号": "011002",
        "氏名 必須": "山田 太郎",
        "希望費目": "学用品費、給食費",
        "届出日": "令和8年4月1日",
    }


def test_single_fields(at: Bench) -> None:
    at.open("/form")
    assert at.browser.fill(Locator(label="受付番号"), 12, timeout=LONG) == {"受付番号": "12"}
    assert at.browser.select(called("年度"), "令和7年度", timeout=LONG) == {"年度": "令和7年度"}
    assert at.browser.set_checked(called("確認した"), True, timeout=LONG) == {"確認した": "はい"}
    assert at.browser.set_checked(called("確認した"), False, timeout=LONG) == {"確認した": "いいえ"}
    assert at.browser.read(called("年度"), timeout=LONG) == "令和7年度"
    assert at.browser.read(called("受付番号"), timeout=LONG) == "12"


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"受付番合": "1"}, "もしかして: 受付番号"),
        ({"電話": "1"}, "2 個あり"),
        ({"年度": "令和9年度"}, "令和7年度、令和8年度"),
        ({"申請区分": "変更"}, "新規、継続"),
        ({"略号": "ABCD"}, "3 文字まで"),
        ({"確認した": "たぶん"}, "はい か いいえ"),
        ({"届出日": "令和8年2月30日"}, "令和8年2月30日"),
    ],
)
def test_what_can_not_be_entered_is_a_failure_that_says_why(at: Bench, values: dict[str, str], said: str) -> None:
    at.open("/form")
    with pytest.raises(SystemFailure, match=said):
        at.browser.fill_form(values, timeout=SHORT)
    assert at.town.sent == []


def test_a_value_must_be_of_the_kind_of_the_field(at: Bench) -> None:
    at.open("/form")
    with pytest.raises(SystemFailure, match="選択肢から選ぶ項目ではありません"):
        at.browser.select(called("受付番号"), "1", timeout=SHORT)
    with pytest.raises(SystemFailure, match="チェックを付ける項目ではありません"):
        at.browser.set_checked(called("受付番号"), True, timeout=SHORT)


def test_a_button_that_is_not_there_names_the_nearest(at: Bench) -> None:
    at.open("/form")
    with pytest.raises(SystemFailure, match="もしかして: 登録"):
        at.browser.click(Locator(button="登禄"), timeout=SHORT)


def test_expectations(at: Bench) -> None:
    at.open("/form")
    browser = at.browser
    browser.fill(called("受付番号"), "7", timeout=LONG)
    browser.expect(Expectation(text="必要な項目"), timeout=SHORT)
    browser.expect(Expectation(absent="登録しました"), timeout=SHORT)
    browser.expect(Expectation(url="/form"), timeout=SHORT)
    browser.expect(Expectation(field=called("受付番号"), value="7"), timeout=SHORT)
    browser.expect(Expectation(find=Locator(button="登録")), timeout=SHORT)
    browser.expect(Expectation(find=Locator(button="削除"), count=0), timeout=SHORT)
    for wrong in (
        Expectation(text="登録しました"),
        Expectation(absent="必要な項目"),
        Expectation(url="/done"),
        Expectation(field=called("受付番号"), value="8"),
        Expectation(find=Locator(button="削除")),
    ):
        with pytest.raises(NotMet):
            browser.expect(wrong, timeout=SHORT)


def test_a_number_inside_a_longer_one_is_neither_there_nor_surely_absent(at: Bench) -> None:
    at.open("/form")
    at.browser.expect(Expectation(text="R8-10"), timeout=SHORT)
    with pytest.raises(SystemFailure) as caught:
        at.browser.expect(Expectation(text="R8-1"), timeout=SHORT)
    assert not isinstance(caught.value, NotMet)


def test_not_met_is_never_said_of_a_login_page(at: Bench) -> None:
    at.open("/login")
    with pytest.raises(SystemFailure, match="ログイン画面") as caught:
        at.browser.expect(Expectation(text="登録しました"), timeout=SHORT)
    assert not isinstance(caught.value, NotMet)


def test_text_beside_a_label_is_read(at: Bench) -> None:
    at.open("/done")
    assert at.browser.read(called("受理番号"), timeout=LONG) == "A-00123"


def test_a_table_is_read_over_its_pages(at: Bench) -> None:
    at.open("/list")
    rows = at.browser.read_table(called("対象者"), Locator(link="次へ"), timeout=LONG)
    assert [row["宛名番号"] for row in rows] == ["101", "102", "103"]
    assert rows[2] == {"宛名番号": "103", "氏名": "鈴木 一郎"}
    assert rows[2].origin == "画面の表 2ページ目 1行目"


def test_a_next_that_leads_nowhere_is_noticed(at: Bench) -> None:
    at.open("/stuck")
    with pytest.raises(SystemFailure, match="同じまま"):
        at.browser.read_table(None, Locator(link="次へ"), timeout=2.0)


def test_a_confirm_is_answered_as_prepared(at: Bench) -> None:
    at.open("/form")
    at.browser.answer(False, says="登録します。よろしいですか？")
    at.browser.click(called("確認して登録"), timeout=LONG)
    assert at.town.sent == []
    at.browser.answer(True, says="登録します。よろしいですか？")
    at.browser.click(called("確認して登録"), timeout=LONG)
    assert len(at.town.sent) == 1


def test_an_unexpected_dialog_is_declined_and_fails_the_step(at: Bench) -> None:
    at.open("/form")
    with pytest.raises(SystemFailure, match="よろしいですか"):
        at.browser.click(called("確認して登録"), timeout=LONG)
    with pytest.raises(SystemFailure, match="予期しないお知らせ"):
        at.open("/alert")
    assert at.town.sent == []


def test_a_dialog_with_another_text_is_declined_and_fails(at: Bench) -> None:
    at.open("/form")
    at.browser.answer(True, says="削除します。よろしいですか？")
    with pytest.raises(SystemFailure, match="ダイアログの文が違います"):
        at.browser.click(called("確認して登録"), timeout=LONG)
    assert at.town.sent == []


def test_a_prepared_answer_that_was_not_used_is_an_error(at: Bench) -> None:
    at.open("/form")
    at.browser.answer(True)
    at.browser.click(called("登録"), timeout=LONG)
    with pytest.raises(SystemFailure, match="出ませんでした"):
        at.browser.check_answered()
    at.browser.check_answered()


def test_calls_can_be_narrowed_to_a_part(at: Bench) -> None:
    at.open("/parts")
    with at.browser.within(Scope(section="勤務先"), timeout=LONG):
        at.browser.fill_form({"電話番号": "000-1111"}, timeout=LONG)
        assert at.browser.read(called("電話番号"), timeout=LONG) == "000-1111"
    with at.browser.within(Scope(section="自宅"), timeout=LONG):
        assert at.browser.read(called("電話番号"), timeout=LONG) == ""
        at.browser.click(Locator(button="変更"), timeout=LONG)
    at.browser.expect(Expectation(text="登録しました"), timeout=LONG)
    with pytest.raises(SystemFailure, match="勤務先"), at.browser.within(Scope(section="勤務先"), timeout=SHORT):
        pytest.fail("narrowed to what is not there")


def test_pages_that_do_not_come(at: Bench) -> None:
    with pytest.raises(SystemFailure, match="404"):
        at.open("/nowhere")
    with pytest.raises(SystemFailure, match="500"):
        at.open("/broken")
    at.open("/form")
    with pytest.raises(SystemFailure, match="エラーの画面"):
        at.browser.click(called("壊れたボタン"), timeout=LONG)


def test_other_sites_are_refused_with_the_line_to_add(at: Bench) -> None:
    for address in ("http://other.invalid/x", "file:///etc/passwd", "data:text/html,x"):
        with pytest.raises(ScenarioFault):
            at.browser.open(address, timeout=LONG)
    at.open("/form")
    with pytest.raises(SystemFailure, match=r"other\.invalid") as caught:
        at.browser.click(called("よその役所"), timeout=LONG)
    assert "サイト:" in caught.value.mend
    at.open("/form")


def test_signing_in_and_again_when_the_session_has_ended(at: Bench) -> None:
    at.browser.login(at.town.base + "/login", "renshu", "himitsu-123", timeout=LONG)
    at.open("/menu")
    at.town.signed_in = False
    at.open("/menu")
    at.browser.expect(Expectation(text="業務を選びます"), timeout=LONG)
    assert at.town.sign_ins == 2


def test_a_refused_login_shows_no_value(at: Bench) -> None:
    with pytest.raises(SystemFailure, match="ログインできませんでした") as caught:
        at.browser.login(at.town.base + "/login", "renshu", "machigai-9", timeout=LONG)
    shown = f"{caught.value!r} {caught.value} {caught.value.__cause__!r} {at.browser!r}"
    assert "renshu" not in shown
    assert "machigai-9" not in shown


def test_evidence_covers_secrets(at: Bench, tmp_path: Path) -> None:
    at.open("/form")
    entered = at.browser.fill_form({"暗証": "naisho-42"}, timeout=LONG, secret=True)
    at.browser.fill(called("受付番号"), "77", timeout=LONG)
    kept = at.browser.evidence(tmp_path / "evidence")
    text = "".join(path.read_text(encoding="utf-8") for path in kept if path.suffix == ".txt")
    assert entered == {"暗証": "（秘密）"}
    assert "naisho-42" not in text
    assert "77" in text
    assert "/form" in text


def test_after_the_end_all_is_a_failure_and_nothing_breaks(tmp_path: Path) -> None:
    server = TownServer()
    site = site_of(server.town.base)
    assert site
    for browser in (MemoryBrowser(server.town.pages, {site}),):
        browser.close()
        browser.close()
        with pytest.raises(SystemFailure, match="終了しています"):
            browser.open(server.town.base + "/form", timeout=SHORT)
        browser.evidence(tmp_path)
    server.stop()


@pytest.mark.parametrize(
    ("scope", "where"),
    [
        (Scope(frame="枠"), "枠"),
        (Scope(popup="別窓"), "別窓"),
        (Scope(popup=""), "別窓"),
        (Scope(dialog="確認"), "確認"),
        (Scope(dialog=""), "確認"),
        (Scope(row="1001"), "1001"),
        (Scope(row="1002"), "1002"),
        (Scope(section="欄"), "欄"),
    ],
    ids=str,
)
def test_every_kind_of_part_takes_what_is_meant_for_it(at: Bench, scope: Scope, where: str) -> None:
    at.open("/scopes")
    with at.browser.within(scope, timeout=LONG):
        at.browser.fill_form({"備考": "ここ"}, timeout=LONG)
        at.browser.click(Locator(button="決定"), timeout=LONG)
    assert at.town.sent == [{"どこ": where, "備考": "ここ"}]


@pytest.mark.parametrize(
    "scope",
    [Scope(frame="窓"), Scope(popup="なし"), Scope(dialog="警告"), Scope(row="1003"), Scope(section="別")],
    ids=str,
)
def test_a_part_that_is_not_there_is_named(at: Bench, scope: Scope) -> None:
    at.open("/scopes")
    text = scope.plain()[1]
    with pytest.raises(SystemFailure, match=text), at.browser.within(scope, timeout=SHORT):
        pytest.fail("narrowed to what is not there")
    assert at.town.sent == []


def test_after_a_part_calls_reach_the_whole_page_again(at: Bench) -> None:
    at.open("/parts")
    with at.browser.within(Scope(section="勤務先"), timeout=LONG):
        at.browser.expect(Expectation(absent="自宅"), timeout=LONG)
    at.browser.expect(Expectation(text="自宅"), timeout=LONG)


def test_a_key_does_what_the_page_gives_it(at: Bench) -> None:
    at.open("/files")
    at.browser.fill(called("受付番号"), "12", timeout=LONG)
    at.browser.press("F9", None, timeout=LONG)
    at.browser.expect(Expectation(text="登録しました"), timeout=LONG)
    assert [one["受付番号"] for one in at.town.sent] == ["12"]


def test_a_key_that_means_nothing_to_the_page_leaves_it_as_it_is(at: Bench) -> None:
    at.open("/files")
    at.browser.press("F8", called("受付番号"), timeout=LONG)
    with pytest.raises(SystemFailure, match="受付番合"):
        at.browser.press("F9", called("受付番合"), timeout=SHORT)
    assert at.town.sent == []


def test_files_are_put_into_a_form_and_sent(at: Bench, tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("申請 書.pdf", "表.png", "裏.png")]
    for path in paths:
        path.write_bytes(path.name.encode())
    at.open("/files")
    assert at.browser.upload(called("添付ファイル"), paths[:1], timeout=LONG) == {"添付ファイル": "申請 書.pdf"}
    assert at.browser.upload(Locator(label="写真"), paths[1:], timeout=LONG) == {"写真": "表.png、裏.png"}
    at.browser.click(Locator(button="送付"), timeout=LONG)
    sent = {label: at.town.sent[0][label] for label in ("添付ファイル", "写真")}
    assert sent == {"添付ファイル": "申請 書.pdf", "写真": "表.png、裏.png"}


def test_files_go_only_where_files_belong(at: Bench, tmp_path: Path) -> None:
    paths = [tmp_path / "a.txt", tmp_path / "b.txt"]
    for path in paths:
        path.write_text("x", encoding="utf-8")
    at.open("/files")
    with pytest.raises(SystemFailure, match="ファイルを添付する項目ではありません"):
        at.browser.upload(called("受付番号"), paths[:1], timeout=SHORT)
    with pytest.raises(SystemFailure, match="一つですが、2 個"):
        at.browser.upload(called("添付ファイル"), paths, timeout=SHORT)
    with pytest.raises(SystemFailure, match="添付する項目"):
        at.browser.fill(called("添付ファイル"), "a.txt", timeout=SHORT)
    with pytest.raises(SystemFailure, match="添付ファイル"):
        at.browser.upload(called("添附ファイル"), paths[:1], timeout=SHORT)


def test_a_file_is_fetched_whole_and_put_where_it_is_wanted(at: Bench, tmp_path: Path) -> None:
    came: list[str] = []

    def place(name: str) -> Path:
        came.append(name)
        return tmp_path / "kept.csv"

    at.open("/files")
    path = at.browser.download(Locator(button="一覧を出力"), place, timeout=LONG)
    assert came == ["一覧 令和8年度.csv"]
    assert path == tmp_path / "kept.csv"
    assert path.read_bytes().decode("cp932") == "番号,氏名\n1,山田\n"
    assert list(tmp_path.iterdir()) == [path]
    at.browser.fill(called("受付番号"), "1", timeout=LONG)


def test_what_gives_no_file_is_no_download(at: Bench, tmp_path: Path) -> None:
    at.open("/files")
    with pytest.raises(SystemFailure, match="ダウンロードが始まりませんでした"):
        at.browser.download(Locator(link="案内"), lambda name: tmp_path / name, timeout=1.0)
    assert list(tmp_path.iterdir()) == []


def test_the_screen_is_kept_as_a_picture_and_as_paper(at: Bench, tmp_path: Path) -> None:
    at.open("/form")
    at.browser.screenshot(tmp_path / "a.png", whole=False, timeout=LONG)
    at.browser.screenshot(tmp_path / "b.png", whole=True, timeout=LONG)
    at.browser.save_pdf(tmp_path / "c.pdf", landscape=False, timeout=LONG)
    assert [path.read_bytes()[:4] for path in sorted(tmp_path.iterdir())] == [b"\x89PNG", b"\x89PNG", b"%PDF"]


def test_the_outline_says_what_is_there_by_name_and_nothing_that_was_entered(at: Bench) -> None:
    at.open("/form")
    at.browser.fill_form({"受付番号": "987654", "年度": "令和8年度"}, timeout=LONG)
    outline = at.browser.outline()
    assert outline is not None and outline.path == "/form"
    fields = {one.name: one.options for one in outline.things if one.role == "field"}
    assert {"受付番号", "届出日", "確認した"} <= set(fields)
    assert [one for one in fields["年度"] if one] == ["令和7年度", "令和8年度"]
    assert fields["申請区分"] == ("新規", "継続")
    assert {one.name for one in outline.things if one.role == "button"} >= {"登録"}
    assert {one.name for one in outline.things if one.role == "link"} >= {"一覧"}
    assert "987654" not in str(outline)


def test_looking_tells_for_each_thing_whether_it_is_there(at: Bench) -> None:
    at.open("/form")
    wanted: list[dict[str, Any]] = [
        {"purpose": "field", "locator": {"called": "受付番号"}},
        {"purpose": "field", "locator": {"called": "受付の番号"}},
        {"purpose": "click", "locator": {"button": "登録"}},
        {"purpose": "click", "locator": {"button": "登録する"}},
        {"purpose": "text", "text": "必要な項目を入力します"},
        {"purpose": "text", "text": "書かれていない文"},
        {"purpose": "scope", "kind": "section", "text": "ないまとまり"},
    ]
    assert at.browser.look(wanted, timeout=SHORT) == ["", "missing", "", "missing", "", "missing", "no_scope"]


def test_pointing_out_finds_what_is_there_and_changes_no_value(at: Bench) -> None:
    at.open("/form")
    assert at.browser.point_out([called("受付番号"), Locator(button="登録"), called("ない項目")]) == 2
    assert at.browser.point_out([]) == 0
    assert at.browser.read(called("受付番号"), timeout=LONG) == ""
