"""A form's fields drawn over its page, with their names, what was read and how sure: for looking at."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from ocr.draw.font import font_data
from ocr.form import FormField
from ocr.page import BLANK_DPI, MM_PER_INCH, Grey, Page, Sheet
from ocr.reading import Box, FieldReading, State

_COLOURS: Mapping[State | None, tuple[int, int, int]] = {
    None: (20, 90, 200),
    "read": (0, 130, 50),
    "blank": (120, 120, 120),
    "unsure": (225, 120, 0),
    "conflict": (205, 0, 30),
    "unreadable": (150, 0, 160),
}
_WORDS: Mapping[State, str] = {
    "read": "",
    "blank": "空欄",
    "unsure": "要確認",
    "conflict": "矛盾",
    "unreadable": "読めない",
}
_POINTS = 13
Corners = list[tuple[float, float]]


def overlay_blank(blank: Page, fields: Sequence[FormField]) -> bytes:
    """PNG: where the fields of a definition lie on its empty form."""
    scale = BLANK_DPI / MM_PER_INCH
    to_pixels = np.array([[scale, 0, -0.5], [0, scale, -0.5], [0, 0, 1]])
    return _drawn(blank.image, to_pixels, fields, {}, blank.number - 1)


def overlay_sheet(sheet: Sheet, fields: Sequence[FormField], readings: Mapping[str, FieldReading]) -> bytes:
    """PNG: a scanned page as it lay, with what was read of each field; certain green, empty grey, a person's orange or red."""
    return _drawn(sheet.as_scanned.image, sheet.transform, fields, readings, sheet.blank.number - 1)


def _drawn(
    image: Grey,
    to_pixels: NDArray[np.float64],
    fields: Sequence[FormField],
    readings: Mapping[str, FieldReading],
    page: int,
) -> bytes:
    picture = Image.fromarray(image).convert("RGB")
    pen = ImageDraw.Draw(picture, "RGBA")
    font = ImageFont.truetype(io.BytesIO(font_data()), round(_POINTS * max(1.0, image.shape[1] / 1654)))
    for field in fields:
        boxes = [(name, box) for name, box in field.kind.boxes(field.params) if box.page == page]
        reading = readings.get(field.name)
        colour = _COLOURS[reading.state if reading else None]
        for _, box in boxes:
            _outline(pen, _corners(box, to_pixels), colour)
        if boxes:
            _name(pen, font, _corners(boxes[0][1], to_pixels), _told(field, reading), colour)
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


def _told(field: FormField, reading: FieldReading | None) -> str:
    if reading is None:
        return f"{field.name}（{field.kind.ja}）"
    return " ".join(part for part in (field.name, reading.value, _WORDS[reading.state]) if part)


def _corners(box: Box, to_pixels: NDArray[np.float64]) -> Corners:
    right, bottom = box.left + box.width, box.top + box.height
    points = np.array([(box.left, box.top, 1), (right, box.top, 1), (right, bottom, 1), (box.left, bottom, 1)])
    moved = points @ to_pixels.T
    return [(float(x / w), float(y / w)) for x, y, w in moved]


def _outline(pen: ImageDraw.ImageDraw, corners: Corners, colour: tuple[int, int, int]) -> None:
    pen.polygon(corners, fill=(*colour, 24))
    pen.line([*corners, corners[0]], fill=(*colour, 255), width=2)


def _name(
    pen: ImageDraw.ImageDraw, font: ImageFont.FreeTypeFont, corners: Corners, words: str, colour: tuple[int, int, int]
) -> None:
    left, top = min(x for x, _ in corners), min(y for _, y in corners)
    at = left, max(0.0, top - font.size - 1)
    pen.rectangle(pen.textbbox(at, words, font=font), fill=(255, 255, 255, 215))
    pen.text(at, words, font=font, fill=(*colour, 255))
