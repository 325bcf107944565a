"""税: a return is typed in, looked over, and its receipt opens in a window of its own, with a PDF."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import date

from reportlab.lib.pagesizes import A5, landscape
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from practice.desk import Desk, FormPage, ListPage
from practice.era import wareki
from practice.fields import DIGITS, Field, digits, names
from practice.store import Entry

SYSTEM = "zei"
KIND = "届出"
FIELDS = (
    Field("no", "受付番号", required=True, rule=DIGITS, size=12, hint="半角数字"),
    Field("reported", "届出年月日", "era_date", required=True),
    Field(
        "tax",
        "税目",
        "select",
        required=True,
        options=(("01", "市県民税"), ("02", "固定資産税"), ("03", "軽自動車税"), ("04", "法人市民税")),
    ),
    Field("category", "届出種別", "radio", required=True, options=names("新規", "変更", "廃止")),
    Field("number", "宛名番号", required=True, rule=digits(8), size=12),
    Field("name", "納税義務者氏名", required=True),
    Field("base", "課税標準額", "amount", required=True),
    Field("amount", "税額", "amount", required=True),
    Field("note", "備考", "textarea"),
)
NEW = FormPage("税　届出入力", FIELDS, button="確認", back=("/zei/filings", "届出一覧へ戻る"))
LIST = ListPage(
    "税　届出一覧",
    "受付番号",
    ("受理番号", "受付番号", "届出年月日", "税目", "届出種別", "納税義務者氏名", "税額", "登録日時"),
    "該当する届出はありません",
    ("/zei/filings/new", "届出入力"),
)


@dataclass(frozen=True)
class Zei:
    """The counter of 税."""

    desk: Desk

    def routes(self) -> list[Route]:
        return [
            Route("/zei/filings", self.filings),
            Route("/zei/filings/new", self.new, methods=["GET", "POST"]),
            Route("/zei/filings/results", self.result, methods=["POST"]),
            Route("/zei/filings/results/{receipt}.pdf", self.pdf),
        ]

    async def filings(self, request: Request) -> Response:
        number = request.query_params.get("no", "").strip()
        wareki, yen = self.desk.pages.filters["wareki"], self.desk.pages.filters["yen"]
        rows = [
            (
                entry.receipt,
                entry.key,
                wareki(entry.values["届出年月日"]),
                *(entry.values[column] for column in ("税目", "届出種別", "納税義務者氏名")),
                yen(entry.values["税額"]),
                entry.arrived,
            )
            for entry in self.desk.store.visible(SYSTEM, KIND, key=number)
        ]
        return self.desk.found(request, LIST, rows, number)

    async def new(self, request: Request) -> Response:
        if request.method == "GET":
            return self.desk.form(request, NEW)
        filled = await self.desk.filled(request, FIELDS)
        if filled.errors or "again" in filled.raw:
            return self.desk.form(request, NEW, filled)
        return self.desk.page(request, "zei_confirm.html", fields=FIELDS, filled=filled)

    async def result(self, request: Request) -> Response:
        filled = await self.desk.filled(request, FIELDS)
        if filled.errors:
            raise HTTPException(403)
        entry = self.desk.record(
            request, SYSTEM, KIND, filled.text("no").strip(), filled.values, subject=filled.text("number").strip()
        )
        return self.desk.page(request, "zei_result.html", entry=entry)

    async def pdf(self, request: Request) -> Response:
        entry = self.desk.store.by_receipt(request.path_params["receipt"])
        if entry is None or entry.system != SYSTEM:
            raise HTTPException(404, "受付結果がありません。受理番号を確かめてください。")
        headers = {"content-disposition": f'attachment; filename="{entry.receipt}.pdf"'}
        return Response(receipt_pdf(entry), media_type="application/pdf", headers=headers)


def receipt_pdf(entry: Entry) -> bytes:
    """受付結果 as one page of A5."""
    paper = io.BytesIO()
    canvas = Canvas(paper, pagesize=landscape(A5), invariant=True)
    # The font is named, not embedded: every reader of PDF has a Japanese one for it.
    pdfmetrics.registerFont(UnicodeCIDFont("HeiseiKakuGo-W5"))
    canvas.setTitle(f"受付結果 {entry.receipt}")
    canvas.setFont("HeiseiKakuGo-W5", 16)
    canvas.drawString(48, 360, "届出受付結果通知書")
    canvas.setFont("HeiseiKakuGo-W5", 11)
    lines = [("受理番号", entry.receipt), ("受付日時", entry.arrived)]
    lines += [(item.label, _shown(item, entry.values[item.label])) for item in FIELDS]
    for row, (label, text) in enumerate(lines):
        canvas.drawString(48, 324 - row * 22, label)
        canvas.drawString(170, 324 - row * 22, text)
    canvas.drawRightString(547, 40, "練習市長")
    canvas.save()
    return paper.getvalue()


def _shown(item: Field, value: object) -> str:
    if item.kind == "era_date":
        return wareki(date.fromisoformat(str(value)))
    return f"{value:,} 円" if item.kind == "amount" else str(value)
