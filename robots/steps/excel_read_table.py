"""excel.read_table Excel表を読む: the rows of a sheet's table by heading."""

from __future__ import annotations

from typing import ClassVar

from robots.drivers.workbook import Table
from robots.params import Params, Text, Whole, param
from robots.step import StepContext, StepKind


class ReadTableParams(Params):
    bare: ClassVar[str | None] = "book"
    book: Text = param("ブック", "読むブック（.xlsx、.xlsm）。")
    sheet: Text | None = param("シート", "読むシート。何か書かれたシートが一つなら要りません。", default=None)
    header: Whole | None = param("見出し行", "見出しが始まる行の番号。書かなければ探します。", default=None)
    columns: list[Text] = param("列", "なければならない列の名前。見出しを探す手がかりにもなります。", factory=list)


def run(params: ReadTableParams, context: StepContext) -> Table:
    path = context.file(params.book)
    table = context.workbooks.read_table(path, sheet=params.sheet, header=params.header, columns=params.columns)
    context.log(f"{path.name} から{len(table)}行を読みました。")
    if table.left_out:
        context.log(f"データとして読まなかった行: {'、'.join(table.left_out[:20])}")
    return table


STEP = StepKind(
    name="excel.read_table",
    ja="Excel表を読む",
    summary="Excel のシートの表を、見出しの名前の付いた行の一覧として読み取ります。",
    params=ReadTableParams,
    run=run,
    example="""
Excel表を読む: {ブック: sample/届出.xlsx, シート: 受付, 列: [受付番号, 氏名]}
保存名: 届出
""",
    saves=True,
)
