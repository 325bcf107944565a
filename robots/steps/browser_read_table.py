"""browser.read_table 画面の表を読む: rows by column name, over several pages."""

from __future__ import annotations

from typing import ClassVar

from robots.drivers.browser import Locator
from robots.params import Params, param
from robots.step import StepContext, StepKind
from robots.values import Row


class ReadTableParams(Params):
    bare: ClassVar[str | None] = "table"
    table: Locator | None = param("表", "表の題名か、すぐ上の見出し。画面の表が一つなら要りません。", default=None)
    next_: Locator | None = param("次へ", "次のページへ進むボタンかリンク。なくなるまで続けて読みます。", default=None)


def run(params: ReadTableParams, context: StepContext) -> list[Row]:
    return context.browser.read_table(params.table, params.next_, timeout=context.timeout)


STEP = StepKind(
    name="browser.read_table",
    ja="画面の表を読む",
    summary="画面の表を、見出しの名前の付いた行の一覧として読み取ります。",
    params=ReadTableParams,
    run=run,
    example="""
画面の表を読む: {表: 検索結果, 次へ: {リンク: 次へ}}
保存名: 検索結果
""",
    saves=True,
)
