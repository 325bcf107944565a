"""form.read 帳票を読む: scanned paper forms to rows, one a form copy."""

from __future__ import annotations

from robots.drivers.forms import scans_in
from robots.errors import BusinessError
from robots.params import Params, Text, param
from robots.step import StepContext, StepKind
from robots.values import Row


class ReadParams(Params):
    form: Text = param("帳票", "読む帳票（利用の帳票に書いた定義の名前）。")
    from_: Text = param("元", "スキャンしたファイル（PDF、TIFF、PNG、JPEG）のあるフォルダ。")


def run(params: ReadParams, context: StepContext) -> list[Row]:
    folder = context.file(params.from_)
    if not folder.is_dir():
        raise BusinessError(
            f"フォルダ「{params.from_}」がありません。",
            mend="スキャンしたファイルを置くフォルダの場所を確かめてください。",
        )
    files = scans_in(folder)
    rows = context.read_form(params.form, files)
    context.log(f"{folder.name} の {len(files)} ファイルから、帳票 {len(rows)} 枚を読みました。")
    return rows


STEP = StepKind(
    name="form.read",
    ja="帳票を読む",
    summary="スキャンした紙の帳票を、欄の名前の付いた行の一覧（一枚が一行）として読み取ります。不確かな欄と読めないページは、人の確認を待ちます。",
    params=ReadParams,
    run=run,
    example="""
帳票を読む: {帳票: shugaku-enjo, 元: "${フォルダ.受付}"}
保存名: 申請
""",
    sections=frozenset({"prepare"}),
    saves=True,
)
