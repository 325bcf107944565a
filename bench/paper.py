"""Papers for measuring registration: printed forms, filling them in, and what a scanner or a fax makes of them.

Everything is seeded; a scan comes with its truth, the exact transform from mm on the form to the scan's pixels.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from ocr.form import Form, load_form
from ocr.page import BLANK_DPI, MM_PER_INCH, Grey, Page

A4 = (210.0, 297.0)
PRINT_DPI = 300
MARK_MM, MARK_AT = 6.0, 17.0
_TO_MM = np.array(
    [
        [MM_PER_INCH / PRINT_DPI, 0, 0.5 * MM_PER_INCH / PRINT_DPI],
        [0, MM_PER_INCH / PRINT_DPI, 0.5 * MM_PER_INCH / PRINT_DPI],
        [0, 0, 1],
    ]
)
_FONTS = ("NotoSansCJK-Regular.ttc", "msgothic.ttc", "DejaVuSans.ttf")
_LABELS = [
    "児童の氏名",
    "保護者の住所",
    "電話番号",
    "生年月日",
    "口座番号",
    "金融機関名",
    "支店名",
    "学校名",
    "学年",
    "申請の理由",
    "世帯の状況",
    "希望する費目",
    "続柄",
    "勤務先",
    "通勤の方法",
    "定期券の額",
    "距離",
    "異動の区分",
    "前住所",
    "新住所",
    "届出の年月日",
    "本人確認",
    "委任の有無",
    "備考",
    "受付番号",
]
_NOTES = (
    "太枠の中を黒のボールペンで記入してください。",
    "申請の内容について、市が課税の状況を確かめることに同意します。",
    "該当するものに印を付けてください。訂正は二重線で消してください。",
    "振込先は申請者の名義の口座に限ります。",
)


@dataclass(frozen=True)
class Field:
    """One printed field: its label, and a row of cells (0 for a plain box)."""

    label: str
    left: float
    top: float
    width: float
    height: float
    cells: int


@dataclass(frozen=True)
class Design:
    """What is printed on a form."""

    title: str
    fields: tuple[Field, ...]
    notes: tuple[str, ...]
    markers: bool


@dataclass(frozen=True)
class Wear:
    """What a scanner does to a paper."""

    dpi: float = 200
    tilt: float = 0.0
    """Degrees, clockwise."""
    stretch: tuple[float, float] = (1.0, 1.0)
    shift_mm: tuple[float, float] = (0.0, 0.0)
    crop_mm: float = 0.0
    noise: float = 4.0
    ink: float = 1.0
    """1 prints black; 0.4 is a light copy."""
    border: bool = False
    coffee: bool = False
    fax: bool = False
    turned: int = 0


def design(seed: int, *, markers: bool) -> Design:
    """A form of some office: rows of labels, boxes and grids, and a few sentences."""
    rng = random.Random(seed)
    fields, top, labels = [], 42.0, rng.sample(_LABELS, len(_LABELS))
    for label in labels:
        height = rng.choice((8.0, 9.0, 11.0))
        if top + height > 258:
            break
        cells = rng.choice((0, 0, 6, 8, 10, 12))
        width = cells * rng.choice((5.0, 6.0, 7.0)) if cells else rng.choice((60.0, 90.0, 120.0))
        fields.append(Field(label, 62.0, top, width, height, cells))
        top += height + rng.choice((1.5, 4.0, 6.0))
    return Design(f"{rng.choice(_LABELS)}申請書（第{seed % 90 + 1}号様式）", tuple(fields), _NOTES, markers)


def moved(one: Design, number: int, right_mm: float, down_mm: float) -> Design:
    """The next version of a form: one field stands elsewhere."""
    fields = list(one.fields)
    old = fields[number]
    fields[number] = replace(old, left=old.left + right_mm, top=old.top + down_mm)
    return replace(one, fields=tuple(fields))


def printed(one: Design) -> Grey:
    """The empty form at PRINT_DPI."""
    width, height = (round(mm * PRINT_DPI / MM_PER_INCH) for mm in A4)
    picture = Image.new("L", (width, height), 255)
    pen = ImageDraw.Draw(picture)
    pen.text(_px(60, 20), one.title, fill=0, font=_font(16))
    pen.text(_px(30, 32), "練習市長 様", fill=0, font=_font(11))
    for field in one.fields:
        pen.text(_px(26, field.top + 1.5), field.label, fill=0, font=_font(10))
        pen.rectangle((*_px(field.left, field.top), *_px(field.left + field.width, field.top + field.height)), width=3)
        for cell in range(1, field.cells):
            x = field.left + field.width * cell / field.cells
            pen.line((*_px(x, field.top), *_px(x, field.top + field.height)), fill=60, width=2)
    for number, note in enumerate(one.notes):
        pen.text(_px(26, 262 + number * 5), f"{number + 1} {note}", fill=0, font=_font(8))
    if one.markers:
        _draw_markers(pen)
    return np.asarray(picture, np.uint8).copy()


def form_of(one: Design, **definition: object) -> Form:
    """The form as ``load_form`` gives it."""
    scale = BLANK_DPI / MM_PER_INCH
    to_blank = np.array([[scale, 0, -0.5], [0, scale, -0.5], [0, 0, 1]])
    size = (round(A4[0] * scale), round(A4[1] * scale))
    small = cv2.warpPerspective(cv2.GaussianBlur(printed(one), (0, 0), 0.6), to_blank @ _TO_MM, size, borderValue=255)
    data = cv2.imencode(".png", small)[1].tobytes()
    fields = {
        field.label: {"kind": "ink", "at": [field.left, field.top, field.width, field.height]} for field in one.fields
    }
    return load_form({"form": one.title, "blank": "blank.png", "fields": fields, **definition}, lambda _: data)


def filled(paper: Grey, one: Design, seed: int, share: float = 0.8) -> Grey:
    """The form with strokes as of a hand in most of its fields."""
    rng = random.Random(seed)
    paper = paper.copy()
    for field in one.fields:
        if rng.random() > share:
            continue
        count = field.cells or int(field.width / 7)
        step = field.width / count
        for number in range(rng.randint(1, count)):
            _glyph(paper, rng, field.left + number * step, field.top, step, field.height)
    return paper


def scan(paper: Grey, wear: Wear, seed: int) -> tuple[Page, NDArray[np.float64]]:
    """The paper (at PRINT_DPI) as a page, and the truth: mm on the form → pixels of the page."""
    rng = np.random.default_rng(seed)
    scale = wear.dpi / MM_PER_INCH
    width, height = (round((mm - 2 * wear.crop_mm) * scale) for mm in A4)
    middle = np.array([[1, 0, -A4[0] / 2], [0, 1, -A4[1] / 2], [0, 0, 1]], float)
    angle = np.deg2rad(wear.tilt)
    turn = np.array([[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1]])
    stretch = np.diag([scale * wear.stretch[0], scale * wear.stretch[1], 1])
    place = np.array(
        [
            [1, 0, width / 2 - 0.5 + wear.shift_mm[0] * scale],
            [0, 1, height / 2 - 0.5 + wear.shift_mm[1] * scale],
            [0, 0, 1],
        ]
    )
    truth = place @ stretch @ turn @ middle
    soft = cv2.GaussianBlur(paper, (0, 0), max(0.5, 0.45 * PRINT_DPI / wear.dpi))
    image = cv2.warpPerspective(
        soft, truth @ _TO_MM, (width, height), flags=cv2.INTER_LINEAR, borderValue=30 if wear.border else 250
    ).astype(np.float32)
    image = 252 - (252 - image) * wear.ink if not wear.border else image
    if wear.coffee:
        image = _stain(image, rng, scale)
    image += rng.normal(0, wear.noise, image.shape).astype(np.float32)
    sensed = np.clip(image, 0, 255).astype(np.uint8)
    if wear.fax:
        sensed = _fax(sensed, wear.dpi)
    sensed, truth = _turned(sensed, truth, wear.turned)
    return Page(sensed, wear.dpi, "scan.png", 1), truth


def worn(rng: random.Random, **fixed: object) -> Wear:
    """A scanner as they are: a little tilt, stretch, shift, noise, now and then a stain, a border or a light copy."""
    usual: Mapping[str, object] = {
        "dpi": rng.choice((150, 200, 240, 300)),
        "tilt": rng.uniform(-3, 3),
        "stretch": (rng.uniform(0.98, 1.02), rng.uniform(0.98, 1.02)),
        "shift_mm": (rng.uniform(-5, 5), rng.uniform(-5, 5)),
        "crop_mm": rng.choice((0, 0, 3)),
        "noise": rng.uniform(1, 12),
        "ink": rng.choice((1, 1, 0.8, 0.45)),
        "border": rng.random() < 0.2,
        "coffee": rng.random() < 0.2,
        "fax": rng.random() < 0.15,
    }
    return Wear(**{**usual, **fixed})  # type: ignore[arg-type]


def _px(left: float, top: float) -> tuple[int, int]:
    return round(left * PRINT_DPI / MM_PER_INCH), round(top * PRINT_DPI / MM_PER_INCH)


def _font(points: float) -> ImageFont.FreeTypeFont:
    for name in _FONTS:
        try:
            return ImageFont.truetype(name, round(points * PRINT_DPI / 72))
        except OSError:
            continue
    raise OSError(f"none of these fonts is installed: {', '.join(_FONTS)}")


def _draw_markers(pen: ImageDraw.ImageDraw) -> None:
    for x in (MARK_AT, A4[0] - MARK_AT):
        for y in (MARK_AT, A4[1] - MARK_AT):
            pen.rectangle((*_px(x - MARK_MM / 2, y - MARK_MM / 2), *_px(x + MARK_MM / 2, y + MARK_MM / 2)), fill=0)
    pen.rectangle((*_px(MARK_AT - 1, MARK_AT - 1), *_px(MARK_AT + 1, MARK_AT + 1)), fill=255)


def _glyph(paper: Grey, rng: random.Random, left: float, top: float, width: float, height: float) -> None:
    for _ in range(rng.randint(2, 4)):
        points = [
            _px(left + width * rng.uniform(0.1, 0.95), top + height * rng.uniform(0.05, 1.0))
            for _ in range(rng.randint(2, 4))
        ]
        cv2.polylines(
            paper, [np.array(points, np.int32)], False, rng.choice((20, 60, 110)), rng.choice((3, 5, 7)), cv2.LINE_AA
        )


def _stain(image: NDArray[np.float32], rng: np.random.Generator, scale: float) -> NDArray[np.float32]:
    height, width = image.shape
    centre = (int(rng.uniform(0.2, 0.8) * width), int(rng.uniform(0.2, 0.8) * height))
    veil = np.zeros_like(image)
    cv2.circle(veil, centre, int(35 * scale), 50.0, -1)
    cv2.circle(veil, centre, int(35 * scale), 110.0, int(3 * scale))
    return np.asarray(image - cv2.GaussianBlur(veil, (0, 0), 0.8 * scale), np.float32)


def _fax(image: Grey, dpi: float) -> Grey:
    """204 × 98 dots an inch, black or white, brought back to square pixels."""
    height, width = image.shape
    small = cv2.resize(image, (round(width * 204 / dpi), round(height * 98 / dpi)), interpolation=cv2.INTER_AREA)
    black = np.where(small < 160, 0, 255).astype(np.uint8)
    return np.asarray(cv2.resize(black, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)


def _turned(image: Grey, truth: NDArray[np.float64], turned: int) -> tuple[Grey, NDArray[np.float64]]:
    height, width = image.shape
    if turned == 90:
        return np.rot90(image, -1).copy(), np.array([[0, -1, height - 1], [1, 0, 0], [0, 0, 1.0]]) @ truth
    if turned == 180:
        return np.rot90(image, 2).copy(), np.array([[-1, 0, width - 1], [0, -1, height - 1], [0, 0, 1.0]]) @ truth
    if turned == 270:
        return np.rot90(image, 1).copy(), np.array([[0, 1, 0], [-1, 0, width - 1], [0, 0, 1.0]]) @ truth
    return image, truth
