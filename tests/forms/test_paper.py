"""The gallery's scans: every page has its truth, and the generator makes the same page again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pypdfium2
import pytest
from PIL import Image, ImageDraw, ImageFont
from ruamel.yaml import YAML

from japan.check_digits import check_digit_holds
from ocr.draw.values import leaves
from ocr.fields.table import TableParams
from ocr.form import check_definition
from practice.paper.bad import bad_pages
from practice.paper.enjo import enjo_sheets
from practice.paper.gallery import load_paper, picture_of
from practice.paper.idou import idou_sheets
from practice.paper.people import families, kana_names, with_check_digit
from practice.paper.scan import jpeg
from practice.paper.sources import Digits, Face
from practice.paper.writers import Writers

ROOT = Path(__file__).parents[2]
FORMS = {
    "gakumu/shugaku-enjo": "就学援助申請書",
    "yobo/kodomo-influ": "子どものインフルエンザ予防接種補助金申請書",
    "jinji/tsukin-todoke": "通勤届",
    "shimin/idou-todoke": "住民異動届",
}
LARGEST = 12_000_000


def pages_of(file: Path) -> int:
    if file.suffix == ".pdf":
        with pypdfium2.PdfDocument(file) as document:
            return len(document)
    with Image.open(file) as picture:
        return int(getattr(picture, "n_frames", 1))


@pytest.mark.parametrize("place", FORMS)
def test_every_page_has_its_truth(place: str) -> None:
    sample = ROOT / "scenarios" / place / "sample"
    truth = json.loads((sample / "truth.json").read_text(encoding="utf-8"))["pages"]
    told = [(one["file"], one["page"]) for one in truth]
    there = [(file.name, page + 1) for file in sorted((sample / "in").iterdir()) for page in range(pages_of(file))]
    assert sorted(told) == there
    assert len(told) == 30
    assert {one["form"] for one in truth} == {FORMS[place]}


@pytest.mark.parametrize("place", FORMS)
def test_every_true_value_is_one_that_the_field_could_give(place: str) -> None:
    folder = ROOT / "scenarios" / place
    file = folder / "forms" / f"{folder.name}.yaml"
    _, fields = check_definition(YAML(typ="safe", pure=True).load(file.read_text(encoding="utf-8")))
    for page in json.loads((folder / "sample" / "truth.json").read_text(encoding="utf-8"))["pages"]:
        values: dict[str, Any] = {}
        for one in fields:
            value = page["fields"][one.name]
            rows = enumerate(value, 1) if isinstance(one.params, TableParams) else ()
            values |= {one.name: value} | {
                f"{one.name}[{row}].{name}": text for row, line in rows for name, text in line.items()
            }
        for leaf in (leaf for one in fields for leaf in leaves(one)):
            if leaf.name not in page["doubt"]:
                assert leaf.kind.typed(leaf.params, values[leaf.name]) == values[leaf.name], (page["file"], leaf.name)
        assert set(page["doubt"]) <= {one.name for one in fields}


def test_most_applications_can_go_on_as_they_come() -> None:
    truth = json.loads((ROOT / "scenarios/gakumu/shugaku-enjo/sample/truth.json").read_text(encoding="utf-8"))
    assert sum(not one["doubt"] for one in truth["pages"]) == 24


def test_all_scans_together_stay_small() -> None:
    files = [file for place in FORMS for file in (ROOT / "scenarios" / place / "sample").rglob("*") if file.is_file()]
    assert sum(file.stat().st_size for file in files) < LARGEST


def test_families_are_of_this_town_and_of_school_age() -> None:
    for one in families():
        assert one.child.split("　")[0] == one.guardian.name.split("　")[0]
        assert 6 <= 2026 - one.born.year <= 15
        assert {one.child_kana, one.guardian.kana} <= set(kana_names())
    assert len(families()) > 95


def test_check_digits_hold() -> None:
    assert all(check_digit_holds(with_check_digit(f"0804{number:03d}"), "mod11") for number in range(50))


@pytest.fixture(scope="module")
def writers() -> Writers:
    """A hand of its own kind: digits and characters from the printing typeface."""
    path = str(ROOT / "ocr/fonts/BIZUDGothic-Regular.ttf")
    small, large = ImageFont.truetype(path, 24), ImageFont.truetype(path, 96)
    images = {}
    for digit in range(10):
        picture = Image.new("L", (28, 28))
        ImageDraw.Draw(picture).text((14, 14), str(digit), fill=255, font=small, anchor="mm")
        images[digit] = np.asarray(picture, np.uint8)[None]
    faces = {name: Face(name, (large,)) for name in ("yomogi", "kurenaido", "seto", "slackside")}
    return Writers(Digits(images, {digit: np.array([0]) for digit in range(10)}), faces)


def test_the_same_sheet_is_scanned_the_same_again(writers: Writers) -> None:
    paper = load_paper(ROOT / "scenarios/gakumu/shugaku-enjo/forms/shugaku-enjo.yaml")
    one = enjo_sheets(writers)[3]
    first, again = (jpeg(picture_of(paper, one, "a"), one.scan) for _ in range(2))
    assert first == again
    assert first != jpeg(picture_of(paper, one, "b"), one.scan), "another seed is another hand"


def test_bad_pages_say_what_they_must_be_refused_as(writers: Writers) -> None:
    own = load_paper(ROOT / "scenarios/gakumu/shugaku-enjo/forms/shugaku-enjo.yaml")
    other = load_paper(ROOT / "scenarios/shimin/idou-todoke/forms/idou-todoke.yaml")
    pages = bad_pages(own, enjo_sheets(writers), other, idou_sheets(writers))
    assert {one.refused for one in pages} == {"other_form", "blank", "double_fed", "torn", "damaged", ""}
    assert all((one.filled is None) == bool(one.refused) for one in pages)
    truth = json.loads((own.folder.parent / "sample/bad/truth.json").read_text(encoding="utf-8"))["pages"]
    assert [(one["file"], one.get("refused", "")) for one in truth] == [(one.name, one.refused) for one in pages]
