"""banken savings: the hours saved, from the ledger alone; and the hours and yen that are still spent."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from robots.cli.common import AsJson, Code, Stop, here, out, registered, say, show_json, who
from robots.cli.japanese import JaCommand, JaGroup
from robots.cli.savings_book import book
from robots.clock import today
from robots.ledger.recount import mend, recount
from robots.ledger.store import Ledger
from robots.registry.reporting import report_wanted
from robots.savings.document import document
from robots.savings.figures import BY, in_hours
from robots.savings.statement import Statement, statement
from robots.savings.table import FIRST_FIGURE, FORMATS, table_rows
from robots.settings import Home
from robots.values import Row, text_of
from robots.wiring import print_page, records

if TYPE_CHECKING:
    from robots.ledger.audit import AuditLog

app = typer.Typer(
    cls=JaGroup,
    rich_markup_mode=None,
    help="削減時間を見る・人の作業時間と費用を記録する。",
    invoke_without_command=True,
)
app.command("book", cls=JaCommand)(book)


@app.callback()
def savings(
    ctx: typer.Context,
    year: Annotated[int | None, typer.Option("--year", help="年度（2026 など）。省くとすべて")] = None,
    by: Annotated[
        str, typer.Option("--by", help="まとめ方: division 部・department 課・scenario・month・year")
    ] = "scenario",
    to: Annotated[
        Path | None,
        typer.Option("--out", help="書き出すファイル（.xlsx・.pdf・.html・.csv・.json、図は .svg・.png）"),
    ] = None,
    again: Annotated[
        bool, typer.Option("--recount", help="対象を一件ずつ数え直し、集計と合うかを確かめる（違えば集計を直す）")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """削減時間（総と正味）・費用・回収を、台帳記録だけから計算する。"""
    if ctx.invoked_subcommand is not None:
        return
    if by not in BY:
        say(f"--by「{by}」は使えません。使えるのは {'、'.join(BY)} です。")
        raise Stop(Code.USAGE)
    if to is not None and to.suffix.lower() not in FORMATS:
        say(f"--out「{to.name}」には書き出せません。拡張子を {'、'.join(FORMATS)} のどれかにしてください。")
        raise Stop(Code.USAGE)
    home = here()
    loaded = registered(home)
    with records(home) as (ledger, audit):
        if again:
            _recount(ledger, as_json=as_json)
            return
        drawn = statement(ledger, report_wanted(loaded.register, today(), year=year, by=by))
        if to is not None:
            _export(home, drawn, ledger, audit, to)
        if as_json:
            show_json(document(drawn, ledger))
            return
    show_savings(table_rows(drawn.lines, drawn.total, by))
    for mark in drawn.marks if by == "scenario" else ():
        out.print(f"見直し: {mark.name}（{'。'.join(mark.reasons)}）", markup=False)
    for one in drawn.compared if by == "scenario" else ():
        out.print(
            f"見積りとの比較: {one.name} 見積り {one.expected.net:,.0f} 時間（{one.expected.low:,.0f}～{one.expected.high:,.0f}）、"
            f"実績 {one.came:,.0f} 時間（{one.months} か月から年あたりに換算）",
            markup=False,
        )
    if to is not None:
        out.print(f"書き出しました: {to.resolve()}", markup=False)


def _export(home: Home, drawn: Statement, ledger: Ledger, audit: AuditLog, to: Path) -> None:
    from robots.savings.export import export  # noqa: PLC0415 (the charts and the Excel library load slowly)

    detail = {"file": to.name, "by": drawn.wanted.by, "year": drawn.wanted.year}
    audit.record("exported", who=who(), subject="savings", detail=detail)
    try:
        export(drawn, ledger, to, print_page)
    except OSError as error:
        say(f"{to} に書き込めません（{error.strerror or error}）。ほかのソフトで開いていれば閉じてください。")
        raise Stop(Code.SYSTEM) from error


def _recount(ledger: Ledger, *, as_json: bool) -> None:
    """Exit code 1 where the sums were not what was counted; they are mended by then."""
    counted = recount(ledger)
    if counted.differences:
        mend(ledger, counted.differences)
    if as_json:
        show_json(
            {
                "items": counted.items,
                "hours_before": in_hours(counted.before),
                "hours_after": in_hours(counted.after),
                "differences": [
                    {"what": one.what, "key": one.key, "kept": one.kept, "counted": one.counted}
                    for one in counted.differences
                ],
            }
        )
    else:
        told = f"{counted.items:,} 件、削減時間（総）{in_hours(counted.before):,.2f} 時間、人の作業時間 {in_hours(counted.after):,.2f} 時間"
        out.print(f"数え直しました: {told}", markup=False)
        out.print(
            f"集計との違い {len(counted.differences)} か所を直しました。"
            if counted.differences
            else "集計と一致しました。",
            markup=False,
        )
    if counted.differences:
        raise Stop(Code.PROBLEMS)


def show_savings(rows: list[Row]) -> None:
    """The table on screen."""
    names = list(rows[-1])
    figures = names.index(FIRST_FIGURE)
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
