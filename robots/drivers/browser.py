"""The browser as steps see it: where to look (Locator, Scope), what to expect, and what it can do."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Annotated, Any, ClassVar, NamedTuple, Protocol, Self
from urllib.parse import urlsplit

from pydantic import BeforeValidator, model_validator
from pydantic_core import PydanticCustomError

from robots.drivers.screen_outline import Outline
from robots.params import Params, Text, Whole, param
from robots.values import Row, Value

_PORTS = {"http": 80, "https": 443}


class Site(NamedTuple):
    """What a request is allowed by: https, gakumu.example.jp, 443."""

    scheme: str
    host: str
    port: int


def site_of(address: str) -> Site | None:
    """The site that an http(s) address belongs to; None for any other kind of address (file:, data:, nonsense)."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in _PORTS or not parts.hostname:
        return None
    return Site(parts.scheme, parts.hostname, port or _PORTS[parts.scheme])


def _one_of(model: Params, names: Sequence[str]) -> list[str]:
    given = [name for name in names if getattr(model, name) is not None]
    if len(given) != 1:
        ja = {english: japanese for japanese, english in type(model).ja_names().items()}
        words = "・".join(ja[name] for name in names)
        what = "どれも書かれていません" if not given else "二つ以上書かれています"
        raise PydanticCustomError(
            "one_of", "{words} のうち一つだけを書いてください（{what}）", {"words": words, "what": what}
        )
    return given


class Locator(Params):
    """How an author says which thing on the page is meant.  A bare text is a label or a visible name."""

    bare: ClassVar[str | None] = "called"
    kinds: ClassVar[tuple[str, ...]] = (
        "called", "label", "button", "link", "text", "role", "placeholder", "test_id", "css", "any_of",
    )  # fmt: skip

    called: Text | None = param("呼び名", "項目のラベル、またはボタンやリンクに見えている名前", default=None)
    label: Text | None = param("ラベル", "入力項目のラベル", default=None)
    button: Text | None = param("ボタン", "ボタンの名前", default=None)
    link: Text | None = param("リンク", "リンクの文字", default=None)
    text: Text | None = param("文字", "画面に見えている文字", default=None)
    role: Text | None = param("役割", "要素の役割（button、link、textbox など）", default=None)
    name: Text | None = param("名前", "役割で探すときの名前", default=None)
    placeholder: Text | None = param("入力例", "入力欄に薄く出ている例の文字", default=None)
    test_id: Text | None = param("試験ID", "data-testid の値", default=None)
    css: Text | None = param("CSS", "CSS セレクター", default=None)
    nth: Whole | None = param("何番目", "いくつも当てはまるときの順番（1 から）", default=None)
    any_of: list[Locator] | None = param("いずれか", "上から順に試す探し方（読み取りの手順だけ）", default=None)

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        _one_of(self, self.kinds)
        if self.name is not None and self.role is None:
            raise PydanticCustomError("name", "「名前」は「役割」と一緒に書きます")
        if isinstance(self.nth, int) and self.nth < 1:
            raise PydanticCustomError("nth", "「何番目」は 1 から数えます")
        return self

    def plain(self) -> dict[str, Any]:
        """The locator as JSON data with English keys, only what is given."""
        names = (*self.kinds[:-1], "name", "nth")
        found: dict[str, Any] = {name: value for name in names if (value := getattr(self, name)) is not None}
        if self.any_of is not None:
            found["any_of"] = [one.plain() for one in self.any_of]
        return found

    def __str__(self) -> str:
        if self.any_of is not None:
            return " か ".join(str(one) for one in self.any_of)
        kind = _one_of(self, self.kinds)[0]
        ja = next(japanese for japanese, english in type(self).ja_names().items() if english == kind)
        text = f"「{getattr(self, kind)}」" if kind == "called" else f"{ja}「{getattr(self, kind)}」"
        named = f"（名前「{self.name}」）" if self.name is not None else ""
        return f"{text}{named}" + (f"の{self.nth}番目" if self.nth is not None else "")


def _flag_as_empty(value: object) -> object:
    return "" if value is True or value in ("true", "はい") else value


class Scope(Params):
    """A part of the screen that later steps are narrowed to."""

    kinds: ClassVar[tuple[str, ...]] = ("frame", "popup", "dialog", "row", "section")

    frame: Text | None = param("フレーム", "フレームの題名または名前", default=None)
    popup: Annotated[Text | None, BeforeValidator(_flag_as_empty)] = param(
        "別ウィンドウ", "開いた別ウィンドウの題名（どれでもよければ はい）", default=None
    )
    dialog: Annotated[Text | None, BeforeValidator(_flag_as_empty)] = param(
        "画面内ダイアログ", "画面の中に重なって出るダイアログの題名（どれでもよければ はい）", default=None
    )
    row: Text | None = param("行", "表の行に書かれている文字", default=None)
    section: Text | None = param("まとまり", "見出しや枠の題名", default=None)

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        _one_of(self, self.kinds)
        return self

    def plain(self) -> tuple[str, str]:
        """The kind of the scope (English) and its text."""
        kind = _one_of(self, self.kinds)[0]
        return kind, getattr(self, kind)

    def __str__(self) -> str:
        kind, text = self.plain()
        ja = next(japanese for japanese, english in Scope.ja_names().items() if english == kind)
        return f"{ja}「{text}」" if text else ja


