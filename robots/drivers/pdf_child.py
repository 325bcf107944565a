"""The process that opens PDF files for robots.drivers.pdf: one question on standard input, one answer on standard output.

What it can't stand ends it, and it alone; its parent bounds its time and memory.
"""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pypdfium2
import pypdfium2.raw
from pypdf import PageObject, PdfReader, PdfWriter
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfgen.canvas import Canvas

from ocr.draw.font import font_name

_MOST_PAGES = 5_000
_MM = 72 / 25.4
_RED, _BLACK = (0.80, 0.05, 0.05), (0.0, 0.0, 0.0)
_LEADING, _PADDING = 1.35, 0.45


class Refused(Exception):
    """Why a file is not taken, and how to mend it; both Japanese."""

    def __init__(self, what: str, mend: str) -> None:
        super().__init__(what)
        self.what, self.mend = what, mend


def main() -> None:
    """Answers one question."""
    question = json.loads(sys.stdin.read())
    files = [Path(one) for one in question.pop("files")]
    try:
        answer: Mapping[str, object] = {"done": TASKS[question.pop("task")](files, **question)}
    except Refused as refused:
        answer = {"refused": refused.what, "mend": refused.mend}
    sys.stdout.write(json.dumps(answer))


def _reader(file: Path) -> PdfReader:
    """The file, opened.  Raises: Refused where it is no PDF, protected, or has too many pages."""
    with file.open("rb") as opened:
        if b"%PDF-" not in opened.read(1024):
            raise Refused(f"{file.name} は PDF ではありません。", "PDF のファイルを指定してください。")
    reader = PdfReader(file)
    if reader.is_encrypted:
        raise Refused(f"{file.name} はパスワードで保護されています。", "保護を外して保存し直したものを使ってください。")
    pages = len(reader.pages)
    if not 0 < pages <= _MOST_PAGES:
        raise Refused(
            f"{file.name} は {pages} ページあります。", f"{_MOST_PAGES} ページまでのファイルに分けてください。"
        )
    return reader


def merge(files: Sequence[Path], target: str) -> int:
    """All pages in one file; how many there are."""
    writer = PdfWriter()
    pages = 0
    for file in files:
        reader = _reader(file)
        pages += len(reader.pages)
        writer.append(reader, import_outline=False)
    _save(writer, target, pages)
    return pages


def split(files: Sequence[Path], parts: Sequence[tuple[str, int, int]]) -> int:
    """A file for each (target, first page, last page)."""
    reader = _reader(files[0])
    for target, first, last in parts:
        writer = PdfWriter()
        writer.append(reader, pages=(first - 1, last), import_outline=False)
        _save(writer, target, last - first + 1)
    return len(parts)


def _save(writer: PdfWriter, target: str, pages: int) -> None:
    """Writes the file and reads it back: what is told as done can be opened and has all its pages."""
    writer.metadata = None
    with Path(target).open("wb") as out:
        writer.write(out)
    with pypdfium2.PdfDocument(target) as made:
        if len(made) != pages:
            raise RuntimeError(f"{len(made)} pages instead of {pages}")
        for number in range(pages):
            made[number].close()


def count(files: Sequence[Path]) -> int:
    """How many pages the file has."""
    return len(_reader(files[0]).pages)


def text(files: Sequence[Path]) -> list[str]:
    """The text of each page, in the order in which it stands in the file."""
    _reader(files[0])
    found: list[str] = []
    with pypdfium2.PdfDocument(files[0]) as document:
        for page in document:
            words = page.get_textpage()
            found.append(words.get_text_bounded().replace("\r\n", "\n").replace("\ufffe", ""))
            words.close()
            page.close()
    return found


def stamp(files: Sequence[Path], target: str, stamp: Mapping[str, Any], pages: Sequence[int] | None) -> int:
    """A copy with the stamp on some pages; how many."""
    file, reader = files[0], _reader(files[0])
    if _is_signed(reader):
        raise Refused(
            f"{file.name} には電子署名があり、押印すると署名が無効になります。", "署名の前のファイルを使ってください。"
        )
    _check_letters(stamp["lines"])
    total = len(reader.pages)
    wanted = sorted(set(pages)) if pages else list(range(1, total + 1))
    if wanted[0] < 1 or wanted[-1] > total:
        raise Refused(
            f"{file.name} は {total} ページで、{wanted[-1]} ページ目はありません。", "「ページ」を直してください。"
        )
    writer = PdfWriter()
    writer.append(reader)
    for number in wanted:
        page = writer.pages[number - 1]
        if page.rotation:
            page.transfer_rotation_to_content()
        page.merge_page(_sheet(file.name, number, page, stamp))
    _save(writer, target, total)
    return len(wanted)


def _is_signed(reader: PdfReader) -> bool:
    form = reader.root_object.get("/AcroForm")
    return form is not None and bool(int(form.get_object().get("/SigFlags", 0)) & 1)


def _check_letters(lines: Sequence[str]) -> None:
    known = pdfmetrics.getFont(font_name()).face.charToGlyph
    unknown = [letter for line in lines for letter in line if ord(letter) not in known]
    if unknown:
        raise Refused(
            f"押印の文字「{unknown[0]}」（U+{ord(unknown[0]):04X}）は、印刷できる文字にありません。",
            "ほかの文字に直してください。",
        )


def _sheet(name: str, number: int, page: PageObject, stamp: Mapping[str, Any]) -> PageObject:
    """A page with the stamp alone, in the place where the page shows it."""
    points, lines = float(stamp["points"]), stamp["lines"]
    width = max(pdfmetrics.stringWidth(line, font_name(), points) for line in lines)
    padding = points * _PADDING if stamp["frame"] else 0.0
    high = points * _LEADING * (len(lines) - 1) + points + 2 * padding
    box = page.cropbox
    left = float(box.left) + float(stamp["left"]) * _MM
    top = float(box.top) - float(stamp["top"]) * _MM
    if left + width + 2 * padding > float(box.right) or top - high < float(box.bottom):
        raise Refused(
            f"{name} の{number}ページ目（幅 {float(box.width) / _MM:.0f} mm、高さ {float(box.height) / _MM:.0f} mm）に"
            "押印が収まりません。",
            "「左から」「上から」か、文字の大きさを直してください。",
        )
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=(float(box.right), float(box.top)), invariant=1)
    color = _RED if stamp["red"] else _BLACK
    canvas.setFillColorRGB(*color)
    canvas.setStrokeColorRGB(*color)
    if stamp["frame"]:
        canvas.setLineWidth(max(0.8, points / 12))
        canvas.rect(left, top - high, width + 2 * padding, high)
    canvas.setFont(font_name(), points)
    for at, line in enumerate(lines):
        wide = pdfmetrics.stringWidth(line, font_name(), points)
        canvas.drawString(left + padding + (width - wide) / 2, top - padding - points * (0.88 + _LEADING * at), line)
    canvas.save()
    return PdfReader(file).pages[0]


TASKS: Mapping[str, Callable[..., object]] = {
    "merge": merge,
    "split": split,
    "count": count,
    "text": text,
    "stamp": stamp,
}

if __name__ == "__main__":
    main()
