"""Putting a new scenario into the town: all of it, or (also on Ctrl-C) nothing."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from robots.cli.common import Code, Stop, say, tell
from robots.files import write_atomically
from robots.registry.add import Draft, with_draft
from robots.scenario.problem import Problems
from robots.scenario.validate import read_scenario
from robots.settings import SCENARIO_NAME, Home


def sound(made: bytes | Problems) -> bytes:
    """What was made, where it is right.  Raises: Stop, once the problems have been said."""
    if isinstance(made, Problems):
        tell(made)
        say("何も書いていません。")
        raise Stop(Code.PROBLEMS)
    return made


def add_scenario(home: Home, id: str, text: bytes, sample: Callable[[Path], None], entry: Draft) -> bytes:
    """Writes the scenario, its sample (``sample`` fills the folder) and its draft; gives the register's new bytes.

    Everything is checked before anything is written.  Raises: Stop where it would not be right, BusinessError where the
    id is taken, OSError.
    """
    register = sound(with_draft(home.register.read_bytes(), id, entry))
    read = read_scenario({SCENARIO_NAME: text}, id)
    if isinstance(read, Problems):
        sound(read)
    place = home.scenarios / id
    with suppress(FileExistsError):
        place.parent.mkdir(parents=True)
    place.mkdir()
    try:
        (place / "sample").mkdir()
        sample(place / "sample")
        write_atomically(place / SCENARIO_NAME, text)
        write_atomically(home.register, register)
    except BaseException:  # Ctrl-C too: a folder without its entry would be nobody's
        if home.register.read_bytes() != register:
            shutil.rmtree(place, ignore_errors=True)
            with suppress(OSError):  # others are in it
                place.parent.rmdir()
        raise
    return register
