"""flow.stop 終える: ends the run in good order."""

from __future__ import annotations

from robots.params import Params, Text, param
from robots.step import StepContext, StepKind, Stopped


class StopParams(Params):
    bare = "reason"
    reason: Text = param("理由", "終える理由。実行の記録に残ります。")


def run(params: StopParams, context: StepContext) -> None:
    raise Stopped(params.reason)


STEP = StepKind(
    name="flow.stop",
    ja="終える",
    summary="実行をここで終えます。登録していない対象は次の実行に残ります。準備で終えると、対象と後始末は行いません。",
    params=StopParams,
    run=run,
    example="終える: 業務システムが受付時間外のため",
)
