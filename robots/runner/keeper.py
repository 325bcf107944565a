"""Stands beside the steps of a run and gathers the outlines of the screens that they use."""

from __future__ import annotations

from collections.abc import Iterator

from robots.drivers.browser_pages import label_key
from robots.runner.beside import Go
from robots.runner.named import names_of
from robots.runner.outlines import MOST_ITEMS, Gathered, Screens
from robots.runner.session import Session
from robots.scenario.model import Scenario
from robots.step import Step
from robots.values import texts_in

_MOVES = frozenset({"browser.click", "browser.press", "browser.download"})
"""What leads to another screen: looked at before it is done; all else after."""
_LOOKED_AT = _MOVES | {
    "browser.fill", "browser.fill_form", "browser.select", "browser.check", "browser.uncheck", "browser.upload",
    "browser.read", "browser.read_table", "browser.expect", "browser.wait",
}  # fmt: skip


class Keeper:
    """See Beside: lets every step go, and looks at the screens of the first items."""

    def __init__(self, scenario: Scenario) -> None:
        self._gathered = Gathered(frozenset(label_key(name.text) for _, name in names_of(scenario)))
        self._item: object = None
        self._items = 0
        self._seen: set[str] = set()
        """The steps that were looked at with the present item: in a loop the first turn is enough."""

    def step(self, step: Step, session: Session, go: Go) -> object:
        if session.on_screen is not self._item:
            self._item, self._items, self._seen = session.on_screen, self._items + 1, set()
        if step.kind.name not in _LOOKED_AT or self._items > MOST_ITEMS + 1:  # `prepare` counts as one
            return go(step)
        if step.path in self._seen:
            return go(step)
        self._seen.add(step.path)
        if step.kind.name in _MOVES:
            self._look(session)
            return go(step)
        value = go(step)
        self._look(session)
        return value

    @property
    def screens(self) -> Screens:
        """What may be kept."""
        return self._gathered.screens()

    def _look(self, session: Session) -> None:
        browser = session.browser_started
        outline = browser.outline() if browser is not None else None
        if outline is not None:
            self._gathered.add(outline, self._items, personal_texts(session))


def personal_texts(session: Session) -> Iterator[str]:
    """The texts that the present item holds, has saved and has put on screen."""
    yield from session.on_screen.values()
    yield from texts_in(session.names.get("item"))
    yield from texts_in(session.saved)
