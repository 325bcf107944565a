"""flow.if もし: one of two blocks by a condition."""

from __future__ import annotations

from robots.params import Block, Later, Params, param
from robots.step import StepContext, StepKind
from robots.values import truth_of


class IfParams(Params):
    that: Later = param("条件", "はい・いいえ になる式。")
    then: Block = param("ならば", "条件に合うときの手順。")
    else_: Block = param("さもなくば", "条件に合わないときの手順。", default=())


def run(params: IfParams, context: StepContext) -> None:
    chosen = params.then if truth_of(context.evaluate(params.that)) else params.else_
    context.run_steps(chosen)


STEP = StepKind(
    name="flow.if",
    ja="もし",
    summary="条件に合うときと合わないときで、違う手順を行います。",
    params=IfParams,
    run=run,
    example="""
もし:
  条件: ${実行.rehearsal}
  ならば:
    - 記録する: 予行です
  さもなくば:
    - 記録する: 本番です
""",
)
