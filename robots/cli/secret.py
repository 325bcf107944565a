"""Asking for what nobody else may see: hidden on a terminal, a line of stdin for scripts, never an argument."""

from __future__ import annotations

import sys

import typer

from robots.cli.common import Code, Stop, say


def ask_secret(question: str, *, twice: bool = False) -> str:
    """What the person types (twice: until both are the same); without a terminal the next line of stdin."""
    if sys.stdin.isatty():
        return str(
            typer.prompt(question, hide_input=True, confirmation_prompt="もう一度" if twice else False, err=True)
        )
    line = sys.stdin.readline()
    if not line:
        say(f"{question}がありません。端末で実行するか、標準入力に一行で渡してください。")
        raise Stop(Code.USAGE)
    return line.rstrip("\r\n")
