"""pdf.stamp 押印する: text, perhaps in a frame, on pages of a PDF."""

from __future__ import annotations

from typing import Annotated, Literal

from robots.drivers.pdf import Stamp, stamp_pdf
from robots.errors import BusinessError
from robots.params import Flag, Number, Params, Text, Whole, Words, param
from robots.step import StepContext, StepKind

_MOST_LINES, _SMALLEST, _LARGEST = 10, 4, 200


class StampParams(Params):
    file: Text = param("ファイル", "押印する PDF。元のファイルはそのままです。")
    to: Text = param("先", "押印した PDF。")
    text: Text = param("文字", "押す文字。改行すると何行にもなります。")
    left: Number = param("左から", "紙の左の端から何 mm か。")
    top: Number = param("上から", "紙の上の端から何 mm か。")
    size: Number = param("大きさ", "文字の大きさ（ポイント）。", default=12)
    color: Annotated[Literal["red", "black"], Words({"赤": "red", "黒": "black"})] = param(
        "色", "赤 か 黒。", default="red"
    )
    frame: Flag = param("枠", "四角い枠で囲むか。", default=True)
    pages: list[Whole] | None = param("ページ", "押すページの番号の一覧。書かなければすべてのページ。", default=None)
    overwrite: Flag = param("上書き", "内容の違うファイルがあるとき、書き換えてよいか。", default=False)


def run(params: StampParams, context: StepContext) -> None:
    lines = tuple(line.strip() for line in params.text.strip().splitlines())
    if not any(lines) or len(lines) > _MOST_LINES:
        raise BusinessError(
            "押印の文字が空か、行が多すぎます。", mend=f"1 行から {_MOST_LINES} 行までの文字を書いてください。"
        )
    if not _SMALLEST <= params.size <= _LARGEST or params.left < 0 or params.top < 0:
        raise BusinessError(
            "押印の大きさか場所が使えません。",
            mend=f"大きさは {_SMALLEST} から {_LARGEST}、左から・上からは 0 以上にしてください。",
        )
    source, target = context.file(params.file), context.file(params.to, write=True)
    stamp = Stamp(
        lines=lines,
        left=float(params.left),
        top=float(params.top),
        points=float(params.size),
        red=params.color == "red",
        frame=params.frame,
    )
    done = stamp_pdf(source, target, stamp, params.pages, overwrite=params.overwrite, seconds=context.timeout)
    context.log(f"{source.name} の{done}ページに押印し、{target.name} を作りました。")


STEP = StepKind(
    name="pdf.stamp",
    ja="押印する",
    summary="PDF のページに受付印のような文字を入れた写しを作ります。",
    params=StampParams,
    run=run,
    example="""
押印する:
  ファイル: ${フォルダ.受付}/申請書.pdf
  先: ${フォルダ.出力}/申請書_受付済.pdf
  文字: 受付 ${和暦(実行.date)}
  左から: 150
  上から: 15
  ページ: [1]
""",
)
