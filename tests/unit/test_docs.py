"""The documentation says what is so: generated pages are fresh, examples are accepted, commands parse, links lead somewhere."""

from __future__ import annotations

import re
import runpy
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, cast

import pytest
import typer.main
from openpyxl import load_workbook
from ruamel.yaml import YAML

import ocr
from practice.server import RunningTown
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
from robots.settings import open_home
from tests.conftest import ROOT, CityHall

DOCS = ROOT / "docs"
GUIDE = DOCS / "guide.md"
WRITTEN = [*sorted(ROOT.glob("README*.md")), *sorted(DOCS.glob("*.md"))]
ALL_PAGES = [*WRITTEN, ROOT / "CHANGELOG.md", ROOT / "practice" / "README.md", *sorted((DOCS / "adr").glob("*.md"))]
FIRST = "kaikei/yosan-haito"
REFERENCE = runpy.run_path(str(DOCS / "reference.py"))
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_NAMES = parameters(ScenarioFile)


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
    return [Block(page, text.count("\n", 0, one.start()) + 2, one[1], one[2]) for one in _FENCE.finditer(text)]


BLOCKS = [block for page in WRITTEN for block in blocks(page)]
SHOWN = [block for block in BLOCKS if block.language == "yaml"]


def data_of(text: str) -> object:
    """What kind of block it is; whether it is right is for the scenario's own reader to say."""
    return YAML(typ="safe").load(text)


def is_entry(data: object) -> bool:
    """Whether a block shows an entry of the register."""
    return isinstance(data, dict) and all("/" in key for key in data)


# --- generated pages ---


@pytest.mark.parametrize("place", REFERENCE["pages"](), ids=lambda place: place.name)
def test_a_generated_page_is_up_to_date(place: Path) -> None:
    wanted = cast("Mapping[Path, str]", REFERENCE["pages"]())[place]
    assert place.read_text(encoding="utf-8") == wanted, "python docs/reference.py を実行してください"


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


def test_the_messages_that_the_guide_explains_are_ones_that_banken_says() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "robots").rglob("*.py")))
    table = GUIDE.read_text(encoding="utf-8").partition("## 困ったとき")[2]
    messages = re.findall(r"^\| (.+?) \| .+ \|$", table, re.MULTILINE)[1:]
    assert len(messages) > 15
    assert [message for message in messages if message not in source] == []


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


@pytest.mark.parametrize("block", [one for one in SHOWN if not is_entry(data_of(one.text))], ids=str)
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
            f"帳票: [forms/shugaku-enjo.yaml, forms/tsukin.yaml]}}\n"
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
    entries = [block for block in SHOWN if is_entry(data_of(block.text))]
    assert [str(block.page.name) for block in entries] == ["guide.md"]
    register = (ROOT / "registry.yaml").read_text(encoding="utf-8") + entries[0].text
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
        text = _FENCE.sub("", page.read_text(encoding="utf-8"))
        for line in re.findall(r"^(?!#).*$", text, re.MULTILINE):
            for code in re.findall(r"`((?:\./run )?banken [^`]+)`", line):
                if not re.search(r"コマンド|名前|…", code):  # a place holder, not a line to type
                    yield f"{page.name}: {code}", code.removeprefix("./run ")


@pytest.mark.parametrize(("place", "line"), [pytest.param(*one, id=one[0]) for one in command_lines()])
def test_a_command_line_parses(place: str, line: str) -> None:
    command: Any = typer.main.get_command(build())
    words = shlex.split(line, comments=True)[1:]
    while words and words[0] in getattr(command, "commands", {}):
        command = command.commands[words.pop(0)]
    bare = not words and any(one.required for one in command.params)
    if not bare:  # `banken approve` alone is the command's name
        command.make_context(command.name, words)


