"""Pages that are no system: every control that gives robots trouble, and the challenge of ten shuffled forms."""

from __future__ import annotations

import json
from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from practice.desk import Desk

SYSTEM = "practice"
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
