"""Names and places of files that come from the browser: never outside their folder, never over another file unasked."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath
from typing import Literal

from robots.errors import BusinessError

Existing = Literal["number", "replace", "stop"]
EXISTING: Mapping[str, Existing] = {"番号を付ける": "number", "置き換える": "replace", "止める": "stop"}

_LONGEST = 120
_UNSEEN = ("Cc", "Cf", "Cs")
_FORBIDDEN = re.compile(r'[<>:"|?*]')
_RESERVED = re.compile(r"(?i)(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])")
_MOST = 1000


def safe_name(text: str) -> str:
    """A file name from outside as one that every system takes: no folder, no hidden sign, no device, not too long.

    ../../社会保障\\一覧.csv → 一覧.csv; what has no name left is called ファイル.
    """
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", text))[-1]
    seen = "".join(one for one in last if unicodedata.category(one) not in _UNSEEN)
    name = _FORBIDDEN.sub("_", " ".join(seen.split())).strip(" ~$").lstrip(".").rstrip(". ")
    stem, suffix = PurePosixPath(name).stem, PurePosixPath(name).suffix
    if _RESERVED.fullmatch(stem.split(".")[0].strip()):
        stem = f"_{stem}"
    suffix = suffix[:20]
    return f"{stem[: _LONGEST - len(suffix)].rstrip('. ')}{suffix}" if stem else "ファイル"


def place_named(find: Callable[[str], Path], file: str, suffix: str, existing: Existing) -> tuple[str, Path]:
    """place_for a file that the author names, with this suffix (.png) whatever he wrote behind it."""
    wanted = PurePosixPath(file.replace("\\", "/"))
    name = wanted.name if wanted.suffix.lower() == suffix else f"{wanted.name}{suffix}"
    return place_for(find, str(wanted.parent), name, existing)


def place_for(find: Callable[[str], Path], folder: str, name: str, existing: Existing) -> tuple[str, Path]:
    """Where a file of that name goes: as the scenario names it, and on disk.

    find: the place on disk of a name in the scenario (StepContext.file for writing).  existing: what to do where the
    place is taken.  Raises: BusinessError where it is taken and that stops the step.
    """
    wanted = safe_name(name)
    base = folder.rstrip("/\\")
    for number in range(1, _MOST):
        path = PurePosixPath(wanted)
        tried = wanted if number == 1 else f"{path.stem} ({number}){path.suffix}"
        text = f"{base}/{tried}"
        place = find(text)
        if existing == "replace" or not place.exists():
            return text, place
        if existing == "stop":
            break
    raise BusinessError(
        f"フォルダに「{wanted}」がすでにあります。",
        mend="前のファイルを移すか、「あるとき」を 番号を付ける か 置き換える にしてください。",
    )
