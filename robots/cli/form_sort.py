"""banken form sort: copies scanned files into one folder a form."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from robots.cli.common import AsJson, Code, Stop, out, say, show_json
from robots.cli.form_common import form_at, scans_of
from robots.cli.progress import Pages
from robots.drivers.form_copies import UNKNOWN, copies
from robots.drivers.ocr_forms import sort_files
from robots.files import write_atomically


def sort(
    files: Annotated[list[Path], typer.Argument(help="スキャンしたファイルか、それを入れたフォルダ")],
    forms: Annotated[list[Path], typer.Option("--forms", help="帳票の定義（.yaml）。何度でも書けます")],
    to: Annotated[Path, typer.Option("--to", help="写しを置くフォルダ（帳票ごとのフォルダができます）")],
    as_json: AsJson = False,
) -> None:
    """スキャンしたファイルを、帳票ごとのフォルダに写す（元のファイルはそのまま）。"""
    sources = [form_at(one) for one in forms]
    with Pages() as pages:
        found = list(copies(sort_files(scans_of(files), sources, progress=pages.reading)))
    for one in found:
        write_atomically(to / one.form / one.name, one.content())
    if as_json:
        show_json(
            [
                {
                    "file": str(one.file),
                    "form": one.form,
                    "pages": one.pages,
                    "copy": f"{one.form}/{one.name}",
                    "why": one.why,
                }
                for one in found
            ]
        )
    else:
        for one in found:
            if one.form == UNKNOWN:
                say(f"  {UNKNOWN}: {one.file.name} {one.pages}ページ目　{one.why}")
        for form, count in Counter(one.form for one in found).items():
            out.print(f"{form}: {count} 件", markup=False)
    if any(one.form == UNKNOWN for one in found):
        raise Stop(Code.PROBLEMS)
