"""browser.expect 画面を確かめる: waits until the screen is as told."""

from __future__ import annotations

from robots.drivers.browser import Expectation
from robots.step import StepContext, StepKind


class ExpectParams(Expectation):
    pass


def run(params: ExpectParams, context: StepContext) -> None:
    context.browser.expect(params, timeout=context.timeout)


STEP = StepKind(
    name="browser.expect",
    ja="画面を確かめる",
    summary="文字、アドレス、項目の値などが画面にあることを確かめます。出るまで待ち、出なければ失敗にします。",
    params=ExpectParams,
    run=run,
    example="画面を確かめる: {文字: 登録しました}",
)
