"""The documentation says what is so: generated pages are fresh, examples are accepted, commands parse, links lead somewhere."""

from __future__ import annotations

import re
import runpy
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

import pytest
import typer.main

import ocr
from robots.__main__ import build
from robots.all_steps import STEPS
from robots.cli.common import Stop
from robots.cli.steps import steps
from robots.registry.load import Loaded, read_register
from robots.runner.words import STATES
from robots.scenario.all_functions import FUNCTIONS
from robots.scenario.model import Scenario, ScenarioFile
from robots.scenario.names import ALIASES, FIXED, RUN_FACTS
from robots.scenario.shape import parameters
from robots.scenario.template import Template, compile_text
from robots.scenario.validate import read_scenario
from tests.conftest import ROOT
from tests.docs_blocks import (
    BLOCKS,
    DOCS,
    FENCE,
    FIRST,
    GUIDE,
    SHOWN,
    WRITTEN,
    Block,
    data_of,
    entry,
    is_entry,
    is_run,
)

ALL_PAGES = [*WRITTEN, ROOT / "CHANGELOG.md", ROOT / "practice" / "README.md", *sorted((DOCS / "adr").glob("*.md"))]
REFERENCE = runpy.run_path(str(DOCS / "reference.py"))
_NAMES = parameters(ScenarioFile)


# --- generated pages ---


def test_the_generated_pages_are_up_to_date() -> None:
    generated = cast("Mapping[Path, str]", REFERENCE["pages"]())
    assert len(generated) == 3
    stale = [place.name for place, wanted in generated.items() if place.read_text(encoding="utf-8") != wanted]
    assert not stale, "python docs/reference.py を実行してください"


def test_every_step_function_and_command_is_in_the_reference() -> None:
    pages = {name: (DOCS / name).read_text(encoding="utf-8") for name in ("steps.md", "functions.md", "commands.md")}
    for kind in STEPS:
        assert f"### {kind.ja}（`{kind.name}`）" in pages["steps.md"]
    for function in FUNCTIONS.values():
        assert f"| `{function.usage}` | `{function.name}` |" in pages["functions.md"]
    for path, _ in REFERENCE["commands"](typer.main.get_command(build()), "banken"):
        assert re.search(rf"^## `{path}( [<\[]|`)", pages["commands.md"], re.MULTILINE), path


def test_the_guide_names_what_a_clerk_meets() -> None:
    guide = GUIDE.read_text(encoding="utf-8")
    for path, _ in REFERENCE["commands"](typer.main.get_command(build()), "banken"):
        assert re.search(rf"\b{path}\b", guide) or path in ("banken show", "banken vault remove"), path
    for name in ALIASES:
        assert f"| `{name}` | `{ALIASES[name]}` |" in guide
    for fact in RUN_FACTS:
        assert f"`実行.{fact}`" in guide
    for state in ("ready", "done", "rejected", "failed", "skipped", "waiting", "committing", "in_doubt"):
        assert f"| {STATES[state]} |" in guide


def test_banken_steps_lists_and_explains_steps_and_functions(capsys: pytest.CaptureFixture[str]) -> None:
    steps(None)
    listed = capsys.readouterr().out
    assert [kind.ja for kind in STEPS if f" {kind.ja} " not in listed] == []
    assert [one.usage for one in FUNCTIONS.values() if one.usage not in listed] == []
    steps("和暦")
    assert "令和元年5月1日" in capsys.readouterr().out
    steps("browser.click")
    assert "押す: {ボタン: 登録}" in capsys.readouterr().out
    with pytest.raises(Stop):
        steps("一括入力")
    assert "もしかして: 一括入力する" in "".join(capsys.readouterr())


# --- YAML ---


@pytest.mark.parametrize(
    "block", [one for one in SHOWN if not is_run(one) and not is_entry(data_of(one.text))], ids=str
)
def test_a_yaml_block_is_accepted(block: Block) -> None:
    data = data_of(block.text)
    if isinstance(data, dict) and "fields" in data:
        assert ocr.check_definition(data)
        return
    assert isinstance(data, list) or (isinstance(data, dict) and set(data) <= set(_NAMES)), f"{block}: what is this?"
    text = block.text if isinstance(data, dict) and "名称" in data else completed(block.text, data)
    read = read_scenario({"scenario.yaml": text.encode(), **FORMS}, "docs/example")
    assert isinstance(read, Scenario), f"{block}: {[str(one) for one in read]}\n{text}"


def _forms() -> dict[str, bytes]:
    """The gallery's form, under both names that the documentation uses."""
    folder = ROOT / "scenarios" / "gakumu" / "shugaku-enjo" / "forms"
    files = {f"forms/{path.name}": path.read_bytes() for path in folder.iterdir()}
    return files | {"forms/tsukin.yaml": files["forms/shugaku-enjo.yaml"]}


