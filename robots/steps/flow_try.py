"""flow.try 試みる: steps that may fail, and what to do where they did."""

from __future__ import annotations

from robots.params import Block, NewName, Params, param
from robots.step import StepContext, StepKind


class TryParams(Params):
    do: Block = param("手順", "試みる手順。失敗したところから先は行いません。")
    as_: NewName | None = param("変数", "失敗の内容（文）を呼ぶ名前。「失敗したとき」の中で使えます。", default=None)
    on_failure: Block = param("失敗したとき", "失敗したときに行う手順。")


def run(params: TryParams, context: StepContext) -> None:
    failure = context.attempt(params.do)
    if failure is None:
        return
    context.log(f"試みた手順が失敗したため、「失敗したとき」の手順を行います: {failure.what}")
    context.run_steps(params.on_failure, **({params.as_: failure.told} if params.as_ else {}))


STEP = StepKind(
    name="flow.try",
    ja="試みる",
    summary="失敗してもよい手順を行い、失敗（業務エラー・システムエラー）したときは別の手順を行って続けます。確定の中と、確定を含む手順には使えません。",
    params=TryParams,
    run=run,
    example="""
試みる:
  手順:
    - 画面から読む: 旧受付番号
      保存名: 旧番号
  変数: 失敗
  失敗したとき:
    - 記録する: 旧番号はありません（${失敗}）
    - 値を決める: ''
      保存名: 旧番号
""",
)
