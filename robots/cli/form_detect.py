"""banken form detect: proposes a definition from an empty form."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Annotated, Any

import typer
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq

from ocr.detect import Proposal
from ocr.form import check_definition
from ocr.overlay import overlay_blank
from robots.cli.common import Code, Stop, out, say
from robots.cli.form_blank import blank_pages, proposal_of
from robots.files import write_atomically


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
    write_atomically(to, _yaml(proposal).encode())
    _, fields = check_definition(proposal.data)
    for field in fields:
        out.print(f"  {field.name}（{field.kind.ja}）: {proposal.reasons.get(field.name, '')}", markup=False)
    if overlay is not None:
        for page in pages:
            here = [one for one in fields if one.params.page == page.number]
            place = overlay if len(pages) == 1 else overlay.with_stem(f"{overlay.stem}_p{page.number}")
            write_atomically(place, overlay_blank(page, here))
    out.print(f"{len(fields)} 欄の案を {to} に書きました。名前・種類・位置を確かめて直してください。", markup=False)


def _yaml(proposal: Proposal) -> str:
    """The definition with one field a line, and above it why it was taken for what it is."""
    whole = CommentedMap({name: _flow(value) for name, value in proposal.data.items() if name != "fields"})
    fields = CommentedMap()
    found = proposal.data["fields"]
    for name, value in found.items() if isinstance(found, dict) else ():
        fields[name] = _flow(value)
        if reason := proposal.reasons.get(name):
            fields.yaml_set_comment_before_after_key(name, before=reason, indent=2)
    whole["fields"] = fields
    writer, made = YAML(), io.StringIO()
    writer.width = 4096
    writer.dump(whole, made)
    return made.getvalue()


def _flow(value: object) -> Any:
    """Mappings and lists on one line."""
    if isinstance(value, dict):
        mapping = CommentedMap({name: _flow(one) for name, one in value.items()})
        mapping.fa.set_flow_style()
        return mapping
    if isinstance(value, list | tuple):
        sequence = CommentedSeq([_flow(one) for one in value])
        sequence.fa.set_flow_style()
        return sequence
    return value
