"""banken check: every problem of scenarios and the register, with its place and how to mend it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from robots.cli.common import AsJson, Code, Stop, here, out, say, show_json
from robots.registry.digest import read_folder
from robots.registry.load import load_register
from robots.scenario.problem import Problem, Problems
from robots.scenario.validate import read_scenario
from robots.settings import REGISTER_NAME, Home

SCENARIO_FILE = "scenario.yaml"


def check(
    paths: Annotated[
        list[Path] | None, typer.Argument(help="シナリオのフォルダやファイル。省くと台帳とすべてのシナリオ")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """シナリオと台帳を調べ、直すところを示す。"""
    home = here()
    folders = [folder for path in paths or [home.scenarios] for folder in _folders(path)]
    found = [problem for folder in folders for problem in _problems(home, folder)]
    if not paths:
        loaded = load_register(home)
        found += list(loaded) if isinstance(loaded, Problems) else []
    if as_json:
        show_json({"checked": len(folders), "problems": [problem.to_dict() for problem in found]})
    else:
        for problem in found:
            say(str(problem))
        counted = f"シナリオ {len(folders)} 件{'' if paths else '・台帳'}"
        out.print(
            f"{counted}を調べました。" + (f"{len(found)} か所を直してください。" if found else "問題はありません。")
        )
    if found:
        raise Stop(Code.PROBLEMS)


def _folders(path: Path) -> list[Path]:
    """The scenario folders at or below a path."""
    if path.name in (SCENARIO_FILE, REGISTER_NAME):
        return [path.parent] if path.name == SCENARIO_FILE else []
    folders = sorted(file.parent for file in path.rglob(SCENARIO_FILE))
    if not folders:
        say(f"{path} にシナリオ（{SCENARIO_FILE}）がありません。シナリオのフォルダを指定してください。")
        raise Stop(Code.USAGE)
    return folders


def _problems(home: Home, folder: Path) -> list[Problem]:
    place = folder.resolve()
    known = place.is_relative_to(home.scenarios)
    scenario = place.relative_to(home.scenarios).as_posix() if known else f"{place.parent.name}/{place.name}"
    result = read_scenario(read_folder(place), scenario)
    return list(result.under(_shown(place))) if isinstance(result, Problems) else []


def _shown(folder: Path) -> str:
    """A folder as a person types it: relative where it is below the present one."""
    present = Path.cwd()
    return (folder.relative_to(present) if folder.is_relative_to(present) else folder).as_posix()
