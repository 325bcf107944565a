"""excel.update_rows 行を更新する: values into the rows of a table that have certain keys."""

from __future__ import annotations

from robots.drivers.written_rows import written_rows
from robots.params import Later, Params, Rows, Text, param
from robots.step import StepContext, StepKind


class UpdateRowsParams(Params):
    book: Text = param("ブック", "書くブック（.xlsx、.xlsm）。")
    sheet: Text = param("シート", "書くシート。")
    rows: Rows = param("行", "更新する値の行の一覧。")
    key: Text = param("キー", "どの行かを決める見出し。行の側にもこの列が要ります。")
    columns: dict[str, Later | Text] | None = param(
        "列",
        "見出しごとに書く値（キーも）。式の中では「行」で一行を指します。書かなければ行をそのまま書きます。",
        default=None,
    )
    lose: list[Text] = param("失ってよいもの", "書き込みで失われてよいもの（例: 電子署名）。", factory=list)


def run(params: UpdateRowsParams, context: StepContext) -> None:
    path = context.file(params.book, write=True)
    rows = written_rows(params.rows, params.columns, context.evaluate, "更新する行")
    result = context.workbooks.update_rows(path, params.sheet, rows, key=params.key, lose=params.lose)
    same = f"（{result.same}行は同じ内容でした）" if result.same else ""
    context.log(f"{path.name} シート「{params.sheet}」の{result.changed}行を更新しました{same}。")


STEP = StepKind(
    name="excel.update_rows",
    ja="行を更新する",
    summary="Excel の表の、キーが同じ行に値を書きます。キーの行がないか二つあれば、何も書かずに知らせます。"
    "書式・数式・入力規則・印刷の設定はそのまま残り、数式のセルには書きません。",
    params=UpdateRowsParams,
    run=run,
    example="""
行を更新する:
  ブック: ${フォルダ.出力}/進捗.xlsx
  シート: 一覧
  行: ${届出}
  キー: 受付番号
  列: {受付番号: "${行.受付番号}", 状態: 登録済, 登録日: "${実行.date}"}
""",
)
