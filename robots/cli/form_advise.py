"""banken form advise: what to change on a paper form so that it can be read."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ocr.advise import advise as advices
from ocr.form import check_definition
from robots.cli.common import AsJson, out, show_json
from robots.cli.form_blank import blank_pages, proposal_of
from robots.cli.form_common import form_at
from robots.scenario.forms import loaded


def advise(
    form: Annotated[Path, typer.Argument(help="帳票の定義（.yaml）か、空の帳票（PDF、PNG、TIFF、JPEG）")],
    as_json: AsJson = False,
) -> None:
    """読み取りやすい帳票にするために、紙のどこを直すとよいかを示す。"""
    if form.suffix.lower() in (".yaml", ".yml"):
        known = loaded(form_at(form))
        definition, fields, pages = known.definition, known.fields, known.blanks
    else:
        pages = blank_pages(form)
        definition, fields = check_definition(proposal_of(form, pages).data)
    found = advices(definition, fields, pages)
    if as_json:
        show_json([{"path": list(one.path), "what": one.what, "mend": one.mend} for one in found])
        return
    for one in found:
        out.print(f"・{one.what}\n    {one.mend}", markup=False)
    out.print(
        f"{len(found)} か所を直すと、読み取りやすくなります。" if found else "直すところはありません。", markup=False
    )
