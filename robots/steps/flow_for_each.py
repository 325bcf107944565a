"""flow.for_each くり返す: the same block for every element of a list."""

from __future__ import annotations

from robots.params import Block, Items, NewName, Params, param
from robots.step import StepContext, StepKind


class ForEachParams(Params):
    in_: Items = param("一覧", "一つずつ取り出す一覧や表。")
    as_: NewName = param("変数", "取り出した一つを呼ぶ名前。")
    do: Block = param("手順", "一つごとに行う手順。")


def run(params: ForEachParams, context: StepContext) -> None:
    for element in params.in_:
        context.run_steps(params.do, **{params.as_: element})


STEP = StepKind(
    name="flow.for_each",
    ja="くり返す",
    summary="一覧や表の一つ一つについて、同じ手順をくり返します。",
    params=ForEachParams,
    run=run,
    example="""
くり返す:
  一覧: "${['新規', '継続']}"
  変数: 区分
  手順:
    - 記録する: ${区分}を処理します
""",
    repeats=True,
)
