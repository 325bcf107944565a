"""banken form draw: prints a form from its definition, perhaps with values in it."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Annotated

import typer
from pypdf import PdfReader, PdfWriter

from ocr.draw.form import draw_form
from robots.cli.common import Code, Stop, out, say
from robots.cli.form_common import definition_at
from robots.cli.run import pairs
from robots.drivers.openpyxl_workbook import OpenpyxlWorkbooks
from robots.files import write_atomically
from robots.values import Row, text_of


def draw(
    form: Annotated[Path, typer.Argument(help="帳票の定義（.yaml）")],
    to: Annotated[Path, typer.Option("--out", help="書き出す PDF")],
    value: Annotated[list[str] | None, typer.Option("--value", help="刷り込む値（欄=値）。何度でも書けます")] = None,
    values: Annotated[
        Path | None, typer.Option("--values", help="刷り込む値の表（.xlsx）。1 行が 1 部になります")
    ] = None,
) -> None:
    """帳票を A4 などの PDF に刷る（空の帳票、または値を刷り込んだもの）。"""
    definition, fields = definition_at(form)
    given = pairs(value or [])
    rows = OpenpyxlWorkbooks().read_table(values) if values is not None else [Row()]
    known = {one.name for one in fields}
    wanted = [{name: text_of(cell) for name, cell in row.items() if text_of(cell)} | given for row in rows]
    if unknown := sorted({name for row in wanted for name in row if name.partition("[")[0] not in known}):
        say(f"帳票に「{'」「'.join(unknown)}」という欄はありません。ある欄は {'、'.join(known)} です。")
        raise Stop(Code.PROBLEMS)
    try:
        copies = [draw_form(definition, fields, prefilled=row) for row in wanted]
    except (ValueError, KeyError) as error:
        say(f"刷れません: {error.args[0]}")
        raise Stop(Code.PROBLEMS) from None
    write_atomically(to, copies[0] if len(copies) == 1 else _together(copies))
    out.print(f"{to} に {len(copies)} 部を書き出しました。", markup=False)


def _together(copies: list[bytes]) -> bytes:
    writer, made = PdfWriter(), io.BytesIO()
    for copy in copies:
        writer.append(PdfReader(io.BytesIO(copy)))
    writer.write(made)
    return made.getvalue()
