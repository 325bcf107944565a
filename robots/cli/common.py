"""What every command shares: the town it works in, how it speaks, and how it ends."""

from __future__ import annotations

import getpass
import json
import sys
import tempfile
import traceback
from collections.abc import Iterable
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer
from rich.console import Console

from robots.clock import now
from robots.mask import mask_text
from robots.scenario.problem import Problems
from robots.settings import REGISTER_NAME, Home, find_home, open_home

if TYPE_CHECKING:
    from robots.registry.index import Index, Written
    from robots.registry.load import Loaded

Read = TypeVar("Read")
AsJson = Annotated[bool, typer.Option("--json", help="結果を JSON で標準出力に書く")]

_WIDE = 200  # columns where nobody's terminal says otherwise: a table in a file is not to be cut
out = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else _WIDE)
err = Console(stderr=True, highlight=False, soft_wrap=True)


class Code(IntEnum):
    """Exit codes (cli.md)."""

    DONE = 0
    PROBLEMS = 1
    USAGE = 2
    REFUSED = 3
    SYSTEM = 4


class Stop(Exception):
    """Ends the command with this exit code; whatever is to be said has been said."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


def say(text: str) -> None:
    """To the person, on stderr, so that stdout holds results only; without twelve-digit numbers."""
    err.print(mask_text(text), markup=False)


def show_json(document: object) -> None:
    """One JSON document on stdout."""
    sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2, default=str) + "\n")


def show_json_list(documents: Iterable[object]) -> None:
    """A JSON list on stdout, each document as soon as it is there: not one of them has to be kept."""
    before = "[\n  "
    for document in documents:
        text = json.dumps(document, ensure_ascii=False, indent=2, default=str)
        sys.stdout.write(before + text.replace("\n", "\n  "))
        before = ",\n  "
    sys.stdout.write("[]\n" if before.startswith("[") else "\n]\n")


def here() -> Home:
    """The town that the command works in: the nearest registry.yaml at or above the present folder."""
    root = find_home(Path.cwd())
    if root is None:
        say(
            f"このフォルダと上のフォルダに {REGISTER_NAME} がありません。"
            "\n台帳のあるフォルダで実行してください。初めての方は banken demo をお試しください。"
        )
        raise Stop(Code.USAGE)
    return open_home(root)


def registered(home: Home) -> Loaded:
    """The town's register; its problems are said and end the command."""
    from robots.registry.load import load_register  # the models of the register, which not every command needs

    return _sound(load_register(home))


def quickly_registered(home: Home, index: Index) -> Loaded:
    """The same for a command that only looks: the index knows a register that was read before."""
    return _sound(index.register(home.register.read_bytes()))


def quickly_written(home: Home, index: Index) -> Written:
    """The same, as it is written."""
    return _sound(index.written(home.register.read_bytes()))


def _sound(loaded: Read | Problems) -> Read:
    if isinstance(loaded, Problems):
        tell(loaded)
        raise Stop(Code.PROBLEMS)
    return loaded


def tell(problems: Problems) -> None:
    """Problems as a language tool prints them."""
    for problem in problems:
        say(str(problem))
    say(f"{len(problems)} か所を直してください。")


def who() -> str:
    """The user of the machine, for the ledger."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "unknown"


def report_bug(bug: Exception) -> str:
    """Keeps the details of a bug of ours in a file and says where; numbers of people are masked."""
    place = Path(tempfile.gettempdir()) / f"banken-bug-{now():%Y%m%d-%H%M%S}.txt"
    place.write_text(mask_text("".join(traceback.format_exception(bug))), encoding="utf-8")
    return f"Banken の不具合です（{type(bug).__name__}）。くわしい記録 {place} を添えて、Banken の担当者に知らせてください。"


def explain_usage(usage: typer.TyperException) -> str:
    """A usage error of the command line in Japanese."""
    kind, raw = type(usage).__name__, getattr(usage, "message", "") or str(usage)
    param = getattr(usage, "param", None)
    name = param.get_error_hint() if param is not None else getattr(usage, "option_name", None) or ""
    ctx = getattr(usage, "ctx", None)
    path = ctx.command_path if ctx is not None else "banken"
    what = {
        "MissingParameter": f"{name} がありません。",
        "NoSuchOption": f"{name} というオプションはありません。",
        "BadParameter": f"{name} の値が正しくありません（{raw}）。",
        "NoArgsIsHelpError": raw,
    }.get(kind)
    if what is None:
        what = (
            f"{raw.split(chr(39))[1]} というコマンドはありません。"
            if raw.startswith("No such command")
            else f"指定が違います（{raw}）。"
        )
    return what if kind == "NoArgsIsHelpError" else f"{what} 使い方は {path} --help で見られます。"
