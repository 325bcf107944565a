"""flow.skip 除外する: leaves this item out."""

from __future__ import annotations

from robots.params import Params, Text, param
from robots.step import Skipped, StepContext, StepKind


class SkipParams(Params):
    bare = "reason"
    reason: Text = param("理由", "除外する理由。")


def run(params: SkipParams, context: StepContext) -> None:
    raise Skipped(params.reason)


STEP = StepKind(
    name="flow.skip",
    ja="除外する",
    summary="この対象を処理せずに除外し、次の対象へ進みます。",
    params=SkipParams,
    run=run,
    example="除外する: 取下げ済みのため",
    sections=frozenset({"each"}),
)
