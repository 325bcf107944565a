"""Every control on the practice town's page of controls, as a person would expect it to be filled in."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from practice.server import RunningTown, start_town
from robots.drivers.browser import Expectation, Locator, Scope, site_of
from robots.drivers.playwright_browser import PlaywrightBrowser
from robots.errors import NotMet, SystemFailure

SHORT, LONG = 0.5, 15.0
PATH = "/practice/controls"


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningTown]:
    with start_town(Path(tmp_path_factory.mktemp("town")) / "town.db") as running:
        yield running


@pytest.fixture(scope="module")
def started(town: RunningTown) -> Iterator[PlaywrightBrowser]:
    site = site_of(town.url)
    assert site
    browser = PlaywrightBrowser({site})
    yield browser
    browser.close()


@pytest.fixture
def screen(town: RunningTown, started: PlaywrightBrowser) -> PlaywrightBrowser:
    started.open(town.url + PATH, timeout=LONG)
    return started


def test_every_control_takes_its_value_and_the_page_sends_it(screen: PlaywrightBrowser) -> None:
    entered = screen.fill_form(
        {
            "制御入力": "打った文字",
            "整理番号": "11002",
            "金額": 1234567,
            "区分": "継続",
            "連絡方法": ["電話", "郵送"],
            "希望日": "令和8年4月1日",
            "メールアドレス": "a@example.jp",
            "検索語": "番犬",
            "申請者名": "山田 太郎",
        },
        timeout=LONG,
    )
    screen.click(Locator(button="送信"), timeout=LONG)
    sent = json.loads(screen.read(Locator(css="#echo"), timeout=LONG))

    assert entered["整理番号"] == "0011002"
    assert entered["金額"] == "1,234,567"
    assert entered["連絡方法"] == "電話、郵送"
    assert sent["controlled"] == "打った文字"
    assert sent["padded"] == "0011002"
    assert sent["amount"].replace(",", "") == "1234567"
    assert sent["category"] == "2"
    assert sent["contact"] == ["tel", "post"]
    assert sent["wanted"] == "2026-04-01"
    assert sent["placeholder"] == "a@example.jp"
    assert sent["aria"] == "番犬"
    assert sent["cell"] == "山田 太郎"


def test_a_select_takes_the_value_too(screen: PlaywrightBrowser) -> None:
    assert screen.select(Locator(label="区分"), "3", timeout=LONG) == {"区分": "変更"}


def test_a_checkbox_group_is_set_as_a_whole(screen: PlaywrightBrowser) -> None:
    screen.fill_form({"連絡方法": "電話、メール"}, timeout=LONG)
    assert screen.fill_form({"連絡方法": ["郵送"]}, timeout=LONG) == {"連絡方法": "郵送"}
    assert screen.set_checked(Locator(called="メール"), True, timeout=LONG) == {"メール": "はい"}
    assert screen.read(Locator(called="連絡方法"), timeout=LONG) == "メール、郵送"


@pytest.mark.parametrize(
    ("label", "said"),
    [
        ("覆われた欄", "「処理中…」が重なって"),
        ("使えない欄", "今は使えません"),
        ("変更できない欄", "読み取り専用"),
        ("電話番号", "2 個あり"),
        ("整理番合", "もしかして: 整理番号"),
    ],
)
def test_what_a_person_could_not_fill_in_is_refused(screen: PlaywrightBrowser, label: str, said: str) -> None:
    with pytest.raises(SystemFailure, match=said):
        screen.fill_form({label: "1"}, timeout=SHORT)
    assert screen.read(Locator(css="#covered"), timeout=LONG) == ""


def test_ambiguity_lists_where_the_matches_stand_and_is_solved_by_narrowing(screen: PlaywrightBrowser) -> None:
    with pytest.raises(SystemFailure, match=r"1\. .*自宅.* 2\. .*勤務先"):
        screen.fill(Locator(label="電話番号"), "1", timeout=SHORT)
    with screen.within(Scope(section="勤務先"), timeout=LONG):
        screen.fill(Locator(label="電話番号"), "000-1111", timeout=LONG)
    screen.fill(Locator(label="電話番号", nth=1), "000-2222", timeout=LONG)
    assert screen.read(Locator(css="#tel1"), timeout=LONG) == "000-2222"
    assert screen.read(Locator(css="#tel2"), timeout=LONG) == "000-1111"


def test_a_value_that_does_not_fit_is_refused_before_anything_is_sent(screen: PlaywrightBrowser) -> None:
    with pytest.raises(SystemFailure, match="画面に入った値"):
        # The page makes an amount of it: 12 is not what was meant.
        screen.fill_form({"金額": "1a2"}, timeout=LONG)
    with pytest.raises(SystemFailure, match="日付として読めません"):
        screen.fill_form({"希望日": "令和8年2月30日"}, timeout=SHORT)
    with pytest.raises(SystemFailure, match="新規、継続、変更"):
        screen.fill_form({"区分": "廃止"}, timeout=SHORT)


def test_field_values_are_expected_as_the_page_formats_them(screen: PlaywrightBrowser) -> None:
    screen.fill_form({"金額": 1000, "整理番号": "7"}, timeout=LONG)
    screen.expect(Expectation(field=Locator(label="金額"), value="1000"), timeout=SHORT)
    with pytest.raises(NotMet, match="0000007"):
        screen.expect(Expectation(field=Locator(label="整理番号"), value="8"), timeout=SHORT)


def test_the_challenge_of_shuffled_forms_is_all_right(town: RunningTown, screen: PlaywrightBrowser) -> None:
    screen.open(town.url + "/practice/challenge", timeout=LONG)
    rows = screen.page.locator("details table tbody tr")
    labels = ("姓", "名", "会社名", "役職", "住所", "メールアドレス", "電話番号")
    data = [dict(zip(labels, row.locator("td").all_text_contents(), strict=True)) for row in rows.all()]
    for row in data:
        screen.fill_form(row, timeout=LONG)
        screen.click(Locator(button="送信"), timeout=LONG)
    screen.expect(Expectation(text="70項目中 70項目"), timeout=LONG)
