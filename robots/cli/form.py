"""banken form: reading, drawing, sorting and measuring paper forms."""

from __future__ import annotations

import typer

from robots.cli.form_advise import advise
from robots.cli.form_bench import bench
from robots.cli.form_detect import detect
from robots.cli.form_draw import draw
from robots.cli.form_read import read
from robots.cli.form_sort import sort
from robots.cli.japanese import JaCommand, JaGroup

app = typer.Typer(
    cls=JaGroup, rich_markup_mode=None, help="紙の帳票を作る・読む・仕分ける・測る。", no_args_is_help=True
)

for command in (read, draw, detect, advise, sort, bench):
    app.command(command.__name__, cls=JaCommand)(command)


@app.callback()
def form() -> None:
    """紙の帳票を作る・読む・仕分ける・測る。"""
