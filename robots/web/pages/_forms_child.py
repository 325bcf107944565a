"""What the form designer lets a worker process do with files from outside: wash an empty form, and propose its fields.

The file that was sent is opened by the worker alone, bounded; what goes on is a picture that the worker made of it.
"""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

import ocr
from ocr.detect.propose import NothingFound, detect
from ocr.form import PAPERS
from ocr.limits import Limits
from ocr.page import BLANK_DPI, MM_PER_INCH
from ocr.reading import FormReading, Refused
from robots.drivers.ocr_readers import ONE_PAGE
from robots.errors import BusinessError, SystemFailure

LIMITS = Limits(file_bytes=20_000_000, pages=8, pixels=80_000_000, seconds=90.0, memory_bytes=2_500_000_000)
"""A4 at 600 dpi has 35 million pixels."""
_PAPER, _PROPOSAL = "paper.json", "proposal.json"
_WHITE = b"P5 2 2 255 " + bytes([255] * 4)
_SPOT = {"点": {"kind": "ink", "at": [1, 1, 1, 1]}}


@dataclass(frozen=True, slots=True)
class Blank:
    """A washed empty form.  data: PNG of one page or TIFF of several, grey, at BLANK_DPI."""

    data: bytes
    suffix: str
    size: str
    orientation: str


@dataclass(frozen=True, slots=True)
class Proposed:
    """What was found on an empty form: a definition as plain data, and by field why."""

    data: dict[str, object]
    reasons: dict[str, str]


class Washing:
    """Puts each page into a folder as a picture of our own, as large as the paper that the first one fits."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __call__(self, pages: Sequence[ocr.Page], form: ocr.Form) -> FormReading | Refused:
        (page,) = pages
        size, orientation = self._paper(page)
        width, height = PAPERS[size] if orientation == "portrait" else PAPERS[size][::-1]
        pixels = tuple(round(mm * BLANK_DPI / MM_PER_INCH) for mm in (width, height))
        fitted = cv2.resize(page.image, pixels, interpolation=cv2.INTER_AREA)
        Image.fromarray(np.asarray(fitted, np.uint8)).save(self._folder / f"{page.number}.png")
        return FormReading(form.name, page.source, {}, 0.0)

    def _paper(self, page: ocr.Page) -> tuple[str, str]:
        place = self._folder / _PAPER
        if page.number > 1 and place.is_file():
            size, orientation = json.loads(place.read_text(encoding="utf-8"))
            return size, orientation
        tall, wide = (side / page.dpi * MM_PER_INCH for side in page.image.shape)
        short, long = sorted((tall, wide))
        size = min(PAPERS, key=lambda name: abs(PAPERS[name][0] - short) + abs(PAPERS[name][1] - long))
        orientation = "portrait" if tall >= wide else "landscape"
        place.write_text(json.dumps([size, orientation]), encoding="utf-8")
        return size, orientation


class Proposing:
    """Puts what ``detect`` makes of the form's empty pages into a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __call__(self, pages: Sequence[ocr.Page], form: ocr.Form) -> FormReading | Refused:
        try:
            found = detect(form.blanks, form.definition.blank)
            told = {"data": found.data, "reasons": dict(found.reasons)}
        except NothingFound:
            told = {"data": {"register": "features", "fields": {}}, "reasons": {}}
        (self._folder / _PROPOSAL).write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
        return FormReading(form.name, pages[0].source, {}, 0.0)


def wash(data: bytes, name: str, folder: Path) -> Blank:
    """The pages of a file that was sent, through a worker process.  folder: an empty one of its own.

    Raises: BusinessError where the file is none that can be read, or is too large.
    """
    sent = folder / f"sent{Path(name).suffix[:8]}"
    sent.write_bytes(data)
    stand_in = ocr.FormSource({"form": ONE_PAGE, "blank": "white.pgm", "fields": _SPOT}, {"white.pgm": _WHITE})
    _each(sent, stand_in, Washing(folder))
    size, orientation = json.loads((folder / _PAPER).read_text(encoding="utf-8"))
    files = sorted(folder.glob("[0-9]*.png"), key=lambda one: int(one.stem))
    if len(files) == 1:
        return Blank(files[0].read_bytes(), ".png", size, orientation)
    pictures = [Image.open(one) for one in files]
    made = io.BytesIO()
    pictures[0].save(made, "TIFF", save_all=True, append_images=pictures[1:], compression="tiff_deflate")
    return Blank(made.getvalue(), ".tif", size, orientation)


def propose(blank: Blank, name: str, folder: Path) -> Proposed:
    """The fields that the empty form seems to have; none where none is found.  name: the blank's, for its title."""
    place = folder / name
    place.write_bytes(blank.data)
    paper = {"size": blank.size, "orientation": blank.orientation}
    source = ocr.FormSource({"form": ONE_PAGE, "blank": name, "paper": paper, "fields": _SPOT}, {name: blank.data})
    _each(place, source, Proposing(folder))
    found = json.loads((folder / _PROPOSAL).read_text(encoding="utf-8"))
    data = {"form": Path(name).stem, "version": 1, "paper": paper, "unit": "mm", **found["data"], "blank": name}
    return Proposed(data, found["reasons"])


def _each(file: Path, source: ocr.FormSource, reader: Washing | Proposing) -> None:
    try:
        # All of it, before anything is raised: the worker has let go of the folder then.
        told = [one.reading for one in ocr.read_pile([file], source, workers=1, reader=reader, limits=LIMITS)]
    except ocr.WorkersFailed as error:
        raise SystemFailure(str(error), mend="空きメモリを確かめ、もう一度行ってください。") from error
    for one in told:
        if isinstance(one, Refused):
            raise BusinessError(
                f"空の帳票を開けません。{one.why}", mend="PDF・PNG・TIFF・JPEG の空の帳票を選んでください。"
            )
