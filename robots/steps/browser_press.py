"""browser.press キーを押す: Enter, Tab, F5, Ctrl+S."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

from robots.drivers.browser import Locator
from robots.drivers.browser_keys import key_named
from robots.params import Deferred, Params, Text, param
from robots.step import StepContext, StepKind


def _is_key(value: object) -> object:
    if isinstance(value, Deferred):
        return value
    try:
        key_named(str(value))
    except ValueError as error:
        raise PydanticCustomError("key", "{what}", {"what": str(error)}) from None
    return value


class PressParams(Params):
    bare: ClassVar[str | None] = "key"
    key: Annotated[Text, BeforeValidator(_is_key)] = param("キー", "押すキー（Enter、Tab、F5、↓、Ctrl+S など）。")
    field: Locator | None = param(
        "項目", "どの項目で押すか。書かなければ、最後に入力した項目か、いま選ばれているところで押します。", default=None
    )


def run(params: PressParams, context: StepContext) -> None:
    context.browser.press(key_named(params.key), params.field, timeout=context.timeout)


STEP = StepKind(
    name="browser.press",
    ja="キーを押す",
    summary="キーボードのキーを押し、それで画面が変わるときは次の画面が開くまで待ちます。",
    params=PressParams,
    run=run,
    example="キーを押す: {キー: Enter, 項目: 受付番号}",
)
