"""The command line's door: every command, Japanese messages, and the exit codes that scripts rely on."""

from __future__ import annotations

import importlib
import io
import sys
from collections.abc import Sequence
from contextlib import suppress

import typer
from loguru import logger

from robots.cli.common import Code, Stop, explain_usage, report_bug, say
from robots.cli.japanese import JaCommand, JaGroup
from robots.errors import BankenError, SystemFailure

COMMANDS = (
    "demo",
    "practice",
    "doctor",
    "check",
    "steps",
    "schema",
    "fmt",
    "translate",
    "new",
    "record",
    "run",
    "resume",
    "form",
    "runs",
    "show",
    "items",
    "review",
    "settle",
    "calendar",
    "plan",
    "nightly",
    "worker",
    "service",
    "approve",
    "init",
    "key",
    "registry",
    "share",
    "audit",
    "serve",
    "savings",
    "estimate",
    "vault",
    "purge",
    "migrate",
    "learn",
)
_IN_RUNS = ("show", "items")
_INTERRUPTED = 130
"""What typer gives back, raising nothing, for a command that Ctrl-C has ended."""


def build(names: Sequence[str] = COMMANDS) -> typer.Typer:
    """The command line with these commands; each module of robots/cli is read only where its command is wanted."""
    app = typer.Typer(
        name="banken",
        cls=JaGroup,
        help="番犬 — 事務の自動化と、その手綱。",
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )
    app.callback()(banken)
    for name in names:
        module = importlib.import_module(f"robots.cli.{'runs' if name in _IN_RUNS else name}")
        group = getattr(module, "app", None)
        if group is not None:
            app.add_typer(group, name=name)
        else:
            app.command(name, cls=JaCommand)(getattr(module, name))
    return app


def banken() -> None:
    """番犬 — 事務の自動化と、その手綱。"""


def main() -> None:
    """``banken``: runs one command and ends the process with its exit code."""
    for stream in (sys.stdout, sys.stderr):  # a Windows console may stand on cp932; Japanese must never be `?`
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    with suppress(ValueError):  # in a process that has had a command before
        logger.remove(0)  # logs go where `wiring` says, never onto a clerk's screen
    sys.exit(_code())


def _code() -> int:
    try:
        command = build(sys.argv[1:2] if sys.argv[1:2] and sys.argv[1] in COMMANDS else COMMANDS)
        if command(standalone_mode=False) == _INTERRUPTED:
            raise typer.Abort
    except Stop as stop:
        return stop.code
    except typer.Abort:
        say("取りやめました。")
        return Code.PROBLEMS
    except SystemFailure as failure:
        say(f"システムエラー: {failure}")
        return Code.SYSTEM
    except BankenError as error:
        say(str(error))
        return Code.PROBLEMS
    except typer.TyperException as usage:
        say(explain_usage(usage))
        return Code.USAGE
    except Exception as bug:  # noqa: BLE001 (anything else is our bug, and is reported as one)
        say(report_bug(bug))
        return Code.SYSTEM
    return Code.DONE


if __name__ == "__main__":
    main()
