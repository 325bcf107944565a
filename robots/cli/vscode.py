"""What Visual Studio Code needs to help with scenarios, as files of the town: schemas, settings, tasks."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

from robots.cli.check import BEGINS, ENDS
from robots.cli.targets import id_of
from robots.errors import BusinessError
from robots.files import write_atomically
from robots.registry.digest import read_folder
from robots.registry.model import Register
from robots.scenario.problem import Findings
from robots.scenario.schema import Known, known_names, mapping_schema, scenario_schema
from robots.scenario.schema_forms import form_schema
from robots.scenario.schema_values import Schema
from robots.scenario.source import SCENARIO, read_source
from robots.settings import REGISTER_NAME, SCENARIO_NAME, Home

FOLDER = ".vscode/banken"
_PROBLEM = {
    "regexp": r"^(.+?):(\d+):(\d+): (error): (.*)$",
    "file": 1,
    "line": 2,
    "column": 3,
    "severity": 4,
    "message": 5,
}
_MATCHER = {"owner": "banken", "fileLocation": ["autoDetect", "${workspaceFolder}"], "pattern": _PROBLEM}
_BACKGROUND = {"activeOnStart": True, "beginsPattern": f"^{BEGINS}", "endsPattern": f"^{ENDS}"}
TASKS = {
    "version": "2.0.0",
    "tasks": [
        {
            "label": "番犬: 保存のたびに調べる",
            "type": "shell",
            "command": "banken",
            "args": ["check", "--watch", "--format", "editor"],
            "isBackground": True,
            "problemMatcher": {**_MATCHER, "background": _BACKGROUND},
        },
        {
            "label": "番犬: 調べる",
            "type": "shell",
            "command": "banken",
            "args": ["check", "--format", "editor"],
            "problemMatcher": _MATCHER,
        },
        {
            "label": "番犬: 開いているシナリオの書き方をそろえる",
            "type": "shell",
            "command": "banken",
            "args": ["fmt", "${file}"],
            "problemMatcher": [],
        },
    ],
}
SETTINGS = {
    "yaml.validate": True,
    "yaml.hover": True,
    "yaml.completion": True,
    "yaml.format.enable": False,
    "yaml.schemaStore.enable": False,
    "yaml.kubernetesCRDStore.enable": False,
    "redhat.telemetry.enabled": False,
    "files.encoding": "utf8",
    "[yaml]": {"editor.insertSpaces": True, "editor.tabSize": 2, "editor.detectIndentation": False},
}
"""Besides the schemas: nothing is fetched from outside, ``banken fmt`` alone sets the style, two spaces a level."""
_EXTENSIONS = {"recommendations": ["redhat.vscode-yaml"]}


def write_vscode(home: Home, register: Register) -> list[Path]:
    """Writes the schemas, and settings that use them; what else stands in the settings stays.

    Raises: BusinessError where settings.json is there and is not plain JSON.
    """
    place = home.root / ".vscode" / "settings.json"
    settings = _read(place)
    schemas = dict(_schemas(home, register))
    for name, (schema, _) in schemas.items():
        _write(home.root / FOLDER / name, schema, indent=None)
    for old in (home.root / FOLDER).glob("*.json"):
        if old.name not in schemas:
            old.unlink()
    others = {name: where for name, where in settings.get("yaml.schemas", {}).items() if f"{FOLDER}/" not in name}
    ours = {f"./{FOLDER}/{name}": pattern for name, (_, pattern) in schemas.items()}
    _write(place, {**SETTINGS, **settings, "yaml.schemas": {**others, **ours}})
    written = [home.root / FOLDER, place]
    for name, content in (("tasks.json", TASKS), ("extensions.json", _EXTENSIONS)):
        path = home.root / ".vscode" / name
        if not path.exists():  # a person's own tasks are not ours to change
            _write(path, content)
            written.append(path)
    return written


def _schemas(home: Home, register: Register) -> Iterator[tuple[str, tuple[Schema, str]]]:
    """Each schema by its file's name, with the files that it is for."""
    yield "form.json", (form_schema(), "scenarios/*/*/forms/*.yaml")
    yield "registry.json", (register_schema(register), REGISTER_NAME)
    for file in sorted(home.scenarios.glob(f"*/*/{SCENARIO_NAME}")):
        scenario = id_of(home, file.parent)
        name = f"scenario.{scenario.replace('/', '.')}.json"
        yield name, (schema_of(file.parent), file.relative_to(home.root).as_posix())


def register_schema(register: Register | None) -> Schema:
    """The schema of registry.yaml, proposing the people who are in it."""
    return mapping_schema(Register, "台帳（registry.yaml）", Known(people=tuple(register.people) if register else ()))


def schema_of(folder: Path) -> Schema:
    """The schema of one scenario, proposing the names that it holds; the general one where it can't be read."""
    files = read_folder(folder)
    source = read_source(SCENARIO_NAME, files[SCENARIO_NAME], Findings(), SCENARIO)
    return scenario_schema(known=known_names(source.data, files) if source is not None else None)


def _read(place: Path) -> Mapping[str, Any]:
    if not place.is_file():
        return {}
    try:
        found = json.loads(place.read_text(encoding="utf-8-sig"))
    except ValueError as error:
        raise BusinessError(
            f"{place.name} を読めません（メモの入った設定は書き換えられません）。",
            mend=f"{place} の // で始まるメモと余分な「,」を消してから、もう一度実行してください。",
        ) from error
    return cast("Mapping[str, Any]", found) if isinstance(found, dict) else {}


def _write(place: Path, content: object, *, indent: int | None = 2) -> None:
    write_atomically(place, (json.dumps(content, ensure_ascii=False, indent=indent) + "\n").encode())
