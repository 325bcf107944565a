"""excel.recalculate 再計算する: values of a book whose formulas are calculated anew, without touching the book."""

from __future__ import annotations

from robots.drivers.workbook import Table
from robots.errors import ScenarioFault
from robots.params import Params, Text, Whole, param
from robots.step import StepContext, StepKind
from robots.values import Row


class RecalculateParams(Params):
    book: Text = param("ブック", "計算し直して読むブック。ブックそのものは変わりません。")
    sheet: Text | None = param("シート", "読むシート。何か書かれたシートが一つなら要りません。", default=None)
    cells: dict[str, Text] | None = param(
        "セル", "結果の名前と、読むセル（D10 など）。書かなければ表を読みます。", default=None
    )
    header: Whole | None = param(
        "見出し行", "表を読むとき、見出しが始まる行の番号。書かなければ探します。", default=None
    )
    columns: list[Text] = param("列", "表を読むとき、なければならない列の名前。", factory=list)


def run(params: RecalculateParams, context: StepContext) -> Row | Table:
    if params.cells is not None and (params.header is not None or params.columns):
        raise ScenarioFault(
            "「セル」と、表を読むための「見出し行」「列」の両方は書けません。", mend="どちらか一方にしてください。"
        )
    path = context.file(params.book)
    with context.workbooks.recalculated(path, seconds=context.timeout) as copy:
        if params.cells is not None:
            found: Row | Table = context.workbooks.read_cells(copy, params.cells, sheet=params.sheet)
        else:
            found = context.workbooks.read_table(copy, sheet=params.sheet, header=params.header, columns=params.columns)
    context.log(f"{path.name} を計算し直して読みました。")
    return found


STEP = StepKind(
    name="excel.recalculate",
    ja="再計算する",
    summary="番犬が書き込んだブックなどの数式を計算し直し、セルか表の値を読み取ります（この端末の LibreOffice を使います）。ブックは変えません。",
    params=RecalculateParams,
    run=run,
    example="""
再計算する: {ブック: "${フォルダ.出力}/月報.xlsx", シート: 月報, セル: {合計: D20}}
保存名: 月報の値
""",
    saves=True,
)
