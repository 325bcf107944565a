"""The fixed names of the expression language and what they hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields

from robots.step import RunFacts

ALIASES: Mapping[str, str] = {
    "入力値": "inputs",
    "フォルダ": "folders",
    "サイト": "sites",
    "対象": "item",
    "完了分": "done",
    "実行": "run",
    "行": "row",
}
"""Japanese name → the name that everything else knows."""

JAPANESE: Mapping[str, str] = {english: ja for ja, english in ALIASES.items()}

FIXED = frozenset(JAPANESE)

RUN_FACTS: tuple[str, ...] = tuple(field.name for field in fields(RunFacts) if field.name != "open_days")
"""What the name run (実行) holds, as a mapping."""


_WORDS = frozenset({"and", "or", "not", "in", "if", "else", "true", "false", "none", "かつ", "または"})
"""Words of the expression language itself."""


def run_value(facts: RunFacts) -> Mapping[str, object]:
    """What the name run (実行) holds while a scenario runs; and, out of an author's reach, the town's open days."""
    return {name: getattr(facts, name) for name in (*RUN_FACTS, "open_days")}


def canonical(name: str) -> str:
    """The English one of a fixed name; any other name as it is."""
    return ALIASES.get(name, name)


def is_name(text: str) -> bool:
    """Whether an author may give this name: one that an expression can look up."""
    return text.replace("・", "_").isidentifier() and not text.startswith(("__", "・")) and text not in _WORDS


def both(name: str) -> str:
    """A fixed name in both languages for a message: item／対象."""
    english = canonical(name)
    return f"{english}／{JAPANESE[english]}" if english in FIXED else name
