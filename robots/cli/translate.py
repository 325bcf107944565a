"""banken translate: a scenario's keys, step names and functions in the other language."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from robots.cli.common import Code, Stop, here, out, registered, tell
from robots.cli.fmt import rewrite
from robots.cli.targets import folders_of, id_of, shown
from robots.registry.digest import read_folder
from robots.scenario.problem import Problems
from robots.scenario.translate import translate as translated
from robots.settings import SCENARIO_NAME


class Into(StrEnum):
    """The languages of a scenario."""

    ja = "ja"
    en = "en"


def translate(
    targets: Annotated[list[str], typer.Argument(metavar="TARGETS...", help="シナリオの番号・フォルダ・ファイル")],
    to: Annotated[Into, typer.Option("--to", help="ja（日本語の名前にする）か en（英語の名前にする）")],
) -> None:
    """シナリオの項目・手順・関数の名前を、日本語か英語にそろえる（メモはそのまま）。"""
    home = here()
    loaded = registered(home)
    refused = False
    for folder in folders_of(home, targets):
        files, scenario = read_folder(folder), id_of(home, folder)
        made = translated(files, scenario, to.value)
        if isinstance(made, Problems):
            tell(made.under(shown(folder)))
            refused = True
        elif made == files[SCENARIO_NAME]:
            out.print(f"{shown(folder / SCENARIO_NAME)} は、もうその言葉で書かれています。", markup=False)
        else:
            rewrite(folder / SCENARIO_NAME, made, loaded, scenario)
    if refused:
        raise Stop(Code.PROBLEMS)
