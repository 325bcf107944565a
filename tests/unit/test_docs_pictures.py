"""Every step of the screen has its picture, and its example does in the practice town what the picture shows."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest
from PIL import Image

from robots.all_steps import STEPS
from tests.docs_blocks import DOCS

PLACES = sorted((DOCS / "images" / "town").glob("*.png"))


def test_every_step_of_the_screen_has_a_picture_in_the_reference() -> None:
    page = (DOCS / "steps.md").read_text(encoding="utf-8")
    for kind in STEPS:
        if kind.name.startswith("browser."):
            assert f"![{kind.ja}](images/town/{kind.name}.png)" in page
            assert (DOCS / "images" / "town" / f"{kind.name}.png").is_file(), (
                "python docs/pictures.py を実行してください"
            )


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.name)
def test_a_picture_is_small_and_shown_somewhere(place: Path) -> None:
    assert place.stat().st_size <= 40_000
    with Image.open(place) as picture:
        assert picture.width <= 800
    assert any(f"images/town/{place.name})" in page.read_text(encoding="utf-8") for page in DOCS.rglob("*.md"))


def test_the_examples_do_in_the_town_what_the_pictures_show(tmp_path: Path) -> None:
    made = runpy.run_path(str(DOCS / "pictures.py"))["make"](tmp_path)
    assert sorted(place.name for place in made) == [place.name for place in PLACES]
