"""csv.read CSVを読む: the rows of a CSV file by column name, all values text."""

from __future__ import annotations

from typing import ClassVar, Literal

from robots.drivers.csv_file import read_csv
from robots.params import Params, Text, param
from robots.step import StepContext, StepKind
from robots.values import Row


class ReadParams(Params):
    bare: ClassVar[str | None] = "file"
    file: Text = param("ファイル", "読むCSVファイル。")
    encoding: Literal["auto", "utf-8", "cp932"] = param(
        "文字コード", "auto（自動）、utf-8、cp932（Windows の Shift_JIS）のどれか。", default="auto"
    )
    columns: list[Text] = param("列", "なければならない列の名前。", factory=list)
    delimiter: Literal[",", ";", "タブ"] = param("区切り", "「,」「;」「タブ」のどれか。", default=",")


def run(params: ReadParams, context: StepContext) -> list[Row]:
    path = context.file(params.file)
    delimiter = "\t" if params.delimiter == "タブ" else params.delimiter
    rows = read_csv(path, encoding=params.encoding, delimiter=delimiter, columns=params.columns)
    context.log(f"{path.name} から{len(rows)}行を読みました。")
    return rows


STEP = StepKind(
    name="csv.read",
    ja="CSVを読む",
    summary="CSV ファイルを、一行目の見出しの名前の付いた行の一覧として読み取ります。値はすべて文字です。",
    params=ReadParams,
    run=run,
    example="""
CSVを読む: {ファイル: sample/名簿.csv, 文字コード: cp932, 列: [番号, 氏名]}
保存名: 名簿
""",
    saves=True,
)
