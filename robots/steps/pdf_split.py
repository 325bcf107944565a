"""pdf.split 分割する: a PDF into files of some pages each."""

from __future__ import annotations

from robots.drivers.pdf import count_pages, split_pdf
from robots.errors import BusinessError
from robots.params import Flag, Params, Text, Whole, param
from robots.step import StepContext, StepKind
from robots.values import Row


class SplitParams(Params):
    file: Text = param("ファイル", "分ける PDF。")
    to: Text = param("先", "分けたファイルを置くフォルダ。")
    every: Whole = param("ページごと", "何ページずつ分けるか。", default=1)
    overwrite: Flag = param("上書き", "内容の違うファイルがあるとき、書き換えてよいか。", default=False)


def run(params: SplitParams, context: StepContext) -> list[Row]:
    source = context.file(params.file)
    if params.every < 1:
        raise BusinessError("「ページごと」が 1 より小さい数です。", mend="1 以上の数を書いてください。")
    total = count_pages(source, seconds=context.timeout)
    if total % params.every:
        raise BusinessError(
            f"{source.name} は {total} ページで、{params.every} ページずつに割り切れません。",
            mend="ページの抜けや重なりがないか確かめてください。",
        )
    ranges = [(first, first + params.every - 1) for first in range(1, total + 1, params.every)]
    digits = max(2, len(str(len(ranges))))
    names = [f"{params.to.rstrip('/')}/{source.stem}_{number:0{digits}}.pdf" for number in range(1, len(ranges) + 1)]
    targets = [context.file(name, write=True) for name in names]
    split_pdf(source, targets, ranges, overwrite=params.overwrite, seconds=context.timeout)
    context.log(f"{source.name}（{total}ページ）を{len(ranges)}個に分けました。")
    return [
        Row(
            {"ファイル": name, "名前": target.name, "はじめ": first, "おわり": last},
            origin=f"{source.name} {first}ページ目",
        )
        for name, target, (first, last) in zip(names, targets, ranges, strict=True)
    ]


STEP = StepKind(
    name="pdf.split",
    ja="分割する",
    summary="PDF を決まったページ数ずつの PDF に分けます。名前は 元の名前_01.pdf からの番号です。列は ファイル・名前・はじめ・おわり（元のページ）です。",
    params=SplitParams,
    run=run,
    example="""
分割する: {ファイル: "${フォルダ.受付}/一括スキャン.pdf", 先: "${フォルダ.出力}/一枚ずつ", ページごと: 2}
保存名: 一枚ずつ
""",
    saves=True,
)
