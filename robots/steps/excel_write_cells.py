"""excel.write_cells セルに書く: values into single cells of a book that is there."""

from __future__ import annotations

from robots.params import Anything, Params, Text, param
from robots.step import StepContext, StepKind


class WriteCellsParams(Params):
    book: Text = param("ブック", "書くブック（.xlsx、.xlsm）。")
    sheet: Text | None = param("シート", "書くシート。何か書かれたシートが一つなら要りません。", default=None)
    cells: dict[str, Anything] = param("セル", "書くセル（B3 など）と値。")
    lose: list[Text] = param("失ってよいもの", "書き込みで失われてよいもの（例: 電子署名）。", factory=list)


def run(params: WriteCellsParams, context: StepContext) -> None:
    path = context.file(params.book, write=True)
    context.workbooks.write_cells(path, params.cells, sheet=params.sheet, lose=params.lose)
    context.log(f"{path.name} の{len(params.cells)}個のセルに書きました。")


STEP = StepKind(
    name="excel.write_cells",
    ja="セルに書く",
    summary="Excel のシートの、決まった場所のセルに値を書きます。書式・数式・入力規則・印刷の設定はそのまま残り、数式のセルには書きません。",
    params=WriteCellsParams,
    run=run,
    example="""
セルに書く: {ブック: "${フォルダ.出力}/月報.xlsx", シート: 月報, セル: {C3: "${実行.date}", C4: "${年度(実行.date)}"}}
""",
)
