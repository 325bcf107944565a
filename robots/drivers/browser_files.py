"""Files that go into a page and come out of it, over the real browser."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from playwright.sync_api import ElementHandle, FloatRect
from playwright.sync_api import Error as PlaywrightError

from robots.drivers.browser import Locator
from robots.drivers.browser_deadline import Deadline
from robots.drivers.browser_evidence import paper, picture
from robots.drivers.browser_problems import failure
from robots.drivers.browser_screen import Screen
from robots.errors import SystemFailure
from robots.files import replace_file

_HELD = "input => [...input.files].map(file => [file.name, file.size])"


def upload(screen: Screen, locator: Locator, files: Sequence[Path], deadline: Deadline) -> str:
    """Puts the files into the file field and gives their names as the page holds them, joined by 、.

    Raises: SystemFailure where there is no such field, or it does not take them.
    """
    field = screen.element("fileField", {"locator": locator.plain()}, deadline, str(locator))
    paths = [str(path) for path in files]
    with screen.following(deadline, keep=True):
        if field.evaluate("el => el.matches('input[type=file]')"):
            _check_number(locator, files, several=bool(field.evaluate("el => el.multiple")))
            field.set_input_files(paths, timeout=deadline.ms)
            held = _held(field)
        else:
            with screen.view.page.expect_file_chooser(timeout=deadline.ms) as opened:
                field.click(no_wait_after=True, timeout=deadline.ms)
            _check_number(locator, files, several=opened.value.is_multiple())
            opened.value.set_files(paths, timeout=deadline.ms)
            held = _held(opened.value.element)
    wanted = sorted((path.name, path.stat().st_size) for path in files)
    # A page that sends files by itself as they come empties its field, and shows their names instead.
    if held is not None and held != wanted and (held or not _named_on_page(screen, files, deadline)):
        raise SystemFailure(
            f"{locator}に添付したファイルが、画面に正しく入りませんでした（画面にあるのは: {'、'.join(name for name, _ in held) or 'なし'}）。",
            mend="ファイルの種類や大きさの決まりを、相手のシステムの画面で確かめてください。",
        )
    return "、".join(path.name for path in files)


def _named_on_page(screen: Screen, files: Sequence[Path], deadline: Deadline) -> bool:
    return all("problem" not in screen.ask("expect", {"want": {"text": path.name}}, deadline) for path in files)


def _check_number(locator: Locator, files: Sequence[Path], *, several: bool) -> None:
    if len(files) > 1 and not several:
        raise failure(str(locator), {"problem": "one_file", "count": len(files)})


def _held(field: ElementHandle) -> list[tuple[str, int]] | None:
    """Name and size of what the field holds; None where the page went on to another as it took the files."""
    try:
        return sorted((str(name), int(size)) for name, size in field.evaluate(_HELD))
    except PlaywrightError:
        return None


def download(screen: Screen, locator: Locator, place: Callable[[str], Path], deadline: Deadline) -> Path:
    """Presses, waits for the one file that comes of it, and puts it whole into its place.

    Raises: SystemFailure where no file comes, several do, or it does not come whole in time.
    """
    screen.arrivals.clear()
    screen.press(locator, deadline, saving=True)
    while not (screen.arrivals and all(one.over for one in screen.arrivals)):
        if deadline.over:
            problem = "slow_download" if screen.arrivals else "no_download"
            for one in screen.arrivals:
                if not one.over:
                    one.download.cancel()
            raise failure(str(locator), {"problem": problem})
        screen.main.wait_for_timeout(20)
    if len(screen.arrivals) > 1:
        raise failure(str(locator), {"problem": "two_downloads", "count": len(screen.arrivals)})
    (arrival,) = screen.arrivals
    if arrival.failure:
        raise failure(str(locator), {"problem": "cut_download"})
    target = place(arrival.download.suggested_filename)
    _keep(target, arrival.download.save_as)
    return target


def screenshot(screen: Screen, place: Path, secrets: set[str], *, whole: bool, deadline: Deadline) -> None:
    """A picture of the window (of what calls are narrowed to), or of the whole page, with secrets covered."""
    clip, page = (None if whole else _narrowed(screen, deadline)), screen.view.page
    _keep(place, lambda path: picture(page, path, secrets, whole=whole, clip=clip, ms=deadline.ms))


def _narrowed(screen: Screen, deadline: Deadline) -> FloatRect | None:
    """The box of what calls are narrowed to, from the page's top left; None for the window."""
    found = screen.ask("box", {}, deadline)
    if "problem" in found:
        raise failure("撮る範囲", found)
    box, (left, top) = found["box"], found["scrolled"]
    page, frame = screen.view.page, screen.view.frame
    if frame is not page.main_frame:
        outer = frame.frame_element().bounding_box()
        right, down = page.evaluate("[scrollX, scrollY]")
        left, top = (outer["x"] + right, outer["y"] + down) if outer else (left, top)
        box = box or (outer and {**outer, "x": 0, "y": 0})
    return {"x": box["x"] + left, "y": box["y"] + top, "width": box["width"], "height": box["height"]} if box else None


def save_pdf(screen: Screen, place: Path, secrets: set[str], *, landscape: bool) -> None:
    """The page as PDF with secrets left out.  Raises: SystemFailure where a browser with a window can't print."""
    try:
        _keep(place, lambda path: paper(screen.view.page, path, secrets, landscape=landscape))
    except PlaywrightError as error:
        if "headless" not in error.message.lower() and "PrintToPDF" not in error.message:
            raise
        raise SystemFailure(
            "ブラウザを画面に出して動かしているときは、PDF に保存できません。",
            mend="--headed を付けずに実行してください。",
        ) from error


def _keep(place: Path, write: Callable[[Path], None]) -> None:
    try:
        replace_file(place, write)
    except OSError as error:
        raise SystemFailure(
            f"{place.name} に書けません。",
            mend="ほかのソフトがそのファイルを開いていないか、ディスクの空きとフォルダの権限を確かめてください。",
        ) from error
