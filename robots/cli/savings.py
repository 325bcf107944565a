"""banken savings: the hours saved, from the ledger alone; and the hours that people still spend."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from robots.cli.common import AsJson, Code, Stop, here, out, registered, say, show_json, who
from robots.cli.japanese import JaCommand, JaGroup
from robots.drivers.csv_file import write_csv
from robots.drivers.workbook import Workbooks
from robots.ledger.people import KINDS, Minutes, book_minutes
from robots.ledger.rollups import run_figures
from robots.savings.figures import BY, report
from robots.savings.figures import as_json as figures_json
from robots.savings.table import json_rows, table_rows
from robots.values import Row, text_of
from robots.wiring import wired

app = typer.Typer(
    cls=JaGroup, rich_markup_mode=None, help="削減時間を見る・人の作業時間を記録する。", invoke_without_command=True
)


@app.callback()
def savings(
    ctx: typer.Context,
    year: Annotated[int | None, typer.Option("--year", help="年度（2026 など）。省くとすべて")] = None,
    by: Annotated[str, typer.Option("--by", help="まとめ方: department・scenario・month・year")] = "scenario",
    to: Annotated[Path | None, typer.Option("--out", help="書き出すファイル（.xlsx か .csv）")] = None,
    as_json: AsJson = False,
) -> None:
    """削減時間（総と正味）を、台帳記録だけから計算する。"""
    if ctx.invoked_subcommand is not None:
        return
    if by not in BY:
        say(f"--by「{by}」は使えません。使えるのは {'、'.join(BY)} です。")
        raise Stop(Code.USAGE)
    if to is not None and to.suffix.lower() not in (".xlsx", ".csv"):
        say(f"--out「{to.name}」には書き出せません。拡張子を .xlsx か .csv にしてください。")
        raise Stop(Code.USAGE)
    home = here()
    starts = registered(home).register.fiscal_year_starts
    with wired(home) as parts:
        lines, total = report(run_figures(parts.ledger), by, year=year, starts=starts)
        rows = table_rows(lines, total, by)
        if to is not None:
            _write(parts.workbooks, to, rows)
    if as_json:
        show_json({"year": year, "by": by, "rows": json_rows(lines), "total": figures_json(total)})
    else:
        show_savings(rows)
        if to is not None:
            out.print(f"書き出しました: {to.resolve()}", markup=False)


@app.command("book", cls=JaCommand)
def book(
    scenario: Annotated[str, typer.Argument(help="シナリオの番号")],
    minutes: Annotated[str, typer.Option("--minutes", help="かかった分数")],
    kind: Annotated[str, typer.Option("--kind", help="review 確認・mending 手直し・authoring 作成・maintenance 保守")],
    note: Annotated[str, typer.Option("--note", help="内容")] = "",
) -> None:
    """人がかけた時間を記録する（正味の削減時間から引かれます）。"""
    home = here()
    if scenario not in registered(home).register.scenarios:
        say(f"シナリオ「{scenario}」は台帳にありません。banken registry list で確かめてください。")
        raise Stop(Code.PROBLEMS)
    if kind not in KINDS:
        say(f"--kind「{kind}」は使えません。使えるのは {'、'.join(KINDS)} です。")
        raise Stop(Code.USAGE)
    try:
        spent = Decimal(minutes)
    except InvalidOperation:
        spent = Decimal(-1)
    if not spent.is_finite() or spent <= 0:
        say(f"--minutes「{minutes}」は正の数ではありません。30 や 7.5 のように書いてください。")
        raise Stop(Code.USAGE)
    with wired(home) as parts:
        book_minutes(parts.ledger, Minutes(scenario, kind, spent, who(), note))
    out.print(f"{scenario} に {spent} 分を記録しました。", markup=False)


def show_savings(rows: list[Row]) -> None:
    """The table on screen."""
    names = list(rows[-1])
    figures = names.index("件数")
    table = Table(box=None)
    for place, name in enumerate(names):
        table.add_column(name, justify="right" if place >= figures else "left")
    for row in rows:
        table.add_row(*(_cell(row[name]) for name in names), style="bold" if row is rows[-1] else None)
    out.print(table)


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f"{value:,.2f}"
    return f"{value:,}" if isinstance(value, int) else text_of(value)


def _write(workbooks: Workbooks, to: Path, rows: list[Row]) -> None:
    plain = [
        Row({name: Decimal(str(value)) if isinstance(value, float) else value for name, value in row.items()})
        for row in rows
    ]
    if to.suffix.lower() == ".csv":
        write_csv(to, plain, columns=None, encoding="utf-8")
        return
    to.unlink(missing_ok=True)
    workbooks.append_rows(to, "削減時間", plain)
