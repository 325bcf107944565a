"""The empty form as pictures: trusted bytes (they were approved with the scenario), drawn at one resolution."""

from __future__ import annotations

from threading import Lock

import cv2
import numpy as np
import pypdfium2

from ocr.page import BLANK_DPI, MM_PER_INCH, Grey, Page

_PDFIUM = Lock()
"""PDFium takes the process down where two threads use it, and a web server's do."""


class BlankUnreadable(Exception):
    """The empty form can't be drawn; the message is Japanese."""


def draw_blank(data: bytes, name: str, paper_mm: tuple[float, float]) -> tuple[Page, ...]:
    """A PDF, PNG, TIFF or JPEG of the empty form → its pages at BLANK_DPI, as large as the paper."""
    pictures = _pdf(data, name) if data.startswith(b"%PDF") else _pictures(data, name)
    size = tuple(round(mm * BLANK_DPI / MM_PER_INCH) for mm in paper_mm)
    pages = []
    for number, picture in enumerate(pictures, 1):
        fitted = cv2.resize(picture, size, interpolation=cv2.INTER_AREA) if picture.shape[::-1] != size else picture
        pages.append(Page(np.asarray(fitted, np.uint8), BLANK_DPI, name, number))
    return tuple(pages)


def _pdf(data: bytes, name: str) -> list[Grey]:
    try:
        with _PDFIUM, pypdfium2.PdfDocument(data) as document:
            return [page.render(scale=BLANK_DPI / 72, grayscale=True).to_numpy().squeeze().copy() for page in document]
    except pypdfium2.PdfiumError as error:
        raise BlankUnreadable(f"{name} は壊れているか、開けない PDF です") from error


def _pictures(data: bytes, name: str) -> list[Grey]:
    try:
        good, pictures = cv2.imdecodemulti(np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE)
    except cv2.error as error:  # of no bytes at all
        raise BlankUnreadable(f"{name} は画像として開けません") from error
    if not good or not pictures:
        raise BlankUnreadable(f"{name} は画像として開けません")
    return [np.asarray(picture, np.uint8) for picture in pictures]
