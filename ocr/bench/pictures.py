"""Pictures of a measurement: how confidence and errors go together, and the cells that were read worst."""

from __future__ import annotations

import io
from collections.abc import Sequence
from importlib.resources import files

import altair
import cv2
import numpy as np
import vl_convert
from PIL import Image, ImageDraw, ImageFont

from ocr.bench.measure import Judged
from ocr.draw.font import font_data
from ocr.page import Grey
from ocr.read import png

_BANDS = (0.0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999, 0.9995, 0.9999)
_TILE = (220, 150)
_ACROSS = 5
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
                        "採用率": len(accepted) / len(own),
                    }
                )
    return rows


def calibration_png(judged: Sequence[Judged]) -> bytes:
    """A chart: promised against real share of wrong ones among the accepted (below the diagonal is honest)."""
    rows = [{**row, "実際の誤り": max(float(str(row["実際の誤り"])), 1e-5)} for row in calibration(judged)]
    rows = [{**row, "約束した誤り": max(float(str(row["約束した誤り"])), 1e-5)} for row in rows]
    base = altair.Chart(altair.InlineData(rows)).properties(width=460, height=360, title="確信度と実際の誤り")
    scale = altair.Scale(type="log", domain=[1e-5, 1])
    lines = base.mark_line(point=True).encode(
        x=altair.X("約束した誤り:Q", scale=scale, title="約束した誤り"),
        y=altair.Y("実際の誤り:Q", scale=scale, title="実際の誤り"),
        color="種類:N",
    )
    corners: list[dict[str, float]] = [{"x": 1e-5, "y": 1e-5}, {"x": 1, "y": 1}]
    diagonal = (
        altair.Chart(altair.InlineData(corners))
        .mark_line(strokeDash=[4, 4], color="gray")
        .encode(x=altair.X("x:Q", title="約束した誤り"), y=altair.Y("y:Q", title="実際の誤り"))
    )
    vl_convert.register_font_directory(str(files("ocr") / "fonts"))
    chart = (lines + diagonal).configure(font=_FONT)
    return bytes(vl_convert.vegalite_to_png(chart.to_json(), scale=2))


def contact_sheet(judged: Sequence[Judged]) -> bytes:
    """A PNG: each cell with what it is, what was read and how sure."""
    rows = max(1, -(-len(judged) // _ACROSS))
    sheet = Image.new("L", (_TILE[0] * _ACROSS, _TILE[1] * rows), 255)
    pen = ImageDraw.Draw(sheet)
    font = ImageFont.truetype(io.BytesIO(font_data()), 14)
    for place, one in enumerate(judged):
        left, top = _TILE[0] * (place % _ACROSS), _TILE[1] * (place // _ACROSS)
        sheet.paste(Image.fromarray(_fitted(one.picture)), (left + 4, top + 4))
        told = f"{one.truth or '空'}→{one.read or '空'} {one.confidence:.4f}{'' if one.accepted else ' 確認'}"
        pen.text((left + 4, top + 108), told, font=font, fill=0)
        pen.text((left + 4, top + 126), f"{one.name} {one.source}"[:30], font=font, fill=0)
    return png(np.asarray(sheet))


def _fitted(picture: Grey) -> Grey:
    height, width = picture.shape
    scale = min((_TILE[0] - 8) / width, 100 / height)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
