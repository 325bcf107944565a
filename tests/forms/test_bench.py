"""What `form bench` counts as an error, and the two pictures it makes for people."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image
from ruamel.yaml import YAML

from ocr.bench.measure import Judged, Labelled, Report, measure, read_labels
from ocr.bench.pictures import calibration_png, contact_sheet
from ocr.detect.words import find_runs
from ocr.form import Form, load_form
from ocr.page import BLANK_DPI, Grey, Page

SCENARIO = Path(__file__).parents[2] / "scenarios" / "jinji" / "tsukin-todoke"
WHITE: Grey = np.full((60, 120), 255, np.uint8)


@pytest.fixture(scope="module")
def form() -> Form:
    folder = SCENARIO / "forms"
    data = YAML(typ="safe", pure=True).load((folder / "tsukin-todoke.yaml").read_text(encoding="utf-8"))
    return load_form(data, lambda name: (folder / name).read_bytes())


@pytest.fixture(scope="module")
def label(form: Form) -> Labelled:
    return next(one for one in read_labels(SCENARIO / "sample", form.name) if one.fields)


def measured(form: Form, label: Labelled) -> Report:
    (report,) = measure([label], form)
    return report


def judged(truth: str, read: str, **more: object) -> Judged:
    plain = Judged("text", "氏名", "", False, "a.jpg#1", truth, read, 0.9, True, WHITE)
    return replace(plain, **more)  # type: ignore[arg-type]


def spaced(value: object) -> object:
    """The same as people write it down: full width, a space between the characters of a name."""
    wide = str.maketrans("0123456789", "０１２３４５６７８９")
    return value.translate(wide).replace("田", "田　") if isinstance(value, str) else value


def test_width_and_spaces_in_the_truth_are_no_errors(form: Form, label: Labelled) -> None:
    fields: Mapping[str, object] = {name: spaced(value) for name, value in (label.fields or {}).items()}
    assert fields != label.fields
    plain, told = measured(form, label), measured(form, replace(label, fields=fields, cells={}))
    assert {kind: one.right for kind, one in told.fields.items()} == {
        kind: one.right for kind, one in plain.fields.items()
    }


@pytest.mark.parametrize(
    ("truth", "read", "right"),
    [
        ("伊藤明美", "伊藤　明美", True),
        ("ＡＢ-１２", "AB-12", True),
        ("ｶﾅ", "カナ", True),
        ("伊藤明美", "伊東明美", False),
        ("1 23", "12 3", False),
        ("", "1", False),
    ],
)
def test_a_cell_is_right_where_only_width_or_idle_spaces_differ(truth: str, read: str, right: bool) -> None:
    assert judged(truth, read).right is right


def test_a_mark_is_told_with_its_option_or_its_row_and_column(form: Form, label: Labelled) -> None:
    marks = [one for one in measured(form, label).judged if one.option]
    parts = {one.part for one in marks}
    assert parts >= {"「新規」", "1 行目の定期"}, parts


def words_on(picture: bytes) -> str:
    with Image.open(io.BytesIO(picture)) as opened:
        grey = np.asarray(opened.convert("L"), np.uint8)
    return "".join(run.text for run in find_runs(Page(grey, BLANK_DPI, "a.png", 1))).replace(" ", "")


def test_the_worst_cells_are_told_in_japanese_each_within_its_tile() -> None:
    ink = cv2.circle(WHITE.copy(), (60, 30), 20, 0, 3)
    long = judged("愛知県名古屋市中区栄六丁目七番地の十四", "愛知県名古屋市中区栄六丁目七番地の十五")
    mark = judged("1", "", kind="circle", name="受付", part="「郵送」", option=True, picture=ink)
    cell = judged("二女", "一女", kind="table", name="異動者", part="2 行目の続柄", accepted=False)
    picture = contact_sheet([replace(long, source="長い名前の" * 9), mark, cell])
    with Image.open(io.BytesIO(picture)) as opened:
        grey = np.asarray(opened.convert("L"), np.uint8)
    first = grey.shape[1] // 5
    assert (grey[8:-8, first - 6 : first - 4] == 255).all()
    told = words_on(picture)
    for words in ("印あり", "印なし", "郵送", "2行目の続柄", "人が確認", "十五"):
        assert words in told


def test_the_calibration_says_in_japanese_how_many_there_were_and_what_no_error_means() -> None:
    circles = [judged("1", "1", kind="circle", option=True, confidence=0.999) for _ in range(300)]
    digits = [judged("1", "7" if number < 5 else "1", kind="digits", confidence=0.99) for number in range(100)]
    told = words_on(calibration_png(circles + digits))
    assert "丸囲み（n=300、うち誤り0）" in told.replace("(", "（").replace(")", "）").replace(",", "、")
    assert "数字（n=100、うち誤り5）" in told.replace("(", "（").replace(")", "）").replace(",", "、")
    assert "多くてもここまで" in told
