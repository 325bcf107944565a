"""How far a person has come: one small file in the user's data folder."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import platformdirs
from pydantic import BaseModel, Field, ValidationError

from robots.errors import SystemFailure
from robots.files import write_atomically

_FILE = "learn.json"


class Progress(BaseModel):
    """What is kept."""

    folder: Path
    """Where the exercises were laid out."""
    port: int
    """Of the practice town that the checks start; it stands in the exercises' scenarios."""
    passed: dict[int, date] = Field(default_factory=dict)
    """The exercises that are done, and since when."""


def progress_file() -> Path:
    """The place of the file, on this machine and for this user."""
    return platformdirs.user_data_path("banken") / _FILE


def load_progress(place: Path) -> Progress | None:
    """What was kept; None where nothing was.  Raises: SystemFailure where the file can't be read."""
    try:
        return Progress.model_validate_json(place.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValidationError) as error:
        raise SystemFailure(
            f"練習の記録（{place}）を読めません。", mend="そのファイルを消すと、記録だけが初めからになります。"
        ) from error


def keep_progress(place: Path, progress: Progress) -> None:
    """Keeps it.  Raises: SystemFailure where the folder can't be written."""
    try:
        write_atomically(place, progress.model_dump_json(indent=1).encode())
    except OSError as error:
        raise SystemFailure(
            f"練習の記録を {place} に書けません（{error}）。", mend="フォルダに書き込めるかを確かめてください。"
        ) from error
