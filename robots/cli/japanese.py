"""The help pages in Japanese: the words that the command-line library writes by itself."""

from __future__ import annotations

from typing import Any

from typer.core import TyperCommand, TyperGroup

_WORDS = {
    "Usage:": "使い方:",
    "[OPTIONS]": "[オプション]",
    "COMMAND [ARGS]...": "コマンド [引数]...",
    "Arguments:": "引数:",
    "Options:": "オプション:",
    "Commands:": "コマンド:",
    "Show this message and exit.": "この説明を表示する",
    "[required]": "[必須]",
    "[default: ": "[省略時: ",
}


def _in_japanese(text: str) -> str:
    for english, japanese in _WORDS.items():
        text = text.replace(english, japanese)
    return text


class JaCommand(TyperCommand):
    """A command whose help is Japanese throughout."""

    def get_help(self, ctx: Any) -> str:
        return _in_japanese(super().get_help(ctx))


class JaGroup(TyperGroup):
    """A group of commands whose help is Japanese throughout."""

    def get_help(self, ctx: Any) -> str:
        return _in_japanese(super().get_help(ctx))
