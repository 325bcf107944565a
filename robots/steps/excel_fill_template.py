"""excel.fill_template 差し込む: one book from a template and an item or rows."""

from __future__ import annotations

from collections.abc import Mapping

from robots.errors import BusinessError
from robots.params import Anything, Flag, Params, Rows, Text, param
from robots.step import StepContext, StepKind


class FillTemplateParams(Params):
    template: Text = param("ひな形", "値を入れるセルに ${氏名}、くり返す行のセルに ${行.品名} のように書いたブック。")
    book: Text = param("ブック", "作るブック。")
    values: Anything = param("値", "${氏名} に入れる値（対象や行、または 名前: 値 の並び）。", factory=dict)
    rows: Rows | None = param("行", "${行.…} のある行を、この一覧の行ごとにくり返します。", default=None)
    overwrite: Flag = param("上書き", "内容の違うブックがあるとき、書き換えてよいか。", default=False)


def run(params: FillTemplateParams, context: StepContext) -> None:
    if not isinstance(params.values, Mapping):
        raise BusinessError(
            "差し込む「値」が、名前の付いた値のまとまりではありません。",
            mend="${対象} か ${行}、または 名前: 値 の並びを書いてください。",
        )
    template, target = context.file(params.template), context.file(params.book, write=True)
    made = context.workbooks.fill_template(template, target, params.values, params.rows, overwrite=params.overwrite)
    context.log(
        f"{template.name} から {target.name} を作りました。" if made else f"{target.name} はもう作ってあります。"
    )


STEP = StepKind(
    name="excel.fill_template",
    ja="差し込む",
    summary="Excel のひな形に値を入れたブックを作ります。書式・数式・入力規則・印刷の設定はひな形のままです。"
    "${行.…} のある行は下の空いた行へくり返し、数式・書式・横の結合・入力規則も写します。",
    params=FillTemplateParams,
    run=run,
    example="""
差し込む: {ひな形: sample/通知書.xlsx, ブック: "${フォルダ.出力}/通知書_一覧.xlsx", 値: {年度: "${年度(実行.date)}"}, 行: "${届出}"}
""",
)
