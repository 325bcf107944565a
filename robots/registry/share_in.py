"""Taking in what another town shared: a folder and a draft entry that says where it comes from; all of it or nothing."""

from __future__ import annotations

import shutil
from contextlib import suppress
from datetime import date

from robots.errors import BusinessError
from robots.files import write_atomically
from robots.registry.add import Draft, with_draft
from robots.registry.edit import edited
from robots.registry.load import read_register
from robots.registry.model import Origin
from robots.registry.share import Shared
from robots.scenario.problem import Problems
from robots.scenario.validate import read_scenario
from robots.settings import Home

STOP = "未記入"
"""How to stop it is for this town to say; until then `registry strays` asks for it."""


def draft_of(shared: Shared, *, owner: str, deputy: str, today: date) -> Draft:
    """The entry before anybody here has looked at it."""
    return Draft(
        name=shared.name,
        owner=owner,
        deputy=deputy,
        stop=STOP,
        data=shared.data,
        minutes=shared.minutes,
        measured=today,
        nightly=False,
    )


def take_in(home: Home, id: str, shared: Shared, entry: Draft, today: date) -> Problems | None:
    """Writes the folder and the entry; Problems where either would not be right, and then nothing is written.

    Raises: BusinessError where the id is taken.
    """
    read = read_scenario(shared.files, id)
    if isinstance(read, Problems):
        return read
    place = home.scenarios / id
    if place.exists():
        raise BusinessError(f"scenarios/{id} がもうあります。", mend="--as でほかの番号にしてください。")
    register = with_draft(home.register.read_bytes(), id, entry)
    if isinstance(register, Problems):
        return register
    origin = Origin(town=shared.origin, digest=shared.digest, on=today)
    made = edited(register.decode(), id, {"origin": origin}).encode()
    sound = read_register(made)
    if isinstance(sound, Problems):
        return sound
    place.mkdir(parents=True)
    try:
        for path, data in shared.files.items():
            (place / path).parent.mkdir(parents=True, exist_ok=True)
            (place / path).write_bytes(data)
        write_atomically(home.register, made)
    except BaseException:  # Ctrl-C too: a folder without its entry would be nobody's
        if home.register.read_bytes() != made:
            shutil.rmtree(place, ignore_errors=True)
            with suppress(OSError):  # others are in it
                place.parent.rmdir()
        raise
    return None
