"""banken steps: the reference of step kinds, from the same values that check and run them."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from robots.all_steps import STEPS
from robots.cli.common import Code, Stop, out, say
from robots.scenario.guess import nearest


def steps(name: Annotated[str | None, typer.Argument(help="手順の名前（日本語でも英語でも）")] = None) -> None:
    """手順の一覧と使い方。"""
    if name is None:
        table = Table("手順", "英語名", "すること", box=None)
        for each in STEPS:
            table.add_row(each.ja, each.name, each.summary)
        out.print(table)
        return
    if (kind := STEPS.get(name)) is None:
        guess = nearest(name, STEPS.names)
        say(
            f"「{name}」という手順はありません{f'（もしかして: {guess}）' if guess else ''}。一覧は banken steps で見られます。"
        )
        raise Stop(Code.PROBLEMS)
    out.print(f"{kind.ja}（{kind.name}）\n  {kind.summary}\n", markup=False)
    for english, field in kind.params.model_fields.items():
        extra = field.json_schema_extra
        ja = extra.get("ja") if isinstance(extra, dict) else ""
        must = "必須" if field.is_required() else "任意"
        out.print(f"  {ja}（{english.rstrip('_')}）{must}: {field.description or ''}", markup=False)
    out.print(f"\n例:\n{kind.example.strip()}", markup=False)