class Expectation(Params):
    """What the screen must show."""

    bare: ClassVar[str | None] = "text"
    kinds: ClassVar[tuple[str, ...]] = ("text", "absent", "url", "field", "find")

    text: Text | None = param("文字", "画面にあるはずの文字", default=None)
    absent: Text | None = param("ない文字", "画面にないはずの文字", default=None)
    url: Text | None = param("アドレス", "画面のアドレスに含まれるはずの文字", default=None)
    field: Locator | None = param("項目", "値を確かめる入力項目", default=None)
    value: Text | None = param("値", "項目に入っているはずの値", default=None)
    find: Locator | None = param("要素", "画面にあるはずのもの（ボタンなど）", default=None)
    count: Whole | None = param("件数", "「要素」がいくつあるはずか", default=None)

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        _one_of(self, self.kinds)
        if (self.field is None) != (self.value is None):
            raise PydanticCustomError("field", "「項目」と「値」は一緒に書きます")
        if self.count is not None and self.find is None:
            raise PydanticCustomError("count", "「件数」は「要素」と一緒に書きます")
        return self

    def plain(self) -> dict[str, Any]:
        """The expectation as JSON data with English keys, only what is given."""
        names = ("text", "absent", "url", "value", "count")
        found: dict[str, Any] = {name: value for name in names if (value := getattr(self, name)) is not None}
        for name in ("field", "find"):
            locator = getattr(self, name)
            if locator is not None:
                found[name] = locator.plain()
        return found


class Browser(Protocol):
    """One browser of one run.  Time-outs are seconds.

    Every method raises SystemFailure where the page, the network or the browser is to blame: a label that is
    missing or ambiguous, a page that does not come, a dialog that nobody prepared for.  ``expect`` raises NotMet.
    """

    # Goes to an address of an allowed site; signs in once more by itself where the session has ended.
    def open(self, url: str, *, timeout: float) -> None: ...
    # Signs in on the page at url; the values appear in no message, log or evidence.
    def login(self, url: str, user: str, password: str, *, timeout: float) -> None: ...
    # Sets one field as its kind needs and reads it back; gives label → text as entered.
    def fill(self, locator: Locator, value: Value, *, timeout: float, secret: bool = False) -> dict[str, str]: ...
    # Sets many fields by their labels in one round trip and reads them back; gives label → text as entered.
    def fill_form(self, values: Mapping[str, Value], *, timeout: float, secret: bool = False) -> dict[str, str]: ...
    # Chooses an option (or several) of a select, a radio group or a checkbox group.
    def select(self, locator: Locator, option: Value, *, timeout: float, secret: bool = False) -> dict[str, str]: ...
    # Ticks or clears a checkbox (or ticks a radio button).
    def set_checked(self, locator: Locator, checked: bool, *, timeout: float) -> dict[str, str]: ...
    # Clicks, and waits for the page that comes of it.
    def click(self, locator: Locator, *, timeout: float) -> None: ...
    # Presses a key (see browser_keys) in a field, or where the work is; waits for the page that comes of it.
    def press(self, key: str, field: Locator | None, *, timeout: float) -> None: ...
    # Puts files into a file field (or the chooser that a button opens) and reads their names back.
    def upload(self, locator: Locator, files: Sequence[Path], *, timeout: float) -> dict[str, str]: ...
    # Presses what gives a file, waits for all of it and puts it where place(the name it came with) says.
    def download(self, locator: Locator, place: Callable[[str], Path], *, timeout: float) -> Path: ...
    # A picture (.png) of the window, the narrowed part, or the whole page; secrets covered.
    def screenshot(self, place: Path, *, whole: bool, timeout: float) -> None: ...
    # The page as PDF (A4), as printing gives it; secrets covered.
    def save_pdf(self, place: Path, *, landscape: bool, timeout: float) -> None: ...
    # The value of a field, or the text beside a label, or the text of an element.
    def read(self, locator: Locator, *, timeout: float) -> str: ...
    # The rows of a table by column name, over all its pages where next_ is given.
    def read_table(self, table: Locator | None, next_: Locator | None, *, timeout: float) -> list[Row]: ...
    # Waits until the screen is as told; NotMet where it is not in time.
    def expect(self, expectation: Expectation, *, timeout: float) -> None: ...
    # Narrows all calls inside to a part of the screen.
    def within(self, scope: Scope, *, timeout: float) -> AbstractContextManager[None]: ...
    # Prepares the answer to the next dialog of the browser: OK or not, text for a prompt, the text it must say.
    def answer(self, ok: bool, *, text: str | None = None, says: str | None = None) -> None: ...
    # SystemFailure where a prepared answer was not used.
    def check_answered(self) -> None: ...
    # What the screen (or frame) offers by name, nothing that was entered; texts: also what is written there.  None
    # where it can't be looked at; never raises for the page's sake.
    def outline(self, *, texts: bool = False) -> Outline | None: ...
    # Whether things are there: for each of ``wanted`` (see runner/named.py) "" or the kind of its problem, as soon as
    # nothing is absent any more or the time is over.
    def look(self, wanted: Sequence[dict[str, Any]], *, timeout: float) -> list[str]: ...
    # Frames things on the screen for a person's eyes, and none with an empty list; how many were found.  Never raises
    # for the page's sake.
    def point_out(self, locators: Sequence[Locator]) -> int: ...
    # Writes what can be seen (picture, outline, address) into the folder, secrets and what `hide` lists covered; never
    # raises.
    def evidence(self, folder: Path, hide: Collection[str] = ()) -> list[Path]: ...
    # The sites (http://host:port, or a scheme as file:) that pages wanted and were refused so far, each once.
    def refused(self) -> tuple[str, ...]: ...
    # Ends the browser; harmless when it has ended already.
    def close(self) -> None: ...
