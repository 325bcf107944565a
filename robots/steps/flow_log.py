"""flow.log 記録する: a line in the log that people read."""

from __future__ import annotations

from robots.params import Params, Text, param
from robots.step import StepContext, StepKind


class LogParams(Params):
    bare = "message"
    message: Text = param("文", "記録に残す文。")


def run(params: LogParams, context: StepContext) -> None:
    context.log("（秘密）" if context.secret else params.message)


STEP = StepKind(
    name="flow.log",
    ja="記録する",
    summary="実行の記録に一行を残します。",
    params=LogParams,
    run=run,
    example="記録する: 準備が終わりました",
)
