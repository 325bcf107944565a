"""flow.call 呼び出す: `each` of another registered and approved scenario as a sub-procedure."""

from __future__ import annotations

from robots.params import Anything, Literal_, Params, param
from robots.step import StepContext, StepKind
from robots.values import Row


class CallParams(Params):
    bare = "scenario"
    scenario: Literal_ = param("シナリオ", "呼び出すシナリオの番号（課/名前）。台帳で承認されているもの。")
    values: dict[str, Anything] = param("値", "呼び出すシナリオの「対象」になる値。", factory=dict)


def run(params: CallParams, context: StepContext) -> Row:
    return context.call(params.scenario, params.values)


STEP = StepKind(
    name="flow.call",
    ja="呼び出す",
    summary="別のシナリオの「各件」を、値を渡して一回行います。その中で付けた保存名の値が結果になります。触れるサイト・フォルダ・資格情報は、このシナリオの利用にも書きます。",
    params=CallParams,
    run=run,
    example="""
呼び出す:
  シナリオ: shimin/atena-kensaku
  値: {氏名カナ: "${対象.氏名カナ}", 生年月日: "${対象.生年月日}"}
保存名: 検索
""",
    saves=True,
)
