"""The pages of the documentation, and the fenced blocks on them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from ruamel.yaml import YAML

from tests.conftest import ROOT

DOCS = ROOT / "docs"
GUIDE = DOCS / "guide.md"
HOWTO = DOCS / "howto"
WRITTEN = [*sorted(ROOT.glob("README*.md")), *sorted(DOCS.glob("*.md")), *sorted(HOWTO.glob("*.md"))]
FIRST = "kaikei/yosan-haito"
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A fenced block of a page: its language, text and the line where it begins."""

    page: Path
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.page.name}:{self.line}"


def blocks(page: Path) -> list[Block]:
    text = page.read_text(encoding="utf-8")
    return [Block(page, text.count("\n", 0, one.start()) + 2, one[1], one[2]) for one in FENCE.finditer(text)]


BLOCKS = [block for page in WRITTEN for block in blocks(page)]
SHOWN = [block for block in BLOCKS if block.language == "yaml"]


def is_run(block: Block) -> bool:
    """Whether it is a whole scenario of a how-to, which tests/acceptance/test_howto.py runs."""
    return block.page.parent == HOWTO and "名称:" in block.text


def data_of(text: str) -> object:
    """What kind of block it is; whether it is right is for the scenario's own reader to say."""
    return YAML(typ="safe").load(text)


def is_entry(data: object) -> bool:
    """Whether a block shows an entry of the register."""
    return isinstance(data, dict) and all("/" in key for key in data)


def entry() -> Block:
    """The entry of the register that the guide shows."""
    (found,) = [block for block in SHOWN if is_entry(data_of(block.text))]
    return found


def whole(page: Path) -> Block:
    """The first whole scenario of a page."""
    return next(block for block in blocks(page) if block.language == "yaml" and "名称:" in block.text)


def sheet(page: Path) -> Block:
    """The first CSV file of a page."""
    return next(block for block in blocks(page) if block.language == "csv")
