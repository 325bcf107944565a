"""banken registry: looking at the register."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence

import typer
from rich.cells import cell_len

from robots.cli.common import AsJson, here, out, quickly_written, show_json
from robots.cli.handover import handover, handover_sheet
from robots.cli.impact import impact
from robots.cli.japanese import JaCommand, JaGroup
from robots.cli.strays import strays
from robots.clock import today
from robots.ledger.approvals import ApprovalMemory
from robots.registry.index import open_index
from robots.registry.survey import Town, states_of_all
from robots.wiring import records

app = typer.Typer(cls=JaGroup, rich_markup_mode=None, help="台帳を見る。", no_args_is_help=True)


@app.callback()
def registry() -> None:
    """台帳を見る。"""


app.command("impact", cls=JaCommand)(impact)
app.command("strays", cls=JaCommand)(strays)
app.command("handover", cls=JaCommand)(handover)
app.command("handover-sheet", cls=JaCommand)(handover_sheet)


@app.command("list", cls=JaCommand)
def listing(as_json: AsJson = False) -> None:
    """登録されているシナリオと、いま実行できるか。"""
    home = here()
    with open_index(home) as index, records(home) as (ledger, _):
        written = quickly_written(home, index)
        states = states_of_all(Town(home, today(), ApprovalMemory(ledger).all_known()), written, index)
    rows = [
        {
            "scenario": scenario,
            "name": str(entry["name"]),
            "department": written.departments.get(scenario.partition("/")[0], ""),
            "owner": str(entry["owner"]),
            "deputy": str(entry["deputy"]),
            "data": str(entry["data"]),
            "state": states[scenario].what,
        }
        for scenario, entry in sorted(written.entries.items())
    ]
    if as_json:
        show_json(rows)
        return
    shown = ("scenario", "name", "department", "owner", "deputy", "state")
    table = [
        ("シナリオ", "名前", "課", "所有者", "副担当", "状態"),
        *(tuple(row[key] for key in shown) for row in rows),
    ]
    if not rows:
        out.print("登録されたシナリオはありません。")
        return
    for line in _aligned(table):
        sys.stdout.write(f"{line}\n")  # by itself: what rich prints takes seconds for ten thousand


def _aligned(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """The rows as lines, each column as wide as its widest text."""
    columns = [_padded(column) for column in zip(*rows, strict=True)]
    for cells in zip(*columns, strict=True):
        yield "  ".join(cells).rstrip()


def _padded(texts: Sequence[str]) -> list[str]:
    lengths = [len(text) if text.isascii() else cell_len(text) for text in texts]
    width = max(lengths)
    return [text + " " * (width - length) for text, length in zip(texts, lengths, strict=True)]
