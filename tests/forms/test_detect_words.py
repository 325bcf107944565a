"""What is proposed from the words of an empty form: choices, dates, tables, places in dotted rules; advice on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest

from ocr.advise import advise
from ocr.detect.propose import Proposal, detect
from ocr.detect.words import Run, beside
from ocr.fields.table import TableParams
from ocr.form import FormField, check_definition
from ocr.page import Page
from ocr.reading import Box
from tests.forms.test_detect import PX, form, pages_of, printed

ONE_LINE = 16.0
"""Words this near are one to OCR, mm."""


def as_ocr_reads(document: bytes) -> list[Run]:
    """The words of a PDF, those of one line together though there is room between them."""
    runs: list[Run] = []
    for run in sorted(printed(document), key=lambda one: (round(one.box.top), one.box.left)):
        last = runs[-1].box if runs else run.box
        if runs and beside(last, run.box) and 0 <= run.box.left - last.left - last.width < ONE_LINE:
            runs[-1] = Run((*runs[-1].signs, *run.signs))
        else:
            runs.append(run)
    return runs


def proposal_of(words: Mapping[Any, str], frames: Sequence[Sequence[float]]) -> Proposal:
    """For a sheet with these words (by left end and base line, mm) and boxes, beside one number."""
    fields = {"整理番号": {"kind": "digits", "at": [60, 270, 48, 8], "cells": 8}}
    prints = [{"text": text, "at": list(at)} for at, text in words.items()]
    pages, document = pages_of(*form(fields, prints=prints, frames=[{"at": list(at)} for at in frames]))
    return detect(pages, "renshu.pdf", lambda page: as_ocr_reads(document))


def proposed_of(words: Mapping[Any, str], frames: Sequence[Sequence[float]]) -> dict[str, FormField]:
    _, found = check_definition(proposal_of(words, frames).data)
    return {one.name: one for one in found}


def options_of(one: FormField) -> dict[str, Box]:
    return {name: box for name, box in one.kind.boxes(one.params)}


LABEL, ANSWER = [20, 50, 30, 10], [50, 50, 140, 10]


def in_row(label: str, words: Mapping[float, str]) -> dict[tuple[float, float], str]:
    return {(22, 56): label} | {(left, 56): text for left, text in words.items()}


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (
            {54: "1本人", 66: "2世帯主", 82: "3同一世帯の者", 124: "4代理人"},
            ["1 本人", "2 世帯主", "3 同一世帯の者", "4 代理人"],
        ),
        ({54: "1.新規", 72: "2.変更", 90: "3.廃止"}, ["1.新規", "2.変更", "3.廃止"]),
        ({54: "ア国民年金", 80: "イ厚生年金", 106: "ウ共済組合"}, ["ア 国民年金", "イ 厚生年金", "ウ 共済組合"]),
        ({54: "①戸建", 74: "②集合", 94: "③店舗"}, ["① 戸建", "② 集合", "③ 店舗"]),
        ({54: "10", 64: "20", 74: "30", 84: "40"}, ["10", "20", "30", "40"]),
        ({54: "1", 62: "2", 70: "3", 120: "4"}, ["1", "2", "3", "4"]),
    ],
)
def test_numbers_in_a_row_are_taken_to_the_last_with_their_words(words: dict[float, str], names: list[str]) -> None:
    options = options_of(proposed_of(in_row("届出人", words), [LABEL, ANSWER])["届出人"])
    assert list(options) == names
    last = list(words)[-1]
    long = 3.2 * (len(words[last]) - 1)
    assert options[names[-1]].left < last + 0.5
    assert options[names[-1]].left + options[names[-1]].width > last + long


def test_a_number_that_was_not_taken_is_told() -> None:
    gone = in_row("届出人", {54: "1本人", 70: "2世帯主", 90: "3家族", 124: "5他人"})
    assert "同じ行に「5」もありますが、選択肢に入れていません" in proposal_of(gone, [LABEL, ANSWER]).reasons["届出人"]
    unread = in_row("届出人", {54: "1本人", 70: "2世帯主", 90: "3家族", 104: "代理", 124: "4他人"})
    assert "「3 家族代理」の途中が空いていて" in proposal_of(unread, [LABEL, ANSWER]).reasons["届出人"]
    whole = in_row("届出人", {54: "1本人", 70: "2世帯主", 90: "3家族"})
    assert "見比べて" not in proposal_of(whole, [LABEL, ANSWER]).reasons["届出人"]


def test_an_explanation_of_numbers_is_no_choice() -> None:
    legend = {(20, 40): "番号に○（1", (46, 40): "満足", (60, 40): "2普通", (80, 40): "3不満）"}
    sentence = {
        (20, 60): "1",
        (24, 60): "紙で出します。",
        (60, 60): "2",
        (64, 60): "後日です",
        (100, 60): "3",
        (104, 60): "例",
    }
    assert set(proposed_of(legend | sentence, [])) == {"整理番号"}


def test_a_label_before_a_choice_and_the_next_choice_are_not_its_words() -> None:
    first = {54: "受付", 64: "窓口", 71.5: "・", 76: "郵送"}
    second = {86.2: "立会い", 99.4: "要", 103.5: "・", 107.5: "不要"}
    found = proposed_of(in_row("日時", first | second), [LABEL, ANSWER])
    assert list(options_of(found["受付"])) == ["窓口", "郵送"]
    assert list(options_of(found["立会い"])) == ["要", "不要"]


def test_dots_within_the_name_of_a_row_are_no_choice() -> None:
    rows = {"開始・中止日": 50, "氏名": 60, "住所": 70}
    words = {(22, top + 6): name for name, top in rows.items()} | {(60, 56): "有", (66, 56): "・", (72, 56): "無"}
    frames = [[left, top, width, 10] for top in rows.values() for left, width in ((20, 30), (50, 140))]
    found = proposed_of(words, frames)
    assert {name: one.kind.name for name, one in found.items()} == {
        "開始中止日": "circle",
        "氏名": "text",
        "住所": "text",
        "整理番号": "digits",
    }
    assert list(options_of(found["開始中止日"])) == ["有", "無"]


def test_eras_of_one_character_and_eras_behind_a_label_belong_to_their_date() -> None:
    cells = [[left, 48, 6, 8] for left in (100, 106, 120, 126, 140, 146)]
    units = {(114, 54): "年", (134, 54): "月", (154, 54): "日"}
    circled = {(30 + 8 * place, 54): sign for place, sign in enumerate("明・大・昭・平・令")}
    found = proposed_of(circled | units, cells)
    assert [getattr(one.params, "era", "") for one in found.values() if one.kind.name == "date"] == ["元号"]
    found = proposed_of({(74, 54): "届出年月日令和"} | units, cells)
    assert getattr(found["届出年月日"].params, "era", "") == "令和"


def test_a_date_whose_units_stand_under_its_cells() -> None:
    cells = [[left, 48, 6, 8] for left in (100, 106, 112, 118, 124, 130)]
    found = proposed_of({(70, 54): "請求日令和", (105, 60): "年", (117, 60): "月", (129, 60): "日"}, cells)
    assert set(found) == {"請求日", "整理番号"}
    places = [box for _, box in found["請求日"].kind.boxes(found["請求日"].params)]
    assert min(box.left for box in places) == pytest.approx(100, abs=0.5)
    assert min(box.top for box in places) == pytest.approx(48, abs=0.5)


def test_seven_cells_behind_a_postal_sign_are_a_postal_code() -> None:
    cells = [[left, 48, 6, 8] for left in (60, 66, 72, 82, 88, 94, 100)]
    assert "郵便番号" in proposed_of({(54, 54): "T"}, cells)


def test_cells_under_two_heads_are_two_columns() -> None:
    heads = {(22, 46): "番号", (52, 46): "指針"}
    frames = [[20, 40, 24, 8], [44, 40, 24, 8]]
    frames += [[20 + 6 * cell, 48 + 8 * row, 6, 8] for cell in range(8) for row in range(3)]
    (table,) = (one for one in proposed_of(heads, frames).values() if isinstance(one.params, TableParams))
    assert isinstance(table.params, TableParams)
    assert list(table.params.columns) == ["番号", "指針"]


def dotted(page: Page, *rules: tuple[float, float, float, float]) -> Page:
    """The page with thin dotted rules from one place to another, mm."""
    image = page.image.copy()
    for left, top, right, foot in rules:
        for step in np.arange(0, max(right - left, foot - top), 0.8):
            x, y = (left + step, top) if right > left else (left, top + step)
            image[round(y * PX) : round(y * PX) + 2, round(x * PX) : round(x * PX) + 3] = 120
    return Page(image, page.dpi, page.source, page.number)


def test_dotted_frames_and_lines_are_places_to_write() -> None:
    fields = {"整理番号": {"kind": "digits", "at": [60, 270, 48, 8], "cells": 8}}
    words = {(30, 56): "署名", (100, 56): "氏名", (34, 110): "印"}
    prints = [{"text": text, "at": list(at)} for at, text in words.items()]
    (page,), document = pages_of(*form(fields, prints=prints))
    frames = [(44, 46, 84, 62), (150, 40, 174, 64), (30, 100, 44, 114)]
    rules: list[tuple[float, float, float, float]] = [(114, 60, 144, 60)]
    for left, top, right, foot in frames:
        rules += [
            (left, top, right, top),
            (left, foot, right, foot),
            (left, top, left, foot),
            (right, top, right, foot),
        ]
    proposal = detect((dotted(page, *rules),), "renshu.pdf", lambda page: printed(document))
    _, found = check_definition(proposal.data)
    assert {one.name: one.kind.name for one in found} == {
        "QRコード": "qr",
        "署名": "ink",
        "氏名": "text",
        "印": "ink",
        "整理番号": "digits",
    }


def test_a_cell_with_nothing_but_a_seal_beside_its_label_is_to_be_stamped() -> None:
    found = proposed_of({(30, 56): "押印", (60, 56): "印"}, [[20, 50, 30, 10], [50, 50, 20, 10]])
    assert found["押印"].kind.name == "ink"


CIRCLED = {
    "用途": {"kind": "circle", "options": {"家事": [30, 40, 8, 6], "営業": [39, 40, 8, 6]}, "pick": "one"},
    "問1": {"kind": "circle", "options": {"1": [30, 60, 5, 5], "2": [45, 60, 5, 5]}, "pick": "one"},
    "問2": {"kind": "circle", "options": {"1": [30, 66.5, 5, 5], "2": [45, 66.5, 5, 5]}, "pick": "one"},
    "職業": {"kind": "circle", "options": {"1 会社員": [30, 90, 16, 6], "2 自営": [60, 90, 12, 6]}, "pick": "one"},
}


@pytest.mark.parametrize(
    ("names", "words"),
    [
        ("「用途」", "間が狭すぎます（狭いところで 1.0 mm）"),
        ("「問1」「問2」", "上下の行が近すぎます（近いところで 6.5 mm）"),
        ("「職業」", "番号と言葉で、どちらを囲むか"),
    ],
)
def test_advice_on_words_to_be_circled(names: str, words: str) -> None:
    told = [one for one in advise(*form(CIRCLED)) if words in one.what]
    assert [one.what.startswith(f"{names}は") or one.what.startswith(f"{names}の") for one in told] == [True]


def test_what_is_said_in_brackets_is_no_name() -> None:
    assert "申請者氏名" in proposed_of(
        {(22, 60): "申請者氏名", (52, 54): "（自署してください）"}, [[20, 50, 30, 14], [50, 50, 140, 14]]
    )


def test_thin_dotted_lines_are_told_solid_ones_not() -> None:
    definition, fields = form({"氏名": {"kind": "text", "at": [60, 60, 80, 9]}})
    (page,), _ = pages_of(definition, fields)
    assert not any("点線" in one.what for one in advise(definition, fields, (page,)))
    told = advise(definition, fields, (dotted(page, (40, 100, 90, 100), (40, 120, 90, 120)),))
    assert any("細い点線が 2 本" in one.what for one in told)
