"""チェック: checkboxes or bubbles that are ticked, crossed or filled."""

from __future__ import annotations

from ocr.field import FieldKind
from ocr.options import OptionsParams, options_asks, options_boxes, read_options, typed_options

FIELD = FieldKind(
    name="check",
    ja="チェック",
    summary="□ や ○ に付けた印（✓、×、塗りつぶし）。pick が one なら 1 つだけ、any ならいくつでも。",
    params=OptionsParams,
    asks=lambda params, rules: options_asks(params, "box"),
    read=lambda params, answers, rules: read_options(params, answers, rules, "box"),
    typed=typed_options,
    boxes=options_boxes,
    example="申請区分: {kind: check, options: {新規: [30, 40, 4, 4], 継続: [50, 40, 4, 4]}, pick: one}",
)
