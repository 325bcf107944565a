"""Proposing a definition from an empty form: what is found, under which name, and why; a person looks it over."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath

import numpy as np

from ocr.detect.dates import find_dates
from ocr.detect.dotted import find_dotted
from ocr.detect.found import Found
from ocr.detect.layout import Layout, lay_out
from ocr.detect.marks import find_checkboxes, find_circles
from ocr.detect.rules import crop
from ocr.detect.tables import find_tables
from ocr.detect.words import PX, Run, find_runs
from ocr.detect.writing import find_boxes, find_grids
from ocr.draw.form import MARK_HOLE, MARK_SIDE, mark_centres
from ocr.form import PAPERS, check_definition
from ocr.page import Page
from ocr.reading import Box

_LONGEST_NAME = 20
_TITLE = re.compile("(申請|請求|申込|申告|報告|依頼|届出|調査|同意|委任|計画|証明)書?$|[書届票]$")
_BRACKETS = re.compile(r"[（(].*?([)）]|$)")
_UNWANTED = str.maketrans("", "", " 　*＊※:：·・、。，（）()「」<>●〒")


@dataclass(frozen=True, slots=True)
class Proposal:
    """A definition as plain data that ``check_definition`` accepts, and why each field was taken for what it is."""

    data: dict[str, object]
    reasons: Mapping[str, str]
    """By field name, Japanese."""


class NothingFound(Exception):
    """No field was found on the page; the message is Japanese."""


def detect(pages: Sequence[Page], blank: str, find_words: Callable[[Page], list[Run]] = find_runs) -> Proposal:
    """An empty form's pages at BLANK_DPI, and its file's name → the proposal; some seconds a page.

    Raises: NothingFound.
    """
    fields: dict[str, object] = {}
    reasons: dict[str, str] = {}
    title = Found("", {}, "", Box(0, 0, 0, 0, 0))
    for page in pages:
        layout = lay_out(page, find_words(page))
        if page.number == 1:
            title = _title(layout, PurePath(blank).stem)
        _name_all(_find_all(layout), page.number, fields, reasons)
    if not fields:
        raise NothingFound(
            f"{blank} に枠もますも見つかりません。枠を印刷した帳票を指定するか、定義を手で書いてください"
        )
    size, orientation = _paper(pages[0])
    data: dict[str, object] = {
        "form": title.label,
        "version": 1,
        "paper": {"size": size, "orientation": orientation},
        "blank": blank,
        "register": "markers" if has_marks(pages[0]) else "features",
        "unit": "mm",
        "fields": fields,
    }
    if title.params:
        data["identify"] = title.params
    check_definition(data)
    return Proposal(data, reasons)


def _find_all(whole: Layout) -> list[Found]:
    tables, layout = find_tables(whole)
    circles = find_circles(layout)
    dates = find_dates(layout, circles)
    found = [*find_checkboxes(layout), *circles, *dates, *find_grids(layout, dates)]
    dotted = find_dotted(layout, [*tables, *found])
    return [*tables, *found, *dotted, *find_boxes(layout, [*found, *dotted])]


def _name_all(found: list[Found], page: int, fields: dict[str, object], reasons: dict[str, str]) -> None:
    """Puts the fields in, from the top; a date's era by the name that its circles got."""
    circles = [one for one in found if one.params["kind"] == "circle"]
    names: dict[int, str] = {}
    for one in sorted(found, key=lambda one: (round(one.box.top / 4), one.box.left)):
        name = _free_name(_plain(one.label) or "項目", fields)
        names[id(one)] = name
        fields[name] = {**one.params, **({"page": page} if page > 1 else {})}
        reasons[name] = one.why
    for one in found:
        era = str(one.params.get("era", ""))
        if era.startswith("@"):
            params = fields[names[id(one)]]
            assert isinstance(params, dict)
            params["era"] = names[id(circles[int(era[1:])])]


def _plain(label: str) -> str:
    return _BRACKETS.sub("", label).translate(_UNWANTED)[:_LONGEST_NAME] or label.translate(_UNWANTED)[:_LONGEST_NAME]


def _free_name(name: str, fields: Mapping[str, object]) -> str:
    number = 2
    free = name
    while free in fields:
        free, number = f"{name}_{number}", number + 1
    return free


def _title(layout: Layout, stem: str) -> Found:
    """The largest print in the upper fifth of the page that ends as a form's name does, and where it stands."""
    height = layout.page.image.shape[0] / PX
    upper = [run for run in layout.loose if run.box.top < height / 5 and len(run.text) >= 3]
    titles = [run for run in upper if _TITLE.search(run.text)] or upper
    if not titles:
        return Found(stem, {}, "", Box(0, 0, 0, 0, 0))
    largest = max(titles, key=lambda run: (round(run.box.height), -run.box.top))
    left, top, wide, tall = largest.box[1:]
    at = [round(max(0.0, left - 3), 1), round(max(0.0, top - 2), 1), round(wide + 6, 1), round(tall + 4, 1)]
    return Found(largest.text, {"text": largest.text, "at": at}, "", largest.box)


def _paper(page: Page) -> tuple[str, str]:
    """The paper whose sides are nearest to the page's."""
    tall, wide = (side / PX for side in page.image.shape)
    orientation = "portrait" if tall >= wide else "landscape"
    short, long = sorted((tall, wide))
    size = min(PAPERS, key=lambda name: abs(PAPERS[name][0] - short) + abs(PAPERS[name][1] - long))
    return size, orientation


def has_marks(page: Page) -> bool:
    """Whether the four corner marks of ``draw`` are there, the upper left one with its hole."""
    tall, wide = (side / PX for side in page.image.shape)
    centres = mark_centres((wide, tall))
    full = [_dark(page, x, y, MARK_SIDE * 0.8) for x, y in centres]
    holes = [_dark(page, x, y, MARK_HOLE * 0.6) for x, y in centres]
    return min(full) > 0.8 and holes[0] < 0.2 and min(holes[1:]) > 0.8


def _dark(page: Page, x: float, y: float, side: float) -> float:
    part = crop(page.image, Box(0, x - side / 2, y - side / 2, side, side), 0)
    return float(np.mean(part < 128))
