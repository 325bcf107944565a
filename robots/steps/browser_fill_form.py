"""browser.fill_form 一括入力する: many fields by their labels, in one go."""

from __future__ import annotations

from typing import ClassVar

from pydantic import field_validator
from pydantic_core import PydanticCustomError

from robots.params import Anything, Params, param
from robots.step import StepContext, StepKind


class FillFormParams(Params):
    """The whole mapping of the step is the form: label → value."""

    free: ClassVar[str | None] = "fields"

    fields: dict[str, Anything] = param("項目", "画面のラベルと、そこに入力する値。")

    @field_validator("fields")
    @classmethod
    def _some(cls, fields: dict[str, object]) -> dict[str, object]:
        if not fields:
            raise PydanticCustomError("empty", "入力する項目が一つもありません")
        return fields


def run(params: FillFormParams, context: StepContext) -> None:
    context.entered(context.browser.fill_form(params.fields, timeout=context.timeout, secret=context.secret))


STEP = StepKind(
    name="browser.fill_form",
    ja="一括入力する",
    summary="画面のラベルごとに値を入力し、画面に入った値を確かめます。文字・選択・ラジオ・チェック・日付は項目に合わせて入ります。",
    params=FillFormParams,
    run=run,
    example="""
一括入力する:
  受付番号: ${対象.受付番号}
  生年月日: ${和暦(対象.生年月日)}
  申請区分: 新規
""",
)
