"""excel.read_cells セルを読む: single cells of a sheet by their names."""

from __future__ import annotations

from robots.params import Params, Text, param
from robots.step import StepContext, StepKind
from robots.values import Row


class ReadCellsParams(Params):
    book: Text = param("ブック", "読むブック（.xlsx、.xlsm）。")
    sheet: Text | None = param("シート", "読むシート。何か書かれたシートが一つなら要りません。", default=None)
    cells: dict[str, Text] = param(
        "セル", "結果の名前と、読むセル（B3 など）。結合されたセルはどこを書いても同じです。"
    )


def run(params: ReadCellsParams, context: StepContext) -> Row:
    path = context.file(params.book)
    found = context.workbooks.read_cells(path, params.cells, sheet=params.sheet)
    context.log(f"{path.name} から{len(found)}個のセルを読みました。")
    return found


STEP = StepKind(
    name="excel.read_cells",
    ja="セルを読む",
    summary="Excel のシートの、決まった場所のセルを読み取ります。空のセルは空欄になります。",
    params=ReadCellsParams,
    run=run,
    example="""
セルを読む: {ブック: sample/申請書.xlsx, シート: 申請書, セル: {氏名: C4, 申請日: H2}}
保存名: 申請書
""",
    saves=True,
)
