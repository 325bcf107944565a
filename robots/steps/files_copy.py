"""files.copy 写す: a copy of a file in a folder of `uses`."""

from __future__ import annotations

from robots.drivers.folder import copy_file
from robots.params import Flag, Params, Text, param
from robots.step import StepContext, StepKind


class CopyParams(Params):
    file: Text = param("ファイル", "写すファイル。")
    to: Text = param("先", "写しの場所（フォルダとファイルの名前）。")
    overwrite: Flag = param("上書き", "内容の違うファイルがあるとき、書き換えてよいか。", default=False)


def run(params: CopyParams, context: StepContext) -> None:
    source, target = context.file(params.file), context.file(params.to, write=True)
    done = copy_file(source, target, overwrite=params.overwrite)
    context.log(f"{source.name} を {target.name} に写しました。" if done else f"{target.name} はもう写してあります。")


STEP = StepKind(
    name="files.copy",
    ja="写す",
    summary="ファイルを利用のフォルダに写します。内容の違うファイルがあれば、上書きと書かないかぎり止まります。",
    params=CopyParams,
    run=run,
    example="""
写す: {ファイル: "${フォルダ.受付}/名簿.csv", 先: "${フォルダ.出力}/名簿_控え.csv"}
""",
)
