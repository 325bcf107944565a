"""browser.save_pdf PDFに保存する: the page as it prints, secrets left out."""

from __future__ import annotations

from functools import partial
from typing import Annotated, ClassVar

from robots.drivers.browser_saved import EXISTING, Existing, place_named
from robots.params import Flag, Params, Text, Words, param
from robots.step import StepContext, StepKind


class SavePdfParams(Params):
    bare: ClassVar[str | None] = "file"
    file: Text = param("ファイル", "PDF のファイル。利用のフォルダの中に置きます。")
    landscape: Flag = param("横向き", "用紙を横にするか。", default=False)
    existing: Annotated[Existing, Words(EXISTING)] = param(
        "あるとき", "同じ名前のファイルがあるとき: 番号を付ける・置き換える・止める。", default="number"
    )


def run(params: SavePdfParams, context: StepContext) -> str:
    text, place = place_named(partial(context.file, write=True), params.file, ".pdf", params.existing)
    context.browser.save_pdf(place, landscape=params.landscape, timeout=context.timeout)
    return text


STEP = StepKind(
    name="browser.save_pdf",
    ja="PDFに保存する",
    summary="いまの画面を、印刷した形（A4）で PDF に残します。パスワードと秘密の値は印刷しません。結果は PDF の場所です。",
    params=SavePdfParams,
    run=run,
    example="PDFに保存する: ${フォルダ.出力}/${対象.受付番号}.pdf",
    saves=True,
)
