"""excel.append_rows 行を追加する: rows under a sheet's table, each key once."""

from __future__ import annotations

from robots.drivers.written_rows import written_rows
from robots.params import Later, Params, Rows, Text, param
from robots.step import StepContext, StepKind


class AppendRowsParams(Params):
    book: Text = param("ブック", "書くブック（.xlsx、.xlsm）。なければ作ります。")
    sheet: Text = param("シート", "書くシート。なければ、ブックの終わりに作ります。")
    rows: Rows = param("行", "追加する行の一覧。")
    columns: dict[str, Later | Text] | None = param(
        "列", "見出しごとに書く値。式の中では「行」で一行を指します。書かなければ行をそのまま書きます。", default=None
    )
    key: Text | None = param("キー", "同じ行を二度追加しないための見出し。", default=None)
    lose: list[Text] = param("失ってよいもの", "書き込みで失われてよいもの（例: 電子署名）。", factory=list)


def run(params: AppendRowsParams, context: StepContext) -> None:
    path = context.file(params.book, write=True)
    rows = written_rows(params.rows, params.columns, context.evaluate, "追加する行")
    result = context.workbooks.append_rows(path, params.sheet, rows, key=params.key, lose=params.lose)
    already = f"（{result.already}行は前に追加済み）" if result.already else ""
    context.log(f"{path.name} シート「{params.sheet}」に{result.added}行を追加しました{already}。")


STEP = StepKind(
    name="excel.append_rows",
    ja="行を追加する",
    summary="Excel のシートの表の下に、見出しに合わせて行を追加します。上の行の書式を引き継ぎます。",
    params=AppendRowsParams,
    run=run,
    example="""
行を追加する:
  ブック: ${フォルダ.出力}/登録結果.xlsx
  シート: 結果
  行: ${届出}
  キー: 受付番号
  列: {受付番号: "${行.受付番号}", 氏名: "${行.氏名}"}
""",
)
