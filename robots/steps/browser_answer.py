"""browser.answer ダイアログに答える: prepares the answer to the browser's next alert, confirm or prompt."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

from robots.params import Deferred, Params, Text, param
from robots.step import StepContext, StepKind

_BUTTONS = ("OK", "キャンセル")


def _is_button(value: object) -> object:
    if isinstance(value, Deferred) or value in _BUTTONS:
        return value
    raise PydanticCustomError("button", "OK か キャンセル が必要ですが「{value}」でした", {"value": str(value)})


class AnswerParams(Params):
    bare: ClassVar[str | None] = "press"
    press: Annotated[Text, BeforeValidator(_is_button)] = param("押す", "OK か キャンセル。")
    text: Text | None = param("入力", "文字を尋ねるダイアログに入れる文字。", default=None)
    says: Text | None = param("文", "ダイアログに出るはずの文。違う文なら取り消して止めます。", default=None)


def run(params: AnswerParams, context: StepContext) -> None:
    context.browser.answer(params.press == "OK", text=params.text, says=params.says)


STEP = StepKind(
    name="browser.answer",
    ja="ダイアログに答える",
    summary="次に出るブラウザーのダイアログへの答えを用意します。ダイアログが出る操作のすぐ前に書きます。",
    params=AnswerParams,
    run=run,
    example="ダイアログに答える: {押す: OK, 文: 住所を変更します。よろしいですか？}",
)
