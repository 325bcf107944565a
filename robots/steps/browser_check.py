"""browser.check チェックする: ticks a checkbox."""

from __future__ import annotations

from robots.drivers.browser import Locator
from robots.step import StepContext, StepKind


class CheckParams(Locator):
    pass


def run(params: CheckParams, context: StepContext) -> None:
    context.entered(context.browser.set_checked(params, True, timeout=context.timeout))


STEP = StepKind(
    name="browser.check",
    ja="チェックする",
    summary="チェックを付けます。",
    params=CheckParams,
    run=run,
    example="チェックする: 本人確認書類を確認した",
)
