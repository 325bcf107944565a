"""banken form bench: how well a labelled folder is read, and how fast."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from ocr.all_fields import all_fields
from ocr.bench.measure import Report, Tally, measure, read_labels
from ocr.bench.pictures import calibration_png, contact_sheet
from robots.cli.common import AsJson, Code, Stop, out, say, show_json
from robots.cli.form_common import form_at
from robots.cli.progress import Pages
from robots.files import write_atomically
from robots.scenario.forms import loaded

_WORST = 50


def bench(
    folder: Annotated[Path, typer.Argument(help="正解（truth.json）のあるフォルダ")],
    form: Annotated[
        Path | None, typer.Option("--form", help="帳票の定義（.yaml）。省くと、フォルダの中か隣の forms から探す")
    ] = None,
    to: Annotated[Path | None, typer.Option("--out", help="較正の図と、悪かったますの一覧を置くフォルダ")] = None,
    as_json: AsJson = False,
) -> None:
    """正解の付いたフォルダを読み、正しさ・確かさ・速さを測る。"""
    source = form_at(form or _form_of(folder))
    known = loaded(source)
    try:
        labelled = read_labels(folder, known.name)
    except (OSError, ValueError, KeyError, TypeError) as error:
        say(f"{folder / 'truth.json'} を読めません（{error}）。")
        raise Stop(Code.USAGE) from None
    report = Report()
    with Pages() as pages:
        for done, so_far in enumerate(measure(labelled, known), 1):
            report = so_far
            pages.reading(done, len(labelled))
    if to is not None:
        write_atomically(to / "較正.png", calibration_png(report.judged))
        write_atomically(to / "悪かったます.png", contact_sheet(report.worst(_WORST)))
    if as_json:
        show_json({"form": known.name, **report.figures()})
        return
    _tell(report)
    if to is not None:
        out.print(f"書き出しました: {to / '較正.png'}、{to / '悪かったます.png'}", markup=False)


def _form_of(folder: Path) -> Path:
    """The one definition that lies in the folder, or in ``forms`` beside it."""
    for place in (folder, folder.parent / "forms", folder.parent):
        found = sorted(place.glob("*.yaml")) if place.is_dir() else []
        found = [one for one in found if one.name not in ("scenario.yaml", "registry.yaml")]
        if len(found) == 1:
            return found[0]
    say("帳票の定義が一つに決まりません。--form 定義.yaml を付けてください。")
    raise Stop(Code.USAGE)


def _tell(report: Report) -> None:
    table = Table("", "数", "正しい", "確かとした", "そのうち誤り", "空欄に値", box=None)
    japanese = {name: kind.ja for name, kind in all_fields().items()}
    groups: Mapping[str, Mapping[str, Tally]] = {
        "ます・印・行": report.cells,
        "欄": report.fields,
        "帳票": {"全体": report.forms},
    }
    for heading, tallies in groups.items():
        for kind, tally in sorted(tallies.items()):
            figures = tally.figures()
            table.add_row(
                f"{heading} {japanese.get(kind, kind)}",
                str(tally.count),
                f"{figures['right_share']:.3%}",
                f"{figures['accepted_share']:.2%}",
                f"{figures['wrong_among_accepted']:.3%}（{tally.wrong_accepted}）",
                str(tally.invented),
            )
    out.print(table)
    pages = max(1, report.pages)
    out.print(
        f"{report.pages} 枚　1 枚あたり 画像を開く {report.decode_ms / pages:.0f} ms・読む {report.read_ms / pages:.0f} ms",
        markup=False,
    )
    out.print(
        f"断るべき紙を断った {report.refused_rightly} 枚　読むべき紙を断った {len(report.refused_wrongly)} 枚　"
        f"断るべき紙を読んだ {len(report.accepted_wrongly)} 枚",
        markup=False,
    )
    for one in report.refused_wrongly:
        out.print(f"  断った: {one.source} {one.why}", markup=False)
    for source in report.accepted_wrongly:
        out.print(f"  読んだ: {source}", markup=False)
