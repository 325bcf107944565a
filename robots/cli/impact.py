"""banken registry impact: the scenarios that a change of a site, a screen, a form, a file or a credential concerns."""

from __future__ import annotations

from dataclasses import asdict, astuple
from itertools import groupby
from typing import Annotated

import typer

from robots.cli.common import AsJson, Code, Stop, here, out, registered, say, show_json


def impact(
    site: Annotated[str, typer.Option("--site", help="サイトの名前かアドレス")] = "",
    label: Annotated[str, typer.Option("--label", help="画面の文字（ラベル、ボタン、列、選択肢など）")] = "",
    screen: Annotated[str, typer.Option("--screen", help="画面のアドレスのパス（/jumin/search など）")] = "",
    form: Annotated[str, typer.Option("--form", help="帳票の名前")] = "",
    file: Annotated[str, typer.Option("--file", help="ファイルの名前か、その一部")] = "",
    credential: Annotated[str, typer.Option("--credential", help="資格情報の名前")] = "",
    as_json: AsJson = False,
) -> None:
    """サイト・画面・帳票・ファイル・資格情報が変わるときに、かかわるシナリオをすべて挙げる。"""
    from robots.runner.impact import Asked  # the runner: a second that `registry list` need not wait for
    from robots.runner.impact import impact as find_impact

    asked = Asked(site, label, screen, form, file, credential)
    if not any(astuple(asked)):
        say(
            "--site・--label・--screen・--form・--file・--credential のどれかを指定してください（いくつも指定すると、すべてにかかわるもの）。"
        )
        raise Stop(Code.USAGE)
    home = here()
    touches = find_impact(home, registered(home), asked)
    if as_json:
        show_json([asdict(one) for one in touches])
        return
    for (scenario, name), places in groupby(touches, key=lambda one: (one.scenario, one.name)):
        out.print(f"{scenario}　{name}", markup=False)
        for one in places:
            out.print(f"  {f'{one.line} 行目　' if one.line else ''}{one.what}", markup=False)
    count = len({one.scenario for one in touches})
    out.print(f"かかわるシナリオは {count} 件です。" if count else "かかわるシナリオはありません。", markup=False)
