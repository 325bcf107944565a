"""学務 (就学援助): applications for school expense support."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from practice.desk import Desk, FormPage, ListPage
from practice.fields import BANK_KANA, DIGITS, KANA, POSTAL_CODE, Field, digits, names
from practice.seed import schools

SYSTEM = "gakumu"
KIND = "就学援助申請"
FIELDS = (
    Field("no", "受付番号", required=True, rule=DIGITS, size=12, hint="半角数字"),
    Field(
        "nendo",
        "年度",
        "select",
        required=True,
        options=tuple((str(y), f"令和{y - 2018}年度") for y in (2026, 2025, 2024)),
    ),
    Field("child_name", "児童氏名", required=True),
    Field("child_kana", "児童氏名カナ", required=True, rule=KANA, hint="全角カタカナ"),
    Field("born", "生年月日", "era_date", required=True),
    Field("category", "申請区分", "radio", required=True, options=names("新規", "継続")),
    Field(
        "items",
        "希望費目",
        "checks",
        required=True,
        options=names("学用品費", "通学用品費", "新入学用品費", "校外活動費", "修学旅行費", "学校給食費", "医療費"),
    ),
    Field("school", "学校", "select", required=True, options=tuple((school.code, school.name) for school in schools())),
    Field("grade", "学年", "select", required=True, options=tuple((str(g), f"{g}年") for g in range(1, 7))),
    Field("guardian", "保護者氏名", required=True),
    Field("postal", "郵便番号", required=True, rule=POSTAL_CODE, size=10, hint="例 000-0101"),
    Field("address", "住所", required=True, size=50),
    Field("bank", "銀行コード", required=True, rule=digits(4), size=6),
    Field("branch", "支店コード", required=True, rule=digits(3), size=6),
    Field("account", "口座番号", required=True, rule=digits(7), size=10),
    Field("holder", "口座名義カナ", required=True, rule=BANK_KANA, hint="半角カタカナ"),
    Field("note", "備考", "textarea"),
)
NEW = FormPage(
    "就学援助申請　新規入力",
    FIELDS,
    back=("/gakumu/applications", "申請一覧へ戻る"),
)
LIST = ListPage(
    "就学援助申請　申請一覧",
    "受付番号",
    ("受理番号", "受付番号", "年度", "児童氏名", "学校", "学年", "申請区分", "登録日時"),
    "該当する申請はありません",
    ("/gakumu/applications/new", "新規入力"),
)


@dataclass(frozen=True)
class Gakumu:
    """The counter of 学務."""

    desk: Desk

    def routes(self) -> list[Route]:
        return [
            Route("/gakumu/applications", self.applications),
            Route("/gakumu/applications/new", self.new, methods=["GET", "POST"]),
        ]

    async def applications(self, request: Request) -> Response:
        number = request.query_params.get("no", "").strip()
        columns = ("受付番号", "年度", "児童氏名", "学校", "学年", "申請区分")
        rows = [
            (entry.receipt, *(entry.values[column] for column in columns), entry.arrived)
            for entry in self.desk.store.visible(SYSTEM, KIND, key=number)
        ]
        return self.desk.found(request, LIST, rows, number)

    async def new(self, request: Request) -> Response:
        if request.method == "GET":
            return self.desk.form(request, NEW)
        filled = await self.desk.filled(request, FIELDS)
        if filled.errors:
            return self.desk.form(request, NEW, filled)
        entry = self.desk.record(request, SYSTEM, KIND, filled.text("no").strip(), filled.values)
        return self.desk.done(request, NEW, entry)
