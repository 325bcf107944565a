"""data.set 値を決める: a value under a name."""

from __future__ import annotations

from typing import ClassVar

from robots.params import Anything, Params, param
from robots.step import StepContext, StepKind
from robots.values import Value


class SetParams(Params):
    bare: ClassVar[str | None] = "value"
    value: Anything = param("値", "式か文字。「保存名」に書いた名前で、あとの手順から使えます。")


def run(params: SetParams, context: StepContext) -> Value:
    return params.value


STEP = StepKind(
    name="data.set",
    ja="値を決める",
    summary="式の値に名前を付けます。",
    params=SetParams,
    run=run,
    example="""
値を決める: "${年度(実行.date)}"
保存名: 今年度
""",
    saves=True,
)
