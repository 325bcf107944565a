"""Which scenarios a command is about: an id, a folder, or a file, as a person types it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from robots.cli.common import Code, Stop, say
from robots.settings import REGISTER_NAME, SCENARIO_NAME, Home


def folders_of(home: Home, targets: Sequence[str]) -> list[Path]:
    """The scenario folders that are named (an id, a folder above or a file in it); all of the town where none is."""
    found: dict[Path, None] = {}
    for target in targets or [str(home.scenarios)]:
        found |= dict.fromkeys(_folders(_place(home, target)))
    return list(found)


def _place(home: Home, target: str) -> Path:
    known = home.scenarios / target
    return known if (known / SCENARIO_NAME).is_file() else Path(target)


def _folders(path: Path) -> list[Path]:
    if path.name == REGISTER_NAME:
        return []
    if path.name == SCENARIO_NAME and path.is_file():
        return [path.resolve().parent]
    folders = sorted(Path(place) for place, _, files in os.walk(path.resolve()) if SCENARIO_NAME in files)
    if not folders:
        say(f"{path} にシナリオ（{SCENARIO_NAME}）がありません。シナリオの番号かフォルダを指定してください。")
        raise Stop(Code.USAGE)
    return folders


def id_of(home: Home, folder: Path) -> str:
    """The id of a scenario by its folder: department/name."""
    if folder.is_relative_to(home.scenarios):
        return folder.relative_to(home.scenarios).as_posix()
    return f"{folder.parent.name}/{folder.name}"


def shown(place: Path) -> str:
    """A place as a person types it: relative where it is below the present folder."""
    present = Path.cwd()
    return (place.relative_to(present) if place.is_relative_to(present) else place).as_posix()
