"""A browser without a browser: pages are plain data.  For the engine's tests and for measuring what a step costs."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from robots.drivers.browser import Expectation, Locator, Scope, Site
from robots.drivers.browser_dialogs import Answer, Dialogs
from robots.drivers.browser_pages import (
    COVERED,
    PAPER,
    PICTURE,
    MemoryAction,
    MemoryField,
    MemoryPage,
    fitting,
    label_key,
    outlined,
    table_called,
)
from robots.drivers.browser_problems import failure, unmet
from robots.drivers.browser_sites import Gatekeeper
from robots.drivers.browser_values import wanted
from robots.drivers.memory_screen import MemoryScreen
from robots.drivers.screen_outline import Outline
from robots.errors import SystemFailure
from robots.files import write_atomically
from robots.mask import HIDDEN, mask_text
from robots.values import Row, Value


class MemoryBrowser:
    """See Browser.  pages: the page of an address, None where there is none."""

    def __init__(self, pages: Callable[[str], MemoryPage | None], sites: Collection[Site]) -> None:
        self._pages = pages
        self._gate = Gatekeeper(sites)
        self._dialogs = Dialogs()
        self._screen = MemoryScreen()
        self._login: tuple[str, str, str] | None = None
        self._closed = False

    def open(self, url: str, *, timeout: float) -> None:
        self._gate.check_target(url)
        self._dialogs.check_answered()
        self._check()
        self._go(url)
        if self._login and self._screen.page.login and url != self._login[0]:
            login_url, user, password = self._login
            self.login(login_url, user, password, timeout=timeout)
            self._go(url)
            if self._screen.page.login:
                raise SystemFailure(
                    f"{url} を開きましたが、ログイン画面に戻されました。",
                    mend="この画面を使う権限があるかを確かめてください。",
                )
        self._dialogs.raise_unexpected()

    def login(self, url: str, user: str, password: str, *, timeout: float) -> None:
        self._gate.check_target(url)
        self._screen.secrets.update((user, password))
        self._check()
        self._go(url)
        secret = [number for number, field in enumerate(self._screen.page.fields) if field.kind == "password"]
        if len(secret) != 1:
            raise failure("ログイン画面", {"problem": "no_login", "count": len(secret)})
        if secret[0] == 0:
            raise failure("ログイン画面", {"problem": "no_user"})
        if not self._screen.page.actions:
            raise failure("ログイン画面", {"problem": "no_login_button"})
        self._screen.values[id(self._screen.page.fields[secret[0] - 1])] = user
        self._screen.values[id(self._screen.page.fields[secret[0]])] = password
        self._act(self._screen.page.actions[0])
        if self._screen.page.login:
            said = " ".join(self._screen.page.texts).replace(user, COVERED).replace(password, COVERED)
            raise SystemFailure(
                f"ログインできませんでした。画面の表示: {said}", mend="資格情報が正しいかを確かめてください。"
            )
        self._login = (url, user, password)
        self._screen.signed_in = True

    def fill(self, locator: Locator, value: Value, *, timeout: float, secret: bool = False) -> dict[str, str]:
        self._check()
        name = locator.called or locator.label or str(locator)
        return {name: self._set(self._screen.field(locator), name, value, secret)}

    def fill_form(self, values: Mapping[str, Value], *, timeout: float, secret: bool = False) -> dict[str, str]:
        self._check()
        fields = [(name, self._screen.field(Locator(called=name)), value) for name, value in values.items()]
        return {name: self._set(field, name, value, secret) for name, field, value in fields}

    def select(self, locator: Locator, option: Value, *, timeout: float, secret: bool = False) -> dict[str, str]:
        self._screen.require(locator, ("select", "radio", "checks"), "not_a_choice")
        return self.fill(locator, option, timeout=timeout, secret=secret)

    def set_checked(self, locator: Locator, checked: bool, *, timeout: float) -> dict[str, str]:
        self._screen.require(locator, ("check",), "not_a_tick")
        return self.fill(locator, checked, timeout=timeout)

    def click(self, locator: Locator, *, timeout: float) -> None:
        self._check()
        self._act(self._screen.action(locator))
        self._check_page(f"{locator}を押す")

    def _check_page(self, doing: str) -> None:
        self._dialogs.raise_unexpected()
        if self._screen.page.status >= 500:
            raise SystemFailure(
                f"{doing}と、エラーの画面になりました。", mend="相手のシステムの様子を確かめてください。"
            )

    def press(self, key: str, field: Locator | None, *, timeout: float) -> None:
        self._check()
        if field is not None:
            self._screen.field(field)
        for action in self._screen.page.actions:
            if action.kind == "key" and action.name == key:
                self._act(action)
                break
        self._check_page(f"{key} キーを押す")

    def upload(self, locator: Locator, files: Sequence[Path], *, timeout: float) -> dict[str, str]:
        self._check()
        field = self._screen.field(locator)
        if field.kind not in ("file", "files"):
            raise failure(str(locator), {"problem": "no_file"})
        if len(files) > 1 and field.kind == "file":
            raise failure(str(locator), {"problem": "one_file", "count": len(files)})
        self._screen.values[id(field)] = "、".join(path.name for path in files)
        return {locator.called or locator.label or str(locator): self._screen.values[id(field)]}

    def download(self, locator: Locator, place: Callable[[str], Path], *, timeout: float) -> Path:
        self._check()
        action = self._screen.action(locator)
        self._act(action)
        self._dialogs.raise_unexpected()
        if action.file is None:
            raise failure(str(locator), {"problem": "no_download"})
        target = place(action.file[0])
        write_atomically(target, action.file[1])
        return target

    def screenshot(self, place: Path, *, whole: bool, timeout: float) -> None:
        self._check()
        write_atomically(place, PICTURE)

    def save_pdf(self, place: Path, *, landscape: bool, timeout: float) -> None:
        self._check()
        write_atomically(place, PAPER)

    def read(self, locator: Locator, *, timeout: float) -> str:
        self._check()
        name = locator.called or locator.label or ""
        facts = [text for label, text in self._screen.page.facts if label_key(label) == label_key(name)]
        if len(facts) == 1:
            return facts[0]
        field = self._screen.field(locator)
        if field.kind == "password":
            raise failure(str(locator), {"problem": "password"})
        return self._screen.values[id(field)]

    def read_table(self, table: Locator | None, next_: Locator | None, *, timeout: float) -> list[Row]:
        rows: list[Row] = []
        page, before = 0, None
        while True:
            self._check()
            page += 1
            shown = table_called(self._screen.page, (table.called or table.text or "") if table else None)
            if shown.rows == before:
                raise failure("表", {"problem": "same_page"})
            before = shown.rows
            rows.extend(
                Row(zip(shown.columns, cells, strict=True), origin=f"画面の表 {page}ページ目 {number}行目")
                for number, cells in enumerate(shown.rows, 1)
            )
            if next_ is None or not self._screen.actions(next_):
                return rows
            self._act(self._screen.action(next_))

    def expect(self, expectation: Expectation, *, timeout: float) -> None:
        self._check()
        unlike = self._screen.unlike(expectation)
        if unlike:
            raise unmet(expectation, {**unlike, "login": self._screen.page.login, "status": self._screen.page.status})

    @contextmanager
    def within(self, scope: Scope, *, timeout: float) -> Iterator[None]:
        self._check()
        kind, text = scope.plain()
        hits = [
            part
            for known, title, part in self._screen.page.parts
            if known == kind and (not text or label_key(title) == label_key(text))
        ]
        if len(hits) != 1:
            problem = "two_scopes" if hits else "no_scope"
            raise failure(
                str(scope), {"problem": problem, "scope": kind, "text": text, "count": len(hits), "matches": []}
            )
        before, address = self._screen.page, self._screen.address
        self._screen.page = hits[0]
        self._screen.values = {id(field): field.value for field in hits[0].fields} | self._screen.values
        try:
            yield
        finally:
            if self._screen.address == address:
                self._screen.page = before

    def answer(self, ok: bool, *, text: str | None = None, says: str | None = None) -> None:
        self._dialogs.prepare(Answer(ok, text, says))

    def check_answered(self) -> None:
        self._dialogs.check_answered()

    def outline(self, *, texts: bool = False) -> Outline | None:
        return outlined(urlsplit(self._screen.address).path, self._screen.page, texts=texts)

    def look(self, wanted: Sequence[dict[str, Any]], *, timeout: float) -> list[str]:
        self._check()
        return [self._screen.absence(one) for one in wanted]

    def point_out(self, locators: Sequence[Locator]) -> int:
        return sum(not self._screen.absence({"purpose": "any", "locator": one.plain()}) for one in locators)

    def evidence(self, folder: Path, hide: Collection[str] = ()) -> list[Path]:
        lines = [
            *self._screen.page.all_texts(),
            *(f"{field.label}: {self._screen.shown(field)}" for field in self._screen.page.fields),
        ]
        outline, address = "\n".join(lines) + "\n", self._screen.address + "\n"
        hidden = {*self._screen.secrets, *hide}
        outline, address = (mask_text(text, hidden).replace(HIDDEN, COVERED) for text in (outline, address))
        try:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "outline.txt").write_text(outline, encoding="utf-8")
            (folder / "url.txt").write_text(address, encoding="utf-8")
        except OSError:
            return []
        return [folder / "outline.txt", folder / "url.txt"]

    def refused(self) -> tuple[str, ...]:
        return self._gate.refused

    def close(self) -> None:
        self._closed = True

    def _check(self) -> None:
        if self._closed:
            raise SystemFailure("ブラウザーは終了しています。", mend="もう一度実行してください。")
        self._dialogs.raise_unexpected()

    def _go(self, address: str) -> None:
        page = self._pages(address)
        if page is None or page.status >= 400:
            status = page.status if page else 404
            raise SystemFailure(
                f"{address} を開くと、エラーの画面（{status}）になりました。", mend="アドレスを確かめてください。"
            )
        self._show(address, page)

    def _show(self, address: str, page: MemoryPage) -> None:
        self._screen.show(address, page)
        if page.alert:
            self._dialogs.meet("alert", page.alert)

    def _act(self, action: MemoryAction) -> None:
        if action.confirm and not self._dialogs.meet("confirm", action.confirm).ok:
            return
        if action.file is not None:
            return
        values = {field.label: self._screen.values[id(field)] for field in self._screen.page.fields}
        address = action.to if isinstance(action.to, str) else action.to(values)
        page = self._pages(address)
        if not self._gate.allows(address):
            self._gate.check_page([address])
        self._show(address, page or MemoryPage("", status=404))

    def _set(self, field: MemoryField, name: str, value: Value, secret: bool) -> str:
        text = fitting(field, f"項目「{name}」", wanted(value), secret)
        self._screen.values[id(field)] = text
        if secret:
            self._screen.secrets.add(text)
        return COVERED if secret else text
