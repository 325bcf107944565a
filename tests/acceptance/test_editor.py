"""Writing scenarios with an editor and the commands around it: schema, check, fmt, translate."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, Queue
from typing import Any, cast

import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from robots.cli.vscode import SETTINGS, TASKS
from robots.scenario.schema import scenario_schema
from robots.scenario.schema_forms import form_schema
from tests.conftest import _ENVIRON, JUTOGAI, ROOT, banken_here

EDITOR = ROOT / "docs" / "editor.md"
JSON_BLOCKS = [json.loads(one) for one in re.findall(r"^```json\n(.*?)^```$", EDITOR.read_text("utf-8"), re.M | re.S)]
PROBLEM = re.compile(TASKS["tasks"][0]["problemMatcher"]["pattern"]["regexp"])  # type: ignore[index]


def scenario_of(desk: Path, name: str = JUTOGAI) -> Path:
    return desk / "scenarios" / name / "scenario.yaml"


# --- schema ---


def test_the_docs_show_what_is_written_for_vscode(desk: Path) -> None:
    settings, tasks = JSON_BLOCKS
    assert tasks == TASKS
    assert {key: value for key, value in settings.items() if key != "yaml.schemas"} == SETTINGS
    assert banken_here(desk, "schema", "--vscode").code == 0
    written = json.loads((desk / ".vscode" / "settings.json").read_text("utf-8"))
    assert settings["yaml.schemas"].items() <= written["yaml.schemas"].items()
    assert json.loads((desk / ".vscode" / "tasks.json").read_text("utf-8")) == TASKS
    for name, pattern in written["yaml.schemas"].items():
        checker = Draft202012Validator(json.loads((desk / name).read_text("utf-8")))
        for path in desk.glob(pattern):
            data = YAML(typ="safe", pure=True).load(path.read_text("utf-8"))
            assert list(checker.iter_errors(json.loads(json.dumps(data, default=str)))) == []


def test_a_persons_own_settings_stay(desk: Path) -> None:
    place = desk / ".vscode" / "settings.json"
    place.parent.mkdir()
    own = {"editor.fontSize": 20, "yaml.hover": False, "yaml.schemas": {"mine.json": "a.yaml"}}
    place.write_text(json.dumps(own), "utf-8")
    (place.parent / "tasks.json").write_text("// mine", "utf-8")
    assert banken_here(desk, "schema", "--vscode").code == 0
    written = json.loads(place.read_text("utf-8"))
    assert written["editor.fontSize"] == 20 and written["yaml.hover"] is False
    assert written["yaml.schemas"]["mine.json"] == "a.yaml" and len(written["yaml.schemas"]) == 5
    assert (place.parent / "tasks.json").read_text("utf-8") == "// mine"
    place.write_text('{"a": 1} // note', "utf-8")
    refused = banken_here(desk, "schema", "--vscode")
    assert refused.code == 1 and "settings.json" in refused.err
    assert place.read_text("utf-8") == '{"a": 1} // note'


def test_schemas_are_printed(desk: Path) -> None:
    # That these two are schemas is shown in tests/unit/scenario/test_schema.py.
    for known, arguments in ((scenario_schema(), ()), (form_schema(), ("--of", "form"))):
        assert banken_here(desk, "schema", *arguments).json() == known
    for others in (("--of", "registry"), (JUTOGAI,)):
        done = banken_here(desk, "schema", *others)
        assert done.code == 0
        Draft202012Validator.check_schema(cast("dict[str, Any]", done.json()))
    assert '"住民"' in banken_here(desk, "schema", JUTOGAI).out
    assert banken_here(desk, "schema", "nobody/nothing").code == 2


# --- check ---


def broken(place: Path) -> None:
    place.write_text(place.read_text("utf-8").replace("- 一括入力する:", "- 一括入力するよ:"), "utf-8")


def test_problems_as_an_editor_reads_them(desk: Path) -> None:
    assert banken_here(desk, "check", JUTOGAI, "--format", "editor").code == 0
    broken(scenario_of(desk))
    done = banken_here(desk, "check", "--format", "editor")
    assert done.code == 1
    (found,) = [match for line in done.out.splitlines() if (match := PROBLEM.match(line))]
    line = next(n for n, one in enumerate(scenario_of(desk).read_text("utf-8").splitlines(), 1) if "するよ" in one)
    assert (desk / found[1]).samefile(scenario_of(desk)) and int(found[2]) == line and "一括入力する" in found[5]


@contextmanager
def watching(desk: Path) -> Iterator[tuple[subprocess.Popen[str], Queue[str]]]:
    """``banken check --watch --format editor`` at work, and the lines that it prints."""
    command = [sys.executable, "-m", "robots", "check", "--watch", "--format", "editor"]
    process = subprocess.Popen(command, cwd=desk, env=_ENVIRON, stdout=subprocess.PIPE, encoding="utf-8")
    lines: Queue[str] = Queue()

    def read() -> None:
        for one in process.stdout or ():
            lines.put(one.rstrip())

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    try:
        yield process, lines
    finally:
        process.kill()
        process.wait()
        reader.join()


def one_look(lines: Queue[str]) -> list[str]:
    """What is printed up to the end of the next look."""
    found: list[str] = []
    try:
        while not found or not found[-1].startswith("番犬: 調べました"):
            found.append(lines.get(timeout=120))
    except Empty:
        pytest.fail(f"no look came to its end: {found}")
    return found


def test_a_watching_check_looks_again_at_what_was_saved(desk: Path) -> None:
    with watching(desk) as (process, lines):
        first = one_look(lines)
        assert "問題はありません" in first[-1] and JUTOGAI in first[0] and "registry.yaml" in first[0]
        sound = scenario_of(desk).read_bytes()
        broken(scenario_of(desk))
        look = one_look(lines)
        assert JUTOGAI in look[0] and "seikyu" not in look[0] and "registry" not in look[0]
        assert [one for one in look if PROBLEM.match(one)] and "1 か所" in look[-1]
        (desk / "registry.yaml").write_text("organization: [", "utf-8")
        look = one_look(lines)
        assert "registry.yaml" in look[0] and JUTOGAI not in look[0]
        assert len([one for one in look if PROBLEM.match(one)]) == 2, "what was found before is still shown"
        (desk / "registry.yaml").write_bytes((ROOT / "registry.yaml").read_bytes())
        one_look(lines)
        scenario_of(desk).write_bytes(sound)
        assert "問題はありません" in one_look(lines)[-1]
        if sys.platform != "win32":  # Ctrl-C reaches a process of its own group only from a console there
            process.send_signal(signal.SIGINT)
            assert process.wait(timeout=60) == 0


# --- fmt and translate ---


def unapproved(desk: Path) -> None:
    place = desk / "registry.yaml"
    place.write_text(re.sub(r"    approval: \{.*?\}\}\n", "", place.read_text("utf-8"), flags=re.S), "utf-8")


def test_fmt_writes_once_and_keeps_approved_ones(desk: Path) -> None:
    place = scenario_of(desk)
    style = place.read_bytes()
    place.write_bytes(style.replace("  - 審査する:".encode(), "  -   審査する:".encode()))
    untidy = place.read_bytes()
    assert untidy != style
    assert banken_here(desk, "fmt", "--check").code == 1
    kept = banken_here(desk, "fmt")
    assert kept.code == 0 and "承認済み" in kept.out and place.read_bytes() == untidy
    named = banken_here(desk, "fmt", JUTOGAI)
    assert named.code == 0 and place.read_bytes() == style and "banken approve" in named.err
    place.write_bytes(untidy)
    unapproved(desk)
    assert banken_here(desk, "fmt").code == 0 and place.read_bytes() == style
    assert banken_here(desk, "fmt", "--check").code == 0
    place.write_bytes(b"a: [\n")
    refused = banken_here(desk, "fmt", str(place))
    assert refused.code == 1 and "scenario.yaml:" in refused.err and place.read_bytes() == b"a: [\n"


def test_translate_there_and_back(desk: Path) -> None:
    unapproved(desk)
    before = scenario_of(desk).read_bytes()
    assert banken_here(desk, "translate", JUTOGAI, "--to", "en").code == 0
    english = scenario_of(desk).read_bytes()
    assert b"browser.fill_form:" in english and banken_here(desk, "check").code == 0
    assert "もうその言葉" in banken_here(desk, "translate", JUTOGAI, "--to", "en").out
    assert banken_here(desk, "translate", str(scenario_of(desk)), "--to", "ja").code == 0
    assert scenario_of(desk).read_bytes() == before
    broken(scenario_of(desk))
    damaged = scenario_of(desk).read_bytes()
    refused = banken_here(desk, "translate", JUTOGAI, "--to", "en")
    assert refused.code == 1 and "もしかして" in refused.err and scenario_of(desk).read_bytes() == damaged
