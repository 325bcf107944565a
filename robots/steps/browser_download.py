"""browser.download ダウンロードする: presses, waits for the file, and puts it into a folder of the scenario."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated, ClassVar

from robots.drivers.browser import Locator
from robots.drivers.browser_saved import EXISTING, Existing, place_for
from robots.params import Text, Words, param
from robots.step import StepContext, StepKind


class DownloadParams(Locator):
    bare: ClassVar[str | None] = None
    folder: Text = param("フォルダ", "ファイルを置くフォルダ（利用のフォルダの中）。")
    as_: Text | None = param(
        "ファイル名", "付ける名前。書かなければ相手のシステムが付けた名前（使えない字は直します）。", default=None
    )
    existing: Annotated[Existing, Words(EXISTING)] = param(
        "あるとき", "同じ名前のファイルがあるとき: 番号を付ける・置き換える・止める。", default="number"
    )


def run(params: DownloadParams, context: StepContext) -> str:
    named: list[str] = []

    def place(suggested: str) -> Path:
        find = partial(context.file, write=True)
        text, path = place_for(find, params.folder, params.as_ or suggested, params.existing)
        named.append(text)
        return path

    path = context.browser.download(params, place, timeout=context.timeout)
    context.log(f"{path.name} をダウンロードしました（{path.stat().st_size:,} バイト）。")
    return named[-1]


STEP = StepKind(
    name="browser.download",
    ja="ダウンロードする",
    summary="ボタンやリンクを押し、ファイルが届き終わるまで待って、フォルダに置きます。結果は置いたファイルの場所です。",
    params=DownloadParams,
    run=run,
    example="""
ダウンロードする: {リンク: 様式（PDF）, フォルダ: "${フォルダ.出力}", ファイル名: "${対象.受付番号}.pdf"}
保存名: 様式
""",
    saves=True,
)
