"""files.move 移す: a file into another folder of `uses`, or to another name."""

from __future__ import annotations

from robots.drivers.folder import move_file
from robots.params import Flag, Params, Text, param
from robots.step import StepContext, StepKind


class MoveParams(Params):
    file: Text = param("ファイル", "移すファイル（利用のフォルダにあるもの）。")
    to: Text = param("先", "移す場所（フォルダとファイルの名前）。")
    overwrite: Flag = param("上書き", "内容の違うファイルがあるとき、書き換えてよいか。", default=False)


def run(params: MoveParams, context: StepContext) -> None:
    # What leaves its place must stand in a folder that may be written; in a rehearsal both are copies.
    source, target = context.file(params.file, write=True), context.file(params.to, write=True)
    move_file(source, target, overwrite=params.overwrite)
    context.log(f"{source.name} を {target.name} に移しました。")


STEP = StepKind(
    name="files.move",
    ja="移す",
    summary="ファイルを利用の別のフォルダへ移すか、名前を変えます。内容の違うファイルがあれば、上書きと書かないかぎり止まります。",
    params=MoveParams,
    run=run,
    example="""
移す: {ファイル: "${フォルダ.受付}/申請書.pdf", 先: "${フォルダ.出力}/処理済/申請書.pdf"}
""",
)
