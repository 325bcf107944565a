"""Pages that are no system: every control that gives robots trouble, files to send and to fetch, and the challenge of ten
shuffled forms."""

from __future__ import annotations

import hashlib
import io
import json
from dataclasses import dataclass
from urllib.parse import quote

from reportlab.lib.pagesizes import A5
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from practice.desk import Desk

SYSTEM = "practice"
FILE_BOXES = {"paper": "添付ファイル", "photos": "写真", "map": "地図"}
CHALLENGE_LABELS = ("姓", "名", "会社名", "役職", "住所", "メールアドレス", "電話番号")
CHALLENGE_ROWS: tuple[tuple[str, ...], ...] = tuple(
    tuple(row.split("|"))
    for row in (
        "佐藤|健一|見本文具株式会社|営業部長|見本県手本市本町1丁目2番3号|sato@mihon.example|000-1234-0001",
        "鈴木|陽子|練習印刷株式会社|主任|見本県手本市旭町2丁目11番5号|suzuki@renshu.example|000-1234-0002",
        "高橋|大輔|手本造園有限会社|現場監督|見本県稽古市中央3丁目4番8号|takahashi@tehon.example|000-1234-0003",
        "田中|美咲|例題電設株式会社|設計士|見本県稽古市緑が丘1丁目20番1号|tanaka@reidai.example|000-1234-0004",
        "伊藤|翔太|稽古システムズ株式会社|技術者|見本県例題郡例題町東5丁目6番7号|ito@keiko.example|000-1234-0005",
        "渡辺|由美|演習水道工業株式会社|経理課長|演習県下書市港町2丁目2番2号|watanabe@enshu.example|000-1234-0006",
        "山本|拓也|下書デザイン合同会社|代表社員|演習県下書市桜台4丁目15番9号|yamamoto@shitagaki.example|000-1234-0007",
        "中村|恵|清書警備保障株式会社|警備員|演習県清書市栄町1丁目1番10号|nakamura@seisho.example|000-1234-0008",
        "小林|直樹|素振運送株式会社|配車係|演習県清書市南3丁目7番12号|kobayashi@suburi.example|000-1234-0009",
        "加藤|さくら|旭町商店会|会長|演習県素振村大字山際2丁目9番4号|kato@asahi.example|000-1234-0010",
    )
)
"""What is to be entered, one row a round, in the order of CHALLENGE_LABELS."""


@dataclass(frozen=True)
class Exercises:
    """The exercise pages. They need no sign-in."""

    desk: Desk

    def routes(self) -> list[Route]:
        return [
            Route("/practice/controls", self.controls, methods=["GET", "POST"]),
            Route("/practice/files", self.files, methods=["GET", "POST"]),
            Route("/practice/files/list", self.rows, methods=["POST"]),
            Route("/practice/files/made", self.made),
            Route("/practice/files/youshiki.pdf", self.blank),
            Route("/practice/challenge", self.challenge, methods=["GET", "POST"]),
        ]

    async def controls(self, request: Request) -> Response:
        if request.method == "GET":
            return self.desk.page(request, "controls.html", echo="")
        form = await request.form()
        # Only the checkboxes can send several values under one name.
        values = {key: form.getlist(key) if key == "contact" else form[key] for key in form}
        self.desk.record(request, SYSTEM, "部品", "", values)
        return self.desk.page(request, "controls.html", echo=json.dumps(values, ensure_ascii=False, indent=1))

    async def files(self, request: Request) -> Response:
        if request.method == "GET":
            return self.desk.page(request, "files.html", received=None)
        form = await request.form()
        sent = [
            (box, file.filename, await file.read())
            for key, box in FILE_BOXES.items()
            for file in form.getlist(key)
            if isinstance(file, UploadFile) and file.filename
        ]
        files = [{"欄": box, "名前": name, "大きさ": len(data), "SHA-256": sha256(data)} for box, name, data in sent]
        number = str(form.get("no", "")).strip()
        self.desk.record(request, SYSTEM, "添付", number, {"受付番号": number, "ファイル": files})
        received = [(box, name, f"{len(data):,} バイト") for box, name, data in sent]
        return self.desk.page(request, "files.html", received=received)

    async def rows(self, request: Request) -> Response:
        text = "\r\n".join(",".join(row) for row in (CHALLENGE_LABELS, *CHALLENGE_ROWS)) + "\r\n"
        return _attachment("一覧.csv", "text/csv", text.encode("cp932"))

    async def made(self, request: Request) -> Response:
        return _attachment("帳票 令和8年4月.pdf", "application/pdf", blank_pdf("帳票"))

    async def blank(self, request: Request) -> Response:
        # Without a word about keeping it: a browser with a window shows it.
        return Response(blank_pdf("様式"), media_type="application/pdf")

    async def challenge(self, request: Request) -> Response:
        if request.method == "GET":
            return self.desk.page(
                request, "challenge.html", labels=CHALLENGE_LABELS, rows=CHALLENGE_ROWS, rounds=len(CHALLENGE_ROWS)
            )
        form = await request.form()
        right = right_fields(str(form.get("rounds", "")))
        self.desk.record(request, SYSTEM, "チャレンジ", "", {"正解": right, "入力": form.get("rounds")})
        total = len(CHALLENGE_LABELS) * len(CHALLENGE_ROWS)
        return self.desk.page(request, "challenge_result.html", right=right, total=total)


def sha256(data: bytes) -> str:
    """The digest of a file that arrived, in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def blank_pdf(title: str) -> bytes:
    """A form to fetch: one page of A5 with its title."""
    paper = io.BytesIO()
    canvas = Canvas(paper, pagesize=A5, invariant=True)
    pdfmetrics.registerFont(UnicodeCIDFont("HeiseiKakuGo-W5"))
    canvas.setTitle(title)
    canvas.setFont("HeiseiKakuGo-W5", 16)
    canvas.drawString(48, 520, f"練習市　{title}")
    canvas.save()
    return paper.getvalue()


def _attachment(name: str, kind: str, data: bytes) -> Response:
    headers = {"content-disposition": f"attachment; filename*=UTF-8''{quote(name)}"}
    return Response(data, media_type=kind, headers=headers)


def right_fields(rounds: str) -> int:
    """How many fields of a JSON list of {label: text}, one a round, are as they should be. Raises HTTPException 400."""
    try:
        entered = json.loads(rounds)
        return sum(
            form[label] == text
            for form, row in zip(entered, CHALLENGE_ROWS, strict=True)
            for label, text in zip(CHALLENGE_LABELS, row, strict=True)
        )
    except (ValueError, KeyError, TypeError):
        raise HTTPException(400, "チャレンジの入力を読み取れません。はじめからやり直してください。") from None
