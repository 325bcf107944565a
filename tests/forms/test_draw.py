"""Printed forms: what stands where, the same on every machine, and nothing over anything else."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pypdf
import pypdfium2
import pytest
import zxingcpp
from numpy.typing import NDArray
from ruamel.yaml import YAML

from ocr.blank import draw_blank
from ocr.draw.form import MARK_SIDE, QrTooSmall, draw_form, mark_centres
from ocr.form import Definition, FormField, check_definition
from ocr.page import BLANK_DPI, MM_PER_INCH

ROOT = Path(__file__).parents[2]
GALLERY = sorted((ROOT / "scenarios").glob("*/*/forms/*.yaml"))
PX = BLANK_DPI / MM_PER_INCH


def form(fields: Mapping[str, object], **more: object) -> tuple[Definition, tuple[FormField, ...]]:
    return check_definition({"form": "練習申請書", "blank": "renshu.pdf", "fields": fields, **more})


def picture(document: bytes, size: tuple[float, float] = (210, 297)) -> NDArray[np.uint8]:
    return draw_blank(document, "renshu.pdf", size)[0].image


def dark(image: NDArray[np.uint8], left: float, top: float, width: float, height: float) -> float:
    """The share of dark pixels in a place given in mm."""
    part = image[round(top * PX) : round((top + height) * PX), round(left * PX) : round((left + width) * PX)]
    return float((part < 128).mean())


NUMBER = {"番号": {"kind": "digits", "at": [60, 60, 48, 8], "cells": 8}}


def test_corner_marks_tell_which_way_up() -> None:
    image = picture(draw_form(*form(NUMBER)))
    fullness = [
        dark(image, x - MARK_SIDE / 2, y - MARK_SIDE / 2, MARK_SIDE, MARK_SIDE) for x, y in mark_centres((210, 297))
    ]
    middles = [dark(image, x - 0.7, y - 0.7, 1.4, 1.4) for x, y in mark_centres((210, 297))]
    assert fullness[0] < 0.93 < min(fullness[1:])
    assert middles == [0, 1, 1, 1]


def test_no_marks_where_the_definition_wants_none() -> None:
    image = picture(draw_form(*form(NUMBER, register="features")))
    assert all(dark(image, x - 3, y - 3, 6, 6) == 0 for x, y in mark_centres((210, 297)))


def test_landscape_and_other_papers() -> None:
    definition, fields = form(NUMBER, paper={"size": "B5", "orientation": "landscape"})
    image = picture(draw_form(definition, fields), definition.paper.mm)
    assert image.shape == (round(182 * PX), round(257 * PX))
    assert all(dark(image, x + 1.5, y + 1.5, 1, 1) == 1 for x, y in mark_centres((257, 182)))


def test_cells_stand_where_the_definition_says() -> None:
    image = picture(draw_form(*form(NUMBER)))
    assert all(dark(image, x - 0.1, 60, 0.25, 8) > 0.5 for x in (60, 108))
    assert all(dark(image, 60, y - 0.1, 48, 0.25) > 0.5 for y in (60, 68))
    assert all(dark(image, 60 + 6 * cell + 0.5, 60.5, 5, 7) == 0 for cell in range(8)), "the cells are empty"


def test_same_bytes_every_time() -> None:
    assert draw_form(*form(NUMBER)) == draw_form(*form(NUMBER))


def test_the_typeface_is_inside() -> None:
    page = pypdf.PdfReader(io.BytesIO(draw_form(*form(NUMBER)))).pages[0]
    fonts = [font.get_object() for font in page["/Resources"]["/Font"].get_object().values()]  # type: ignore[index]
    japanese = [font for font in fonts if "BIZUD" in str(font["/BaseFont"])]
    assert japanese and all("/FontFile2" in font["/FontDescriptor"] for font in japanese)


def test_prefilled_values_are_printed_in_their_cells() -> None:
    fields = {
        **NUMBER,
        "氏名": {"kind": "text", "at": [60, 80, 100, 9]},
        "区分": {"kind": "check", "options": {"新規": [60, 100, 4, 4], "継続": [90, 100, 4, 4]}, "pick": "one"},
    }
    plain, full = (
        picture(draw_form(*form(fields))),
        picture(draw_form(*form(fields), prefilled={"番号": "12345678", "氏名": "佐藤　花子", "区分": "継続"})),
    )
    added = np.where(full < plain, 0, 255).astype(np.uint8)
    assert all(dark(added, 60 + 6 * cell, 60, 6, 8) > 0.02 for cell in range(8))
    assert dark(added, 60, 80, 100, 9) > 0.01
    assert dark(added, 90, 100, 4, 4) > 0.05
    assert dark(added, 60, 100, 4, 4) == 0


def test_an_era_date_goes_back_into_its_cells() -> None:
    fields = {"届出日": {"kind": "date", "era": "令和", "at": [[60, 60, 12, 8], [80, 60, 12, 8], [100, 60, 12, 8]]}}
    document = draw_form(*form(fields), prefilled={"届出日": "2026-04-15"})
    image = picture(document)
    written = [dark(image, left + 0.5, 60.5, 5, 7) > 0 for left in (60, 66, 80, 86, 100, 106)]
    assert written == [False, True, False, True, True, True], "8 年 4 月 15 日"
    assert "届出日　令和" in text_of(document)


def text_of(document: bytes) -> str:
    with pypdfium2.PdfDocument(document) as opened:
        return str(opened[0].get_textpage().get_text_range())


def test_a_prefilled_name_that_is_no_field_is_an_error() -> None:
    with pytest.raises(KeyError, match="番合"):
        draw_form(*form(NUMBER), prefilled={"番合": "1"})


def test_a_qr_code_is_read_again() -> None:
    fields = {**NUMBER, "整理QR": {"kind": "qr", "at": [150, 40, 26, 26]}}
    image = picture(draw_form(*form(fields), prefilled={"整理QR": "IDOU-1:00104012:0401"}))
    assert [code.text for code in zxingcpp.read_barcodes(image)] == ["IDOU-1:00104012:0401"]


def test_a_qr_code_too_fine_to_scan_is_refused() -> None:
    fields = {**NUMBER, "整理QR": {"kind": "qr", "at": [150, 40, 14, 14]}}
    with pytest.raises(QrTooSmall, match="15 mm"):
        draw_form(*form(fields), prefilled={"整理QR": "IDOU-1:00104012:0401"})


def test_a_table_has_its_heads_and_its_rows() -> None:
    table = {
        "kind": "table",
        "at": [20, 100, 170, 48],
        "rows": 4,
        "columns": {
            "品目": "text",
            "数量": {"kind": "digits", "cells": 3, "width": 30},
            "選択": {"kind": "check", "width": 20},
        },
    }
    document = draw_form(*form({"単価表": table}), prefilled={"単価表[2].数量": "12", "単価表[2].選択": "選択"})
    image = picture(document)
    assert all(word in text_of(document) for word in ("単価表", "品目", "数量", "選択"))
    assert all(dark(image, 20, y - 0.1, 170, 0.3) > 0.5 for y in (94, 100, 112, 124, 136, 148))
    assert dark(image, 141, 101, 8, 10) == 0 < dark(image, 151, 113, 8, 10)


def test_every_page_of_a_form_has_its_fields_and_marks() -> None:
    fields = {**NUMBER, "裏の番号": {"kind": "digits", "at": [60, 90, 30, 8], "cells": 5, "page": 2}}
    first, second = draw_blank(draw_form(*form(fields)), "renshu.pdf", (210, 297))
    assert dark(first.image, 60, 89.9, 30, 0.25) == 0 < dark(second.image, 60, 89.9, 30, 0.25)
    assert all(dark(page.image, 210 - 20, 14, 6, 6) > 0.9 for page in (first, second))


@pytest.mark.parametrize("file", GALLERY, ids=lambda file: file.stem)
def test_the_gallerys_blanks_are_drawn_from_their_definitions(file: Path) -> None:
    definition, fields = check_definition(YAML(typ="safe", pure=True).load(file.read_text(encoding="utf-8")))
    assert (file.parent / definition.blank).read_bytes() == draw_form(definition, fields)


@pytest.mark.parametrize("file", GALLERY, ids=lambda file: file.stem)
def test_no_printed_word_runs_into_a_field_or_another_word(file: Path) -> None:
    definition, fields = check_definition(YAML(typ="safe", pure=True).load(file.read_text(encoding="utf-8")))
    document = draw_form(definition, fields)
    with pypdfium2.PdfDocument(document) as opened:
        page = opened[0].get_textpage()
        rects = [page.get_rect(number) for number in range(page.count_rects())]
    mm = MM_PER_INCH / 72
    words = [(left * mm, 297 - top * mm, right * mm, 297 - bottom * mm) for left, bottom, right, top in rects]
    boxes = [box for one in fields for _, box in one.kind.boxes(one.params) if one.kind.name != "circle"]
    for left, top, right, bottom in words:
        over = [
            box
            for box in boxes
            if left < box.left + box.width and box.left < right and top < box.top + box.height and box.top < bottom
        ]
        assert not over, f"words at {left:.0f}, {top:.0f} lie over {over}"
    for number, one in enumerate(words):
        for other in words[number + 1 :]:
            shared = min(one[2], other[2]) - max(one[0], other[0]), min(one[3], other[3]) - max(one[1], other[1])
            assert min(shared) < 0.1, f"words at {one} and {other}"
