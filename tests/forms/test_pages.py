"""Files become grey pages with square pixels at a true resolution; bad ones are refused, in Japanese, before they harm."""

from __future__ import annotations

import struct
import subprocess
import sys
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image, ImageOps
from pypdf import PdfReader, PdfWriter
from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from ocr.blank import BlankUnreadable, draw_blank
from ocr.limits import Limits
from ocr.page import Page
from ocr.pages import count_pages, read_pages
from ocr.reading import Refused

PAPER = (210.0, 297.0)


def picture(dpi_x: float = 200, dpi_y: float = 200) -> Image.Image:
    """A4 with a black bar in its top left corner."""
    image = np.full((round(297 / 25.4 * dpi_y), round(210 / 25.4 * dpi_x)), 255, np.uint8)
    image[: image.shape[0] // 10, : image.shape[1] // 5] = 0
    return Image.fromarray(image)


def pages_of(path: Path, **options: object) -> list[Page]:
    pages = list(read_pages(path, PAPER, **options))  # type: ignore[arg-type]
    assert all(isinstance(page, Page) for page in pages), pages
    return [page for page in pages if isinstance(page, Page)]


def corner_is_dark(page: Page) -> bool:
    height, width = page.image.shape
    return bool(page.image[height // 20, width // 10] < 60 and page.image[height // 2, width // 2] > 200)


def test_a_fax_becomes_square(tmp_path: Path) -> None:
    frames = [picture(204, 98).convert("1"), picture(204, 196).convert("1")]
    frames[0].info["dpi"] = (204, 98)
    frames[0].save(tmp_path / "a.tif", compression="group4", dpi=(204, 98))
    frames[1].save(tmp_path / "b.tif", compression="group4", dpi=(204, 196))
    for name in ("a.tif", "b.tif"):
        [page] = pages_of(tmp_path / name)
        assert page.dpi == 204
        assert abs(page.image.shape[0] / page.image.shape[1] - 297 / 210) < 0.01
        assert corner_is_dark(page)
        assert set(np.unique(page.image).tolist()) == {0, 255}  # nothing grey between


def test_dots_become_the_grey_that_they_stand_for(tmp_path: Path) -> None:
    """A grey scan that a program saved as black and white; a plain fax stays as it is."""
    grey = np.asarray(picture().convert("L"), np.float64) * 0.9
    grey[300:600, 200:900] = 150
    scan = Image.fromarray(grey.astype(np.uint8))
    scan.convert("1").save(tmp_path / "a.tif", compression="group4", dpi=(200, 200))
    scan.point([0] * 140 + [255] * 116, "1").save(tmp_path / "b.tif", compression="group4", dpi=(200, 200))
    [dots], [plain] = pages_of(tmp_path / "a.tif"), pages_of(tmp_path / "b.tif")
    assert (dots.of_dots, plain.of_dots) == (True, False)
    assert abs(float(dots.image[320:580, 220:880].mean()) - 150) < 3
    assert float(dots.image[320:580, 220:880].std()) < 45
    assert set(np.unique(plain.image).tolist()) == {0, 255}


def test_every_page_of_a_tiff_from_any_page_on(tmp_path: Path) -> None:
    one = picture()
    one.save(tmp_path / "a.tif", save_all=True, append_images=[one, one], dpi=(200, 200))
    assert [page.number for page in pages_of(tmp_path / "a.tif")] == [1, 2, 3]
    assert [page.number for page in pages_of(tmp_path / "a.tif", first=3)] == [3]
    assert count_pages(tmp_path / "a.tif") == 3


def test_a_jpeg_is_turned_as_its_exif_says_and_measured_by_the_paper(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    picture().convert("RGB").transpose(Image.Transpose.ROTATE_90).save(tmp_path / "a.jpg", exif=exif, dpi=(72, 72))
    [page] = pages_of(tmp_path / "a.jpg")
    assert page.image.shape == (2339, 1654)
    assert abs(page.dpi - 200) < 1
    assert corner_is_dark(page)


def test_colour_alpha_palette_and_16_bit_become_grey(tmp_path: Path) -> None:
    grey = np.asarray(picture())
    clear = Image.merge("RGBA", [Image.new("L", (1654, 2339), 0)] * 3 + [Image.fromarray(255 - grey)])
    clear.save(tmp_path / "alpha.png")
    picture().convert("P").save(tmp_path / "palette.png")
    Image.fromarray(grey.astype(np.uint16) * 257).save(tmp_path / "deep.png")
    Image.new("RGB", (1654, 2339), "white").save(tmp_path / "white.png")
    for name in ("alpha.png", "palette.png", "deep.png"):
        [page] = pages_of(tmp_path / name)
        assert corner_is_dark(page), name
    assert pages_of(tmp_path / "white.png")[0].image.min() == 255


@pytest.mark.parametrize(("dpi", "drawn"), [(96, 150), (240, 240), (600, 300)])
def test_a_scan_in_a_pdf_keeps_its_resolution(tmp_path: Path, dpi: int, drawn: int) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"), pagesize=A4)
    canvas.drawImage(ImageReader(picture(dpi, dpi)), 0, 0, *A4)
    canvas.showPage()
    canvas.drawString(100, 100, "text only")
    canvas.showPage()
    canvas.save()
    scan, text = pages_of(tmp_path / "a.pdf")
    assert abs(scan.dpi - drawn) < 1
    assert corner_is_dark(scan)
    assert text.dpi == 200


def test_black_and_white_in_a_pdf_stays_black_and_white(tmp_path: Path) -> None:
    """Its pixels don't fit whole pixels of a drawing: drawn, thin rules would fade."""
    fine = np.full((2336, 1648), 255, np.uint8)
    fine[:234, :330] = 0
    fine[500:2000:37] = 0
    scan = Image.fromarray(fine).convert("1", dither=Image.Dither.NONE)
    canvas = Canvas(str(tmp_path / "a.pdf"), pagesize=A4)
    canvas.drawImage(ImageReader(scan), 0, 0, *A4)
    hidden = canvas.beginText(100, 100)
    hidden.setTextRenderMode(3)
    hidden.textLine("読み取り結果 0123")
    canvas.drawText(hidden)
    canvas.showPage()
    canvas.save()
    [page] = pages_of(tmp_path / "a.pdf")
    assert np.array_equal(page.image, fine)
    for degrees in (90, 180, 270):
        turned = PdfWriter(clone_from=PdfReader(tmp_path / "a.pdf"))
        turned.pages[0].rotate(degrees)
        turned.write(tmp_path / "turned.pdf")
        [page] = pages_of(tmp_path / "turned.pdf")
        assert np.array_equal(page.image, np.rot90(fine, -degrees // 90))


@pytest.mark.parametrize("spoiled", ["text", "small", "negative"])
def test_a_pdf_that_is_more_than_its_scan_is_drawn(tmp_path: Path, spoiled: str) -> None:
    scan = picture()
    canvas = Canvas(str(tmp_path / "a.pdf"), pagesize=A4)
    margin = 40 if spoiled == "small" else 0
    image = ImageOps.invert(scan) if spoiled == "negative" else scan
    canvas.drawImage(ImageReader(image), margin, margin, A4[0] - 2 * margin, A4[1] - 2 * margin)
    if spoiled == "text":
        canvas.setFont("Helvetica", 90)
        canvas.drawString(200, 400, "88888")
    canvas.showPage()
    canvas.save()
    [page] = pages_of(tmp_path / "a.pdf")
    middle, edge = page.image[1050:1250], page.image[:20]
    told = {"text": middle.min() < 60, "small": edge.min() > 240, "negative": middle.max() < 60}
    assert told[spoiled]


@pytest.mark.parametrize("quality", [30, 60])
def test_black_and_white_saved_as_jpeg_is_black_and_white(tmp_path: Path, quality: int) -> None:
    fine = np.asarray(picture().convert("L")).copy()
    fine[600:2000:41, 200:1400] = 0
    fine[601:2001:41, 200:1400] = 0
    Image.fromarray(fine).save(tmp_path / "a.jpg", quality=quality, dpi=(200, 200))
    [page] = pages_of(tmp_path / "a.jpg")
    assert set(np.unique(page.image).tolist()) == {0, 255}
    assert np.mean(page.image != fine) < 0.001
    pale = np.where(fine == 0, 170, 245).astype(np.uint8)
    Image.fromarray(pale).save(tmp_path / "pale.jpg", quality=quality, dpi=(200, 200))
    [page] = pages_of(tmp_path / "pale.jpg")
    assert 100 < page.image[100, 100] < 200  # a pale copy is no empty page
    fine[1000:1010, 300:340] = 215
    Image.fromarray(fine).save(tmp_path / "pencil.jpg", quality=quality, dpi=(200, 200))
    [page] = pages_of(tmp_path / "pencil.jpg")
    assert 190 < page.image[1005, 320] < 240  # nor is a faint mark on a page of black print
    Image.fromarray(np.full_like(fine, 50)).save(tmp_path / "dark.jpg", quality=quality, dpi=(200, 200))
    [page] = pages_of(tmp_path / "dark.jpg")
    assert page.image[1005, 320] == 50


def _png_of(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 999)) + chunk(b"IEND", b"")
    )


def test_bad_files_are_refused_with_a_reason(tmp_path: Path) -> None:
    picture().save(tmp_path / "good.tif", dpi=(200, 200))
    picture().save(tmp_path / "good.png")
    canvas = Canvas(str(tmp_path / "good.pdf"), pagesize=A4)
    canvas.drawImage(ImageReader(picture()), 0, 0, *A4)
    canvas.save()
    locked = Canvas(str(tmp_path / "locked.pdf"), encrypt="secret")
    locked.save()
    cases = {
        "bomb.png": (_png_of(60_000, 60_000), "too_large"),
        "wide.png": (_png_of(30_000, 9_000), "too_large"),
        "tiny.png": (_png_of(4, 4), "damaged"),
        "empty.tif": (b"", "damaged"),
        "words.tif": ("申請書".encode(), "damaged"),
        "cut.tif": ((tmp_path / "good.tif").read_bytes()[:5000], "damaged"),
        "cut.png": ((tmp_path / "good.png").read_bytes()[:900], "damaged"),
        "cut.pdf": ((tmp_path / "good.pdf").read_bytes()[:200], "damaged"),
        "locked.pdf": ((tmp_path / "locked.pdf").read_bytes(), "damaged"),
        "coarse.png": (cv2.imencode(".png", np.full((300, 210), 255, np.uint8))[1].tobytes(), "damaged"),
    }
    for name, (data, code) in cases.items():
        (tmp_path / name).write_bytes(data)
        last = list(read_pages(tmp_path / name, PAPER))[-1]
        assert isinstance(last, Refused), name
        assert last.code == code, (name, last)
        assert last.source.startswith(name)
        assert last.why.endswith("。")


def test_too_many_pages_and_too_many_bytes_are_refused(tmp_path: Path) -> None:
    one = picture().resize((827, 1169))
    one.save(tmp_path / "a.tif", save_all=True, append_images=[one] * 3, dpi=(100, 100))
    counted = count_pages(tmp_path / "a.tif", limits=Limits(pages=3))
    assert isinstance(counted, Refused)
    assert counted.code == "too_long"
    [refused] = list(read_pages(tmp_path / "a.tif", PAPER, limits=Limits(file_bytes=1000)))
    assert isinstance(refused, Refused)
    assert refused.code == "too_large"


@pytest.mark.parametrize("data", [b"", b"no picture", b"%PDF-1.4 cut"])
def test_a_blank_that_is_no_picture_is_told(data: bytes) -> None:
    with pytest.raises(BlankUnreadable, match=r"blank\.png は"):
        draw_blank(data, "blank.png", (210.0, 297.0))


def test_blanks_are_drawn_by_many_threads_at_once(tmp_path: Path) -> None:
    """As a web server's do when several people open a form; PDFium alone would take the process down."""
    canvas = Canvas(str(tmp_path / "blank.pdf"), A4)
    for row in range(200):
        canvas.drawString(40, 20 + 4 * row, "blank form " * 8)
    canvas.save()
    code = (
        "import sys, pathlib; from concurrent.futures import ThreadPoolExecutor; from ocr.blank import draw_blank\n"
        "data = pathlib.Path(sys.argv[1]).read_bytes()\n"
        "with ThreadPoolExecutor(8) as pool:\n"
        "    drawn = list(pool.map(lambda _: draw_blank(data, 'blank.pdf', (210, 297)), range(120)))\n"
        "assert len(drawn) == 120 and all(one[0].image.min() < 100 for one in drawn)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, tmp_path / "blank.pdf"], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
