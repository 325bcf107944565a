"""csv.write CSVを書く: rows into a CSV file, whole or not at all."""

from __future__ import annotations

from typing import Literal

from robots.drivers.csv_file import write_csv
from robots.params import Params, Rows, Text, param
from robots.step import StepContext, StepKind


class WriteParams(Params):
    file: Text = param("ファイル", "書くCSVファイル。あれば書き換えます。")
    rows: Rows = param("行", "書く行の一覧。")
    columns: list[Text] | None = param("列", "書く列の名前を、書く順に。書かなければ行にある列すべて。", default=None)
    encoding: Literal["utf-8", "cp932"] = param(
        "文字コード", "utf-8（BOM 付き。Excel で開けます）か cp932（Windows の Shift_JIS）。", default="utf-8"
    )


def run(params: WriteParams, context: StepContext) -> None:
    path = context.file(params.file, write=True)
    write_csv(path, params.rows, columns=params.columns, encoding=params.encoding)
    context.log(f"{path.name} に{len(params.rows)}行を書きました。")


STEP = StepKind(
    name="csv.write",
    ja="CSVを書く",
    summary="行の一覧を CSV ファイルに書きます。文字コードで表せない文字があれば、書かずに知らせます。",
    params=WriteParams,
    run=run,
    example="""
CSVを書く: {ファイル: "${フォルダ.出力}/結果.csv", 行: "${届出}", 列: [受付番号, 氏名], 文字コード: cp932}
""",
)
