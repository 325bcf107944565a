"""browser.within 範囲を絞る: steps inside a frame, a popup, a dialog, a row or a section."""

from __future__ import annotations

from robots.drivers.browser import Scope
from robots.params import Block, param
from robots.step import StepContext, StepKind


class WithinParams(Scope):
    do: Block = param("手順", "絞った範囲の中で行う手順。")


def run(params: WithinParams, context: StepContext) -> None:
    with context.browser.within(params, timeout=context.timeout):
        context.run_steps(params.do)


STEP = StepKind(
    name="browser.within",
    ja="範囲を絞る",
    summary="フレーム、別ウィンドウ、ダイアログ、表の行、見出しのまとまりの中だけで手順を行います。",
    params=WithinParams,
    run=run,
    example="""
範囲を絞る:
  行: ${対象.宛名番号}
  手順:
    - 押す: {リンク: 住所変更}
""",
)
