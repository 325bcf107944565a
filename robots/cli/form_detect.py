"""banken form detect: proposes a definition from an empty form."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ocr.form import check_definition
from ocr.overlay import overlay_blank
from robots.cli.common import Code, Stop, out, say
from robots.cli.form_blank import blank_pages, proposal_of
from robots.files import write_atomically
from robots.scenario.form_text import proposed


def detect(
    blank: Annotated[Path, typer.Argument(help="空の帳票（PDF、PNG、TIFF、JPEG）")],
    to: Annotated[Path, typer.Option("--out", help="書き出す定義（.yaml）。空の帳票と同じフォルダに置きます")],
    overlay: Annotated[Path | None, typer.Option("--overlay", help="見つけた欄を重ねた絵（.png）")] = None,
) -> None:
    """空の帳票から、欄の位置と種類と名前を見つけて、定義の案を作る。"""
    if to.exists():
        say(f"{to} はもうあります。上書きしないよう、別の名前を付けるか、前のものを移してください。")
        raise Stop(Code.PROBLEMS)
    pages = blank_pages(blank)
    proposal = proposal_of(blank, pages)
    write_atomically(to, proposed(proposal.data, proposal.reasons).encode())
    _, fields = check_definition(proposal.data)
    for field in fields:
        out.print(f"  {field.name}（{field.kind.ja}）: {proposal.reasons.get(field.name, '')}", markup=False)
    if overlay is not None:
        for page in pages:
            here = [one for one in fields if one.params.page == page.number]
            place = overlay if len(pages) == 1 else overlay.with_stem(f"{overlay.stem}_p{page.number}")
            write_atomically(place, overlay_blank(page, here))
    out.print(f"{len(fields)} 欄の案を {to} に書きました。名前・種類・位置を確かめて直してください。", markup=False)
