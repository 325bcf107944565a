"""Pictures of a measurement: how confidence and errors go together, and the cells that were read worst."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from importlib.resources import files

import altair
import cv2
import numpy as np
import vl_convert
from PIL import Image, ImageDraw, ImageFont

from ocr.all_fields import all_fields
from ocr.bench.measure import Judged
from ocr.draw.font import font_data
from ocr.page import Grey
from ocr.read import png

_BANDS = (0.0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999, 0.9995, 0.9999)
_TILE = (260, 214)
_EDGE = 6
_PICTURE = 100
"""How high a cell's picture is drawn, pixels, as are the tiles and their edges."""
_TEXT = 14
_ACROSS = 5
_LONG, _BEFORE = 14, 4
"""Of texts longer than this only so many characters are shown before the first that differs."""
_OPTION = ("印なし", "印あり")
_CHARTS_ACROSS = 3
_LEAST_SHARE = 5e-5
"""The lower end of both axes."""
_TICKS = (1e-4, 1e-3, 1e-2, 1e-1, 1)
_RULE_OF_THREE = 3.0
"""Where none of n is wrong, the share of wrong ones is below 3/n (95 %)."""
_SEEN, _NONE_SEEN = "実際の誤り", "誤り 0（多くてもここまで）"
_COLOURS = ("#c0392b", "#2471a3")
_EXPLAINED = (
    "横は、採用するときに許すと約束した誤りの割合。縦は、採用したもののうち実際に誤っていた割合。点が破線より下にあれば、約束を守っています。",
    "▽ は誤りが一つもなかったところです。0 % と言い切れるわけではなく、多くても（95 % の確かさで）その高さまでです（3 ÷ 採用した数）。",
    "▽ が破線より上にあるのは、約束を破ったのではなく、確かめるには数が足りないということです。",
)
_FONT = "BIZ UDGothic"


def calibration(judged: Sequence[Judged]) -> list[dict[str, object]]:
    """By kind and threshold: how many are accepted at it, and what share of those is wrong."""
    rows: list[dict[str, object]] = []
    for kind in sorted({one.kind for one in judged}):
        own = [one for one in judged if one.kind == kind]
        for threshold in _BANDS:
            accepted = [one for one in own if one.confidence >= threshold]
            if accepted:
                wrong = sum(not one.right for one in accepted) / len(accepted)
                rows.append(
                    {
                        "種類": kind,
                        "しきい値": threshold,
                        "約束した誤り": 1 - threshold,
                        "実際の誤り": wrong,
                        "採用数": len(accepted),
                        "採用率": len(accepted) / len(own),
                    }
                )
    return rows


def calibration_png(judged: Sequence[Judged]) -> bytes:
    """A chart for each kind: promised against real share of wrong ones among the accepted, in Japanese."""
    rows = [_drawn(row) for row in calibration(judged)]
    kinds = sorted({one.kind for one in judged})
    charts = [_chart(kind, [one for one in judged if one.kind == kind], rows) for kind in kinds]
    title = altair.TitleParams(
        "確信度は約束を守っているか", subtitle=list(_EXPLAINED), fontSize=18, subtitleFontSize=12
    )
    vl_convert.register_font_directory(str(files("ocr") / "fonts"))
    whole = altair.concat(*charts, columns=_CHARTS_ACROSS).properties(title=title).configure(font=_FONT)
    return bytes(vl_convert.vegalite_to_png(whole.to_json(), scale=2))


def _drawn(row: Mapping[str, object]) -> dict[str, object]:
    """A row of the calibration as it is drawn: without errors, at the bound below which the share is."""
    wrong, count = float(str(row["実際の誤り"])), int(str(row["採用数"]))
    bound = min(1.0, _RULE_OF_THREE / count)
    return {
        **row,
        "約束した誤り": max(float(str(row["約束した誤り"])), _LEAST_SHARE),
        "実際の誤り": max(wrong or bound, _LEAST_SHARE),
        "意味": _SEEN if wrong else _NONE_SEEN,
    }