FORMS = _forms()


def completed(text: str, data: object) -> str:
    """A part of a scenario, or a list of steps, as a whole scenario with all that it leans on."""
    parts = {_NAMES[key].english: text for key in data} if isinstance(data, dict) else {}
    names = sorted(_looked_up(text) - _introduced(text) - FIXED)
    saved = "".join(f"  - 値を決める: 例\n    保存名: {name}\n" for name in names)
    steps = "" if parts else "".join(f"  {line}\n" for line in text.splitlines())
    section = "prepare" if "帳票を" in steps else "finish" if "完了分" in steps else "each"
    lines = ["名称: 例\n"]
    if "uses" not in parts:
        sites = ", ".join(f'{name}: "http://127.0.0.1:8710"' for name in ("学務", "住民", "財務"))
        lines.append(
            f"利用: {{サイト: {{{sites}}}, 資格情報: [gakumu], フォルダ: {{受付: sample, 出力: var/out}}, "
            f"帳票: [forms/shugaku-enjo.yaml, forms/tsukin.yaml], メール: [city.example.jp]}}\n"
        )
    if "prepare" not in parts:
        lines.append(f"準備:\n  - 記録する: はじめ\n{saved}{steps if section == 'prepare' else ''}")
    if "items" not in parts:
        lines.append('対象: {元: "${[]}", キー: "${対象.受付番号}", 確認: 不確かなもの}\n')
    lines.append("各件:\n" + (steps if steps and section == "each" else "  - 記録する: 例\n"))
    lines.append("後始末:\n" + steps if steps and section == "finish" else "")
    return "".join(lines) + (text if parts else "")


def _looked_up(text: str) -> set[str]:
    """The names that the expressions of a block look up."""
    found = (compile_text(one) for one in _texts(data_of(text)))
    return {name for one in found if isinstance(one, Template) for name in one.names}


def _introduced(text: str) -> set[str]:
    return set(re.findall(r"(?:変数|保存名): (\S+)", text))


def _texts(data: object) -> Iterator[str]:
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict | list):
        for value in data.values() if isinstance(data, dict) else data:
            yield from _texts(value)


def test_the_register_entry_of_the_guide_is_accepted() -> None:
    assert entry().page == GUIDE
    register = (ROOT / "registry.yaml").read_text(encoding="utf-8") + entry().text
    read = read_register(register.encode())
    assert isinstance(read, Loaded), read
    assert FIRST in read.register.scenarios


# --- commands and links ---


def command_lines() -> Iterator[tuple[str, str]]:
    for block in BLOCKS:
        if block.language in ("sh", "bat"):
            for number, line in enumerate(block.text.splitlines()):
                if line.startswith(("banken ", "./run banken ")):
                    yield f"{block.page.name}:{block.line + number}", line.removeprefix("./run ")
    for page in WRITTEN:
        text = FENCE.sub("", page.read_text(encoding="utf-8"))
        for line in re.findall(r"^(?!#).*$", text, re.MULTILINE):
            for code in re.findall(r"`((?:\./run )?banken [^`]+)`", line):
                if not re.search(r"コマンド|名前|…", code):  # a place holder, not a line to type
                    yield f"{page.name}: {code}", code.removeprefix("./run ")


@pytest.fixture(scope="module")
def banken() -> Any:
    """The command line, built once."""
    return typer.main.get_command(build())


@pytest.mark.parametrize(("place", "line"), [pytest.param(*one, id=one[0]) for one in command_lines()])
def test_a_command_line_parses(place: str, line: str, banken: Any) -> None:
    command, words = banken, shlex.split(line, comments=True)[1:]
    while words and words[0] in getattr(command, "commands", {}):
        command = command.commands[words.pop(0)]
    bare = not words and any(one.required for one in command.params)  # `banken approve` alone is the command's name
    assert bare or command.make_context(command.name, words).command is command, place


@pytest.mark.parametrize("document", ALL_PAGES, ids=lambda document: document.relative_to(ROOT).as_posix())
def test_every_relative_link_leads_somewhere(document: Path) -> None:
    text = FENCE.sub("", document.read_text(encoding="utf-8"))
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        place, _, anchor = target.partition("#")
        if re.match(r"[a-z]+:", place):
            continue
        file = document if not place else document.parent / place
        assert file.exists(), f"{document.name}: {target}"
        if anchor:
            assert anchor in _anchors(file), f"{document.name}: {target}"


def _anchors(page: Path) -> set[str]:
    """The headings of a page as its links name them."""
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", page.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
