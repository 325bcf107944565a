"""The page that calls go to: asks its script, follows it over navigations, narrows to frames, popups and parts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib import resources
from typing import Any

from playwright.sync_api import BrowserContext, Download, ElementHandle, Frame, Page, Request
from playwright.sync_api import Error as PlaywrightError

from robots.drivers.browser import Locator, Scope
from robots.drivers.browser_crashes import closed, lost
from robots.drivers.browser_deadline import Deadline
from robots.drivers.browser_problems import failure
from robots.errors import SystemFailure

_PARTS = ("text", "names", "find", "fill", "outline", "read")
_CALL = "([name, given]) => window.__banken ? window.__banken[name](given) : { problem: 'no_script' }"
_GONE = ("Execution context was destroyed", "Cannot find context", "Frame was detached", "Unable to adopt", "navigat")
# How far an element's press was, in the log that Playwright puts under its error: the mouse is at work from here on.
_PRESSING = "performing click action"


def page_script(*further: str) -> str:
    """The script that is put into every page and frame; further: parts of others that use what it knows."""
    folder = resources.files("robots.drivers")
    parts = [folder.joinpath(f"browser_page_{part}.js").read_text(encoding="utf-8") for part in _PARTS]
    return "(() => { 'use strict'; if (window.__banken) return;\n" + "\n".join([*parts, *further]) + "\n})();"


class _Missed(SystemFailure):
    """The press met something else than what was aimed at, and was kept from the page."""


@dataclass(frozen=True, slots=True)
class View:
    """What calls are narrowed to: a frame of a page, and parts of it (kind, text) from the outside in."""

    page: Page
    frame: Frame
    parts: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class Arrival:
    """A file that the browser is fetching; ``failure`` is why it did not come, once it is ``over``."""

    download: Download
    over: bool = False
    failure: str | None = None


class Screen:
    """The run's page and what calls are narrowed to now.  ``arrivals`` are the files since it was cleared."""

    def __init__(self, context: BrowserContext, script: str) -> None:
        self._context = context
        self._script = script
        self._moved: set[Frame] = set()
        self._ended = self._lost = self.led = False
        self.arrivals: list[Arrival] = []
        context.on("page", self._watch)
        context.on("requestfailed", self._note_failure)
        self.main = context.new_page()
        self.view = View(self.main, self.main.main_frame)

    def _watch(self, page: Page) -> None:
        page.on("framenavigated", self._note_move)
        page.on("download", self._receive)

    def _note_move(self, frame: Frame) -> None:
        self._moved.add(frame)

    def _receive(self, download: Download) -> None:
        # A navigation that turned out to be a download brings no page.
        self._ended = True
        arrival = Arrival(download)
        self.arrivals.append(arrival)
        try:
            # This waits for the whole file, in a turn of its own: whoever wants the file looks at ``over``.
            arrival.failure = download.failure()
        except PlaywrightError:
            arrival.failure = "closed"
        arrival.over = True

    def _note_failure(self, request: Request) -> None:
        if request.is_navigation_request():
            # "Aborted" is also what a download and an answer without a page look like.
            self._ended = True
            self._lost = request.failure != "net::ERR_ABORTED"

    def ask(self, name: str, given: Mapping[str, Any], deadline: Deadline, *, again: bool = True) -> Any:
        """Calls one function of the page's script; again: a question may be repeated when the page changes under it."""
        while True:
            call = [name, {**given, "scopes": self.view.parts, "ms": deadline.ms}]
            try:
                answer = self.view.frame.evaluate(_CALL, call)
            except PlaywrightError as error:
                self._follow(error, deadline, again)
                continue
            if answer and isinstance(answer, dict) and answer.get("problem") == "no_script":
                self.view.frame.evaluate(self._script)
                continue
            return answer

    def element(self, name: str, given: Mapping[str, Any], deadline: Deadline, what: str) -> ElementHandle:
        """The element that one function of the page's script gives.  Raises: SystemFailure about ``what``."""
        while True:
            call = [name, {**given, "scopes": self.view.parts, "ms": deadline.ms}]
            try:
                handle = self.view.frame.evaluate_handle(_CALL, call)
                element = handle.as_element()
                if element:
                    return element
                problem = handle.json_value()
            except PlaywrightError as error:
                self._follow(error, deadline, again=True)
                continue
            if problem["problem"] != "no_script":
                raise failure(what, problem)
            self.view.frame.evaluate(self._script)

    def elements(self, name: str, deadline: Deadline, what: str) -> list[ElementHandle]:
        """The elements that one function of the page's script gives in a list."""
        handle = self.view.frame.evaluate_handle(_CALL, [name, {"scopes": (), "ms": deadline.ms}])
        found = [one.as_element() for one in handle.get_properties().values()]
        if not found or any(one is None for one in found):
            raise failure(what, handle.json_value())
        return [one for one in found if one]

    def _follow(self, error: PlaywrightError, deadline: Deadline, again: bool) -> None:
        """Waits for the page that replaces the one that was asked; raises the error where that is no answer to it."""
        moved = any(text in error.message for text in _GONE)
        if not (again and moved) or deadline.over or self.view.page.is_closed():
            raise error
        if self.view.frame.is_detached():
            raise SystemFailure(
                "操作していたフレームが画面から消えました。", mend="画面の流れを確かめて、もう一度実行してください。"
            ) from error
        self.view.frame.wait_for_load_state("domcontentloaded", timeout=deadline.ms)

    def press(self, locator: Locator, deadline: Deadline, *, saving: bool = False) -> bool:
        """Clicks with the real mouse and waits for the page that it leads to; whether it led to one.

        saving: what it leads to is a file to be kept, not shown.  Raises: SystemFailure where there is nothing to
        press, or the page does not come in time.
        """
        page, given = self.view.page, {"locator": locator.plain(), "saving": saving}
        if self.view.frame is not page.main_frame:
            # What lies over a frame is seen from outside it only, by Playwright.
            return self.press_element(self.element("target", given, deadline, str(locator)), deadline)
        # The page's script checks what Playwright would, in a fifth of the time.
        found = self.ask("target", {**given, "point": True}, deadline)
        if "problem" in found:
            raise failure(str(locator), found)
        try:
            with self.following(deadline):
                page.mouse.click(found["x"], found["y"])
            return self.led
        except _Missed:
            if deadline.over:
                raise
            # Nothing of it has reached the page, so it may be tried again.
            return self.press(locator, deadline, saving=saving)

    def press_element(self, element: ElementHandle, deadline: Deadline) -> bool:
        """The same for an element that is known."""
        with self.following(deadline, aims=True):
            element.click(no_wait_after=True, timeout=deadline.ms)
        return self.led

    @contextmanager
    def following(self, deadline: Deadline, *, keep: bool = False, aims: bool = False) -> Iterator[None]:
        """Waits, after what is done inside, for the page that it leads to; ``led`` then says whether it led to one.

        keep: what was entered on this page before is still to be checked at the next press.  aims: what is done
        inside looks for its place before it presses.
        """
        self._forget()
        try:
            yield
        except PlaywrightError as error:
            pressed = not aims or _PRESSING in error.message
            if not (pressed and self._window_went(error, deadline)):
                raise
        self.led = self._follow_press(deadline, keep=keep)

    def _window_went(self, error: PlaywrightError, deadline: Deadline) -> bool:
        """Whether the window of its own that was pressed in has closed, as 閉じる does: nothing is wrong with that.

        It is told of a little later than the press fails; the browser that has ended tells nothing more.  A window that
        closes by itself in the instant of the press is not told from one that the press has closed.
        """
        page, browser = self.view.page, self._context.browser
        if page is self.main or not closed(error):
            return False
        while not page.is_closed() and not deadline.over and browser and browser.is_connected():
            self.main.wait_for_timeout(5)
        return page.is_closed() and not self.main.is_closed()

    def _forget(self) -> None:
        self._moved.clear()
        self._ended = self._lost = False

    def _follow_press(self, deadline: Deadline, *, keep: bool = False) -> bool:
        # Playwright's own waiting knows nothing of navigations inside frames.
        page, frame = self.view.page, self.view.frame
        if page.is_closed() or frame.is_detached():
            return False
        try:
            pressed = self.ask("pressed", {"keep": keep}, deadline)
        except PlaywrightError:
            if page.is_closed() or frame.is_detached():
                return False
            raise
        if pressed["missed"]:
            raise _Missed(
                "押そうとしたものが、押す前に動きました。", mend="画面が落ち着いてから、もう一度実行してください。"
            )
        target = self._frame_named(pressed["leaving"])
        while target and not self._arrived(target):
            if deadline.over:
                raise SystemFailure(
                    "押したあとの画面が時間内に開きませんでした。",
                    mend="登録などの操作は届いているかもしれません。相手のシステムで結果を確かめてください。",
                )
            page.wait_for_timeout(5)
        if self._lost:
            raise lost()
        if self._moved:
            self._settle(deadline)
        return bool(self._moved) and not page.is_closed() and not frame.is_detached()

    def _frame_named(self, target: str) -> Frame | None:
        frame = self.view.frame
        parent = frame.parent_frame or frame
        special = {"": None, "_blank": None, "_self": frame, "_parent": parent, "_top": self.view.page.main_frame}
        if target in special:
            return special[target]
        return next((one for one in self.view.page.frames if one.name == target), None)

    def _arrived(self, frame: Frame) -> bool:
        return frame in self._moved or frame.is_detached() or frame.page.is_closed() or self._ended

    def _settle(self, deadline: Deadline) -> None:
        """Waits until what has begun to load in any of the windows is loaded."""
        for page in self._context.pages:
            for frame in page.frames:
                if not frame.is_detached():
                    frame.wait_for_load_state("load", timeout=deadline.ms)

    def close_popups(self) -> None:
        """Closes every window but the run's own: what an item before left open must not be taken for this one's."""
        for page in self._context.pages:
            if page is not self.main:
                page.close()

    @contextmanager
    def within(self, scope: Scope, deadline: Deadline) -> Iterator[None]:
        """Narrows all calls to a frame, a popup or a part of the page."""
        before = self.view
        kind, text = scope.plain()
        if kind == "frame":
            frame = self.element("frame", {"text": text}, deadline, str(scope)).content_frame()
            if frame is None:
                raise failure(str(scope), {"problem": "no_scope", "scope": kind, "text": text})
            frame.wait_for_load_state("load", timeout=deadline.ms)
            self.view = View(before.page, frame)
        elif kind == "popup":
            page = self._popup(text, deadline)
            self.view = View(page, page.main_frame)
        else:
            self.view = replace(before, parts=(*before.parts, (kind, text)))
            answer = self.ask("part", {}, deadline)
            if answer.get("problem"):
                self.view = before
                raise failure(str(scope), answer)
        try:
            yield
        finally:
            self.view = before

    def _popup(self, text: str, deadline: Deadline) -> Page:
        while True:
            others = [page for page in self._context.pages if page not in (self.main, self.view.page)]
            for page in others:
                page.wait_for_load_state("load", timeout=deadline.ms)
            hits = [page for page in others if text in page.title()]
            if len(hits) == 1:
                return hits[0]
            if deadline.over:
                names = [page.title() for page in others]
                raise failure("", {"problem": "two_scopes" if hits else "no_scope", "scope": "popup", "text": text,
                                   "count": len(hits), "names": names, "matches": []})  # fmt: skip
            self.view.page.wait_for_timeout(20)
