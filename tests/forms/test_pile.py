"""A pile of files: in order, over all workers, one bad file harms no other, stopped and continued."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import psutil
import pytest
from PIL import Image

from ocr.form import Form
from ocr.limits import Limits
from ocr.page import Page
from ocr.pile import read_pile
from ocr.pile_queue import Progress
from ocr.pile_worker import FormSource
from ocr.reading import Box, FieldReading, FormReading, Refused

_BLANK = cv2.imencode(".png", np.full((2339, 1654), 255, np.uint8))[1].tobytes()
SOURCE = FormSource(
    {"form": "届", "blank": "blank.png", "fields": {"署名": {"kind": "ink", "at": [20, 20, 50, 10]}}},
    {"blank.png": _BLANK},
)


def shade(pages: Sequence[Page], form: Form) -> FormReading | Refused:
    """A reader whose value is the page's grey, and which fails as its greys say."""
    grey = int(pages[0].image[0, 0])
    if grey == 1:
        os._exit(9)
    if grey == 2:
        time.sleep(600)
    if grey == 3:
        hoard = [np.ones(20_000_000) for _ in range(10)]
        time.sleep(600 + len(hoard))
    box = Box(0, 20, 20, 50, 10)
    field = FieldReading(str(grey), (), 1.0, "read", (), box, "ink")
    return FormReading(form.name, f"{pages[0].source}#{pages[0].number}", {"署名": field}, 0.1, {"署名": bytes([grey])})


def once_only(pages: Sequence[Page], form: Form) -> FormReading | Refused:
    """Fails where a page is read a second time."""
    raise AssertionError(pages[0].source)


def paper(path: Path, *greys: int) -> Path:
    pages = [Image.new("L", (827, 1169), grey) for grey in greys]
    pages[0].save(path, save_all=True, append_images=pages[1:], dpi=(100, 100))
    return path


def told(readings: Sequence[FormReading | Refused]) -> list[str]:
    return [one.code if isinstance(one, Refused) else one.fields["署名"].value for one in readings]


def test_a_pile_comes_in_the_files_order_and_tells_its_progress(tmp_path: Path) -> None:
    files = [paper(tmp_path / f"{number}.tif", *range(100, 100 + number)) for number in (1, 9, 3, 2)]
    steps: list[Progress] = []
    pile = list(read_pile(files, SOURCE, workers=2, reader=shade, on_progress=steps.append))
    assert [(one.file, one.copy) for one in pile] == [
        (file, copy) for file, count in zip(files, (1, 9, 3, 2), strict=True) for copy in range(count)
    ]
    assert told([one.reading for one in pile]) == [str(100 + one.copy) for one in pile]
    assert steps[-1] == Progress(files=4, opened=4, copies=15, done=15)


def test_a_bad_file_is_refused_alone(tmp_path: Path) -> None:
    files = [
        paper(tmp_path / "good.tif", 50),
        paper(tmp_path / "kills.tif", 60, 1, 61, 62),
        tmp_path / "cut.tif",
        tmp_path / "gone.tif",
        paper(tmp_path / "last.tif", 80),
    ]
    files[2].write_bytes(files[1].read_bytes()[:900])
    pile = list(read_pile(files, SOURCE, workers=2, reader=shade))
    by_file = {file.name: told([one.reading for one in pile if one.file == file]) for file in files}
    assert by_file == {
        "good.tif": ["50"],
        "kills.tif": ["60", "damaged", "61", "62"],
        "cut.tif": ["damaged"],
        "gone.tif": ["damaged"],
        "last.tif": ["80"],
    }


@pytest.mark.parametrize(
    ("grey", "limits", "code"),
    [(2, Limits(seconds=4), "too_long"), (3, Limits(seconds=90, memory_bytes=1_000_000_000), "too_large")],
)
def test_a_file_that_hangs_or_swells_is_refused_alone(tmp_path: Path, grey: int, limits: Limits, code: str) -> None:
    files = [paper(tmp_path / "bad.tif", grey, 70), paper(tmp_path / "good.tif", 80)]
    pile = list(read_pile(files, SOURCE, workers=1, reader=shade, limits=limits))
    assert told([one.reading for one in pile]) == [code, "70", "80"]


def test_a_pile_that_was_stopped_goes_on_where_it_was(tmp_path: Path) -> None:
    files = [paper(tmp_path / f"{number}.tif", number + 40, number + 90) for number in range(6)]
    first = read_pile(files, SOURCE, workers=2, store=tmp_path / "kept", reader=shade)
    begun = [next(first) for _ in range(3)]
    first.close()
    assert not psutil.Process().children(recursive=True) or all(
        "spawn_main" not in " ".join(child.cmdline()) for child in psutil.Process().children(recursive=True)
    )
    whole = list(read_pile(files, SOURCE, workers=2, store=tmp_path / "kept", reader=shade))
    assert [one.reading for one in whole[:3]] == [one.reading for one in begun]
    files[0].rename(tmp_path / "renamed.tif")
    again = list(read_pile([tmp_path / "renamed.tif", *files[1:]], SOURCE, store=tmp_path / "kept", reader=once_only))
    assert told([one.reading for one in again]) == told([one.reading for one in whole])
    assert again[0].reading.source == "renamed.tif#1"


def test_another_form_does_not_find_the_results_of_this_one(tmp_path: Path) -> None:
    file = paper(tmp_path / "one.tif", 40)
    list(read_pile([file], SOURCE, workers=1, store=tmp_path / "kept", reader=shade))
    other = FormSource({**SOURCE.data, "version": "2"}, SOURCE.files)
    [again] = read_pile([file], other, workers=1, store=tmp_path / "kept", reader=once_only)
    assert isinstance(again.reading, Refused)


@pytest.mark.parametrize("pages", [1, 3])
def test_a_file_that_does_not_hold_whole_copies_is_refused(tmp_path: Path, pages: int) -> None:
    good, picture = cv2.imencodemulti(".tiff", [np.full((2339, 1654), 255, np.uint8)] * 2)
    assert good
    source = FormSource({**SOURCE.data, "blank": "two.tif"}, {"two.tif": picture.tobytes()})
    [one] = read_pile([paper(tmp_path / "odd.tif", *[90] * pages)], source, workers=1, reader=shade)
    assert isinstance(one.reading, Refused)
    assert "2 ページ" in one.reading.why
