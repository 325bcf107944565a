"""banken resume: carries on a run that died or was stopped."""

from __future__ import annotations

from typing import Annotated

import typer

from robots.cli.common import AsJson, Code, Stop, here, registered, say, who
from robots.cli.progress import carry_out
from robots.cli.run import cleared
from robots.ledger.runs import get_run
from robots.runner.order import Order
from robots.values import from_json
from robots.wiring import wired


def resume(
    run: Annotated[str, typer.Argument(help="実行の番号（banken runs で見られます）")],
    headed: Annotated[bool, typer.Option("--headed", help="ブラウザを画面に出す")] = False,
    as_json: AsJson = False,
) -> None:
    """途中で終わった実行を続ける（登録済みのものは確かめ、二度登録しない）。"""
    home = here()
    with wired(home) as parts:
        row = get_run(parts.ledger, run)
        if row is None:
            say(f"実行 {run} は記録にありません。banken runs で番号を確かめてください。")
            raise Stop(Code.USAGE)
        if row["finished"] or row["rehearsal"]:
            say(f"実行 {run} は最後まで終わっています。残りの対象は banken run {row['scenario']} で行えます。")
            raise Stop(Code.USAGE)
        approved = cleared(home, registered(home), row["scenario"])
        if approved.digest != row["digest"]:
            say(
                f"実行 {run} のあとで新しい承認がありました。banken run {row['scenario']} で、新しい内容で続けてください（登録済みのものは二度登録しません）。"
            )
            raise Stop(Code.REFUSED)
        inputs = {name: from_json(value) for name, value in row["inputs"].items()}
        raise Stop(carry_out(Order(approved, inputs, who(), headed=headed, resume=run), parts, as_json=as_json))
