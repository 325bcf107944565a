"""What only a browser sees: the question before an entry, the popup, the frame, and controls with a will of their own."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Dialog, Error, Page, expect

from practice.exercises import CHALLENGE_LABELS, CHALLENGE_ROWS
from practice.server import RunningTown

PERSON = "/jumin/persons/00104005/address"


def fill_change(page: Page) -> None:
    page.goto(PERSON)
    page.get_by_label("受付番号").fill("26049001")
    for group, month in (("届出日", "4"), ("異動日", "3")):
        date = page.get_by_role("group", name=group)
        date.get_by_label("元号").select_option(label="令和")
        for label, value in (("年", "8"), ("月", month), ("日", "10")):
            date.get_by_label(label, exact=True).fill(value)
    page.get_by_label("異動事由").select_option(label="転入通知")
    page.get_by_label("送付").check()
    page.get_by_label("郵便番号").fill("000-0101")
    page.get_by_label("新住所").fill("見本県手本市本町9丁目9番9号")


def test_an_entry_asks_first_and_a_no_enters_nothing(page: Page, town: RunningTown) -> None:
    asked: list[str] = []
    answers = iter([False, True])

    def answer(dialog: Dialog) -> None:
        asked.append(dialog.message)
        if next(answers):
            dialog.accept()
        else:
            dialog.dismiss()

    page.on("dialog", answer)
    fill_change(page)
    page.get_by_role("button", name="登録").click()
    assert town.entries("jumin") == []
    page.get_by_role("button", name="登録").click()
    page.get_by_text("登録しました").wait_for()
    assert asked == ["住所を変更します。よろしいですか？"] * 2
    assert len(town.entries("jumin")) == 1


@pytest.mark.parametrize(("kind", "arrived"), [("drop", 0), ("drop_after", 1)])
def test_the_browser_itself_does_not_send_a_cut_entry_again(
    page: Page, town: RunningTown, kind: str, arrived: int
) -> None:
    page.on("dialog", lambda dialog: dialog.accept())
    fill_change(page)
    town.faults.set("POST /jumin/persons", kind, times=1)
    with pytest.raises(Error), page.expect_navigation():
        page.get_by_role("button", name="登録").click()
    assert len(town.entries("jumin")) == arrived


def test_a_return_is_confirmed_in_a_popup_with_a_pdf(page: Page, town: RunningTown) -> None:
    page.goto("/zei/filings/new")
    page.get_by_label("受付番号").fill("501")
    date = page.get_by_role("group", name="届出年月日")
    date.get_by_label("元号").select_option(label="令和")
    for label, value in (("年", "8"), ("月", "4"), ("日", "1")):
        date.get_by_label(label, exact=True).fill(value)
    page.get_by_label("税目").select_option(label="固定資産税")
    page.get_by_label("新規").check()
    page.get_by_label("宛名番号").fill("00104005")
    page.get_by_label("納税義務者氏名").fill("佐藤　健一")
    page.get_by_label("課税標準額").fill("12345678")
    page.get_by_label("税額").fill("172800")
    page.get_by_role("button", name="確認").click()
    with page.expect_popup() as opened:
        page.get_by_role("button", name="登録").click()
    result = opened.value
    result.get_by_text("登録しました").wait_for()
    with result.expect_download() as started:
        result.get_by_role("link", name="PDF").click()
    assert started.value.path().read_bytes().startswith(b"%PDF")
    (entry,) = town.entries("zei")
    assert started.value.suggested_filename == f"{entry['receipt']}.pdf"
    values = entry["values"]
    assert isinstance(values, dict)
    assert (values["課税標準額"], values["税額"]) == (12_345_678, 172_800)


def test_finance_works_inside_its_frame_and_puts_commas(page: Page) -> None:
    page.goto("/zaimu")
    page.get_by_role("link", name="支出命令入力").click()
    frame = page.frame_locator("iframe[title=業務画面]")
    amount = frame.get_by_label("金額")
    amount.press_sequentially("1234567")
    assert amount.input_value() == "1,234,567"
    frame.get_by_role("button", name="登録").wait_for()
    assert page.url.endswith("/zaimu")


def test_a_controlled_box_believes_typing_only(page: Page) -> None:
    page.goto("/practice/controls")
    box = page.get_by_label("制御入力")
    box.evaluate("box => { box.value = '偽'; box.dispatchEvent(new Event('input', {bubbles: true})); }")
    page.wait_for_function("document.getElementById('controlled').value === ''")
    box.fill("本物")
    page.get_by_label("整理番号").fill("123")
    page.get_by_label("金額").fill("1000000")
    page.get_by_label("メール", exact=True).check()
    page.get_by_label("郵送").check()
    page.get_by_role("button", name="送信").click()
    echo = json.loads(page.locator("#echo").inner_text())
    assert (echo["controlled"], echo["padded"], echo["amount"]) == ("本物", "0000123", "1,000,000")
    assert echo["contact"] == ["mail", "post"]
    assert "disabled" not in echo and echo["readonly"] == "変更不可"


def test_the_challenge_counts_right_fields_and_shuffles(page: Page) -> None:
    page.goto("/practice/challenge")
    names: set[str | None] = set()
    for number, row in enumerate(CHALLENGE_ROWS):
        names.update(box.get_attribute("id") for box in page.locator("#challenge input").all())
        for label, text in zip(CHALLENGE_LABELS, row, strict=True):
            page.get_by_label(label, exact=True).fill("まちがい" if (number, label) == (4, "役職") else text)
        page.get_by_role("button", name="送信").click()
    expect(page.get_by_text("70項目中 69項目が正しく入力されました")).to_be_visible()
    assert len(names) == 70
