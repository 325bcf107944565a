"""The next version of a form, in which one thing is another, is not read as the one before; writing on the print is no such thing."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ruamel.yaml import YAML

from ocr.draw.form import draw_form
from ocr.form import Form, check_definition, load_form
from ocr.page import Page, Sheet
from ocr.reading import Refused
from ocr.register.lay import lay
from practice.paper import pen
from practice.paper.fill import page_of
from practice.paper.scan import Scan, scanned

_FORM = Path(__file__).parents[2] / "scenarios/yobo/kodomo-influ/forms/kodomo-influ.yaml"
Data = dict[str, Any]
Arrives = Callable[..., Sheet | Refused]


@pytest.fixture(scope="module")
def data() -> Data:
    loaded: Data = YAML(typ="safe", pure=True).load(_FORM.read_text(encoding="utf-8"))
    return loaded


@pytest.fixture(scope="module")
def form(data: Data) -> Form:
    return load_form(data, lambda name: (_FORM.parent / name).read_bytes())


def _sheet(data: Data) -> pen.Sheet:
    return pen.Sheet(page_of(draw_form(*check_definition(data))), np.random.default_rng(3))


def _told(sheet: pen.Sheet, form: Form, *, fax: bool = False, dpi: int = 200) -> Sheet | Refused:
    picture = scanned(sheet.paper, Scan(dpi=dpi, tilt=1.2, fax=fax), np.random.default_rng(4))
    return lay(Page(picture, float(dpi), "1.png", 1), form, 0)


def _next(data: Data, name: str, **changed: object) -> Data:
    new = copy.deepcopy(data)
    new["fields"][name] |= changed
    return new


def _exchanged(data: Data, name: str) -> Data:
    """Two options of a field have changed places."""
    (first, here), (second, there), *rest = data["fields"][name]["options"].items()
    return _next(data, name, options={first: there, second: here, **dict(rest)})


@pytest.mark.parametrize(
    ("name", "left_cm", "top_cm"), [("性別", 16, 13), ("続柄", 5, 15), ("ワクチン", 13, 18), ("生活保護", 14, 15)]
)
@pytest.mark.parametrize("dpi", [150, 200, 300])
def test_two_options_that_changed_places_are_told_and_where(
    data: Data, form: Form, name: str, left_cm: int, top_cm: int, dpi: int
) -> None:
    told = _told(_sheet(_exchanged(data, name)), form, dpi=dpi)
    assert isinstance(told, Refused) and told.code == "other_version"
    assert "印刷が一部違います" in told.why
    places = [f"左から約 {left_cm + by} cm、上から約 {top_cm + down} cm" for by in range(4) for down in (-1, 0, 1)]
    assert any(place in told.why for place in places), told.why


def test_two_options_that_changed_places_are_told_though_one_is_circled(data: Data, form: Form) -> None:
    sheet = _sheet(_exchanged(data, "性別"))
    pen.ring(sheet, tuple(data["fields"]["性別"]["options"]["男"]), pen.BALL)
    assert isinstance(_told(sheet, form), Refused)


def test_a_version_with_many_words_changed_is_told_as_one_with_a_single_word_is(data: Data, form: Form) -> None:
    new = data
    for name in ("性別", "続柄", "生活保護", "接種回", "ワクチン", "預金種別"):
        new = _exchanged(new, name)
    assert isinstance(_told(_sheet(new), form), Refused)


def test_two_labels_that_changed_places_are_told(data: Data, form: Form) -> None:
    new = _next(_next(data, "接種日", label="接種回"), "接種回", label="接種日")
    assert isinstance(_told(_sheet(new), form), Refused)


def test_another_word_away_from_all_fields_is_told(data: Data, form: Form) -> None:
    new = copy.deepcopy(data)
    new["prints"][0]["text"] = "練習町長　様"
    assert isinstance(_told(_sheet(new), form), Refused)


@pytest.mark.parametrize("fax", [False, True])
@pytest.mark.parametrize(
    ("name", "by"), [("電話番号", 1), ("口座番号", 1), ("接種費用", 1), ("口座番号", -1), ("銀行コード", 1)]
)
def test_a_grid_with_a_cell_more_or_less_is_told(data: Data, form: Form, name: str, by: int, fax: bool) -> None:
    """Read as before, a number would lose its last digit."""
    left, top, width, height = data["fields"][name]["at"]
    cells = data["fields"][name]["cells"]
    new = _next(data, name, at=[left, top, width * (cells + by) / cells, height], cells=cells + by)
    told = _told(_sheet(new), form, fax=fax)
    assert isinstance(told, Refused) and told.code == "other_version"


@pytest.mark.parametrize("dpi", [150, 200, 300])
@pytest.mark.parametrize(
    ("name", "by"), [("申請者カナ", 1), ("申請者カナ", -1), ("口座番号", 1), ("口座番号", -1), ("支店コード", -1)]
)
def test_a_cell_more_or_less_in_the_same_frame_is_told_and_in_which_field(
    data: Data, form: Form, name: str, by: int, dpi: int
) -> None:
    new = _next(data, name, cells=data["fields"][name]["cells"] + by)
    told = _told(_sheet(new), form, dpi=dpi)
    assert isinstance(told, Refused) and told.code == "other_version"
    assert f"「{name}」のますの仕切り" in told.why


@pytest.mark.parametrize("by", [-2, -1, 1, 2])
def test_the_only_cells_of_a_form_are_told_when_they_are_divided_otherwise(data: Data, by: int) -> None:
    new = copy.deepcopy(data)
    for name, one in data["fields"].items():
        if one["kind"] in ("kana", "digits", "date", "text"):
            del new["fields"][name]
    new["fields"]["電話番号"] = data["fields"]["電話番号"]
    drawn = draw_form(*check_definition(new))
    form = load_form(new, lambda _: drawn)
    assert isinstance(_told(_sheet(new), form), Sheet)
    told = _told(_sheet(_next(new, "電話番号", cells=data["fields"]["電話番号"]["cells"] + by)), form)
    assert isinstance(told, Refused) and "「電話番号」のますの仕切り" in told.why


def test_ones_written_along_the_rules_between_cells_are_no_other_rules(data: Data, form: Form) -> None:
    """Each a little further from its cell's middle than the one before, as if there were a cell more."""
    sheet = _sheet(data)
    for one in data["fields"].values():
        if one["kind"] == "digits" and isinstance(one["cells"], int):
            left, top, width, height = one["at"]
            for rule in range(1, one["cells"] + 1):
                x = left + width * rule / (one["cells"] + 1)
                sheet.stroke([(x, top + 0.5), (x, top + height - 0.5)], pen.BALL)
    assert isinstance(_told(sheet, form), Sheet)


