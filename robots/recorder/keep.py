"""What has been recorded so far, on disk: whatever ends the browser, the terminal or the questions, the work is not lost.

It holds what the person typed, so it is sealed as the ledger is; one file a town is kept, and it goes once the scenario
is written.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from pydantic import TypeAdapter

from robots.clock import JST
from robots.errors import SystemFailure
from robots.files import write_atomically
from robots.ledger.seal import Sealer
from robots.recorder.model import Recording

_RECORDING = TypeAdapter(Recording)


class Kept:
    """The one recording that a town keeps."""

    def __init__(self, var: Path, sealer: Sealer) -> None:
        self._place = var / "recorded" / "recording.sealed"
        self._sealer = sealer
        self._last = b""

    def keep(self, recording: Recording) -> None:
        """Puts it in place of the last one, where anything has come to it.  Raises: OSError."""
        data = _RECORDING.dump_json(recording)
        if data != self._last:
            write_atomically(self._place, self._sealer.seal(data).encode("ascii"), private=True)
            self._last = data

    def find(self) -> tuple[Recording, datetime] | None:
        """What is kept, and since when; None where there is nothing that can be used."""
        try:
            recording = _RECORDING.validate_json(self._sealer.open(self._place.read_text(encoding="ascii")))
            moment = datetime.fromtimestamp(self._place.stat().st_mtime, JST)
        except (OSError, ValueError, SystemFailure):
            return None
        return (recording, moment) if worth_writing(recording) else None

    def drop(self) -> None:
        """Removes it.  Raises: OSError."""
        self._place.unlink(missing_ok=True)


def worth_writing(recording: Recording) -> bool:
    """Whether anything was done, beside opening the first page."""
    return any(act.entry is not None or act.kind == "click" for act in recording.acts)
