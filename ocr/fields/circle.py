"""丸囲み: printed words of which one, or any, is circled."""

from __future__ import annotations

from ocr.field import FieldKind
from ocr.options import OptionsParams, options_asks, options_boxes, read_options, typed_options

FIELD = FieldKind(
    name="circle",
    ja="丸囲み",
    summary="印刷された言葉（男・女、昭和・平成・令和など）のうち、○ で囲んだもの。",
    params=OptionsParams,
    asks=lambda params, rules: options_asks(params, "word"),
    read=lambda params, answers, rules: read_options(params, answers, rules, "word"),
    typed=typed_options,
    boxes=options_boxes,
    example="元号: {kind: circle, options: {昭和: [70, 60, 12, 8], 平成: [84, 60, 12, 8]}, pick: one}",
)
