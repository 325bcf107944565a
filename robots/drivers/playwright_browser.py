"""The real browser, driven by Playwright: Edge, Chrome or Chromium as found on the machine."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from loguru import logger
from playwright.sync_api import Dialog, Page, Request
from playwright.sync_api import Error as PlaywrightError

from robots.drivers import browser_evidence, browser_files, browser_look, browser_tables
from robots.drivers.browser import Expectation, Locator, Scope, Site
from robots.drivers.browser_crashes import from_playwright, lost
from robots.drivers.browser_deadline import Deadline
from robots.drivers.browser_dialogs import Answer, Dialogs
from robots.drivers.browser_fill import fill_entries
from robots.drivers.browser_find import find_browser
from robots.drivers.browser_login import Login, sign_in
from robots.drivers.browser_open import bounced, go, refuse_bounced
from robots.drivers.browser_problems import failure, unmet
from robots.drivers.browser_screen import Screen, page_script
from robots.drivers.browser_sites import Gatekeeper
from robots.drivers.browser_start import launch, new_context, start_playwright
from robots.drivers.screen_outline import Outline
from robots.errors import SystemFailure
from robots.values import Row, Value, text_of


class PlaywrightBrowser:
    """See Browser.  Starts at once; one context for the whole run.  Not for use from several threads."""

    def __init__(self, sites: Collection[Site], *, headed: bool = False) -> None:
        program = find_browser(headed)
        self._gate = Gatekeeper(sites)
        self._dialogs = Dialogs()
        self._login: Login | None = None
        self._secrets: set[str] = set()
        self._opening = False
        self._closed = False
        self._playwright = start_playwright()
        try:
            self._browser = launch(self._playwright, program, sites, headed=headed)
            context = new_context(self._browser)
            script = page_script()
            context.add_init_script(script)
            context.on("dialog", self._meet_dialog)
            context.on("requestfailed", self._meet_failure)
            context.on("page", self._meet_page)
            context.on("console", lambda message: self._gate.told(message.text))
            self._screen = Screen(context, script)
        except PlaywrightError as error:
            self.close()
            raise SystemFailure(
                f"ブラウザー（{program.name}）を起動できません。",
                mend="banken doctor を実行して、ブラウザーの項目を確かめてください。",
            ) from error

    def _meet_dialog(self, dialog: Dialog) -> None:
        if dialog.type == "beforeunload" and self._opening:
            # Leaving a half-filled page for another one is what open() is asked to do.
            dialog.accept()
            return
        answer = self._dialogs.meet(dialog.type, dialog.message)
        if answer.ok:
            dialog.accept(answer.text) if answer.text is not None else dialog.accept()
        else:
            dialog.dismiss()

    def _meet_failure(self, request: Request) -> None:
        self._gate.noticed(request.url, navigation=_opens_a_window(request))

    def _meet_page(self, page: Page) -> None:
        # A web socket is no request to Playwright; what it is opened to is known before it is open.
        page.on("websocket", lambda socket: self._gate.noticed(socket.url, navigation=False))

    @contextmanager
    def _doing(self, doing: str) -> Iterator[None]:
        """Turns what goes wrong into a Japanese failure; a dialog or a refusal explains more than a time-out does."""
        if self._closed:
            raise SystemFailure("ブラウザーは終了しています。", mend="もう一度実行してください。")
        self._dialogs.raise_unexpected()
        try:
            yield
        except PlaywrightError as error:
            self._explain()
            raise from_playwright(error, doing) from error
        except SystemFailure:
            self._explain()
            self._check_arrived()
            raise
        self._explain()
        self._check_arrived()

    def _explain(self) -> None:
        self._dialogs.raise_unexpected()
        pages = [self._screen.main, self._screen.view.page]
        self._gate.check_page(frame.url for page in pages if not page.is_closed() for frame in page.frames)

    def _check_arrived(self) -> None:
        if self._screen.view.frame.url.startswith("chrome-error:"):
            raise lost()

    def open(self, url: str, *, timeout: float) -> None:
        self._gate.check_target(url)
        self._dialogs.check_answered()
        with self._doing(f"{url} を開く"):
            deadline = Deadline(timeout)
            self._go(url, deadline)
            if self._login and bounced(self._screen, deadline):
                logger.info("ログイン画面に戻されたため、もう一度ログインします。")
                self._go(self._login.url, deadline)
                sign_in(self._screen, self._login, deadline)
                self._go(url, deadline)
                if bounced(self._screen, deadline):
                    raise refuse_bounced(url)

    def _go(self, url: str, deadline: Deadline) -> None:
        self._opening = True
        try:
            go(self._screen, url, deadline)
        finally:
            self._opening = False

    def login(self, url: str, user: str, password: str, *, timeout: float) -> None:
        self._gate.check_target(url)
        self._secrets.update((user, password))
        with self._doing("ログインする"):
            deadline, login = Deadline(timeout), Login(url, user, password)
            self._go(url, deadline)
            sign_in(self._screen, login, deadline)
            self._login = login

    def fill(self, locator: Locator, value: Value, *, timeout: float, secret: bool = False) -> dict[str, str]:
        return self._enter({_name(locator): (locator, value)}, timeout, secret)

    def fill_form(self, values: Mapping[str, Value], *, timeout: float, secret: bool = False) -> dict[str, str]:
        return self._enter({name: (Locator(called=name), value) for name, value in values.items()}, timeout, secret)

    def select(self, locator: Locator, option: Value, *, timeout: float, secret: bool = False) -> dict[str, str]:
        return self._enter({_name(locator): (locator, option)}, timeout, secret, only="choice")

    def set_checked(self, locator: Locator, checked: bool, *, timeout: float) -> dict[str, str]:
        return self._enter({_name(locator): (locator, checked)}, timeout, secret=False, only="tick")

    def _enter(
        self, fields: Mapping[str, tuple[Locator, Value]], timeout: float, secret: bool, only: str = ""
    ) -> dict[str, str]:
        if secret:
            self._secrets.update(text_of(value) for _, value in fields.values() if not isinstance(value, list | tuple))
        entries = [(name, locator, value) for name, (locator, value) in fields.items()]
        try:
            with self._doing("入力する"):
                return fill_entries(self._screen, entries, timeout, secret=secret, only=only)
        except SystemFailure as error:
            if secret:
                # The cause may quote what was typed.
                raise error from None
            raise

    def click(self, locator: Locator, *, timeout: float) -> None:
        with self._doing(f"{locator}を押す"):
            deadline = Deadline(timeout)
            self._check_page(f"{locator}を押す", self._screen.press(locator, deadline), deadline)

    def _check_page(self, doing: str, led: bool, deadline: Deadline) -> None:
        status = self._screen.ask("place", {}, deadline)["status"] if led else 0
        if status >= 500:
            raise SystemFailure(
                f"{doing}と、エラーの画面（{status}）になりました。", mend="相手のシステムの様子を確かめてください。"
            )

    def press(self, key: str, field: Locator | None, *, timeout: float) -> None:
        doing = f"{field}で {key} キーを押す" if field else f"{key} キーを押す"
        with self._doing(doing):
            deadline = Deadline(timeout)
            answer = self._screen.ask("aside", {"locator": field.plain() if field else None}, deadline)
            if "problem" in answer:
                raise failure(str(field) if field else "画面", answer)
            with self._screen.following(deadline):
                self._screen.view.page.keyboard.press(key)
            self._check_page(doing, self._screen.led, deadline)

    def upload(self, locator: Locator, files: Sequence[Path], *, timeout: float) -> dict[str, str]:
        with self._doing(f"{locator}に添付する"):
            return {_name(locator): browser_files.upload(self._screen, locator, files, Deadline(timeout))}

    def download(self, locator: Locator, place: Callable[[str], Path], *, timeout: float) -> Path:
        with self._doing(f"{locator}を押してダウンロードする"):
            return browser_files.download(self._screen, locator, place, Deadline(timeout))

    def screenshot(self, place: Path, *, whole: bool, timeout: float) -> None:
        with self._doing("画面を撮る"):
            browser_files.screenshot(self._screen, place, self._secrets, whole=whole, deadline=Deadline(timeout))

    def save_pdf(self, place: Path, *, landscape: bool, timeout: float) -> None:
        with self._doing("画面を PDF に保存する"):
            browser_files.save_pdf(self._screen, place, self._secrets, landscape=landscape)

    def read(self, locator: Locator, *, timeout: float) -> str:
        with self._doing(f"{locator}を読む"):
            found = self._screen.ask("read", {"locator": locator.plain()}, Deadline(timeout))
            if "problem" in found:
                raise failure(str(locator), found)
            if found.get("choice"):
                logger.info("{} は {} 番目の探し方で見つけました。", locator, found["choice"] + 1)
            return str(found["text"])

    def read_table(self, table: Locator | None, next_: Locator | None, *, timeout: float) -> list[Row]:
        return browser_tables.read_table(self._screen, self._doing, table, next_, timeout)

    def expect(self, expectation: Expectation, *, timeout: float) -> None:
        with self._doing("画面を確かめる"):
            found = self._screen.ask("expect", {"want": expectation.plain()}, Deadline(timeout))
            if "problem" in found:
                raise unmet(expectation, found)

    @contextmanager
    def within(self, scope: Scope, *, timeout: float) -> Iterator[None]:
        with self._doing(f"{scope}に絞る"):
            narrowed = self._screen.within(scope, Deadline(timeout))
            narrowed.__enter__()
        try:
            yield
        finally:
            narrowed.__exit__(None, None, None)

    def answer(self, ok: bool, *, text: str | None = None, says: str | None = None) -> None:
        self._dialogs.prepare(Answer(ok, text, says))

    def check_answered(self) -> None:
        self._dialogs.check_answered()

    def outline(self, *, texts: bool = False) -> Outline | None:
        return None if self._closed else browser_look.outline(self._screen, self._secrets, texts=texts)

    def look(self, wanted: Sequence[dict[str, Any]], *, timeout: float) -> list[str]:
        with self._doing("画面を見る"):
            return browser_look.look(self._screen, wanted, timeout)

    def point_out(self, locators: Sequence[Locator]) -> int:
        return 0 if self._closed else browser_look.point_out(self._screen, locators)

    def evidence(self, folder: Path, hide: Collection[str] = ()) -> list[Path]:
        page = self._screen.view.page if not self._screen.view.page.is_closed() else self._screen.main
        return [] if self._closed else browser_evidence.keep(page, folder, {*self._secrets, *hide})

    def refused(self) -> tuple[str, ...]:
        with suppress(PlaywrightError):  # one question to the browser: what it has to report comes before the answer
            self._screen.main.context.cookies("http://127.0.0.1")
        return self._gate.refused

    def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        try:
            if hasattr(self, "_browser"):
                self._browser.close()
        except PlaywrightError as error:
            logger.debug("ブラウザーはすでに終わっていました: {}", type(error).__name__)
        finally:
            # Ending Playwright's own process takes with it whatever it had started.
            self._playwright.stop()

    @property
    def page(self) -> Page:
        """The page itself, for measurements beside the driver."""
        return self._screen.main


def _opens_a_window(request: Request) -> bool:
    """Whether the request was to bring a whole window's page, not a frame's or a part of a page."""
    if not request.is_navigation_request():
        return False
    try:
        return request.frame.parent_frame is None
    except PlaywrightError:
        # The first request of a new window has no frame yet.
        return True


def _name(locator: Locator) -> str:
    return locator.called or locator.label or str(locator)
