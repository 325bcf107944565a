"""One run while it runs: the names, the drivers, and what steps may reach of them (StepContext)."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial

from loguru import logger

from robots.drivers.browser import Browser
from robots.drivers.forms import Forms
from robots.drivers.mail import Mail
from robots.drivers.workbook import Workbooks
from robots.errors import BankenError, BusinessError, NotDeclared, ScenarioFault, SystemFailure, Unconfirmed
from robots.mask import Mask, mask_value
from robots.params import Deferred
from robots.runner.account import Account
from robots.runner.asking import Inquiry
from robots.runner.beside import Beside, Go
from robots.runner.calls import Ground, ground_of
from robots.runner.places import Places
from robots.runner.post import Post
from robots.runner.reach import Reach
from robots.scenario.model import Scenario
from robots.scenario.resolve import evaluated, resolve
from robots.step import Asked, Control, RunFacts, Step
from robots.values import Row, texts_in, truth_of
from robots.vault import Credential, Vault

Commit = Callable[[Sequence[Step], Sequence[Step]], None]


class Session(Reach):
    """The StepContext of one run.

    ``failed`` is the innermost step of the last error with that error; ``on_screen`` is what the present item
    has put on screen so far; ``saved`` is what its steps saved by save_as.
    """

    def __init__(
        self,
        scenario: Scenario,
        run: RunFacts,
        inputs: Mapping[str, object],
        *,
        places: Places,
        open_browser: Callable[[], Browser],
        workbooks: Workbooks,
        forms: Forms,
        reading: Callable[[int, int], None],
        post: Post,
        vault: Vault,
        account: Account,
        practice: Credential | None,
        step_timeout: float,
        mask: Mask,
        grounds: Mapping[str, Ground] = {},
        beside: Sequence[Beside] = (),
    ) -> None:
        super().__init__(
            scenario,
            places,
            workbooks=workbooks,
            forms=forms,
            reading=reading,
            vault=vault,
            practice=practice,
            mask=mask,
        )
        self.grounds = grounds
        self._go: Go = self._attempt
        for one in reversed(beside):  # the first stands outermost
            self._go = partial(one.step, session=self, go=self._go)
        self._run = run
        self._open_browser = open_browser
        self._browser: Browser | None = None
        self._post = post
        self._account = account
        self._step_timeout = step_timeout
        self.key = ""
        """Of the present item."""
        self._step: Step | None = None
        self._base: dict[str, object] = dict(ground_of(scenario, places, run, inputs).names)
        self.names: dict[str, object] = dict(self._base)
        self.saved: dict[str, object] = {}
        self.on_screen: dict[str, str] = {}
        self.failed: tuple[Exception, Step] | None = None
        self.transaction: Commit | None = None
        self.inquiry: Inquiry | None = None
        """What the present item's steps may ask of people."""
        self.strict = False
        """While a commit is carried out or asked for: no failure is kept back."""
        self.expect_timeout: float | None = None
        """While already_done is asked: how long an expectation may take."""

    # --- what the runner does with it ---

    def begin_item(self, item: Row, saved: Mapping[str, object] = {}, *, key: str = "") -> None:
        """Names of a new item: what `prepare` left, the item, and (on recovery) what it had saved."""
        self.names = {**self._base, **saved, "item": item}
        self.saved, self.on_screen, self.failed, self.key = {}, {}, None, key

    def end_items(self, **names: object) -> None:
        """Back to what `prepare` left, with further names (done)."""
        self.names = {**self._base, **names}

    def keep_names(self) -> None:
        """What has been saved so far (by `prepare`) stays for every item."""
        self._base = dict(self.names)

    def check_screen(self) -> None:
        """Raises: SystemFailure where a dialog that was prepared for never came."""
        if self._browser is not None:
            self._browser.check_answered()

    @property
    def browser_started(self) -> Browser | None:
        return self._browser

    def close(self) -> None:
        """Ends the browser, if one was started."""
        self.note_refused()
        browser, self._browser = self._browser, None
        if browser is not None:
            browser.close()

    def note_refused(self) -> None:
        """Has the run's account know what the browser has refused by itself so far."""
        if self._browser is not None:
            for site in self._browser.refused():
                self._account.refused(self.scenario.id, "site", site)

    def tell_refused(self) -> None:
        """Puts what was refused so far into the audit log.  Raises: SystemFailure where it can't be written."""
        self.note_refused()
        self._account.tell()

    # --- StepContext ---

    @property
    def timeout(self) -> float:
        step = self._step
        wanted = self._step_timeout if step is None or step.timeout is None else step.timeout
        if self.expect_timeout is not None and step is not None and step.kind.name == "browser.expect":
            return min(wanted, self.expect_timeout)
        return wanted

    @property
    def secret(self) -> bool:
        return self._step is not None and self._step.secret

    @property
    def browser(self) -> Browser:
        if self._browser is None:
            self._browser = self._open_browser()
        return self._browser

    @property
    def run(self) -> RunFacts:
        return self._run

    def send_mail(self, key: str, mail: Mail) -> bool:
        return self._post.send(key, mail, timeout=self.timeout)

    def evaluate(self, expression: object, **names: object) -> object:
        if not isinstance(expression, Deferred):
            return expression
        return expression.evaluate({**self.names, **names} if names else self.names)

    def run_steps(self, steps: Sequence[Step], **names: object) -> None:
        with self._further(names):
            for step in steps:
                self._run_step(step)

    def attempt(self, steps: Sequence[Step]) -> BusinessError | SystemFailure | None:
        try:
            self.run_steps(steps)
        except Unconfirmed:
            raise
        except (BusinessError, SystemFailure) as error:
            if self.strict:
                raise
            self.failed = None
            with suppress(SystemFailure):  # an answer that was prepared for a dialog of the failed steps
                self.check_screen()
            return error
        return None

    def call(self, scenario: str, values: Mapping[str, object]) -> Row:
        ground = self.grounds.get(scenario)
        if ground is None:
            raise NotDeclared(
                f"「{scenario}」は呼び出せません。",
                mend="banken check で確かめてください。",
                kind="call",
                thing=scenario,
            )
        outer = self.scenario, self._places, self.names, self.saved
        self.scenario, self._places = ground.scenario, ground.places
        self.names, self.saved = {**ground.names, "item": Row(values)}, {}
        try:
            self.run_steps(ground.scenario.each)
            return Row(self.saved)
        except BankenError as error:
            raise self._told_of(scenario, error) from error
        finally:
            self.scenario, self._places, self.names, self.saved = outer

    def ask(self, asked: Sequence[Asked]) -> Mapping[str, object]:
        if self.inquiry is None or self.strict:
            raise ScenarioFault(
                "人に尋ねる手順は、各件の「確定する」より前でだけ使えます。", mend="手順を移してください。"
            )
        return self.inquiry(asked)

    def log(self, message: str) -> None:
        logger.info("{} {}", self._run.id, message)

    def entered(self, values: Mapping[str, str]) -> None:
        self.on_screen.update({label: mask_value(text) if self.secret else text for label, text in values.items()})

    def commit(self, do: Sequence[Step], already_done: Sequence[Step]) -> None:
        if self.transaction is None:
            raise ScenarioFault(
                "確定（commit）は各件（each）の中でだけ使えます。", mend="確定を各件の中へ移してください。"
            )
        self.transaction(do, already_done)

    # --- inside ---

    def _told_of(self, scenario: str, error: BankenError) -> BankenError:
        """A failure inside a called scenario, with the place in that one's file."""
        step = self.failed[1] if self.failed is not None and self.failed[0] is error else None
        place = f"の {step.position.line} 行目（{step.kind.ja}）" if step is not None else ""
        return type(error)(f"呼び出した「{scenario}」{place}: {error.what}", mend=error.mend, guess=error.guess)

    @contextmanager
    def _further(self, names: Mapping[str, object]) -> Iterator[None]:
        outer = self.names
        before = {name: outer[name] for name in names if name in outer}
        known = {*outer} - {*names}
        # What one turn of a loop has saved is not there in the next: it would pass for that one's own.
        turn = bool(names) and self._step is not None and self._step.kind.repeats
        outer.update(names)
        try:
            yield
        finally:
            for name in [name for name in outer if name not in known] if turn else names:
                outer.pop(name, None)
            outer.update(before)

    def _run_step(self, step: Step) -> None:
        outer, self._step = self._step, step
        try:
            if step.if_ is not None and not self.holds(step.if_):
                return
            value = self._go(step)
            if step.secret:
                self.mask.keep_secret(*texts_in(value))
            if step.save_as is not None:
                self.names[step.save_as] = self.saved[step.save_as] = value
        except (BankenError, Control) as error:
            self._note(error, step)
            raise
        except Exception as error:  # anything else is our bug, and is reported as one
            logger.exception("{} 手順 {} で Banken の不具合", self._run.id, step.path)
            bug = SystemFailure(
                f"Banken の不具合です（手順 {step.kind.ja}: {type(error).__name__}）。",
                mend="この実行の番号をつけて、Banken の担当者に知らせてください。登録は確かめるまでやり直しません。",
            )
            self._note(bug, step)
            raise bug from error
        finally:
            self._step = outer

    def _attempt(self, step: Step) -> object:
        for left in range(step.retry_times, -1, -1):
            try:
                if step.secret:
                    self.mask.keep_secret(*texts_in(evaluated(step, self.names)))
                return step.kind.run(resolve(step, self.names), self)
            except SystemFailure as error:
                if not left:
                    raise
                self.log(f"手順 {step.path}（{step.kind.ja}）をやり直します: {error.what}")
                time.sleep(step.retry_wait)
        raise AssertionError("unreachable: the last attempt returns or raises")

    def holds(self, condition: Deferred) -> bool:
        return truth_of(condition.evaluate(self.names))

    def _note(self, error: Exception, step: Step) -> None:
        self.mask.clean(error)
        if self.failed is None or self.failed[0] is not error:
            self.failed = (error, step)
            if isinstance(error, NotDeclared) and error.kind:
                self._account.refused(self.scenario.id, error.kind, self.mask.public(error.thing))
