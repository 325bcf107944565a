"""banken form read: reads scanned files as a form, and tells what is certain and what is not."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, TypeVar

import typer

import ocr
from ocr.reading import FieldReading, FormReading, Refused
from robots.cli.common import AsJson, Code, Stop, out, say, show_json_list
from robots.cli.form_common import form_at, scans_of
from robots.cli.form_stop import Stopped, Stopping
from robots.cli.progress import Pages
from robots.drivers.forms import FormSource
from robots.drivers.ocr_forms import readings
from robots.drivers.openpyxl_workbook import OpenpyxlWorkbooks
from robots.form_rows import origin_of
from robots.values import Row

Copy = FormReading | Refused
Copied = TypeVar("Copied")


def read(
    files: Annotated[list[Path], typer.Argument(help="スキャンしたファイルか、それを入れたフォルダ")],
    form: Annotated[Path, typer.Option("--form", help="帳票の定義（.yaml）")],
    to: Annotated[Path | None, typer.Option("--xlsx", help="読み取った値を書き出す Excel")] = None,
    overlay: Annotated[Path | None, typer.Option("--overlay", help="欄を重ねた絵を置くフォルダ")] = None,
    store: Annotated[
        Path | None, typer.Option("--store", help="読み取りを覚えておくフォルダ（止めても続きから読めます）")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """スキャンしたファイルを読み取り、不確かな欄とその理由を示す。"""
    with Stopping() as stopping:
        source, count = form_at(form), _Count(xlsx=to is not None)
        with Pages() as pages:

            def progress(done: int, total: int) -> None:
                pages.reading(done, total)
                stopping.look(total)

            kept = None if store is None else ocr.Store(store)
            found = readings(scans_of(files), source, store=kept, overlay=overlay, progress=progress)
            copies = (count.counted(one, source) for _, one in found)
            if as_json:
                show_json_list(_flushed(stopping.until_ended(map(_json, copies))))
            else:
                for one in stopping.until_ended(copies):
                    _tell(one)
    if stopping.ended_by is not None:
        say(stopping.words(count.copies, count.last, _going_on(store, overlay, to)))
        raise Stop(Code.PROBLEMS) if isinstance(stopping.ended_by, Stopped) else stopping.ended_by
    if not as_json:
        out.print(str(count), markup=False)
    if to is not None:
        to.unlink(missing_ok=True)
        OpenpyxlWorkbooks().append_rows(to, "読み取り", count.rows)
        if not as_json:
            out.print(f"書き出しました: {to}", markup=False)
    if count.sure < count.copies:
        raise Stop(Code.PROBLEMS)


def _flushed(found: Iterator[Copied]) -> Iterator[Copied]:
    """Each out of the way once it is written, as whoever reads on the other side expects."""
    for one in found:
        yield one
        sys.stdout.flush()


def _going_on(store: Path | None, overlay: Path | None, to: Path | None) -> str:
    """What to do after a reading that did not come to its end."""
    book = "" if to is None else f"{to} は{'前のままで、書き替えていません' if to.exists() else '書いていません'}。"
    if overlay is not None:
        return f"{book}絵を描くとき（--overlay）は覚えた読み取りを使わないので、もう一度実行すると初めから読みます。"
    if store is None:
        return f"{book}もう一度実行すると初めから読みます。--store フォルダ を付けておくと、止めても続きから読めます。"
    return f"{book}同じ --store でもう一度実行すると、読み終えた紙は読み直さずに続け、初めからすべての結果を出します。"


class _Count:
    """What is remembered of the copies once they are told: a pile's pictures would not fit into memory."""

    def __init__(self, *, xlsx: bool) -> None:
        self.copies = self.sure = self.refused = 0
        self.last = ""
        """Where the last of them lies, as people say it."""
        self.rows: list[Row] = []
        """Of the book, where there is to be one."""
        self._xlsx = xlsx

    def counted(self, one: Copy, form: FormSource) -> Copy:
        self.copies += 1
        self.last = origin_of(one.source)
        self.refused += isinstance(one, Refused)
        self.sure += isinstance(one, FormReading) and one.certain
        if self._xlsx:
            self.rows.append(_row(one, form))
        return one

    def __str__(self) -> str:
        return (
            f"{self.copies} 枚のうち、すべて確かなもの {self.sure} 枚、"
            f"確認の要るもの {self.copies - self.sure - self.refused} 枚、読めないもの {self.refused} 枚"
        )


def _tell(one: Copy) -> None:
    if isinstance(one, Refused):
        out.print(f"{origin_of(one.source)}: 読めません。{one.why}", markup=False)
        return
    out.print(f"{origin_of(one.source)}: {one.form}（位置のずれ {one.residual_mm:.2f} mm）", markup=False)
    for name, reading in one.leaves():
        mark = "　" if reading.certain else "？"
        why = "" if reading.certain else f"　← {'、'.join(reading.why)}"
        out.print(f"  {mark}{name}: {reading.value or '（空欄）'}{why}", markup=False)


def _json(one: Copy) -> dict[str, object]:
    if isinstance(one, Refused):
        return {"source": one.source, "refused": one.code, "why": one.why}
    return {
        "source": one.source,
        "form": one.form,
        "certain": one.certain,
        "residual_mm": round(one.residual_mm, 3),
        "fields": {name: _field_json(reading) for name, reading in one.fields.items()},
    }


def _field_json(reading: FieldReading) -> dict[str, object]:
    told: dict[str, object] = {
        "value": reading.value,
        "state": reading.state,
        "confidence": round(reading.confidence, 5),
        "cells": list(reading.cells),
        "why": list(reading.why),
        "box": list(reading.box),
        "reader": reading.reader,
    }
    if reading.rows:
        told["rows"] = [{name: _field_json(one) for name, one in row.items()} for row in reading.rows]
    return told


def _row(one: Copy, form: FormSource) -> Row:
    """One line of the book; what is not certain is named in 要確認."""
    if isinstance(one, Refused):
        return Row({"ファイル": origin_of(one.source), "要確認": one.why} | dict.fromkeys(_names(form), ""))
    doubts = "、".join(name for name, reading in one.leaves() if not reading.certain)
    values = {name: reading.value for name, reading in one.leaves()}
    return Row({"ファイル": origin_of(one.source), "要確認": doubts} | values)


def _names(form: FormSource) -> Iterator[str]:
    fields = form.data["fields"]
    yield from fields if isinstance(fields, dict) else ()
