"""data.check 審査する: conditions that the data must meet; every reason is told at once."""

from __future__ import annotations

from typing import ClassVar

from robots.errors import BusinessError
from robots.params import Later, Params, Text, param
from robots.step import StepContext, StepKind
from robots.values import text_of, truth_of


class Check(Params):
    that: Later = param("条件", "満たされるべき条件の式。")
    else_: Later | Text = param("さもなくば", "満たされないときの理由。担当者が読みます。")


class CheckParams(Params):
    bare: ClassVar[str | None] = "checks"
    checks: list[Check] = param("条件の一覧", "条件と、満たされないときの理由。上から順に調べます。")


def run(params: CheckParams, context: StepContext) -> None:
    reasons = dict.fromkeys(reason for check in params.checks if (reason := _reason(check, context)))
    if reasons:
        raise BusinessError("／".join(reasons), mend="元のデータを確かめ、直してからもう一度実行してください。")


def _reason(check: Check, context: StepContext) -> str:
    """Why the condition is not met, or empty; a value that can't even be judged is a reason like any other."""
    try:
        if truth_of(context.evaluate(check.that)):
            return ""
        return text_of(context.evaluate(check.else_)) or "条件に合いません"
    except BusinessError as error:
        return error.what.rstrip("。")


STEP = StepKind(
    name="data.check",
    ja="審査する",
    summary="データが条件を満たすか調べ、満たさない理由をすべて挙げて業務エラーにします。",
    params=CheckParams,
    run=run,
    example="""
審査する:
  - {条件: "${対象.氏名 != ''}", さもなくば: 氏名が空欄です}
  - {条件: "${対象.金額 > 0}", さもなくば: "金額 ${対象.金額} が 0 以下です"}
""",
)
