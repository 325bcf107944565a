"""pdf.text 文字を読む: the text that a PDF holds, one row a page."""

from __future__ import annotations

from typing import ClassVar

from robots.drivers.pdf import text_of_pages
from robots.params import Params, Text, param
from robots.step import StepContext, StepKind
from robots.values import Row


class TextParams(Params):
    bare: ClassVar[str | None] = "file"
    file: Text = param("ファイル", "読む PDF。")


def run(params: TextParams, context: StepContext) -> list[Row]:
    path = context.file(params.file)
    texts = text_of_pages(path, seconds=context.timeout)
    blank = [str(number) for number, text in enumerate(texts, 1) if not text.strip()]
    context.log(f"{path.name} の{len(texts)}ページを読みました。")
    if blank:
        context.log(f"{path.name} で文字の入っていないページ（スキャンした画像など）: {'、'.join(blank[:20])}")
    return [
        Row({"ページ": number, "文字": text}, origin=f"{path.name} {number}ページ目")
        for number, text in enumerate(texts, 1)
    ]


STEP = StepKind(
    name="pdf.text",
    ja="文字を読む",
    summary="PDF に入っている文字を、ページごとの行（ページ・文字）として読み取ります。スキャンした画像の文字は読みません（「帳票を読む」を使います）。",
    params=TextParams,
    run=run,
    example="""
文字を読む: ${フォルダ.受付}/通知.pdf
保存名: 通知のページ
""",
    saves=True,
)
