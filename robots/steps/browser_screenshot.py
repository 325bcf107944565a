"""browser.screenshot 画面を撮る: a picture of the screen, secrets covered."""

from __future__ import annotations

from functools import partial
from typing import Annotated, ClassVar

from robots.drivers.browser_saved import EXISTING, Existing, place_named
from robots.params import Flag, Params, Text, Words, param
from robots.step import StepContext, StepKind


class ScreenshotParams(Params):
    bare: ClassVar[str | None] = "file"
    file: Text = param("ファイル", "画像のファイル（.png）。利用のフォルダの中に置きます。")
    whole: Flag = param("全体", "画面に入りきらないところも撮るか。", default=False)
    existing: Annotated[Existing, Words(EXISTING)] = param(
        "あるとき", "同じ名前のファイルがあるとき: 番号を付ける・置き換える・止める。", default="number"
    )


def run(params: ScreenshotParams, context: StepContext) -> str:
    text, place = place_named(partial(context.file, write=True), params.file, ".png", params.existing)
    context.browser.screenshot(place, whole=params.whole, timeout=context.timeout)
    return text


STEP = StepKind(
    name="browser.screenshot",
    ja="画面を撮る",
    summary="画面（範囲を絞っているときはその範囲）を画像に残します。パスワードと秘密の値は覆います。結果は画像の場所です。",
    params=ScreenshotParams,
    run=run,
    example="画面を撮る: ${フォルダ.出力}/${対象.受付番号}.png",
    saves=True,
)
