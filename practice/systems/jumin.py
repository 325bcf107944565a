"""住民 (住登外者): people who live elsewhere but whom the town taxes or serves; finding them, changing their address."""

from __future__ import annotations

import math
import unicodedata
from dataclasses import dataclass, replace

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from practice.desk import Desk, FormPage, ListPage
from practice.fields import DIGITS, POSTAL_CODE, Field, Filled, read_form
from practice.seed import Resident, residents

SYSTEM = "jumin"
KIND = "住所変更"
PAGE_SIZE = 10
SEARCH_FIELDS = (
    Field("name", "氏名", hint="一部でも検索できます", size=24),
    Field("kana", "氏名カナ", hint="一部でも検索できます", size=24),
    Field("born", "生年月日", "era_date"),
    Field("number", "宛名番号", rule=DIGITS, size=12, hint="半角数字8桁"),
)
CHANGE_FIELDS = (
    Field("no", "受付番号", required=True, rule=DIGITS, size=12, hint="半角数字"),
    Field("reported", "届出日", "era_date", required=True),
    Field("moved", "異動日", "era_date", required=True),
    Field(
        "reason",
        "異動事由",
        "select",
        required=True,
        options=(("01", "転居"), ("02", "転入通知"), ("03", "職権"), ("99", "その他")),
    ),
    Field("by", "届出区分", "radio", required=True, options=(("1", "本人"), ("2", "代理人"), ("3", "送付"))),
    Field("postal", "郵便番号", required=True, rule=POSTAL_CODE, size=10, hint="例 000-0101"),
    Field("address", "新住所", required=True, size=50),
    Field("building", "方書", size=40, hint="建物名・部屋番号"),
    Field("checked", "本人確認", "check", caption="本人確認書類を確認した"),
    Field("note", "備考", "textarea"),
)
CHANGE = FormPage(
    "住登外者　住所変更",
    CHANGE_FIELDS,
    confirm="住所を変更します。よろしいですか？",
    back=("/jumin/search", "住登外者検索へ戻る"),
)
LIST = ListPage(
    "住登外者　異動履歴",
    "受付番号",
    ("受理番号", "受付番号", "宛名番号", "氏名", "異動日", "異動事由", "新住所", "登録日時"),
    "該当する異動はありません",
    ("/jumin/search", "住登外者検索"),
)


@dataclass(frozen=True)
class Jumin:
    """The counter of 住民."""

    desk: Desk

    def routes(self) -> list[Route]:
        return [
            Route("/jumin/search", self.search),
            Route("/jumin/persons/{number}/address", self.address, methods=["GET", "POST"]),
            Route("/jumin/changes", self.changes),
        ]

    async def search(self, request: Request) -> Response:
        if not request.query_params:
            return self.desk.page(request, "jumin_search.html", filled=Filled(), people=None, fields=SEARCH_FIELDS)
        filled = read_form(SEARCH_FIELDS, request.query_params)
        if not filled.errors and not any(filled.values.values()):
            filled = filled.with_error("name", "検索条件を1つ以上入力してください")
        people = [] if filled.errors else [self.now(person) for person in residents() if _fits(person, filled)]
        pages = max(1, math.ceil(len(people) / PAGE_SIZE))
        typed = request.query_params.get("page", "1")
        page = min(max(int(typed), 1), pages) if typed.isascii() and typed.isdigit() else 1
        url = request.url
        return self.desk.page(
            request,
            "jumin_search.html",
            fields=SEARCH_FIELDS,
            filled=filled,
            people=None if filled.errors else people[(page - 1) * PAGE_SIZE : page * PAGE_SIZE],
            count=len(people),
            page=page,
            pages=pages,
            next_page=url.include_query_params(page=page + 1) if page < pages else None,
            previous_page=url.include_query_params(page=page - 1) if page > 1 else None,
        )

    async def address(self, request: Request) -> Response:
        person = self.person(request.path_params["number"])
        if request.method == "GET":
            return self.desk.form(request, CHANGE, person=person)
        filled = await self.desk.filled(request, CHANGE_FIELDS)
        if filled.errors:
            return self.desk.form(request, CHANGE, filled, person=person)
        values = {"宛名番号": person.number, "氏名": person.name, **filled.values}
        number = filled.text("no").strip()
        entry = self.desk.record(request, SYSTEM, KIND, number, values, subject=person.number)
        return self.desk.done(request, CHANGE, entry, 異動履歴=f"/jumin/changes?no={number}")

    async def changes(self, request: Request) -> Response:
        number = request.query_params.get("no", "").strip()
        rows = [
            (
                entry.receipt,
                *(entry.values[column] for column in ("受付番号", "宛名番号", "氏名")),
                self.desk.pages.filters["wareki"](entry.values["異動日"]),
                *(entry.values[column] for column in ("異動事由", "新住所")),
                entry.arrived,
            )
            for entry in self.desk.store.visible(SYSTEM, KIND, key=number)
        ]
        return self.desk.found(request, LIST, rows, number)

    def person(self, number: str) -> Resident:
        """The person as known now. Raises HTTPException 404 with what to tell the clerk."""
        for person in residents():
            if person.number == number:
                return self.now(person)
        raise HTTPException(404, f"宛名番号 {number} の方は登録されていません。宛名番号を確かめてください。")

    def now(self, person: Resident) -> Resident:
        """A person with the address of the last change that the town shows."""
        changes = self.desk.store.visible(SYSTEM, KIND, subject=person.number)
        if not changes:
            return person
        latest = changes[-1].values
        address = f"{latest['新住所']}　{latest['方書']}".strip()
        return replace(person, postal_code=str(latest["郵便番号"]), address=address)


def _plain(text: str) -> str:
    # Half-width kana is found as full-width kana is, and a space between the names never hinders.
    return "".join(unicodedata.normalize("NFKC", text).split())


def _fits(person: Resident, filled: Filled) -> bool:
    return (
        _plain(filled.text("name")) in _plain(person.name)
        and _plain(filled.text("kana")) in _plain(person.kana)
        and filled.values["生年月日"] in ("", person.born.isoformat())
        and filled.values["宛名番号"] in ("", person.number)
    )
