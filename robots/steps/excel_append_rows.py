"""excel.append_rows 行を追加する: rows under a sheet's table, each key once."""

from __future__ import annotations

from robots.errors import BusinessError
from robots.params import Later, Params, Rows, Text, param
from robots.step import StepContext, StepKind
from robots.values import Row


class AppendRowsParams(Params):
    book: Text = param("ブック", "書くブック（.xlsx、.xlsm）。なければ作ります。")
    sheet: Text = param("シート", "書くシート。")
    rows: Rows = param("行", "追加する行の一覧。")
    columns: dict[str, Later | Text] | None = param(
        "列", "見出しごとに書く値。式の中では「行」で一行を指します。書かなければ行をそのまま書きます。", default=None
    )
    key: Text | None = param("キー", "同じ行を二度追加しないための見出し。", default=None)
    lose: list[Text] = param("失ってよいもの", "書き込みで失われてよいもの（例: 電子署名）。", factory=list)


def run(params: AppendRowsParams, context: StepContext) -> None:
    path = context.file(params.book, write=True)
    rows = [_written(row, params, context) for row in params.rows]
    result = context.workbooks.append_rows(path, params.sheet, rows, key=params.key, lose=params.lose)
    already = f"（{result.already}行は前に追加済み）" if result.already else ""
    context.log(f"{path.name} シート「{params.sheet}」に{result.added}行を追加しました{already}。")


def _written(row: Row, params: AppendRowsParams, context: StepContext) -> Row:
    if params.columns is None:
        return row
    try:
        values = {name: context.evaluate(value, row=row) for name, value in params.columns.items()}
    except BusinessError as error:
        raise BusinessError(f"{row.origin or '追加する行'}: {error.what}", mend=error.mend) from error
    return Row(values, origin=row.origin)


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
