"""pdf.merge PDFを結合する: several PDFs in one."""

from __future__ import annotations

from robots.drivers.many_files import named_files
from robots.drivers.pdf import merge_pdfs
from robots.params import Flag, Items, Params, Text, param
from robots.step import StepContext, StepKind


class MergeParams(Params):
    files: Items = param(
        "ファイル", "結合する PDF の一覧（「ファイルを探す」の結果か、名前の一覧）。この順につなぎます。"
    )
    to: Text = param("先", "作る PDF。")
    overwrite: Flag = param("上書き", "内容の違うファイルがあるとき、書き換えてよいか。", default=False)


def run(params: MergeParams, context: StepContext) -> None:
    files = [context.file(text) for text in named_files(params.files)]
    target = context.file(params.to, write=True)
    pages = merge_pdfs(files, target, overwrite=params.overwrite, seconds=context.timeout)
    context.log(f"{len(files)}個の PDF を {target.name}（{pages}ページ）に結合しました。")


STEP = StepKind(
    name="pdf.merge",
    ja="PDFを結合する",
    summary="いくつもの PDF を一つの PDF につなぎます。",
    params=MergeParams,
    run=run,
    example="""
PDFを結合する: {ファイル: "${届いたもの}", 先: "${フォルダ.出力}/申請書一式.pdf"}
""",
)
