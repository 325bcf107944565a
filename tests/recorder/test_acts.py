"""What single acts become: on pages that the practice town does not have."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from robots.recorder.browser import Recorder
from robots.recorder.model import Act
from tests.recorder.odd_pages import odd_pages
from tests.recorder.person import Person


@pytest.fixture(scope="module")
def pages() -> Iterator[str]:
    with odd_pages() as address:
        yield address


@pytest.fixture(scope="module")
def recorder(pages: str) -> Iterator[Recorder]:
    with Recorder(f"{pages}/sent", lambda line: None, headed=False) as started:
        yield started


def at(recorder: Recorder, address: str) -> Person:
    """The person types an address by hand, and what was recorded before is forgotten."""
    recorder.page.goto(address)
    recorder.page.wait_for_timeout(200)
    recorder.recording.acts.clear()
    recorder.recording.warnings.clear()
    return Person(recorder.page)


def told(acts: list[Act]) -> list[tuple[object, ...]]:
    return [
        (act.kind, *(act.place.scopes if act.place else ()), act.place.name if act.place else act.text,
         *([act.entry.given] if act.entry else []))
        for act in acts
    ]  # fmt: skip


def test_an_attached_file_is_known_by_its_name(recorder: Recorder, pages: str, tmp_path: Path) -> None:
    person = at(recorder, f"{pages}/upload")
    (tmp_path / "申請書.pdf").write_bytes(b"%PDF")
    person.type("件名", "見本")
    with recorder.page.expect_file_chooser() as chooser:
        recorder.page.get_by_label("添付ファイル").click()
    chooser.value.set_files(tmp_path / "申請書.pdf")
    person.settle()
    person.press("提出")
    assert told(recorder.recording.acts) == [
        ("fill", "件名", "見本"),
        ("upload", "添付ファイル", ("申請書.pdf",)),
        ("click", "提出"),
    ]
    assert recorder.recording.seen[-1].messages == ("受け付けました",)


def test_a_password_in_any_form_is_never_kept(recorder: Recorder, pages: str) -> None:
    person = at(recorder, f"{pages}/secret")
    person.type("氏名", "見本")
    person.type("新しい暗証番号", "himitsu-1")
    person.press("見せる")
    person.type("新しい暗証番号", "himitsu-2")
    person.type("内線", "12")
    person.press("見せる")
    assert "himitsu" not in repr(recorder.recording)
    assert [act for act in told(recorder.recording.acts) if act[0] == "fill"] == [
        ("fill", "氏名", "見本"),
        ("fill", "内線", "12"),
    ]
    assert "新しい暗証番号" in recorder.recording.warnings[0]


def test_enter_in_a_form_without_a_button(recorder: Recorder, pages: str) -> None:
    person = at(recorder, f"{pages}/enter")
    person.type("検索語", "練習")
    person.page.keyboard.press("Enter")
    person.settle()
    assert told(recorder.recording.acts) == [("fill", "検索語", "練習"), ("press", "検索語")]
    assert recorder.recording.acts[-1].text == "Enter"


def test_the_answer_to_a_prompt_comes_before_what_asks(recorder: Recorder, pages: str) -> None:
    at(recorder, f"{pages}/prompt")
    context = recorder.page.context
    context.once("dialog", lambda dialog: dialog.accept("書類の不足"))
    recorder.page.get_by_role("button", name="却下").click()
    recorder.page.wait_for_timeout(300)
    answer, click = recorder.recording.acts
    assert (answer.kind, answer.text, answer.ok, answer.reply) == ("answer", "理由を入れてください", True, "書類の不足")
    assert click.kind == "click"


def test_a_frame_of_another_site_has_its_name(recorder: Recorder, pages: str) -> None:
    person = at(recorder, f"{pages}/outer")
    frame = recorder.page.frames[1]
    frame.wait_for_load_state()
    inside = person.at(frame)
    inside.type("番号", "123")
    inside.press("保存")
    assert told(recorder.recording.acts) == [
        ("fill", ("frame", "naka"), "番号", "123"),
        ("click", ("frame", "naka"), "保存"),
    ]


def test_a_button_of_a_row_is_found_by_its_row(recorder: Recorder, pages: str) -> None:
    at(recorder, f"{pages}/calendar")
    recorder.page.get_by_role("row", name="見本　花子").get_by_role("button").click()
    recorder.page.get_by_text("詳しく").click()
    recorder.page.wait_for_timeout(300)
    assert told(recorder.recording.acts) == [("click", ("row", "見本 花子"), "選択"), ("click", "詳しく")]
    assert recorder.recording.acts[1].place and recorder.recording.acts[1].place.kind == "text"


def test_an_address_typed_by_hand_is_an_act_and_a_link_is_not_two(recorder: Recorder, pages: str) -> None:
    person = at(recorder, f"{pages}/sent")
    person.follow("戻る")
    recorder.page.goto(f"{pages}/enter")
    person.settle()
    recorder.page.reload()
    person.settle()
    assert told(recorder.recording.acts) == [("click", "戻る"), ("open", f"{pages}/enter")]
