"""Scanned files as grey pages with square pixels: PDF, multi-page TIFF, PNG and JPEG, bounded before anything is decoded."""

from __future__ import annotations

import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np
import pypdfium2
import pypdfium2.raw
from PIL import Image, ImageOps, UnidentifiedImageError

from ocr.limits import USUAL, Limits
from ocr.page import MM_PER_INCH, Grey, Page, as_it_was, bilevel, of_dots, softened
from ocr.reading import RefusalCode, Refused

_LEAST_DPI, _USUAL_DPI, _MOST_DPI = 150.0, 200.0, 300.0
_POOREST_DPI = 90.0
_OFF_PT = 1.5  # half a millimetre: a scan fills its page
_DARKEST = 100  # of 255: paper is lighter on the whole
_INVISIBLE = pypdfium2.raw.FPDF_TEXTRENDERMODE_INVISIBLE  # what a scanner's own reading lays under the picture
_text_mode, _transparent = pypdfium2.raw.FPDFTextObj_GetTextRenderMode, pypdfium2.raw.FPDFPageObj_HasTransparency
_BROKEN = (
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    struct.error,
    KeyError,
    IndexError,
    TypeError,
    AttributeError,
    ZeroDivisionError,
    OverflowError,
    UnidentifiedImageError,
)
"""What Pillow raises for files that are cut or made to harm."""


class _NoPage(Exception):
    """Nothing of this file is read from here on."""

    def __init__(self, refused: Refused) -> None:
        super().__init__(refused.why)
        self.refused = refused


def read_pages(
    path: Path, paper_mm: tuple[float, float], *, first: int = 1, limits: Limits = USUAL
) -> Iterator[Page | Refused]:
    """The pages of a file from page ``first`` on, grey, upright as the file says, with square pixels.

    The resolution is the file's own where it fits a paper of that size (mm), else the paper gives it; a PDF's page is the
    scan within it, or is drawn at the resolution of that, 150 to 300 dpi.  A Refused (damaged, too_large, too_long) is the last
    thing it gives; a bad page ends the file, since what follows cannot be told apart any more.
    """
    try:
        with _opened(path, limits) as document:
            if isinstance(document, pypdfium2.PdfDocument):
                yield from _pdf_pages(document, path, first, limits)
            else:
                yield from _picture_pages(document, path, paper_mm, first, limits)
    except _NoPage as stop:
        yield stop.refused


def count_pages(path: Path, *, limits: Limits = USUAL) -> int | Refused:
    """How many pages a file has, at least 1, without decoding them."""
    try:
        with _opened(path, limits) as document, _telling(path):
            count = len(document) if isinstance(document, pypdfium2.PdfDocument) else getattr(document, "n_frames", 1)
    except _NoPage as stop:
        return stop.refused
    if count == 0:
        return Refused(path.name, "damaged", "ページがありません。読み取り直してください。")
    if count > limits.pages:
        return Refused(path.name, "too_long", f"{count} ページあります。{limits.pages} ページ以内に分けてください。")
    return int(count)


@contextmanager
def _opened(path: Path, limits: Limits) -> Iterator[pypdfium2.PdfDocument | Image.Image]:
    with _telling(path):
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(1024)
    if size > limits.file_bytes:
        raise _refusal(path, 0, "too_large", f"ファイルが大きすぎます（{size // 1_000_000} MB）。分けてください。")
    with _telling(path):
        document = pypdfium2.PdfDocument(path) if b"%PDF-" in head else _picture(path)
    try:
        yield document
    finally:
        document.close()


def _picture(path: Path) -> Image.Image:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # the limits judge, page by page
        return Image.open(path, formats=("TIFF", "PNG", "JPEG"))


