"""The page of errors explains messages that Banken says, word for word, and every ending of a command."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from robots.cli.common import Code
from robots.scenario.model import Scenario
from robots.scenario.validate import read_scenario
from tests.conftest import ROOT

PAGE = ROOT / "docs" / "errors.md"
GAP = "…"
_HEAD = "| 出る文 | どういうことか、どう直すか |"


def rows() -> list[tuple[str, str]]:
    """(message, cure) of every table of messages."""
    text = PAGE.read_text(encoding="utf-8")
    tables = re.findall(rf"{re.escape(_HEAD)}\n\|---\|---\|\n((?:\|.*\|\n?)+)", text)
    cells = [line.strip("|").split(" | ", 1) for table in tables for line in table.splitlines()]
    return [(message.strip(), cure.strip()) for message, cure in cells]


@cache
def said() -> list[str]:
    """Every text of the programs, what is put into it shown as a gap."""
    folders = [ROOT / "robots", ROOT / "ocr", ROOT / "japan"]
    return [text for folder in folders for path in sorted(folder.rglob("*.py")) for text in _texts(path)]


def _texts(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else GAP for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


@pytest.mark.parametrize(("message", "cure"), rows(), ids=lambda text: text[:30])
def test_a_message_is_one_that_banken_says(message: str, cure: str) -> None:
    wanted = re.compile(".*".join(re.escape(part) for part in message.split(GAP)), re.DOTALL)
    assert any(wanted.search(text) for text in said()), message
    assert len(cure) > 2


def test_the_page_explains_enough_and_nothing_twice() -> None:
    messages = [message for message, _ in rows()]
    assert len(messages) > 100
    assert len(set(messages)) == len(messages)


def test_every_exit_code_is_explained() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert re.findall(r"^\| (\d) \|", text, re.MULTILINE) == [str(code.value) for code in Code]


TOP = "名称: 例\n準備:\n  - 記録する: あ\n    保存名: 文\n"
MISTAKES = {
    "[ ] や { } の中の ${…} が引用符で囲まれていません": "名称: 例\n準備:\n  - 値を決める: {値: ${実行.id}}\n",
    "全角の空白で字下げされています": "名称: 例\n準備:\n　- 記録する: あ\n",
    "という手順はありません": "名称: 例\n準備:\n  - 記録するよ: あ\n",
    "のあとに「:」がありません": "名称: 例\n準備:\n  - 記録する\n",
    "には保存する結果がありません": TOP,
    "という関数はありません": "名称: 例\n準備:\n  - 記録する: ${和歴('R8.4.1')}\n",
    "という名前はありません": "名称: 例\n準備:\n  - 記録する: ${だれ}\n",
    "式が途中で終わっています": "名称: 例\n準備:\n  - 記録する: ${1 + }\n",
    "「each／各件」があるのに「items／対象」がありません": "名称: 例\n各件:\n  - 記録する: あ\n",
    "「確定する」があるのに、対象に「key／キー」がありません": (
        '名称: 例\n対象: {元: "${[]}"}\n各件:\n  - 確定する:\n      手順:\n        - 記録する: あ\n'
    ),
}


@pytest.mark.parametrize(("message", "text"), MISTAKES.items(), ids=list(MISTAKES))
def test_a_clerks_mistake_gives_the_message_that_is_explained(message: str, text: str) -> None:
    read = read_scenario({"scenario.yaml": text.encode()}, "docs/example")
    assert not isinstance(read, Scenario)
    assert message in "".join(str(one) for one in read)
    assert any(message in explained for explained, _ in rows())
