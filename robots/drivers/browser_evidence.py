"""What can be seen of the screen, kept for people: picture, outline and address, with secrets covered."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from loguru import logger
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import FloatRect, Locator, Page, PdfMargins

from robots.mask import HIDDEN, mask_text

COVERED = "（秘密）"
_MASK = "#5c6670"
_CALL = "([name, given]) => window.__banken ? window.__banken[name](given) : []"


def _hidden(text: str, values: Iterable[str]) -> str:
    return mask_text(text, values).replace(HIDDEN, COVERED)


def _cover(page: Page, values: set[str]) -> set[str]:
    """Marks what must not be seen; gives all the values that must not be written either."""
    known = {value for value in values if value}
    for frame in page.frames:
        known.update(frame.evaluate(_CALL, ["cover", {"values": sorted(known)}]))
    return known


def keep(page: Page, folder: Path, secrets: set[str]) -> list[Path]:
    """Writes screenshot.png, outline.txt and url.txt; gives what could be written, never raises for the browser's sake."""
    try:
        known, covered = _cover(page, secrets), True
    except PlaywrightError as error:
        # Without knowing what to cover, nothing of the page itself may be kept.
        logger.warning("画面を証跡に残せません: {}", type(error).__name__)
        known, covered = {value for value in secrets if value}, False

    def picture(path: Path) -> None:
        page.screenshot(path=path, mask=_masks(page), mask_color=_MASK, timeout=5000)

    def outline(path: Path) -> None:
        frames = [frame.locator("html").aria_snapshot(timeout=5000) for frame in page.frames]
        path.write_text(_hidden("\n\n".join(frames), known), encoding="utf-8")

    def address(path: Path) -> None:
        path.write_text(_hidden(page.url, known) + "\n", encoding="utf-8")

    writers: dict[str, Callable[[Path], None]] = {"url.txt": address}
    if covered:
        writers |= {"screenshot.png": picture, "outline.txt": outline}
    kept = []
    for name, write in writers.items():
        try:
            folder.mkdir(parents=True, exist_ok=True)
            write(folder / name)
            kept.append(folder / name)
        except (PlaywrightError, OSError) as error:
            logger.warning("証跡 {} を残せません: {}", name, type(error).__name__)
    _uncover(page)
    return kept


def _masks(page: Page) -> list[Locator]:
    return [frame.locator("[data-banken-covered], input[type=password]") for frame in page.frames]


def picture(page: Page, place: Path, secrets: set[str], *, whole: bool, clip: FloatRect | None, ms: float) -> None:
    """A picture of the window, of all the page (whole), or of a box of it (clip, from the page's top left).

    Raises: PlaywrightError; without the secrets covered nothing is taken.
    """
    with _covered(page, secrets):
        if clip is not None:
            page.screenshot(path=place, full_page=True, clip=clip, mask=_masks(page), mask_color=_MASK, timeout=ms)
        else:
            page.screenshot(path=place, full_page=whole, mask=_masks(page), mask_color=_MASK, timeout=ms)


def paper(page: Page, place: Path, secrets: set[str], *, landscape: bool) -> None:
    """The page as PDF, A4.  Raises: PlaywrightError; without the secrets covered nothing is printed."""
    margin: PdfMargins = {"top": "10mm", "bottom": "10mm", "left": "10mm", "right": "10mm"}
    with _covered(page, secrets):
        _veil(page, on=True)
        try:
            page.pdf(path=place, format="A4", landscape=landscape, print_background=True, margin=margin)
        finally:
            _veil(page, on=False)


@contextmanager
def _covered(page: Page, secrets: set[str]) -> Iterator[None]:
    _cover(page, secrets)
    try:
        yield
    finally:
        _uncover(page)


def _veil(page: Page, *, on: bool) -> None:
    for frame in page.frames:
        frame.evaluate(_CALL, ["veil", {"on": on}])


def _uncover(page: Page) -> None:
    try:
        for frame in page.frames:
            frame.evaluate(_CALL, ["uncover", {}])
    except PlaywrightError as error:
        logger.warning("画面の覆いを外せません: {}", type(error).__name__)
