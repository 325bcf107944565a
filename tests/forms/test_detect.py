"""Definitions proposed from empty forms, advice on paper, and the picture with the fields on it."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pypdfium2
import pytest
from PIL import Image
from ruamel.yaml import YAML

from ocr.advise import advise
from ocr.blank import draw_blank
from ocr.detect.propose import NothingFound, detect, has_marks
from ocr.detect.words import Run, Sign, find_runs
from ocr.draw.form import draw_form
from ocr.fields.table import TableParams
from ocr.form import Definition, FormField, check_definition
from ocr.overlay import overlay_blank, overlay_sheet
from ocr.page import BLANK_DPI, MM_PER_INCH, Page, Sheet
from ocr.reading import Box, FieldReading, State

ROOT = Path(__file__).parents[2]
GALLERY = sorted((ROOT / "scenarios").glob("*/*/forms/*.yaml"))
MM = MM_PER_INCH / 72
PX = BLANK_DPI / MM_PER_INCH


def form(fields: Mapping[str, object], **more: object) -> tuple[Definition, tuple[FormField, ...]]:
    return check_definition({"form": "練習申請書", "blank": "renshu.pdf", "fields": fields, **more})


def pages_of(definition: Definition, fields: tuple[FormField, ...]) -> tuple[tuple[Page, ...], bytes]:
    document = draw_form(definition, fields)
    return draw_blank(document, definition.blank, definition.paper.mm), document


def printed(document: bytes) -> list[Run]:
    """The words of a PDF where they are, as a perfect OCR would tell them."""
    runs: list[list[Sign]] = [[]]
    with pypdfium2.PdfDocument(document) as opened:
        height, text = opened[0].get_height(), opened[0].get_textpage()
        for number in range(text.count_chars()):
            sign = text.get_text_range(number, 1)
            left, bottom, right, top = text.get_charbox(number, loose=True)
            box = Box(0, left * MM, (height - top) * MM, (right - left) * MM, (top - bottom) * MM)
            last = runs[-1][-1].box if runs[-1] else box
            far = abs(box.top - last.top) > 1 or not -1 < box.left - last.left - last.width < 3
            if runs[-1] and (not sign.strip() or far):
                runs.append([])
            if sign.strip():
                runs[-1].append(Sign(sign, box))
    return [Run(tuple(run)) for run in runs if run]


def far_off(one: FormField, other: FormField) -> float:
    """How far in mm, at worst, the places of two fields of one kind lie from each other."""
    pairs = zip(one.kind.boxes(one.params), other.kind.boxes(other.params), strict=True)
    return max(abs(a - b) for (_, first), (_, second) in pairs for a, b in zip(first[1:], second[1:], strict=True))


@pytest.mark.parametrize("file", GALLERY, ids=lambda file: file.stem)
def test_a_printed_form_gives_its_own_definition_back(file: Path) -> None:
    definition, fields = check_definition(YAML(typ="safe", pure=True).load(file.read_text(encoding="utf-8")))
    pages, document = pages_of(definition, fields)
    proposal = detect(pages, definition.blank, lambda page: printed(document))
    _, proposed = check_definition(proposal.data)
    found = {one.name: one for one in proposed}
    told = {one.name: (one.params.label or one.name).strip("　") for one in fields if one.kind.name != "qr"}
    ours = [one for one in fields if told.get(one.name)]
    missing = [one.name for one in ours if told[one.name] not in found]
    assert not missing
    for one in ours:
        same = found[told[one.name]]
        kind = "digits" if one.kind.name == "alnum" else one.kind.name
        assert same.kind.name == kind, one.name
        if isinstance(one.params, TableParams):
            assert isinstance(same.params, TableParams)
            assert (same.params.rows, list(same.params.columns)) == (one.params.rows, list(one.params.columns))
        elif kind in ("digits", "kana", "date", "check", "text", "ink"):
            assert far_off(one, same) < 0.8, one.name
        else:
            assert [name for name, _ in same.kind.boxes(same.params)] == [
                name for name, _ in one.kind.boxes(one.params)
            ]
    assert proposal.data["form"] == definition.form
    assert proposal.data["register"] == "markers"
    assert set(proposal.reasons) == set(found) and all(proposal.reasons.values())


def test_an_era_is_tied_to_its_date() -> None:
    fields = {
        "元号": {
            "kind": "circle",
            "label": "生年月日",
            "options": {"昭和": [54, 73, 12, 8], "平成": [70, 73, 12, 8]},
            "pick": "one",
        },
        "生年月日": {
            "kind": "date",
            "label": "　",
            "era": "元号",
            "at": [[90, 73, 12, 8], [110, 73, 12, 8], [130, 73, 12, 8]],
        },
    }
    pages, document = pages_of(*form(fields))
    _, proposed = check_definition(detect(pages, "renshu.pdf", lambda page: printed(document)).data)
    dates = [one for one in proposed if one.kind.name == "date"]
    assert [(one.name, getattr(one.params, "era", "")) for one in dates] == [("生年月日", "生年月日の元号")]


def test_words_are_found_by_the_real_reader() -> None:
    fields = {
        "受付番号": {"kind": "digits", "at": [60, 50, 48, 8], "cells": 8},
        "申請者氏名": {"kind": "text", "at": [50, 66, 80, 9]},
        "区分": {"kind": "check", "options": {"新規": [50, 84, 4, 4], "継続": [80, 84, 4, 4]}, "pick": "one"},
    }
    definition, drawn = form(fields, paper={"size": "A5"})
    pages, _ = pages_of(definition, drawn)
    data = detect(pages, "renshu.pdf", find_runs).data
    _, proposed = check_definition(data)
    assert {one.name: one.kind.name for one in proposed} == {
        "受付番号": "digits",
        "申請者氏名": "text",
        "区分": "check",
    }
    assert data["paper"] == {"size": "A5", "orientation": "portrait"}
    (check,) = (one for one in proposed if one.kind.name == "check")
    assert [name for name, _ in check.kind.boxes(check.params)] == ["新規", "継続"]


def test_a_sheet_without_boxes_is_no_form() -> None:
    white = Page(np.full((2339, 1654), 255, np.uint8), BLANK_DPI, "white.pdf", 1)
    with pytest.raises(NothingFound, match=r"white\.pdf"):
        detect((white,), "white.pdf", lambda page: [])


def test_corner_marks_are_seen() -> None:
    number = {"番号": {"kind": "digits", "at": [60, 60, 48, 8], "cells": 8}}
    assert has_marks(pages_of(*form(number))[0][0])
    assert not has_marks(pages_of(*form(number, register="features"))[0][0])


POOR = {
    "電話番号": {"kind": "text", "at": [30, 40, 60, 8]},
    "性別": {"kind": "text", "at": [120, 40, 20, 8]},
    "氏名": {"kind": "text", "at": [30, 60, 80, 5]},
    "住所": {"kind": "text", "at": [5, 80, 150, 9]},
    "整理番号": {"kind": "digits", "at": [30, 100, 24, 8], "cells": 8},
    "生年月日": {
        "kind": "date",
        "at": [[30, 120, 24, 8], [60, 120, 12, 8], [80, 120, 12, 8]],
        "cells": {"年": 4, "月": 2, "日": 2},
    },
    "有無": {"kind": "circle", "options": {"有": [30, 140, 5, 8], "無": [35, 140, 5, 8]}, "pick": "one"},
}


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("電話番号", "ますがありません"),
        ("性別", "文字で書かせています"),
        ("氏名", "姓と名が一つの枠"),
        ("氏名", "低すぎます（低いところで 5.0 mm）"),
        ("住所", "郵便番号の欄がありません"),
        ("住所", "端に近すぎます（近いところで 5 mm）"),
        ("整理番号", "検査数字がありません"),
        ("整理番号", "小さすぎます（小さいところで 3.0 mm）"),
        ("生年月日", "和暦か西暦か決まりません"),
        ("有無", "○ で囲みます"),
        ("有無", "近すぎます（近いところで 5.0 mm）"),
    ],
)
def test_advice_names_the_field_and_the_fault(name: str, words: str) -> None:
    told = [one for one in advise(*form(POOR)) if words in one.what and f"「{name}」" in one.what]
    assert len(told) == 1
    assert told[0].mend
    assert told[0].path in (("fields", name), ("fields",))


def test_advice_for_the_whole_form() -> None:
    whole = {one.path for one in advise(*form(POOR, register="features"))}
    assert {("register",), ("identify",)} <= whole
    few = advise(*form({"番号": POOR["整理番号"]}))
    assert few[0].path == ()
    assert "手で入力" in few[0].mend


def test_dark_rules_between_cells_are_told_pale_ones_not() -> None:
    definition, fields = form({"番号": {"kind": "digits", "at": [60, 60, 48, 8], "cells": 8}})
    (page,), _ = pages_of(definition, fields)
    assert not any("仕切り" in one.what for one in advise(definition, fields, (page,)))
    dark = page.image.copy()
    for cell in range(1, 8):
        dark[round(60 * PX) : round(68 * PX), round((60 + 6 * cell) * PX) - 1 : round((60 + 6 * cell) * PX) + 2] = 0
    told = advise(definition, fields, (Page(dark, BLANK_DPI, "dark.pdf", 1),))
    assert any("仕切り" in one.what for one in told)


@pytest.mark.parametrize("file", GALLERY, ids=lambda file: file.stem)
def test_the_gallerys_forms_follow_the_rules_of_size_and_place(file: Path) -> None:
    definition, fields = check_definition(YAML(typ="safe", pure=True).load(file.read_text(encoding="utf-8")))
    pages, _ = pages_of(definition, fields)
    faults = ("小さすぎ", "低すぎ", "近すぎ", "印がありません", "ますがありません", "仕切り")
    assert not [one.what for one in advise(definition, fields, pages) if any(word in one.what for word in faults)]


def reading(state: State, value: str, box: Box) -> FieldReading:
    return FieldReading(value, (), 0.5, state, (), box, "cells")


def colours(picture: bytes) -> set[tuple[int, int, int]]:
    with Image.open(io.BytesIO(picture)) as opened:
        found = opened.convert("RGB").getcolors(maxcolors=1 << 24) or []
    return {colour for _, colour in found}  # type: ignore[misc]


def test_the_overlay_shows_what_was_read_and_what_a_person_must_see() -> None:
    definition, fields = form(
        {"番号": {"kind": "digits", "at": [60, 60, 48, 8], "cells": 8}, "氏名": {"kind": "text", "at": [60, 90, 80, 9]}}
    )
    (blank,), _ = pages_of(definition, fields)
    to_pixels = np.array([[PX / 2, 0, 20], [0, PX / 2, 30], [0, 0, 1]])
    scan = Page(np.full((1250, 900), 255, np.uint8), 100, "a.jpg", 1)
    sheet = Sheet(scan, blank, to_pixels, 0.1, 0)
    box = Box(0, 60, 60, 48, 8)
    good = colours(
        overlay_sheet(sheet, fields, {"番号": reading("read", "12345678", box), "氏名": reading("blank", "", box)})
    )
    bad = colours(
        overlay_sheet(
            sheet, fields, {"番号": reading("conflict", "12345678", box), "氏名": reading("unsure", "佐", box)}
        )
    )
    assert good & {(0, 130, 50), (120, 120, 120)} == {(0, 130, 50), (120, 120, 120)}
    assert bad & {(205, 0, 30), (225, 120, 0)} == {(205, 0, 30), (225, 120, 0)}
    assert not good & bad & {(0, 130, 50), (205, 0, 30)}


def test_the_overlay_of_a_blank_draws_the_fields_where_they_are() -> None:
    definition, fields = form({"番号": {"kind": "digits", "at": [60, 60, 48, 8], "cells": 8}})
    (blank,), _ = pages_of(definition, fields)
    with Image.open(io.BytesIO(overlay_blank(blank, fields))) as picture:
        assert picture.size == blank.image.shape[::-1]
        assert picture.convert("RGB").getpixel((round(84 * PX), round(64 * PX))) == (20, 90, 200)
