"""browser.uncheck チェックを外す: clears a checkbox."""

from __future__ import annotations

from robots.drivers.browser import Locator
from robots.step import StepContext, StepKind


class UncheckParams(Locator):
    pass


def run(params: UncheckParams, context: StepContext) -> None:
    context.entered(context.browser.set_checked(params, False, timeout=context.timeout))


STEP = StepKind(
    name="browser.uncheck",
    ja="チェックを外す",
    summary="チェックを外します。",
    params=UncheckParams,
    run=run,
    example="チェックを外す: 本人確認書類を確認した",
)
