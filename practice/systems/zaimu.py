"""財務: invoices paid (支出命令) and budget moved (予算再配当), inside a frame as older systems have it."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from practice.desk import Desk, FormPage, ListPage
from practice.fields import Field, digits, names
from practice.seed import account_codes, creditors, sections

SYSTEM = "zaimu"
PAYMENT = "支出命令"
TRANSFER = "予算再配当"
ACCOUNTS = tuple((code, f"{code} {name}") for code, name in account_codes())
PAYMENT_FIELDS = (
    Field("no", "伝票番号", size=14, hint="空欄のときは自動で付きます"),
    Field("invoice", "請求書番号", required=True, size=20),
    Field("creditor", "債権者コード", required=True, rule=digits(6), size=10, hint="半角数字6桁"),
    Field("creditor_name", "債権者名", required=True, size=40),
    Field("invoiced", "請求日", "era_date", required=True),
    Field("due", "支払予定日", "date", required=True),
    Field("section", "所属", "select", required=True, options=sections()),
    Field("account", "科目コード", "select", required=True, options=ACCOUNTS),
    Field("amount", "金額", "amount", required=True),
    Field("withheld", "源泉徴収", "check", caption="源泉徴収する"),
    Field("note", "摘要", "textarea"),
)
TRANSFER_FIELDS = (
    Field("no", "依頼番号", required=True, size=14),
    Field("source", "配当元", "select", required=True, options=sections()),
    Field("target", "配当先", "select", required=True, options=sections()),
    Field("account", "科目", "select", required=True, options=ACCOUNTS),
    Field("amount", "金額", "amount", required=True),
    Field("reason", "理由", "select", options=names("当初配当", "追加配当", "組替")),
)
PAYMENT_PAGE = FormPage(
    "支出命令入力",
    PAYMENT_FIELDS,
    confirm="支出命令を登録します。よろしいですか？",
    back=("/zaimu/payments", "支出命令一覧へ戻る"),
    frame=True,
)
TRANSFER_PAGE = FormPage(
    "予算再配当入力", TRANSFER_FIELDS, back=("/zaimu/transfers", "予算再配当一覧へ戻る"), frame=True
)
PAYMENT_LIST = ListPage(
    "支出命令一覧",
    "番号",
    ("伝票番号", "請求書番号", "債権者コード", "債権者名", "支払予定日", "所属", "金額", "登録日時"),
    "該当する支出命令はありません",
    ("/zaimu/payments/new", "支出命令入力"),
    frame=True,
)
TRANSFER_LIST = ListPage(
    "予算再配当一覧",
    "依頼番号",
    ("受理番号", "依頼番号", "配当元", "配当先", "科目", "金額", "登録日時"),
    "該当する予算再配当はありません",
    ("/zaimu/transfers/new", "予算再配当入力"),
    frame=True,
)


@dataclass(frozen=True)
class Zaimu:
    """The counter of 財務."""

    desk: Desk

    def routes(self) -> list[Route]:
        return [
            Route("/zaimu", self.outer),
            Route("/zaimu/payments", self.payments),
            Route("/zaimu/payments/new", self.new_payment, methods=["GET", "POST"]),
            Route("/zaimu/transfers", self.transfers),
            Route("/zaimu/transfers/new", self.new_transfer, methods=["GET", "POST"]),
        ]

    async def outer(self, request: Request) -> Response:
        return self.desk.page(request, "zaimu.html")

    async def payments(self, request: Request) -> Response:
        number = request.query_params.get("no", "").strip()
        yen = self.desk.pages.filters["yen"]
        rows = [
            (
                entry.values["伝票番号"] or entry.receipt,
                *(entry.values[column] for column in ("請求書番号", "債権者コード", "債権者名", "支払予定日", "所属")),
                yen(entry.values["金額"]),
                entry.arrived,
            )
            for entry in self.desk.store.visible(SYSTEM, PAYMENT)
            # A clerk has either the slip's number or the invoice's at hand.
            if number in ("", entry.values["請求書番号"], entry.values["伝票番号"] or entry.receipt)
        ]
        return self.desk.found(request, PAYMENT_LIST, rows, number)

    async def new_payment(self, request: Request) -> Response:
        if request.method == "GET":
            return self.desk.form(request, PAYMENT_PAGE)
        filled = await self.desk.filled(request, PAYMENT_FIELDS)
        code = filled.text("creditor").strip()
        if "creditor" not in filled.errors and code not in {creditor.code for creditor in creditors()}:
            filled = filled.with_error("creditor", f"債権者コード {code} は債権者台帳に登録されていません")
        if filled.errors:
            return self.desk.form(request, PAYMENT_PAGE, filled)
        key = filled.text("invoice").strip()
        entry = self.desk.record(request, SYSTEM, PAYMENT, key, filled.values, subject=code)
        return self.desk.done(request, PAYMENT_PAGE, entry, 支出命令一覧=f"/zaimu/payments?no={key}")

    async def transfers(self, request: Request) -> Response:
        number = request.query_params.get("no", "").strip()
        yen = self.desk.pages.filters["yen"]
        rows = [
            (
                entry.receipt,
                *(entry.values[column] for column in ("依頼番号", "配当元", "配当先", "科目")),
                yen(entry.values["金額"]),
                entry.arrived,
            )
            for entry in self.desk.store.visible(SYSTEM, TRANSFER, key=number)
        ]
        return self.desk.found(request, TRANSFER_LIST, rows, number)

    async def new_transfer(self, request: Request) -> Response:
        if request.method == "GET":
            return self.desk.form(request, TRANSFER_PAGE)
        filled = await self.desk.filled(request, TRANSFER_FIELDS)
        source, target = filled.text("source"), filled.text("target")
        if source and source == target:
            filled = filled.with_error("target", "配当先は配当元と別の所属を選択してください")
        if filled.errors:
            return self.desk.form(request, TRANSFER_PAGE, filled)
        entry = self.desk.record(request, SYSTEM, TRANSFER, filled.text("no").strip(), filled.values)
        return self.desk.done(request, TRANSFER_PAGE, entry)
