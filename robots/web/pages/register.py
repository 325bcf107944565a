"""台帳: every scenario, searched and filtered."""

from __future__ import annotations

from starlette.responses import Response

from robots.registry.model import STATES
from robots.web.listing import DATA, DUE, Filter
from robots.web.page import EVERY_ROLE, Context, Page, Route
from robots.web.render import Paged, Sorting, render

_COLUMNS = ("id", "name", "department_name", "state", "owner_name", "reviewed_by")


def _show(context: Context) -> Response:
    query, register = context.query, context.register
    wanted = Filter(
        text=query.get("q", "")[:200],
        department=query.get("department", ""),
        state=query.get("state", ""),
        data=query.get("data", ""),
        owner=query.get("owner", ""),
        due=query.get("due", ""),
    )
    sorting = Sorting(context, _COLUMNS, "id")
    rows = wanted.of(context.hall.register.rows(context.read, sorting.column, descending=sorting.descending))
    looked = context.hall.look.last(context.read)
    return render(
        context,
        "register.html",
        wanted=wanted,
        paged=Paged.of(context, rows),
        sorting=sorting,
        departments=[("", "すべて"), *((key, one.name) for key, one in register.departments.items())],
        states=[("", "すべて"), *STATES.items()],
        data=[("", "すべて"), *DATA.items()],
        dues=[("", "すべて"), *DUE.items()],
        data_words=DATA,
        verdicts=looked.verdicts if looked is not None else {},
        all=len(register.scenarios),
    )


PAGE = Page("register", "台帳", (Route("/register", _show, EVERY_ROLE),), order=20)
