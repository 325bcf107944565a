"""browser.read 画面から読む: the value of a field, or the text beside a label."""

from __future__ import annotations

from robots.drivers.browser import Locator
from robots.step import StepContext, StepKind


class ReadParams(Locator):
    pass


def run(params: ReadParams, context: StepContext) -> str:
    return context.browser.read(params, timeout=context.timeout)


STEP = StepKind(
    name="browser.read",
    ja="画面から読む",
    summary="項目の値、または見出しの横の文字を読み取ります。",
    params=ReadParams,
    run=run,
    example="""
画面から読む: 受理番号
保存名: 受理番号
""",
    saves=True,
)
