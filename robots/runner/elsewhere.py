"""A run that died on one machine and is to be carried on, by itself, on another: only where nothing of it stayed behind."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from robots.errors import SystemFailure
from robots.ledger.runs import owed_run
from robots.registry.sharing import seen_by_all
from robots.runner.order import Order, Parts

_MARK = "here"


class LiesElsewhere(SystemFailure):
    """What the run before has read or written lies on another machine: that one alone carries it on."""

    def __init__(self, machine: str, folders: str) -> None:
        super().__init__(
            f"前の実行は {machine} で途中まで行い、その端末だけのフォルダ（{folders}）を使っているため、"
            f"{machine} が戻るのを待って続けます。",
            mend=f"{machine} を直すか、そのフォルダの中身をこの端末へ移して banken run で続けてください。",
        )
        self.machine = machine


def check_place(order: Order, parts: Parts) -> None:
    """For a turn of a schedule on a ledger that machines share; a person who starts a run decides by himself.

    Raises: LiesElsewhere where the scenario has a run that is not finished, on another machine, and uses folders of a
    machine's own which this machine does not see.
    """
    if order.firing is None or not parts.ledger.shared:
        return
    before = owed_run(parts.ledger, order.approved.id)
    if before is None or before["machine"] == parts.home.settings.machine:
        return
    own = _own_folders(order.approved.scenario.uses.folders)
    if own and not (parts.home.var / "runs" / before["id"] / _MARK).exists():
        raise LiesElsewhere(before["machine"], "、".join(own))


def mark_place(folder: Path) -> None:
    """Leaves a mark in the folder of a run: a machine that sees it there has the same folders.  Raises: OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / _MARK).touch()


def _own_folders(folders: Mapping[str, str]) -> list[str]:
    """Those that are not the same on every machine: below var or the scenario's folder, or on a drive with a letter."""
    return [name for name, text in folders.items() if not seen_by_all(text)]
