"""banken registry: looking at the register."""

from __future__ import annotations

import typer
from rich.table import Table

from robots.cli.common import AsJson, here, out, registered, show_json
from robots.cli.impact import impact
from robots.cli.japanese import JaCommand, JaGroup
from robots.clock import today
from robots.registry.gate import Refused, pass_gate
from robots.registry.load import Loaded
from robots.scenario.problem import Problems
from robots.settings import Home

app = typer.Typer(cls=JaGroup, rich_markup_mode=None, help="台帳を見る。", no_args_is_help=True)


@app.callback()
def registry() -> None:
    """台帳を見る。"""


app.command("impact", cls=JaCommand)(impact)


@app.command("list", cls=JaCommand)
def listing(as_json: AsJson = False) -> None:
    """登録されているシナリオと、いま実行できるか。"""
    home = here()
    loaded = registered(home)
    rows = [
        {
            "scenario": scenario,
            "name": entry.name,
            "department": loaded.register.department_of(scenario)[1].name,
            "owner": entry.owner,
            "deputy": entry.deputy,
            "data": entry.data,
            "state": _state(home, loaded, scenario),
        }
        for scenario, entry in sorted(loaded.register.scenarios.items())
    ]
    if as_json:
        show_json(rows)
        return
    table = Table("シナリオ", "名前", "課", "所有者", "副担当", "状態", box=None)
    for row in rows:
        table.add_row(*(str(row[name]) for name in ("scenario", "name", "department", "owner", "deputy", "state")))
    out.print(table if rows else "登録されたシナリオはありません。")


def _state(home: Home, loaded: Loaded, scenario: str) -> str:
    answer = pass_gate(home, loaded, scenario, today=today(), rehearsal=False)
    if isinstance(answer, Problems):
        return f"書き方に問題 {len(answer)} か所"
    return answer.what if isinstance(answer, Refused) else "実行できます"
