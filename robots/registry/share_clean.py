"""What leaves the town when a scenario is shared: no people, no addresses, no credentials.

Site addresses, places on servers, credentials and mail domains become place holders, the same one wherever the same
thing stood, so that the scenario stays whole.  What a program can't judge (a blank form's print, a list of words, a
sample) is left out or told, so that a person decides.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from pypdf import PdfReader, PdfWriter
from yaml import CSafeLoader, ScalarNode, compose

from robots.registry.model import Register
from robots.scenario.model import Scenario
from robots.scenario.rules import site_address
from robots.settings import SCENARIO_NAME

_URL = re.compile(r"""https?://[^\s/"'}\]）」]+""")
_MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_PHONE = re.compile(r"(?<![\d.-])(?:0\d{1,4}[-‐－(（]\d{1,4}[-‐－)）]\d{3,4})(?![\d-])")
_INSIDE = re.compile(r"(?:内線|℡|TEL)[\s:：]*[\d-]+", re.IGNORECASE)
_NUMBER = re.compile(r"(?<!\d)\d{12}(?!\d)")
_SERVER = re.compile(r"""(?:\\{2,}|(?<!:)//)[\w.$-]+[\\/][^\s"'}\]]*|\b[A-Za-z]:[\\/][^\s"'}\]]*""")
_TEXTS = (".yaml", ".yml", ".md", ".json")
_LISTS = (".txt", ".csv", ".tsv")
_EMPTY_LIST = "ここに自分の町の一覧を書く\n"
_BOOKS = (".xlsx", ".xlsm", ".docx")
_AUTHORS = re.compile(rb"(<(?:\w+:)?(?:creator|lastModifiedBy|Manager|Company)(?:\s[^>]*)?>)[^<]*(</)")


@dataclass(slots=True)
class Cleaned:
    """What may leave, and what was done to it."""

    files: dict[str, bytes] = field(default_factory=dict)
    changed: list[str] = field(default_factory=list)
    """Japanese: what was taken out, and where."""
    look_at: list[str] = field(default_factory=list)
    """Japanese: what a person must look at before it is sent."""


def cleaned(files: Mapping[str, bytes], scenario: Scenario, register: Register, *, lists: bool) -> Cleaned:
    """The files of a scenario without what is the town's own.  lists: whether lists of words go with it."""
    found = Cleaned()
    holders = _Holders(scenario, register)
    for path, data in sorted(files.items()):
        ending = f".{path.rpartition('.')[2].lower()}"
        if path == SCENARIO_NAME:
            text = holders.credentials(data.decode("utf-8-sig"))
            found.files[path] = holders.clean(text, path, found.changed).encode()
        elif ending in _TEXTS:
            found.files[path] = holders.clean(data.decode("utf-8", errors="replace"), path, found.changed).encode()
        elif ending in _LISTS and not lists:
            found.files[path] = _EMPTY_LIST.encode()
            found.changed.append(f"{path}: 一覧の中身を空にしました（氏名などが入っていることがあります）")
        elif ending in _LISTS:
            found.files[path] = data
            found.look_at.append(f"{path}: 住民や職員の名前が入っていないか")
        elif ending == ".pdf":
            found.files[path] = _without_author(data)
            found.look_at.append(f"{path}: 団体名・電話番号・氏名が刷られていないか")
        elif ending in _BOOKS:
            found.files[path] = _book_without_author(data)
            found.look_at.append(f"{path}: 記入例や非表示のシートに個人の情報がないか")
        else:
            found.files[path] = data
            found.look_at.append(f"{path}: 団体名や個人の情報がないか")
    return found


class _Holders:
    """The place holders of one scenario: the same thing always gets the same one."""

    def __init__(self, scenario: Scenario, register: Register) -> None:
        self._sites = {
            origin: f"https://site-{number}.example"
            for number, origin in enumerate(
                dict.fromkeys(filter(None, map(site_address, scenario.uses.sites.values()))), 1
            )
        }
        self._credentials = {name: f"credential-{number}" for number, name in enumerate(scenario.uses.credentials, 1)}
        self._mail = [one.lower() for one in scenario.uses.mail]
        self._people = sorted(
            (one.name for one in register.people.values() if len(one.name) > 1), key=len, reverse=True
        )
        self._people += [key for key in register.people if len(key) > 3]

    def credentials(self, text: str) -> str:
        """The scenario's text with its credentials' names replaced, where a whole value is one."""
        edits: list[tuple[int, int, str]] = []
        _values(compose(text, Loader=CSafeLoader), lambda node: edits.extend(self._edit(node)))
        for start, end, put in sorted(edits, reverse=True):
            text = text[:start] + put + text[end:]
        return text

    def _edit(self, node: ScalarNode) -> list[tuple[int, int, str]]:
        holder = self._credentials.get(node.value)
        if holder is None and node.value.lower() in self._mail:
            holder = "example.jp"
        return [] if holder is None else [(node.start_mark.index, node.end_mark.index, holder)]

    def clean(self, text: str, path: str, told: list[str]) -> str:
        """The text with everything else replaced."""
        for what, pattern, put in (
            ("サイトのアドレス", _URL, self._site),
            ("メールのアドレス", _MAIL, lambda _: "someone@example.jp"),
            ("サーバーや端末の場所", _SERVER, lambda _: "var/share"),
            ("電話番号", _PHONE, lambda _: "（電話番号）"),
            ("内線番号", _INSIDE, lambda _: "（内線）"),
            ("12 けたの番号", _NUMBER, lambda _: "（番号）"),
            ("職員", re.compile("|".join(map(re.escape, self._people)) or "(?!)"), lambda _: "担当者"),
        ):
            text, count = pattern.subn(put, text)
            if count:
                told.append(f"{path}: {what}を {count} か所、置きかえました")
        return text

    def _site(self, match: re.Match[str]) -> str:
        host = urlsplit(match[0]).hostname or ""
        if host.endswith(".example"):
            return match[0]
        return self._sites.setdefault(match[0], f"https://site-{len(self._sites) + 1}.example")


def _values(node: Any, take: Callable[[ScalarNode], None]) -> None:
    """Every scalar value (no keys) of a YAML file."""
    if isinstance(node, ScalarNode):
        take(node)
    elif node is not None:
        for one in node.value:
            _values(one[1] if isinstance(one, tuple) else one, take)


def _without_author(data: bytes) -> bytes:
    """A PDF without the names that its properties hold."""
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(data)))
    writer.metadata = None
    writer.xmp_metadata = None
    made = io.BytesIO()
    writer.write(made)
    return made.getvalue()


def _book_without_author(data: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as target:
        for info in source.infolist():
            part = source.read(info)
            target.writestr(info, _AUTHORS.sub(rb"\1\2", part) if info.filename.startswith("docProps/") else part)
    return made.getvalue()