@pytest.mark.parametrize("document", ALL_PAGES, ids=lambda document: document.relative_to(ROOT).as_posix())
def test_every_relative_link_leads_somewhere(document: Path) -> None:
    text = _FENCE.sub("", document.read_text(encoding="utf-8"))
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
    headings = re.findall(r"^#+ (.+)$", _FENCE.sub("", page.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


# --- the two scenarios that a reader writes first, in a real browser ---


def hall(tmp_path: Path, town: RunningTown) -> CityHall:
    """An empty scenarios folder under the repository's own register, and the practice town."""
    root = tmp_path / "city"
    (root / "scenarios").mkdir(parents=True)
    register = (ROOT / "registry.yaml").read_text(encoding="utf-8").partition("\nscenarios:\n")[0]
    entry = next(block for block in SHOWN if is_entry(data_of(block.text)))
    (root / "registry.yaml").write_text(f"{register}\nscenarios:\n{entry.text}", encoding="utf-8")
    (root / "banken.toml").write_text("settle_seconds = 1.0\nretry_wait = 0.2\nstep_timeout = 8\n", encoding="utf-8")
    return CityHall(open_home(root, {}), town)


def put(city: CityHall, block: Block, sample: str, content: str) -> Path:
    """A scenario of the documentation under FIRST, with its sample; gives the sample's place."""
    folder = city.home.scenarios / FIRST
    place = folder / "sample" / sample
    place.parent.mkdir(parents=True)
    text = block.text.replace("http://127.0.0.1:8710", city.town.url)
    (folder / "scenario.yaml").write_text(text, encoding="utf-8")
    place.write_text(content, encoding="utf-8")
    return place


def whole(page: Path) -> Block:
    """The first whole scenario of a page."""
    return next(block for block in blocks(page) if block.language == "yaml" and "名称:" in block.text)


def planned(city: CityHall) -> list[dict[str, object]]:
    book = load_workbook(next(city.home.var.glob("runs/*/登録予定.xlsx")))["登録予定"]
    head, *rows = book.iter_rows(values_only=True)
    return [dict(zip(map(str, head), row, strict=True)) for row in rows]


@pytest.mark.parametrize("document", sorted(ROOT.glob("README*.md")), ids=lambda document: document.name)
def test_the_first_scenario_of_the_readme_rehearses(document: Path, tmp_path: Path, town: RunningTown) -> None:
    city = hall(tmp_path, town)
    sample = next(block for block in blocks(document) if block.language == "csv")
    put(city, whole(document), "食数.csv", sample.text)
    assert city.banken("check").code == 0
    done = city.banken("run", FIRST, "--rehearse")
    assert done.code == 0, done.out + done.err
    (row,) = planned(city)
    assert (row["結果"], row["4月9日 1年"], row["4月9日 職員"]) == ("登録予定", "58", "31")
    assert city.town.entries("kyushoku") == []


def test_the_first_scenario_of_the_guide_goes_as_told(tmp_path: Path, town: RunningTown) -> None:
    city = hall(tmp_path, town)
    sample = next(block for block in blocks(GUIDE) if block.language == "csv")
    place = put(city, whole(GUIDE), "再配当依頼.csv", sample.text)
    assert "問題はありません" in city.banken("check").out
    assert city.banken("run", FIRST).code == 3

    assert city.banken("run", FIRST, "--rehearse").code == 1
    rows = {str(row["キー"]): row for row in planned(city)}
    assert (rows["H8-003"]["結果"], rows["H8-003"]["理由"]) == ("業務エラー", "配当元と配当先が同じです")
    assert (rows["H8-002"]["結果"], rows["H8-002"]["配当先"]) == ("登録予定", "福祉課")
    assert city.town.entries("zaimu") == []

    until = date(2099, 3, 31).isoformat()
    assert city.banken("approve", FIRST, "--as", "d0001", "--yes", "--until", until).code == 0
    city.town.faults.set("POST /zaimu/transfers", "drop_after", times=1)  # 登録済みの確認 must find the first one
    report = cast("dict[str, Any]", city.banken("run", FIRST, "--json").json())
    assert (report["items"]["done"], report["items"]["rejected"], report["items"]["in_doubt"]) == (3, 1, 0)
    assert city.arrived("zaimu") == {"H8-001": 1, "H8-002": 1, "H8-004": 1}

    place.write_text(sample.text.replace("土木課,土木課", "土木課,学務課"), encoding="utf-8")
    again = cast("dict[str, Any]", city.banken("run", FIRST, "--json").json())
    assert (again["items"]["done"], again["items"]["skipped"]) == (1, 3)
    assert city.arrived("zaimu") == {"H8-001": 1, "H8-002": 1, "H8-003": 1, "H8-004": 1}

    book = load_workbook(city.home.var / "out" / "yosan-haito" / "再配当の登録結果.xlsx")["登録結果"]
    head, *result = book.iter_rows(values_only=True)
    assert head == ("依頼番号", "金額", "受理番号", "登録日時")
    assert sorted(str(row[0]) for row in result) == ["H8-001", "H8-002", "H8-003", "H8-004"]
    assert all(row[2] for row in result)
