"""給食: how many meals each grade of a school needs on each day of a month."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from practice.desk import Desk, FormPage
from practice.era import wareki_month
from practice.fields import Filled
from practice.seed import School, schools

SYSTEM = "kyushoku"
KIND = "食数"
COLUMNS = ("1年", "2年", "3年", "4年", "5年", "6年", "職員")
WEEKDAYS = "月火水木金土日"
MONTHS = tuple(
    f"{year}-{month:02d}" for year, month in [(2026, m) for m in range(4, 13)] + [(2027, m) for m in (1, 2, 3)]
)
PAGE = FormPage(
    "給食　食数入力",
    (),
    button="一括登録",
    confirm="食数を一括登録します。よろしいですか？",
    back=("/kyushoku/meals", "食数一覧へ戻る"),
)


@dataclass(frozen=True)
class Day:
    """One row of the grid. Only a weekday has boxes to type into."""

    day: date

    @property
    def label(self) -> str:
        return f"{self.day.month}月{self.day.day}日"

    @property
    def weekday(self) -> str:
        return WEEKDAYS[self.day.weekday()]

    @property
    def served(self) -> bool:
        return self.day.weekday() < 5

    def box(self, column: str) -> str:
        """The HTML name of a box."""
        return f"d{self.day.day}-{COLUMNS.index(column) + 1}"


def days_of(month: str) -> list[Day]:
    """All days of a month such as 2026-04."""
    year, number = (int(part) for part in month.split("-"))
    return [Day(date(year, number, day)) for day in range(1, calendar.monthrange(year, number)[1] + 1)]


@dataclass(frozen=True)
class Kyushoku:
    """The counter of 給食."""

    desk: Desk

    def routes(self) -> list[Route]:
        return [
            Route("/kyushoku/meals", self.meals),
            Route("/kyushoku/meals/edit", self.edit, methods=["GET", "POST"]),
        ]

    async def meals(self, request: Request) -> Response:
        school, month = _chosen(request)
        saved = []
        if school and month:
            saved = self.desk.store.visible(SYSTEM, KIND, key=f"{school.code}/{month}")
        return self.desk.page(
            request, "kyushoku_list.html", school=school, month=month, saved=saved, columns=COLUMNS, **_choices()
        )

    async def edit(self, request: Request) -> Response:
        school, month = _chosen(request)
        if not (school and month):
            return RedirectResponse("/kyushoku/meals", status_code=303)
        if request.method == "GET":
            return self.grid(request, school, month, Filled())
        form = await self.desk.sent(request)
        filled = read_grid(form, month)
        if filled.errors:
            return self.grid(request, school, month, filled)
        values = {"学校": school.name, "年月": month, **filled.values}
        entry = self.desk.record(request, SYSTEM, KIND, f"{school.code}/{month}", values, subject=school.code)
        link = f"/kyushoku/meals?school={school.code}&month={month}"
        return self.desk.done(request, PAGE, entry, 食数一覧=link)

    def grid(self, request: Request, school: School, month: str, filled: Filled) -> Response:
        """The month's table, with what was typed."""
        return self.desk.page(
            request,
            "kyushoku_grid.html",
            form=PAGE,
            filled=filled,
            school=school,
            month=month,
            days=days_of(month),
            columns=COLUMNS,
        )


def read_grid(form: FormData, month: str) -> Filled:
    """The typed counts by day (ISO 8601) and column; an empty box is no meal that day."""
    raw = {key: [str(value) for value in form.getlist(key)] for key in form}
    counts: dict[str, dict[str, int]] = {}
    errors: dict[str, str] = {}
    for day in days_of(month):
        for column in COLUMNS if day.served else ():
            text = raw.get(day.box(column), [""])[0].strip()
            if re.fullmatch(r"[0-9]{1,4}", text):
                counts.setdefault(day.day.isoformat(), {})[column] = int(text)
            elif text:
                errors[day.box(column)] = f"{day.label} {column}は0から9999までの半角数字で入力してください"
    if not counts and not errors:
        errors["grid"] = "食数を1つ以上入力してください"
    return Filled(raw, {"食数": counts}, errors)


def _chosen(request: Request) -> tuple[School | None, str]:
    """The school (by code or by name) and the month of the address; None and "" where they are not there or unknown."""
    wanted, month = request.query_params.get("school", ""), request.query_params.get("month", "")
    school = next((school for school in schools() if wanted in (school.code, school.name)), None)
    return school, month if month in MONTHS else ""


def _choices() -> dict[str, object]:
    return {"schools": schools(), "months": [(month, wareki_month(month)) for month in MONTHS]}
