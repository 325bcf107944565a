"""An empty form as a file: its pages, on the paper that it fits, and what ``detect`` makes of it."""

from __future__ import annotations

from pathlib import Path

from ocr.blank import BlankUnreadable, draw_blank
from ocr.detect.propose import NothingFound, Proposal, detect
from ocr.form import PAPERS
from ocr.page import MM_PER_INCH, Page
from ocr.pages import read_pages
from robots.cli.common import Code, Stop, say

_USUAL = PAPERS["A4"]


def blank_pages(path: Path) -> tuple[Page, ...]:
    """The pages of an empty form at BLANK_DPI; a file that can't be opened is said and ends the command."""
    if not path.is_file():
        say(f"{path} がありません。空の帳票（PDF、PNG、TIFF、JPEG）を指定してください。")
        raise Stop(Code.USAGE)
    first = next(iter(read_pages(path, _USUAL)))
    if not isinstance(first, Page):
        say(f"{path}: {first.why}")
        raise Stop(Code.PROBLEMS)
    try:
        return draw_blank(path.read_bytes(), path.name, _paper_of(first))
    except BlankUnreadable as error:
        say(f"{path}: {error}")
        raise Stop(Code.PROBLEMS) from None


def proposal_of(path: Path, pages: tuple[Page, ...]) -> Proposal:
    """The proposed definition; where nothing is found that is said and ends the command."""
    try:
        return detect(pages, path.name)
    except NothingFound as error:
        say(f"{error}。")
        raise Stop(Code.PROBLEMS) from None


def _paper_of(page: Page) -> tuple[float, float]:
    """The paper whose sides are nearest to the page's own, in mm."""
    height, width = (side / page.dpi * MM_PER_INCH for side in page.image.shape)
    papers = [(a, b) for one in PAPERS.values() for a, b in (one, one[::-1])]
    return min(papers, key=lambda one: abs(one[0] - width) + abs(one[1] - height))
