"""browser.click 押す: a button, a link or anything with a name."""

from __future__ import annotations

from robots.drivers.browser import Locator
from robots.step import StepContext, StepKind


class ClickParams(Locator):
    pass


def run(params: ClickParams, context: StepContext) -> None:
    context.browser.click(params, timeout=context.timeout)


STEP = StepKind(
    name="browser.click",
    ja="押す",
    summary="ボタンやリンクを押し、次の画面が開くまで待ちます。",
    params=ClickParams,
    run=run,
    example="押す: {ボタン: 登録}",
)
