"""Walks the screens of a scenario in a rehearsal and notes every name that is no longer there (``check --live``).

Before each step it looks whether what the step names is on the screen, waiting as long as the step would.  Where a
name is gone and the screen has what it has most likely become, the walk goes on with that, so that one look finds all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from robots.drivers.browser import Scope
from robots.drivers.browser_pages import label_key
from robots.drivers.screen_outline import ABSENT, Outline, Thing
from robots.errors import BankenError, ScenarioFault, SystemFailure
from robots.ledger.items import Item, Outcome
from robots.runner.beside import Go
from robots.runner.changed import COLUMN, Changed, also_called, moved_names, new_columns, options_of
from robots.runner.columns import shifted
from robots.runner.named import Named, Wanted, wanted_by
from robots.runner.nearest import nearest_name, of_role, roles_of
from robots.runner.outlines import Kept, screen_path
from robots.runner.put import put
from robots.runner.session import Session
from robots.scenario.model import blocks
from robots.scenario.resolve import resolve
from robots.step import Skipped, Step, Stopped
from robots.values import Row, text_of

MOST_ITEMS = 5
"""So many items are tried until one comes to its commit."""
_TRYING = "flow.try"
_LEADS_ON = frozenset({"browser.click", "browser.press", "browser.download", "browser.open", "flow.call"})
_NO_NAMES = frozenset({"browser.answer", "flow.log"})
_MOST_ROWS = 2000


@dataclass(frozen=True, slots=True)
class Gone:
    """A name that the screen has no more.  now: what it has most likely become; screen: where; moved: to which part."""

    scenario: str
    step: Step
    name: Named
    screen: str
    now: str | None = None
    moved: str | None = None
    column: str | None = None
    """The column that the name meant, where it has another number now."""


@dataclass(slots=True)
class Live:
    """See Beside and Watch: looks, and ends the walk once an item has come to its commit."""

    kept: Kept | None
    gone: dict[tuple[str, str, str], Gone] = field(default_factory=dict)
    changed: dict[Changed, None] = field(default_factory=dict)
    blocked: list[tuple[Step | None, str]] = field(default_factory=list)
    """Where the walk ended for another reason."""
    reached: bool = False
    worked: int = 0
    """Items that were begun."""
    _compared: set[str] = field(default_factory=set)

    # --- Watch ---

    def reading(self, done: int, total: int) -> None:
        """Nothing to show."""

    def begun(self, run: str, total: int) -> None:
        """Nothing to show."""

    def item(self, item: Item, outcome: Outcome) -> None:
        self.worked += outcome.state != "waiting"
        self.reached = self.reached or outcome.state == "done"

    def stop_wanted(self) -> bool:
        return self.reached or self.worked >= MOST_ITEMS

    # --- Beside ---

    def step(self, step: Step, session: Session, go: Go) -> object:
        try:
            if step.kind.name == "commit":
                self._look_ahead(step, session)
            if not step.kind.name.startswith("browser.") or _TRYING in step.path:
                return go(step)
            step = self._mended(step, session)
            return self._with_columns(step, session, go(step))
        except (SystemFailure, ScenarioFault) as error:
            if _TRYING in step.path:
                raise
            if not any(what == error.what for _, what in self.blocked):
                self.blocked.append((step, error.what))
            reason = "画面を調べられませんでした。"
            raise Stopped(reason) if step.path.startswith("prepare") else Skipped(reason) from error

    def _mended(self, step: Step, session: Session, *, timeout: float | None = None) -> Step:
        """The step with what its names have become."""
        step = self._with_shifted_columns(step, session)
        for want, problem in self._looked(step, session, timeout):
            if problem not in ABSENT:
                self._fine(step, want)
                continue
            gone = self._missing(step, want, problem, session)
            self.gone[step.path, gone.name.kind, gone.name.text] = gone
            mended = put(step, gone.name, gone.now) if gone.moved is None else None
            if mended is None:
                raise Skipped("画面にないものがあります。")
            step = mended
        self._compare(step, session)
        return step

    def _looked(self, step: Step, session: Session, timeout: float | None = None) -> Iterator[tuple[Wanted, str]]:
        wanted = wanted_by(step, session.names)
        if not wanted:
            return
        timeout = session.timeout if timeout is None else timeout
        problems = session.browser.look([one.look for one in wanted], timeout=timeout)
        yield from zip(wanted, problems, strict=True)

    def _fine(self, step: Step, want: Wanted) -> None:
        """What one item has met on the screen is there; that another did not was for its own reasons."""
        for name in (*want.names, *([want.option] if want.option else ())):
            self.gone.pop((step.path, name.kind, name.text), None)

    def _missing(self, step: Step, want: Wanted, problem: str, session: Session) -> Gone:
        live = session.browser.outline(texts=True) or Outline("", ())
        screen = screen_path(live.path)
        if problem == "no_option" and want.option is not None:
            there, before = (
                options_of(live.things, want.names[0].text),
                self._options_before(screen, want.names[0].text),
            )
            return Gone(session.scenario.id, step, want.option, screen, nearest_name(want.option.text, there, before))
        for name in want.names:
            roles = roles_of(name.kind, str(want.look["purpose"]))
            there_now = of_role(live.things, roles)
            same = [one for one in there_now if label_key(one.name) == label_key(name.text)]
            if same:
                return Gone(session.scenario.id, step, name, screen, moved=same[0].inside)
            now = self._become(step, name, roles, there_now, screen, session)
            if now is not None:
                return Gone(session.scenario.id, step, name, screen, now)
        return Gone(session.scenario.id, step, want.names[0], screen)

    def _become(
        self, step: Step, name: Named, roles: Sequence[str], there: Sequence[Thing], screen: str, session: Session
    ) -> str | None:
        kept = self.kept.screens.get(screen) if self.kept is not None else None
        before = [one.name for one in of_role(kept, roles)] if kept is not None else None
        taken = [other.text for want in wanted_by(step, session.names) for other in want.names if other != name]
        return nearest_name(name.text, list(dict.fromkeys(one.name for one in there)), before, taken)

    def _options_before(self, screen: str, label: str) -> tuple[str, ...] | None:
        kept = self.kept.screens.get(screen, ()) if self.kept is not None else ()
        return options_of(kept, label) or None

    # --- what is not carried out ---

    def _look_ahead(self, commit: Step, session: Session) -> None:
        """What the commit names on the screen that it begins on, and what `already_done` reads: looked at only."""
        raw = commit.raw if isinstance(commit.raw, Mapping) else {}
        self._ahead(raw.get("do", ()), session)
        for step in raw.get("already_done", ()):
            if step.kind.name == "browser.open":
                address = getattr(resolve(step, session.names), "url", "")
                session.browser.open(session.address(address), timeout=session.timeout)
            elif step.kind.name in _LEADS_ON:
                return
            elif step.kind.name not in (
                "browser.expect",
                "browser.wait",
            ):  # of what is not entered yet they tell nothing
                self._likely_gone(step, session)

    def _ahead(self, steps: Sequence[Step], session: Session) -> bool:
        """Whether the screen is still the one that the commit begins on."""
        for step in steps:
            if step.kind.name in _NO_NAMES:
                continue
            if step.kind.name in ("browser.expect", "browser.wait") or not step.kind.name.startswith("browser."):
                return False
            mended = self._mended(step, session)
            for block in blocks(mended.raw):
                with session.browser.within(_scope(mended, session), timeout=session.timeout):
                    if not self._ahead(block, session):
                        return False
            if step.kind.name in _LEADS_ON:
                return False
        return True

    def _likely_gone(self, step: Step, session: Session) -> None:
        """Of a screen that no walk has read before: only what surely has another name now."""
        for want, problem in self._looked(step, session, timeout=1.0):
            if problem in ABSENT:
                gone = self._missing(step, want, problem, session)
                if gone.now is not None:
                    self.gone[step.path, gone.name.kind, gone.name.text] = gone

    # --- what has changed without harm, and columns ---

    def _compare(self, step: Step, session: Session) -> None:
        """The screen against the last good run's: options that other items need, names that have moved, new columns."""
        if step.path in self._compared:
            return  # in a loop the first turn is enough
        self._compared.add(step.path)
        named = {label_key(name.text) for want in wanted_by(step, session.names) for name in want.names}
        live = session.browser.outline() if self.kept is not None and named else None
        screen = screen_path(live.path) if live is not None else ""
        before = self.kept.screens.get(screen) if self.kept is not None else None
        if live is None or before is None:
            return
        self._compare_options(step, session, live.things, before, screen)
        self._compare_columns(before, live.things, screen)
        for name in moved_names(before, live.things):
            if label_key(name) in named:
                self.changed[Changed("moved", screen, name)] = None

    def _with_shifted_columns(self, step: Step, session: Session) -> Step:
        """Cells that are found by the number of their column, where a column came or went before it."""
        numbered = [name for want in wanted_by(step, None) for name in want.names if name.kind == "css"]
        live = session.browser.outline() if self.kept is not None and numbered else None
        if live is None or self.kept is None:
            return step
        screen = screen_path(live.path)
        before = [one.name for one in of_role(self.kept.screens.get(screen, ()), COLUMN)]
        there = [one.name for one in of_role(live.things, COLUMN)]
        for name in numbered:
            if (found := shifted(name.text, before, there)) is not None:
                now, column = found
                gone = Gone(session.scenario.id, step, name, screen, now, column=column)
                self.gone[step.path, name.kind, name.text] = gone
                step = put(step, name, now) or step
        return step

    def _compare_columns(self, before: Sequence[Thing], there: Sequence[Thing], screen: str) -> None:
        self.changed |= dict.fromkeys(Changed("column", screen, name) for name in new_columns(before, there))

    def _compare_options(
        self, step: Step, session: Session, live: Sequence[Thing], before: Sequence[Thing], screen: str
    ) -> None:
        for want in wanted_by(step, session.names):
            if want.option is None or want.option.literal:
                continue
            there, known = options_of(live, want.names[0].text), options_of(before, want.names[0].text)
            lost = [one for one in known if there and label_key(one) not in {label_key(other) for other in there}]
            for option in lost:
                if option in self._wanted_by_items(step, want.option, session):
                    gone = Named("option", option, want.option.at, literal=False)
                    now = nearest_name(option, there, known)
                    self.gone[step.path, "option", option] = Gone(session.scenario.id, step, gone, screen, now)

    def _wanted_by_items(self, step: Step, option: Named, session: Session) -> set[str]:
        """The values that this place takes over all rows of the items' source."""
        items = session.scenario.items
        found: set[str] = set()
        rows = session.evaluate(items.from_) if items is not None else []
        for row in rows[:_MOST_ROWS] if isinstance(rows, list) else ():
            try:
                for want in wanted_by(step, {**session.names, "item": row}):
                    if want.option is not None and want.option.at == option.at:
                        found.add(text_of(want.option.text))
            except BankenError:
                continue
        return found

    def _with_columns(self, step: Step, session: Session, value: object) -> object:
        """After a table was read: columns that the scenario may use and that are gone; the walk goes on with the new ones."""
        if step.kind.name != "browser.read_table" or self.kept is None or not isinstance(value, list):
            return value
        live = session.browser.outline()
        screen = screen_path(live.path) if live is not None else ""
        before = [one.name for one in of_role(self.kept.screens.get(screen, ()), COLUMN)]
        there = [one.name for one in of_role(live.things, COLUMN)] if live is not None else []
        if not before or not there:
            return value
        keys = {label_key(one) for one in there}
        renamed = {one: nearest_name(one, there, before) for one in before if label_key(one) not in keys}
        for name, now in renamed.items():
            self.gone[step.path, "column", name] = Gone(
                session.scenario.id, step, Named("column", name, ()), screen, now
            )
        return [also_called(row, renamed) if isinstance(row, Row) else row for row in value]


def _scope(step: Step, session: Session) -> Scope:
    params = resolve(step, session.names)
    assert isinstance(params, Scope)
    return params
