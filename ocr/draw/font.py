"""The typeface of printed forms: carried by the package and embedded, so that every machine prints the same paper."""

from __future__ import annotations

import io
from functools import cache
from importlib.resources import files
from pathlib import Path

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from ocr.page import MM_PER_INCH

MM_PER_POINT = MM_PER_INCH / 72
_NAME = "BIZUDGothic"


@cache
def font_data() -> bytes:
    """The TrueType file."""
    return (files("ocr") / "fonts" / "BIZUDGothic-Regular.ttf").read_bytes()


def font_folder() -> Path:
    """The folder that holds the TrueType file, for programs that load typefaces by folder (BIZ UDGothic)."""
    return Path(str(files("ocr") / "fonts"))


@cache
def font_name() -> str:
    """The name by which reportlab knows the typeface."""
    pdfmetrics.registerFont(TTFont(_NAME, io.BytesIO(font_data())))
    return _NAME


def width_mm(text: str, points: float) -> float:
    """How wide a line of text is."""
    return float(pdfmetrics.stringWidth(text, font_name(), points)) * MM_PER_POINT


def fitting(text: str, width: float, most: float, least: float = 4.0) -> float:
    """The largest size in points, between ``least`` and ``most``, at which the text is no wider than ``width`` mm."""
    wide = width_mm(text, most)
    return max(least, min(most, most * width / wide)) if wide else most
