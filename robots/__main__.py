"""The command line's door: every command, Japanese messages, and the exit codes that scripts rely on."""

from __future__ import annotations

import io
import sys

import typer
import typer.rich_utils
from loguru import logger

from robots.cli import (
    approve,
    check,
    demo,
    doctor,
    practice,
    registry,
    resume,
    run,
    runs,
    savings,
    settle,
    steps,
    vault,
)
from robots.cli.common import Code, Stop, explain_usage, report_bug, say
from robots.errors import BankenError, SystemFailure

app = typer.Typer(
    name="banken",
    help="番犬 — 事務の自動化と、その手綱。",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
app.command("demo")(demo.demo)
app.command("practice")(practice.practice)
app.command("doctor")(doctor.doctor)
app.command("check")(check.check)
app.command("steps")(steps.steps)
app.command("run")(run.run)
app.command("resume")(resume.resume)
app.command("runs")(runs.runs)
app.command("show")(runs.show)
app.command("items")(runs.items)
app.command("settle")(settle.settle)
app.command("approve")(approve.approve)
app.add_typer(registry.app, name="registry")
app.add_typer(savings.app, name="savings")
app.add_typer(vault.app, name="vault")


def main() -> None:
    """``banken``: runs one command and ends the process with its exit code."""
    for stream in (sys.stdout, sys.stderr):  # a Windows console may stand on cp932; Japanese must never be `?`
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    logger.remove()  # logs go where `wiring` says, never onto a clerk's screen
    sys.exit(_code())


def _code() -> int:
    try:
        app(standalone_mode=False)
    except Stop as stop:
        return stop.code
    except typer.Exit as ended:
        return ended.exit_code
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
