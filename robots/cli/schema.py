"""banken schema: JSON Schema of the town's files, so that an editor can help while somebody writes."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from robots.cli.common import Code, Stop, here, out, registered, say, show_json
from robots.cli.targets import folders_of, shown
from robots.cli.vscode import register_schema, schema_of, write_vscode
from robots.registry.load import load_register
from robots.scenario.problem import Problems
from robots.scenario.schema import scenario_schema
from robots.scenario.schema_forms import form_schema


class Of(StrEnum):
    """The files that have a schema."""

    scenario = "scenario"
    form = "form"
    registry = "registry"


def schema(
    scenario: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="シナリオの番号。そのシナリオのサイトなどの名前も候補に出る")
    ] = None,
    of: Annotated[Of, typer.Option("--of", help="何の定義か: scenario・form（帳票）・registry（台帳）")] = Of.scenario,
    vscode: Annotated[
        bool, typer.Option("--vscode", help=".vscode フォルダに、定義と VS Code の設定をまとめて書く")
    ] = False,
) -> None:
    """エディターで候補と説明を出すための定義（JSON Schema）を出す。"""
    if vscode:
        home = here()
        for path in write_vscode(home, registered(home).register):
            out.print(f"{shown(path)} を書きました。", markup=False)
        out.print("VS Code で、このフォルダを開き直してください。")
    elif of is Of.form:
        show_json(form_schema())
    elif of is Of.registry:
        loaded = load_register(here())
        show_json(register_schema(None if isinstance(loaded, Problems) else loaded.register))
    elif scenario is None:
        show_json(scenario_schema())
    else:
        (folder, *more) = folders_of(here(), [scenario])
        if more:
            say("シナリオを一つだけ指定してください。")
            raise Stop(Code.USAGE)
        show_json(schema_of(folder))
