"""A sheet to draw on, in mm from its top left corner."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import ceil

from reportlab.graphics.barcode.qrencoder import QRCode, QRErrorCorrectLevel
from reportlab.pdfgen.canvas import Canvas

from ocr.draw.font import MM_PER_POINT, fitting, font_name, width_mm
from ocr.reading import Box

THICK, THIN, FINE = 0.3, 0.2, 0.12
"""Widths of rules, mm."""
SOFT = 0.35
"""How light the inner rules are, 0 black to 1 white: a scanner's black and white still keeps them."""
_QUIET = 4
SMALLEST_MODULE = 0.5
_CAP = 0.36  # half the height of a character over its size

Rect = tuple[float, float, float, float]
"""left, top, right, bottom in mm."""


class QrTooSmall(Exception):
    """A QR code whose modules would be too small to be read after scanning; the message is Japanese."""


def rect_of(box: Box) -> Rect:
    return box.left, box.top, box.left + box.width, box.top + box.height


def overlap(one: Rect, other: Rect) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


@dataclass(frozen=True)
class Paper:
    """One page of the canvas; remembers in ``taken`` where something stands, so that labels keep clear of it."""

    canvas: Canvas
    size: tuple[float, float]
    taken: list[Rect]

    def box(self, place: Box, *, width: float = THIN, shade: float = 0.0, dash: tuple[float, ...] = ()) -> None:
        """An empty rectangle."""
        self._pen(width, shade, dash)
        self.canvas.rect(
            *self._at(place.left, place.top + place.height), place.width / MM_PER_POINT, place.height / MM_PER_POINT
        )
        self.taken.append(rect_of(place))

    def frame(self, place: Box, *, width: float) -> None:
        """A rectangle around other things: only its rules are taken."""
        left, top, right, bottom = rect_of(place)
        for start, end in (
            ((left, top), (right, top)),
            ((right, top), (right, bottom)),
            ((right, bottom), (left, bottom)),
            ((left, bottom), (left, top)),
        ):
            self.line(start, end, width=width)
            (x1, y1), (x2, y2) = start, end
            self.taken.append((min(x1, x2), min(y1, y2), max(x1, x2) + width, max(y1, y2) + width))

    def filled(self, place: Box, shade: float = 0.0) -> None:
        """A rectangle full of ink; ``shade`` 1 is white."""
        self.canvas.setFillGray(shade)
        at = self._at(place.left, place.top + place.height)
        self.canvas.rect(*at, place.width / MM_PER_POINT, place.height / MM_PER_POINT, stroke=0, fill=1)
        self.taken.append(rect_of(place))

    def line(
        self,
        start: tuple[float, float],
        end: tuple[float, float],
        *,
        width: float = THIN,
        shade: float = 0.0,
        dash: tuple[float, ...] = (),
    ) -> None:
        self._pen(width, shade, dash)
        self.canvas.line(*self._at(*start), *self._at(*end))

    def text(self, words: str, left: float, base: float, points: float) -> None:
        """Words from their left end and base line."""
        self.canvas.setFillGray(0)
        self.canvas.setFont(font_name(), points)
        self.canvas.drawString(*self._at(left, base), words)
        self.taken.append(text_rect(words, left, base, points))

    def centred(self, words: str, place: Box, most: float) -> None:
        """Words in the middle of a box, as large as fits up to ``most`` points."""
        points = fitting(words, place.width, min(most, place.height / MM_PER_POINT * 0.95))
        left = place.left + (place.width - width_mm(words, points)) / 2
        self.text(words, left, place.top + place.height / 2 + points * MM_PER_POINT * _CAP, points)

    def curve(self, points: tuple[tuple[float, float], ...], width: float) -> None:
        """Straight strokes through the points."""
        for start, end in pairwise(points):
            self.line(start, end, width=width)

    def ring(self, place: Box, width: float) -> None:
        """An ellipse that fills the box."""
        self._pen(width, 0, ())
        left, bottom = self._at(place.left, place.top + place.height)
        right, top = self._at(place.left + place.width, place.top)
        self.canvas.ellipse(left, bottom, right, top)

    def code(self, content: str, place: Box) -> None:
        """A QR code with its quiet zone inside the box; QrTooSmall where its modules fall below SMALLEST_MODULE."""
        modules = _modules(content)
        side = min(place.width, place.height)
        module = side / (len(modules) + 2 * _QUIET)
        if module < SMALLEST_MODULE:
            least = ceil((len(modules) + 2 * _QUIET) * SMALLEST_MODULE)
            raise QrTooSmall(f"QR コードが細かすぎます。枠を {least} mm 四方以上にするか、内容を短くしてください")
        left = place.left + (place.width - side) / 2 + _QUIET * module
        top = place.top + (place.height - side) / 2 + _QUIET * module
        self.canvas.setFillGray(0)
        for row, line in enumerate(modules):
            for column, dark in enumerate(line):
                if dark:
                    at = self._at(left + column * module, top + (row + 1) * module)
                    self.canvas.rect(*at, module / MM_PER_POINT, module / MM_PER_POINT, stroke=0, fill=1)
        self.taken.append(rect_of(place))

    def _at(self, left: float, top: float) -> tuple[float, float]:
        return left / MM_PER_POINT, (self.size[1] - top) / MM_PER_POINT

    def _pen(self, width: float, shade: float, dash: tuple[float, ...]) -> None:
        self.canvas.setStrokeGray(shade)
        self.canvas.setLineWidth(width / MM_PER_POINT)
        self.canvas.setDash([part / MM_PER_POINT for part in dash])


def text_rect(words: str, left: float, base: float, points: float) -> Rect:
    """Where a line of words stands."""
    size = points * MM_PER_POINT
    return left, base - size * 0.9, left + width_mm(words, points), base + size * 0.15


def _modules(content: str) -> list[list[bool]]:
    code = QRCode(None, QRErrorCorrectLevel.M)
    code.addData(content)
    code.make()
    count = code.getModuleCount()
    return [[bool(code.isDark(row, column)) for column in range(count)] for row in range(count)]
