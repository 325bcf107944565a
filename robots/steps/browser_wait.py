"""browser.wait 画面を待つ: until the screen is as told, for what takes its time."""

from __future__ import annotations

from robots.drivers.browser import Expectation
from robots.errors import NotMet, SystemFailure
from robots.step import StepContext, StepKind


class WaitParams(Expectation):
    pass


def run(params: WaitParams, context: StepContext) -> None:
    try:
        context.browser.expect(params, timeout=context.timeout)
    except NotMet as error:
        # Patience that has run out says nothing about what was entered: it is no answer of `already_done`.
        raise SystemFailure(
            f"{context.timeout:g} 秒待ちました。{error.what}",
            mend="もっとかかる処理なら「制限時間」を長くしてください（例: 制限時間: 5分）。",
        ) from error


STEP = StepKind(
    name="browser.wait",
    ja="画面を待つ",
    summary="時間のかかる処理のあとで、文字が出る（消える）などの画面になるまで待ちます。待つ長さは「制限時間」で決めます。",
    params=WaitParams,
    run=run,
    example="""
画面を待つ: {文字: 作成しました}
制限時間: 2分
""",
)
