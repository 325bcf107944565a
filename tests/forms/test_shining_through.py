"""Thin paper shows the other side's writing: nothing of it is a value."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import cv2
import numpy as np
import pytest
from ruamel.yaml import YAML

from ocr.form import Form, load_form
from ocr.page import Page
from ocr.pages import read_pages
from ocr.read import read_form
from ocr.reading import FormReading

SCENARIOS = Path(__file__).parents[2] / "scenarios"
FORMS = ("gakumu/shugaku-enjo", "jinji/tsukin-todoke", "yobo/kodomo-influ")


def form_of(place: str) -> Form:
    (file,) = (SCENARIOS / place / "forms").glob("*.yaml")
    data = YAML(typ="safe", pure=True).load(file.read_text(encoding="utf-8"))
    return load_form(data, lambda name: (file.parent / name).read_bytes())


@pytest.mark.parametrize("place", FORMS)
def test_an_empty_form_with_a_filled_one_on_its_back_has_no_values(place: str) -> None:
    form, fields = form_of(place), 0
    files = sorted((SCENARIOS / place / "sample" / "in").iterdir())
    scans = (page for file in files for page in read_pages(file, form.definition.paper.mm) if isinstance(page, Page))
    for scan in islice(scans, 2):
        back = cv2.GaussianBlur(np.ascontiguousarray(scan.image[:, ::-1], np.float32), (0, 0), 0.7)
        front = cv2.resize(form.blanks[0].image, scan.image.shape[::-1], interpolation=cv2.INTER_AREA)
        page = np.clip(front.astype(np.float32) - (back.max() - back) * 0.2, 0, 255).astype(np.uint8)
        reading = read_form([Page(page, scan.dpi, scan.source, scan.number)], form)
        if not isinstance(reading, FormReading):
            assert reading.code == "blank"
            continue
        fields += len(list(reading.leaves()))
        assert [name for name, one in reading.leaves() if one.certain and one.value not in ("", None)] == []
    assert fields > 20