@contextmanager
def _telling(path: Path, number: int = 0) -> Iterator[None]:
    """Turns what a bad file makes its decoder raise into a refusal."""
    try:
        yield
    except Image.DecompressionBombError as error:
        raise _refusal(path, number, "too_large", "画像が大きすぎます。300 dpi で読み取り直してください。") from error
    except pypdfium2.PdfiumError as error:
        raise _refusal(
            path, number, "damaged", "壊れているか、パスワードの付いた PDF です。読み取り直してください。"
        ) from error
    except MemoryError as error:
        raise _refusal(path, number, "too_large", "画像が大きすぎます。300 dpi で読み取り直してください。") from error
    except _BROKEN as error:
        raise _refusal(
            path,
            number,
            "damaged",
            "ファイルが壊れているか、PDF・TIFF・PNG・JPEG ではありません。読み取り直してください。",
        ) from error


def _refusal(path: Path, number: int, code: RefusalCode, why: str) -> _NoPage:
    return _NoPage(Refused(f"{path.name}#{number}" if number else path.name, code, why))


def _check_pixels(path: Path, number: int, width: float, height: float, limits: Limits) -> None:
    if width * height > limits.pixels:
        raise _refusal(
            path,
            number,
            "too_large",
            f"画像が大きすぎます（{width:.0f} × {height:.0f} 画素）。300 dpi で読み取り直してください。",
        )
    if min(width, height) < 16:
        raise _refusal(path, number, "damaged", "画像が小さすぎます。読み取り直してください。")


def _pdf_pages(document: pypdfium2.PdfDocument, path: Path, first: int, limits: Limits) -> Iterator[Page]:
    for number in range(first, min(len(document), limits.pages) + 1):
        with _telling(path, number):
            page = document[number - 1]
            dpi = _scan_dpi(page, path, number, limits)
            width, height = page.get_size()
            _check_pixels(path, number, width * dpi / 72, height * dpi / 72, limits)
            whole = _whole_picture(page)
            if whole is None:
                drawn = page.render(scale=dpi / 72, grayscale=True).to_numpy().squeeze().copy()
                whole = np.asarray(drawn, np.uint8), dpi
            page.close()
        yield _page(*whole, path.name, number)


def _whole_picture(page: pypdfium2.PdfPage) -> tuple[Grey, float] | None:
    """The scan itself and its resolution, where the page is one upright picture, as scanners make it: drawn, its pixels would
    be mixed anew, black and white become grey, and it takes ten times as long."""
    pictures = []
    for one in page.get_objects(max_depth=3):
        if one.type == pypdfium2.raw.FPDF_PAGEOBJ_IMAGE:
            pictures.append(one)
        elif one.type != pypdfium2.raw.FPDF_PAGEOBJ_TEXT or _text_mode(one.raw) != _INVISIBLE:
            return None
    if len(pictures) != 1:
        return None
    (picture,) = pictures
    right, up, left, down, _, _ = picture.get_matrix().get()
    off = max(abs(a - b) for a, b in zip(picture.get_bounds(), page.get_bbox(), strict=True))
    if up or left or right <= 0 or down <= 0 or off > _OFF_PT or _transparent(picture.raw):
        return None
    across, up_and_down = picture.get_px_size()
    x, y = 72 * across / right, 72 * up_and_down / down
    if min(x, y) < _LEAST_DPI - 1:
        return None
    image = picture.get_bitmap(render=False).to_numpy().squeeze()
    if image.ndim == 3:
        image = cv2.cvtColor(image[:, :, :3], cv2.COLOR_BGR2GRAY)
    if image.mean() < _DARKEST:  # its black is white, or it is a stencil
        return None
    turns = page.get_rotation() // 90
    if turns % 2:
        x, y = y, x
    return _square(np.rot90(image, -turns).astype(np.uint8), x, y)


def _scan_dpi(page: pypdfium2.PdfPage, path: Path, number: int, limits: Limits) -> float:
    """The resolution of the largest picture on the page, within what is worth drawing."""
    largest, dpi = 0.0, _USUAL_DPI
    for picture in page.get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_IMAGE], max_depth=3):
        across, down = picture.get_px_size()
        if across * down > limits.pixels:
            _check_pixels(path, number, across, down, limits)
        left, bottom, right, top = picture.get_bounds()
        area = (right - left) * (top - bottom)
        if area > largest:
            largest, dpi = area, 72 * max(across, down) / max(right - left, top - bottom)
    return min(max(dpi, _LEAST_DPI), _MOST_DPI)