def _chart(kind: str, judged: Sequence[Judged], rows: Sequence[Mapping[str, object]]) -> altair.LayerChart:
    wrong = sum(not one.right for one in judged)
    own = [dict(row) for row in rows if row["種類"] == kind]
    title = f"{all_fields()[kind].ja}（n = {len(judged):,}、うち誤り {wrong:,}）"
    scale = altair.Scale(type="log", domain=[_LEAST_SHARE, 1], clamp=True)
    axis = altair.Axis(format="~%", values=list(_TICKS))
    x = altair.X("約束した誤り:Q", scale=scale, axis=axis, title="約束した誤りの割合")
    y = altair.Y("実際の誤り:Q", scale=scale, axis=axis, title="実際の誤りの割合")
    base = altair.Chart(altair.InlineData(own)).encode(x=x, y=y)
    points = base.mark_point(size=70, strokeWidth=2).encode(
        shape=altair.Shape("意味:N", title=None).scale(domain=[_SEEN, _NONE_SEEN], range=["circle", "triangle-down"]),
        color=altair.Color("意味:N", title=None).scale(domain=[_SEEN, _NONE_SEEN], range=list(_COLOURS)),
    )
    line = base.transform_filter(altair.datum["意味"] == _SEEN).mark_line(color=_COLOURS[0], strokeWidth=1.5)
    corners: list[dict[str, float]] = [{"約束した誤り": side, "実際の誤り": side} for side in (_LEAST_SHARE, 1.0)]
    diagonal = altair.Chart(altair.InlineData(corners)).mark_line(strokeDash=[4, 4], color="gray").encode(x=x, y=y)
    chart: altair.LayerChart = (diagonal + line + points).properties(width=300, height=260, title=title)
    return chart


def contact_sheet(judged: Sequence[Judged]) -> bytes:
    """A PNG: each cell with what it is, what was read, where it stands and how sure; wrong and taken for certain: framed."""
    rows = max(1, -(-len(judged) // _ACROSS))
    sheet = Image.new("L", (_TILE[0] * _ACROSS, _TILE[1] * rows), 255)
    pen = ImageDraw.Draw(sheet)
    font = ImageFont.truetype(io.BytesIO(font_data()), _TEXT)
    for place, one in enumerate(judged):
        left, top = _TILE[0] * (place % _ACROSS), _TILE[1] * (place // _ACROSS)
        sheet.paste(Image.fromarray(_fitted(one.picture)), (left + _EDGE, top + _EDGE))
        for number, text in enumerate(_caption(one)):
            at = left + _EDGE, top + _EDGE + _PICTURE + 4 + number * (_TEXT + 4)
            pen.text(at, _shortened(text, font), font=font, fill=0)
        bad = one.accepted and not one.right
        corners = (left + 1, top + 1, left + _TILE[0] - 2, top + _TILE[1] - 2)
        pen.rectangle(corners, outline=0 if bad else 200, width=3 if bad else 1)
    return png(np.asarray(sheet))


def _caption(one: Judged) -> tuple[str, ...]:
    if one.option:
        true, read = _OPTION[bool(one.truth)], _OPTION[bool(one.read)]
    else:
        true, read = _from_difference(one.truth, one.read)
    verdict = "採用" if one.accepted else "人が確認"
    return f"正: {true}", f"読: {read}", f"{one.name} {one.part}", f"{one.confidence:.4f} {verdict}", one.source


def _from_difference(one: str, other: str) -> tuple[str, str]:
    """Two texts, without what long ones have in common at their beginning."""
    same = next((place for place, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), 0)
    cut = same - _BEFORE if max(len(one), len(other)) > _LONG and same > _BEFORE else 0
    lead = "…" if cut else ""
    return lead + one[cut:] or "空", lead + other[cut:] or "空"


def _shortened(text: str, font: ImageFont.FreeTypeFont) -> str:
    """The text as far as it fits its tile."""
    room = _TILE[0] - 2 * _EDGE
    if font.getlength(text) <= room:
        return text
    kept = len(text)
    while kept and font.getlength(text[:kept] + "…") > room:
        kept -= 1
    return text[:kept] + "…"


def _fitted(picture: Grey) -> Grey:
    height, width = picture.shape
    scale = min((_TILE[0] - 2 * _EDGE) / width, _PICTURE / height)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
