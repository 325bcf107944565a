"""human.review 人が確認する: a person confirms or corrects values before the item goes on."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import field_validator
from pydantic_core import PydanticCustomError

from robots.params import Anything, Params, Text, param
from robots.step import Asked, StepContext, StepKind
from robots.values import Row, text_of

_LONGEST = 200


class ReviewParams(Params):
    values: dict[str, Anything] = param("値", "確認してもらう値に、見出しを付けて並べたもの。")
    why: Text = param("説明", "何をどう確かめるか。", default="")

    @field_validator("values")
    @classmethod
    def _some(cls, values: dict[str, object]) -> dict[str, object]:
        if not values or any(not 0 < len(name.strip()) <= _LONGEST for name in values):
            raise PydanticCustomError("values", "確認してもらう値を、200 字までの見出しを付けて書いてください")
        return values


def run(params: ReviewParams, context: StepContext) -> Row:
    asked = [_asked(name, value, params.why) for name, value in params.values.items()]
    answers = context.ask(asked)
    return Row(
        (one.field, given if text_of(given) != one.proposed else params.values[one.field])
        for one in asked
        for given in (answers[one.field],)
    )


def _asked(name: str, value: object, why: str) -> Asked:
    day = isinstance(value, date) and not isinstance(value, datetime)
    return Asked(name, "date" if day else "text", text_of(value), confirm=True, why=why)


STEP = StepKind(
    name="human.review",
    ja="人が確認する",
    summary="値を担当者に見せ、確かめる（または直す）までこの対象を待たせます。次の実行で、確かめた値のまとまりが結果になります。",
    params=ReviewParams,
    run=run,
    example="""
人が確認する:
  値: {振込先: "${対象.口座名義}", 金額: "${対象.金額}"}
  説明: 請求書の原本と照らしてください
保存名: 確認済み
""",
    sections=frozenset({"each"}),
    saves=True,
)