def _page(image: Grey, dpi: float, source: str, number: int) -> Page:
    """Black and white is just that, and dots that stand for shades are made the shades that they stand for."""
    image = as_it_was(image)
    dots = of_dots(image)
    return Page(softened(image) if dots else image, dpi, source, number, dots)


def _picture_pages(
    document: Image.Image, path: Path, paper_mm: tuple[float, float], first: int, limits: Limits
) -> Iterator[Page]:
    for number in range(first, limits.pages + 1):
        with _telling(path, number):
            try:
                document.seek(number - 1)
            except EOFError:
                return
            width, height = document.size
            _check_pixels(path, number, width, height, limits)
            x, y = _dpi(document, paper_mm)
            upright = ImageOps.exif_transpose(_grey_picture(document))
            if upright.size != document.size:
                x, y = y, x
            image = np.asarray(upright, np.uint8)
        image, dpi = _square(image, x, y)
        if dpi < _POOREST_DPI:
            raise _refusal(
                path,
                number,
                "damaged",
                f"解像度が低すぎます（約 {dpi:.0f} dpi）。200 dpi 以上で読み取り直してください。",
            )
        yield _page(image, dpi, path.name, number)


def _grey_picture(document: Image.Image) -> Image.Image:
    """One frame as 8-bit grey upon white paper, still lying as in the file, its EXIF kept."""
    if document.format == "JPEG":
        document.draft("L", document.size)
    if document.mode.startswith("I;16"):
        values = np.asarray(document).astype(np.uint16)
        return Image.fromarray((values >> 8).astype(np.uint8))
    if document.has_transparency_data:
        paper = Image.new("RGBA", document.size, "white")
        paper.alpha_composite(document.convert("RGBA"))
        return paper.convert("L")
    return document.convert("L")


def _dpi(document: Image.Image, paper_mm: tuple[float, float]) -> tuple[float, float]:
    """Dots an inch across and down: what the file says where a paper of that size fits it, else what the paper says."""
    across, down = document.size
    told = document.info.get("dpi")
    if told is not None and min(float(told[0]), float(told[1])) > 1:
        x, y = float(told[0]), float(told[1])
        short, long = sorted((across / x * MM_PER_INCH, down / y * MM_PER_INCH))
        if 0.85 <= short / min(paper_mm) <= 1.5 and 0.6 <= long / max(paper_mm) <= 1.8:
            return x, y
    ratio = max(across, down) / min(across, down)
    if ratio > 1.9 * max(paper_mm) / min(paper_mm) or ratio < 0.8 * max(paper_mm) / min(paper_mm):
        # A coarse fax without its resolution: half as many lines as dots.
        return across * MM_PER_INCH / min(paper_mm), down * MM_PER_INCH / max(paper_mm)
    dpi = min(across, down) * MM_PER_INCH / min(paper_mm)
    return dpi, dpi


def _square(image: Grey, x: float, y: float) -> tuple[Grey, float]:
    """Square pixels at the finer of both resolutions, no finer than is of use."""
    dpi = max(x, y)
    height, width = image.shape
    if abs(x / y - 1) > 0.02:
        size = (round(width * dpi / x), round(height * dpi / y))
        # What is black and white stays so: it is read as what it is.
        how = cv2.INTER_NEAREST if bilevel(image) else cv2.INTER_LINEAR
        image = np.asarray(cv2.resize(image, size, interpolation=how), np.uint8)
    block = int(dpi // _MOST_DPI)
    if block > 1:
        height, width = (side // block for side in image.shape)
        whole = image[: height * block, : width * block]
        image = np.asarray(cv2.resize(whole, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
        dpi /= block
    return image, dpi
