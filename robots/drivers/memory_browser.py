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
    found,
    label_key,
    outlined,
    table_called,
)
from robots.drivers.browser_problems import failure, unmet
from robots.drivers.browser_sites import Gatekeeper
from robots.drivers.browser_values import wanted
from robots.drivers.screen_outline import Outline
from robots.errors import SystemFailure
from robots.files import write_atomically
from robots.values import Row, Value


class MemoryBrowser:
    """See Browser.  pages: the page of an address, None where there is none."""

    def __init__(self, pages: Callable[[str], MemoryPage | None], sites: Collection[Site]) -> None:
        self._pages = pages
        self._gate = Gatekeeper(sites)
        self._dialogs = Dialogs()
        self._address = "about:blank"
        self._page = MemoryPage("")
        # By the identity of the field: two parts of a page may hold fields that look alike.
        self._values: dict[int, str] = {}
        self._secrets: set[str] = set()
        self._login: tuple[str, str, str] | None = None
        self._closed = False

    def open(self, url: str, *, timeout: float) -> None:
        self._gate.check_target(url)
        self._dialogs.check_answered()
        self._check()
        self._go(url)
        if self._login and self._page.login and url != self._login[0]:
            login_url, user, password = self._login
            self.login(login_url, user, password, timeout=timeout)
            self._go(url)
            if self._page.login:
                raise SystemFailure(
                    f"{url} を開きましたが、ログイン画面に戻されました。",
                    mend="この画面を使う権限があるかを確かめてください。",
                )
        self._dialogs.raise_unexpected()

    def login(self, url: str, user: str, password: str, *, timeout: float) -> None:
        self._gate.check_target(url)
        self._secrets.update((user, password))
        self._check()
        self._go(url)
        secret = [number for number, field in enumerate(self._page.fields) if field.kind == "password"]
        if len(secret) != 1:
            raise failure("ログイン画面", {"problem": "no_login", "count": len(secret)})
        if secret[0] == 0:
            raise failure("ログイン画面", {"problem": "no_user"})
        if not self._page.actions:
            raise failure("ログイン画面", {"problem": "no_login_button"})
        self._values[id(self._page.fields[secret[0] - 1])] = user
        self._values[id(self._page.fields[secret[0]])] = password
        self._act(self._page.actions[0])
        if self._page.login:
            said = " ".join(self._page.texts).replace(user, COVERED).replace(password, COVERED)
            raise SystemFailure(
                f"ログインできませんでした。画面の表示: {said}", mend="資格情報が正しいかを確かめてください。"
            )
        self._login = (url, user, password)

    def fill(self, locator: Locator, value: Value, *, timeout: float, secret: bool = False) -> dict[str, str]:
        self._check()
        name = locator.called or locator.label or str(locator)
        return {name: self._set(self._field(locator), name, value, secret)}

    def fill_form(self, values: Mapping[str, Value], *, timeout: float, secret: bool = False) -> dict[str, str]:
        self._check()
        fields = [(name, self._field(Locator(called=name)), value) for name, value in values.items()]
        return {name: self._set(field, name, value, secret) for name, field, value in fields}

    def select(self, locator: Locator, option: Value, *, timeout: float, secret: bool = False) -> dict[str, str]:
        self._require(locator, ("select", "radio", "checks"), "not_a_choice")
        return self.fill(locator, option, timeout=timeout, secret=secret)

    def set_checked(self, locator: Locator, checked: bool, *, timeout: float) -> dict[str, str]:
        self._require(locator, ("check",), "not_a_tick")
        return self.fill(locator, checked, timeout=timeout)

    def click(self, locator: Locator, *, timeout: float) -> None:
        self._check()
        self._act(self._action(locator))
        self._check_page(f"{locator}を押す")

    def _check_page(self, doing: str) -> None:
        self._dialogs.raise_unexpected()
        if self._page.status >= 500:
            raise SystemFailure(
                f"{doing}と、エラーの画面になりました。", mend="相手のシステムの様子を確かめてください。"
            )

    def press(self, key: str, field: Locator | None, *, timeout: float) -> None:
        self._check()
        if field is not None:
            self._field(field)
        for action in self._page.actions:
            if action.kind == "key" and action.name == key:
                self._act(action)
                break
        self._check_page(f"{key} キーを押す")

    def upload(self, locator: Locator, files: Sequence[Path], *, timeout: float) -> dict[str, str]:
        self._check()
        field = self._field(locator)
        if field.kind not in ("file", "files"):
            raise failure(str(locator), {"problem": "no_file"})
        if len(files) > 1 and field.kind == "file":
            raise failure(str(locator), {"problem": "one_file", "count": len(files)})
        self._values[id(field)] = "、".join(path.name for path in files)
        return {locator.called or locator.label or str(locator): self._values[id(field)]}

    def download(self, locator: Locator, place: Callable[[str], Path], *, timeout: float) -> Path:
        self._check()
        action = self._action(locator)
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
        facts = [text for label, text in self._page.facts if label_key(label) == label_key(name)]
        if len(facts) == 1:
            return facts[0]
        field = self._field(locator)
        if field.kind == "password":
            raise failure(str(locator), {"problem": "password"})
        return self._values[id(field)]

    def read_table(self, table: Locator | None, next_: Locator | None, *, timeout: float) -> list[Row]:
        rows: list[Row] = []
        page, before = 0, None
        while True:
            self._check()
            page += 1
            shown = table_called(self._page, (table.called or table.text or "") if table else None)
            if shown.rows == before:
                raise failure("表", {"problem": "same_page"})
            before = shown.rows
            rows.extend(
                Row(zip(shown.columns, cells, strict=True), origin=f"画面の表 {page}ページ目 {number}行目")
                for number, cells in enumerate(shown.rows, 1)
            )
            if next_ is None or not self._actions(next_):
                return rows
            self._act(self._action(next_))

    def expect(self, expectation: Expectation, *, timeout: float) -> None:
        self._check()
        unlike = self._look(expectation)
        if unlike:
            raise unmet(expectation, {**unlike, "login": self._page.login, "status": self._page.status})

    @contextmanager
    def within(self, scope: Scope, *, timeout: float) -> Iterator[None]:
        self._check()
        kind, text = scope.plain()
        hits = [
            part
            for known, title, part in self._page.parts
            if known == kind and (not text or label_key(title) == label_key(text))
        ]
        if len(hits) != 1:
            problem = "two_scopes" if hits else "no_scope"
            raise failure(
                str(scope), {"problem": problem, "scope": kind, "text": text, "count": len(hits), "matches": []}
            )
        before, address = self._page, self._address
        self._page = hits[0]
        self._values = {id(field): field.value for field in hits[0].fields} | self._values
        try:
            yield
        finally:
            if self._address == address:
                self._page = before

    def answer(self, ok: bool, *, text: str | None = None, says: str | None = None) -> None:
        self._dialogs.prepare(Answer(ok, text, says))

    def check_answered(self) -> None:
        self._dialogs.check_answered()

    def outline(self, *, texts: bool = False) -> Outline | None:
        return outlined(urlsplit(self._address).path, self._page, texts=texts)

    def look(self, wanted: Sequence[dict[str, Any]], *, timeout: float) -> list[str]:
        self._check()
        return [self._absence(one) for one in wanted]

    def _absence(self, want: Mapping[str, Any]) -> str:
        if want["purpose"] == "text":
            return "" if found("\n".join(self._page.all_texts()), want["text"]) != "none" else "missing"
        if want["purpose"] in ("scope", "frame"):
            kind = want.get("kind", "frame")
            titles = [title for known, title, _ in self._page.parts if known == kind]
            return "" if any(label_key(one) == label_key(want["text"]) for one in titles) else "no_scope"
        named = [value for name, value in want["locator"].items() if name != "nth"]
        names = {thing.name for thing in outlined("", self._page, texts=want["purpose"] in ("read", "any")).things}
        there = not named or any(label_key(one) == label_key(named[0]) for one in names)
        return "" if there else "no_table" if want["purpose"] == "table" else "missing"

    def point_out(self, locators: Sequence[Locator]) -> int:
        return sum(not self._absence({"purpose": "any", "locator": one.plain()}) for one in locators)

    def evidence(self, folder: Path) -> list[Path]:
        lines = [*self._page.all_texts(), *(f"{field.label}: {self._shown(field)}" for field in self._page.fields)]
        outline, address = "\n".join(lines) + "\n", self._address + "\n"
        for value in self._secrets:
            outline, address = outline.replace(value, COVERED), address.replace(value, COVERED)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "outline.txt").write_text(outline, encoding="utf-8")
            (folder / "url.txt").write_text(address, encoding="utf-8")
        except OSError:
            return []
        return [folder / "outline.txt", folder / "url.txt"]

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
        self._address, self._page = address, page
        self._values = {id(field): field.value for field in page.fields}
        if page.alert:
            self._dialogs.meet("alert", page.alert)

    def _act(self, action: MemoryAction) -> None:
        if action.confirm and not self._dialogs.meet("confirm", action.confirm).ok:
            return
        if action.file is not None:
            return
        values = {field.label: self._values[id(field)] for field in self._page.fields}
        address = action.to if isinstance(action.to, str) else action.to(values)
        page = self._pages(address)
        if not self._gate.allows(address):
            self._gate.check_page([address])
        self._show(address, page or MemoryPage("", status=404))

    def _field(self, locator: Locator) -> MemoryField:
        name = locator.called or locator.label or ""
        hits = [field for field in self._page.fields if label_key(field.label) == label_key(name)]
        if locator.nth is not None and len(hits) >= locator.nth:
            return hits[locator.nth - 1]
        return (
            hits[0] if len(hits) == 1 else self._fail(f"項目「{name}」", hits, [one.label for one in self._page.fields])
        )

    def _fail(self, what: str, hits: list[Any], names: list[str]) -> Any:
        if hits:
            matches = [{"kind": "入力欄", "name": what, "near": "", "inside": ""} for _ in hits]
            raise failure(what, {"problem": "ambiguous", "count": len(hits), "matches": matches})
        raise failure(what, {"problem": "missing", "names": names, "login": bool(self._login) and self._page.login})

    def _require(self, locator: Locator, kinds: tuple[str, ...], problem: str) -> None:
        if self._field(locator).kind not in kinds:
            raise failure(str(locator), {"problem": problem})

    def _set(self, field: MemoryField, name: str, value: Value, secret: bool) -> str:
        text = fitting(field, f"項目「{name}」", wanted(value), secret)
        self._values[id(field)] = text
        if secret:
            self._secrets.add(text)
        return COVERED if secret else text

    def _actions(self, locator: Locator) -> list[MemoryAction]:
        name, kind = locator.called or locator.button or locator.link or locator.text or "", None
        kind = "button" if locator.button else "link" if locator.link else None
        return [
            one
            for one in self._page.actions
            if label_key(one.name) == label_key(name) and kind in (None, one.kind) and one.kind != "key"
        ]

    def _action(self, locator: Locator) -> MemoryAction:
        hits = self._actions(locator)
        if len(hits) == 1:
            return hits[0]
        missing: MemoryAction = self._fail(
            str(locator), hits, [one.name for one in self._page.actions if one.kind != "key"]
        )
        return missing

    def _look(self, want: Expectation) -> dict[str, Any] | None:
        if want.text is not None or want.absent is not None:
            how = found("\n".join(self._page.all_texts()), want.text or want.absent or "")
            met = how == "whole" if want.text is not None else how == "none"
            return None if met else {"problem": "not_met", "partly": want.text is not None and how == "part"}
        if want.url is not None:
            return None if want.url in self._address else {"problem": "not_met", "got": self._address}
        if want.field is not None:
            got = self._values[id(self._field(want.field))]
            return None if got == want.value else {"problem": "not_met", "got": got, "hidden": got in self._secrets}
        count = len(self._actions(want.find)) if want.find else 0
        met = count > 0 if want.count is None else count == want.count
        return None if met else {"problem": "not_met", "count": count}

    def _shown(self, field: MemoryField) -> str:
        return COVERED if field.kind == "password" else self._values.get(id(field), "")
