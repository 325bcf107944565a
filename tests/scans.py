"""Two small forms with their printed blanks, and scans of them: drawn in the test, read by nothing but ink."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pypdfium2
from numpy.typing import NDArray
from PIL import Image
from ruamel.yaml import YAML

import ocr
from ocr.draw.form import draw_form
from robots.drivers.forms import FormSource
from robots.scenario.forms import read_form
from robots.scenario.problem import Findings

TODOKE = """\
form: 届
blank: todoke.pdf
fields:
  署名: {kind: ink, at: [20, 30, 60, 12]}
  印: {kind: ink, at: [100, 30, 20, 20]}
"""
SHINSEI = """\
form: 申請書
blank: shinsei.pdf
fields:
  氏名: {kind: ink, at: [20, 130, 60, 12]}
  番号: {kind: ink, at: [100, 200, 20, 20]}
"""
Picture = NDArray[np.uint8]
_DPI = 200


def put_form(folder: Path, name: str, text: str) -> Path:
    """The definition and the blank that ``draw`` prints of it."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.yaml"
    path.write_text(text, encoding="utf-8")
    source = read_form_text(text)
    (folder / f"{name}.pdf").write_bytes(draw_form(*source))
    return path


def read_form_text(text: str) -> tuple[ocr.Definition, tuple[ocr.FormField, ...]]:
    return ocr.check_definition(YAML(typ="safe").load(text))


def source_of(path: Path) -> FormSource:
    form = read_form(path.as_posix(), lambda name: Path(name).read_bytes(), Findings())
    assert form is not None
    return form


def scan(blank: Path, *written: tuple[float, float]) -> Picture:
    """The blank as a scanner sees it, with something written at these places (mm)."""
    with pypdfium2.PdfDocument(blank) as document:
        picture: Picture = document[0].render(scale=_DPI / 72, grayscale=True).to_numpy().squeeze().copy()
    for x, y in written:
        at = (round(x * _DPI / 25.4), round(y * _DPI / 25.4))
        cv2.putText(picture, "Rk", at, cv2.FONT_HERSHEY_SIMPLEX, 2, 0, 5)
    return picture


def white() -> Picture:
    return np.full((2339, 1654), 255, np.uint8)


def put_pictures(path: Path, *pictures: Picture) -> Path:
    """A PNG of one picture, or a PDF of several."""
    path.parent.mkdir(parents=True, exist_ok=True)
    images = [Image.fromarray(one) for one in pictures]
    if path.suffix == ".png":
        images[0].save(path, dpi=(_DPI, _DPI))
    else:
        images[0].save(path, save_all=True, append_images=images[1:], resolution=_DPI)
    return path
