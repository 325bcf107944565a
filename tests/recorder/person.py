"""A person at the keyboard: real clicks and real keys, by what is written on the screen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress

from playwright.sync_api import Dialog, Frame, Locator, Page
from playwright.sync_api import Error as PlaywrightError

from japan.eras import era_of, read_date
from practice import PRACTICE_PASSWORD, PRACTICE_USER

Screen = Page | Frame


class Person:
    """Works in one page (or a frame or a popup of it)."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.screen: Screen = page
        self.answers: list[bool] = []
        page.context.on("dialog", self._answer)

    def _answer(self, dialog: Dialog) -> None:
        if self.answers:
            dialog.accept() if self.answers.pop(0) else dialog.dismiss()

    def sign_in(self) -> None:
        self.type("ユーザーID", PRACTICE_USER)
        self.type("パスワード", PRACTICE_PASSWORD)
        self.page.keyboard.press("Enter")
        self.page.get_by_role("heading", name="メニュー").wait_for()

    def at(self, screen: Screen) -> Person:
        """The same person, looking at a frame or a popup."""
        other = object.__new__(Person)
        other.page = screen if isinstance(screen, Page) else screen.page
        other.screen, other.answers = screen, self.answers
        return other

    def group(self, legend: str) -> Locator:
        return self.screen.get_by_role("group", name=legend, exact=True)

    def type(self, label: str, text: str) -> None:
        self.into(self.screen.get_by_label(label, exact=True), text)

    def into(self, box: Locator, text: str) -> None:
        box.click()
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(text) if text else self.page.keyboard.press("Delete")

    def choose(self, label: str, option: str) -> None:
        self.pick(self.screen.get_by_label(label, exact=True), option)

    def pick(self, select: Locator, option: str) -> None:
        """By the arrow keys, as a person does who does not use the mouse."""
        texts = [text.strip() for text in select.locator("option").all_inner_texts()]
        select.focus()
        self.page.keyboard.press("Home")
        for _ in range(texts.index(option)):
            self.page.keyboard.press("ArrowDown")

    def date(self, legend: str, text: str) -> None:
        """An era date, part by part."""
        group, day = self.group(legend), read_date(text)
        era = era_of(day)
        self.pick(group.get_by_label("元号"), era.name)
        for unit, number in (("年", day.year - era.base), ("月", day.month), ("日", day.day)):
            self.into(group.get_by_label(unit, exact=True), str(number))

    def tick(self, legend: str, options: Sequence[str]) -> None:
        for option in options:
            self.group(legend).get_by_text(option, exact=True).click()

    def press(self, button: str) -> None:
        self.screen.get_by_role("button", name=button, exact=True).click()
        self.settle()

    def close(self, button: str) -> None:
        """Presses what closes this window; how far the press is when the window goes is chance."""
        with self.page.expect_event("close"), suppress(PlaywrightError):
            self.screen.get_by_role("button", name=button, exact=True).click()

    def follow(self, link: str) -> None:
        self.screen.get_by_role("link", name=link, exact=True).first.click()
        self.settle()

    def settle(self) -> None:
        """Looks at what has come."""
        self.page.wait_for_load_state("load") if not self.page.is_closed() else None
        if not self.page.is_closed():
            self.page.wait_for_timeout(400)


Row = Mapping[str, str]
