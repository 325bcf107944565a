"""banken fmt: scenario.yaml in one even style, comments and meaning kept."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from robots.cli.common import Code, Stop, here, out, registered, say, tell
from robots.cli.targets import folders_of, id_of, shown
from robots.files import write_atomically
from robots.registry.load import Loaded
from robots.scenario.format import formatted
from robots.scenario.problem import Problems
from robots.settings import SCENARIO_NAME


def fmt(
    targets: Annotated[
        list[str] | None,
        typer.Argument(metavar="[TARGETS]...", help="シナリオの番号・フォルダ・ファイル。省くと未承認のすべて"),
    ] = None,
    check: Annotated[bool, typer.Option("--check", help="書き直さずに、書き直すものがあるかだけを調べる")] = False,
) -> None:
    """シナリオの字下げ・順番・引用符をそろえる（メモと意味は変わらない）。"""
    home = here()
    loaded = registered(home)
    changing, refused = 0, False
    for folder in folders_of(home, targets or []):
        place, scenario = folder / SCENARIO_NAME, id_of(home, folder)
        before = place.read_bytes()
        made = formatted(shown(place), before)
        if isinstance(made, Problems):
            tell(made)
            refused = True
        elif made != before:
            changing += 1
            if check:
                out.print(f"{shown(place)} は書き直されます。", markup=False)
            elif not targets and is_approved(loaded, scenario):
                out.print(
                    f"{shown(place)} は承認済みなので、そのままにしました（書き直すには番号を指定します）。",
                    markup=False,
                )
            else:
                rewrite(place, made, loaded, scenario)
    if not changing and not refused:
        out.print("どれもそろっています。")
    if refused or (check and changing):
        raise Stop(Code.PROBLEMS)


def is_approved(loaded: Loaded, scenario: str) -> bool:
    """Whether the register holds an approval of it, which a change of its file ends."""
    entry = loaded.register.scenarios.get(scenario)
    return entry is not None and entry.approval is not None


def rewrite(place: Path, made: bytes, loaded: Loaded, scenario: str) -> None:
    """Puts the new file in place, and says so."""
    write_atomically(place, made)
    out.print(f"{shown(place)} を書き直しました。", markup=False)
    if is_approved(loaded, scenario):
        say(f"承認のあとでファイルが変わったので、動かす前に承認を受け直してください: banken approve {scenario} --as …")
