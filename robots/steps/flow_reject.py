"""flow.reject 業務エラーにする: ends this item as one whose data is wrong."""

from __future__ import annotations

from robots.errors import BusinessError
from robots.params import Params, Text, param
from robots.step import StepContext, StepKind


class RejectParams(Params):
    bare = "reason"
    reason: Text = param("理由", "担当者に伝える理由。")


def run(params: RejectParams, context: StepContext) -> None:
    raise BusinessError(params.reason, mend="この対象のデータを直してから、もう一度実行してください。")


STEP = StepKind(
    name="flow.reject",
    ja="業務エラーにする",
    summary="この対象を業務エラー（データの誤り）として終え、次の対象へ進みます。",
    params=RejectParams,
    run=run,
    example="業務エラーにする: 新住所が空欄です",
    sections=frozenset({"each"}),
)
