"""files.zip まとめる: files in one zip, under their own names."""

from __future__ import annotations

from robots.drivers.folder import pack
from robots.drivers.many_files import named_files
from robots.params import Flag, Items, Params, Text, param
from robots.step import StepContext, StepKind


class ZipParams(Params):
    files: Items = param("ファイル", "まとめるファイルの一覧（「ファイルを探す」の結果か、名前の一覧）。")
    to: Text = param("先", "作る zip ファイル。")
    overwrite: Flag = param("上書き", "内容の違うファイルがあるとき、書き換えてよいか。", default=False)


def run(params: ZipParams, context: StepContext) -> None:
    files = [context.file(text) for text in named_files(params.files)]
    target = context.file(params.to, write=True)
    pack(files, target, overwrite=params.overwrite)
    context.log(f"{len(files)}個のファイルを {target.name} にまとめました。")


STEP = StepKind(
    name="files.zip",
    ja="まとめる",
    summary="ファイルを一つの zip ファイルにまとめます。日本語の名前もそのまま入ります。",
    params=ZipParams,
    run=run,
    example="""
まとめる: {ファイル: "${届いたもの}", 先: "${フォルダ.出力}/添付一式.zip"}
""",
)
