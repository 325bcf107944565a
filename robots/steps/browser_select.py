"""browser.select 選ぶ: an option of a select, a radio group or a checkbox group."""

from __future__ import annotations

from typing import ClassVar

from robots.drivers.browser import Locator
from robots.params import Anything, param
from robots.step import StepContext, StepKind


class SelectParams(Locator):
    bare: ClassVar[str | None] = None
    option: Anything = param("選択肢", "選ぶ選択肢の文字（いくつも選ぶときは一覧）。")


def run(params: SelectParams, context: StepContext) -> None:
    context.entered(context.browser.select(params, params.option, timeout=context.timeout, secret=context.secret))


STEP = StepKind(
    name="browser.select",
    ja="選ぶ",
    summary="一覧、ラジオボタン、チェックの組から、選択肢を選びます。",
    params=SelectParams,
    run=run,
    example="選ぶ: {ラベル: 学校, 選択肢: 東小学校}",
)
