"""browser.fill 入力する: one field."""

from __future__ import annotations

from typing import ClassVar

from robots.drivers.browser import Locator
from robots.params import Anything, param
from robots.step import StepContext, StepKind


class FillParams(Locator):
    bare: ClassVar[str | None] = None
    value: Anything = param("値", "入力する値。")


def run(params: FillParams, context: StepContext) -> None:
    context.entered(context.browser.fill(params, params.value, timeout=context.timeout, secret=context.secret))


STEP = StepKind(
    name="browser.fill",
    ja="入力する",
    summary="項目を一つ入力し、画面に入った値を確かめます。",
    params=FillParams,
    run=run,
    example="入力する: {ラベル: 氏名カナ, 値: '${対象.氏名カナ}'}",
)
