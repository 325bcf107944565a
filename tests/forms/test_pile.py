"""A pile of files: in order, over all workers, one bad file harms no other, stopped and continued."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from pathlib import Path

import cv2
import numpy as np
import psutil
from PIL import Image

from ocr.limits import Limits
from ocr.pile.queue import Progress
from ocr.pile.read import read_pile
from ocr.pile.store import Store
from ocr.pile.worker import FormSource
from ocr.reading import FormReading, Refused
from tests.forms.pile_readers import DIES, HANGS, SWELLS, once_only, shade

_BLANK = cv2.imencode(".png", np.full((2339, 1654), 255, np.uint8))[1].tobytes()
SOURCE = FormSource(
    {"form": "届", "blank": "blank.png", "fields": {"署名": {"kind": "ink", "at": [20, 20, 50, 10]}}},
    {"blank.png": _BLANK},
)


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
        paper(tmp_path / "kills.tif", 60, DIES, 61, 62),
        tmp_path / "cut.tif",
        tmp_path / "gone.tif",
        paper(tmp_path / "hangs.tif", HANGS, 70),
        paper(tmp_path / "swells.tif", SWELLS, 71),
        paper(tmp_path / "last.tif", 80),
    ]
    files[2].write_bytes(files[1].read_bytes()[:900])
    limits = Limits(seconds=8, memory_bytes=260_000_000)
    pile = list(read_pile(files, SOURCE, workers=2, reader=shade, limits=limits))
    by_file = {file.name: told([one.reading for one in pile if one.file == file]) for file in files}
    assert by_file == {
        "good.tif": ["50"],
        "kills.tif": ["60", "damaged", "61", "62"],
        "cut.tif": ["damaged"],
        "gone.tif": ["damaged"],
        "hangs.tif": ["too_long", "70"],
        "swells.tif": ["too_large", "71"],
        "last.tif": ["80"],
    }


def command_of(process: psutil.Process) -> str:
    """ "" of one that has ended; the kept browser has such children too."""
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


def test_a_pile_that_was_stopped_goes_on_where_it_was(tmp_path: Path) -> None:
    files = [paper(tmp_path / f"{number}.tif", number + 40, number + 90) for number in range(5)]
    files.append(paper(tmp_path / "one.tif", 30))
    first = read_pile(files, SOURCE, workers=2, store=Store(tmp_path / "kept"), reader=shade)
    assert isinstance(first, Generator)
    begun = [next(first) for _ in range(3)]
    first.close()
    assert not [line for line in map(command_of, psutil.Process().children(recursive=True)) if "spawn_main" in line]
    whole = list(read_pile(files, SOURCE, workers=1, store=Store(tmp_path / "kept"), reader=shade))
    assert [one.reading for one in whole[:3]] == [one.reading for one in begun]
    files[0].rename(tmp_path / "renamed.tif")
    again = list(
        read_pile([tmp_path / "renamed.tif", *files[1:]], SOURCE, store=Store(tmp_path / "kept"), reader=once_only)
    )
    assert told([one.reading for one in again]) == told([one.reading for one in whole])
    assert again[0].reading.source == "renamed.tif#1"
    other = FormSource({**SOURCE.data, "version": "2"}, SOURCE.files)
    [not_found] = read_pile([files[5]], other, workers=1, store=Store(tmp_path / "kept"), reader=once_only)
    assert isinstance(not_found.reading, Refused), "another form must not find the results of this one"


def test_a_file_that_does_not_hold_whole_copies_is_refused(tmp_path: Path) -> None:
    good, picture = cv2.imencodemulti(".tiff", [np.full((2339, 1654), 255, np.uint8)] * 2)
    assert good
    source = FormSource({**SOURCE.data, "blank": "two.tif"}, {"two.tif": picture.tobytes()})
    files = [paper(tmp_path / f"{pages}.tif", *[90] * pages) for pages in (1, 3, 2)]
    *odd, whole = (one.reading for one in read_pile(files, source, workers=1, reader=shade))
    assert [isinstance(one, Refused) and "2 ページ" in one.why for one in odd] == [True, True]
    assert isinstance(whole, FormReading)