def test_a_line_that_is_longer_is_told(data: Data, form: Form) -> None:
    left, top, width, height = data["fields"]["申請者氏名"]["at"]
    assert isinstance(_told(_sheet(_next(data, "申請者氏名", at=[left, top, width + 10, height])), form), Refused)


@pytest.mark.parametrize("fax", [False, True])
@pytest.mark.parametrize("write", [pen.ring, pen.scribble, pen.strike, pen.cross])
def test_writing_on_words_does_not_make_them_others(
    data: Data, form: Form, write: Callable[..., None], fax: bool
) -> None:
    sheet = _sheet(data)
    for one in data["fields"].values():
        for place in one.get("options", {}).values():
            write(sheet, tuple(place), pen.BALL)
    assert isinstance(_told(sheet, form, fax=fax), Sheet)


@pytest.mark.parametrize("black", [25.0, 110.0, 150.0])
@pytest.mark.parametrize("blur", [0.4, 1.2])
def test_a_light_or_a_soft_copy_is_the_same_form(data: Data, form: Form, black: float, blur: float) -> None:
    picture = scanned(_sheet(data).paper, Scan(tilt=-1, black=black, blur=blur), np.random.default_rng(5))
    assert isinstance(lay(Page(picture, 200.0, "1.png", 1), form, 0), Sheet)


def test_a_fax_that_lost_its_thin_rules_is_told_to_be_made_darker(data: Data, form: Form) -> None:
    picture = scanned(_sheet(data).paper, Scan(tilt=1, black=110.0, blur=0.8, fax=True), np.random.default_rng(5))
    told = lay(Page(picture, 200.0, "1.png", 1), form, 0)
    assert isinstance(told, Refused) and told.code == "other_version"
    assert "濃くして読み取り直して" in told.why
