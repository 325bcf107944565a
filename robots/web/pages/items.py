"""対象: the items of one scenario; one item with what became of it; deciding one in doubt."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa
from starlette.responses import Response

from robots.errors import BusinessError
from robots.ledger.listing import failures, find_items, get_item, settlements_of, visits_of
from robots.ledger.overview import item_counts
from robots.runner.words import STATES
from robots.values import from_json, text_of
from robots.web.page import Context, Forbidden, NotFound, Page, Role, Route, see_other
from robots.web.pages._evidence import failed
from robots.web.pages._rights import check_decides, check_sees, decides, record_read
from robots.web.pages._settle import DECIDED, DECISIONS, settle
from robots.web.render import PER_PAGE, Paged, render

_AUTHOR: frozenset[Role] = frozenset({"author"})
_READERS: frozenset[Role] = frozenset({"author", "checker", "approver"})
_MAY = {"in_doubt": ("done", "again"), "rejected": ("again",), "failed": ("again",)}
"""What may be decided of an item in each state."""
_LONGEST_ID = 9


def _list(context: Context) -> Response:
    scenario, state = context.scenario, context.query.get("state", "")
    check_sees(context, scenario)
    record_read(context, scenario, items=state or "all")
    counts = item_counts(context.ledger, scenario)
    paged: Paged[sa.RowMapping] = Paged(context, counts.get(state, 0) if state else sum(counts.values()))
    paged.rows = find_items(context.ledger, scenario, state, offset=paged.offset, limit=PER_PAGE)
    return render(
        context,
        "items.html",
        scenario=scenario,
        name=context.register.scenarios[scenario].name,
        paged=paged,
        state=state,
        total=sum(counts.values()),
        states=[(one, word, counts[one]) for one, word in STATES.items() if one in counts],
    )


def _item_of(context: Context) -> sa.RowMapping:
    number = context.path["item"]
    row = get_item(context.ledger, int(number)) if number.isdecimal() and len(number) <= _LONGEST_ID else None
    if row is None:
        raise NotFound
    return row


def _show(context: Context) -> Response:
    row = _item_of(context)
    scenario = row["scenario"]
    check_sees(context, scenario)
    record_read(context, scenario, item=row["id"])
    entry = context.register.scenarios.get(scenario)
    people = {id: person.name for id, person in context.register.people.items()}
    decidable = _MAY.get(row["state"], ()) if decides(context, scenario) else ()
    return render(
        context,
        "item.html",
        item=row,
        name=entry.name if entry is not None else scenario,
        registered=entry is not None,
        values=_told(row["values"]),
        result=_told(row["result"]),
        visits=visits_of(context.ledger, row["id"]),
        decided=settlements_of(context.ledger, row["id"]),
        decided_words=DECIDED,
        failed=failed(context.home, failures(context.ledger, item=row["id"])),
        decisions=[(one, DECISIONS[one]) for one in decidable],
        people=people,
    )


def _told(stored: object) -> dict[str, str]:
    values = from_json(stored)
    return {name: text_of(value) for name, value in values.items()} if isinstance(values, Mapping) else {}


def _settle(context: Context) -> Response:
    row = _item_of(context)
    check_decides(context, row["scenario"])
    decision = context.form.get("decision", "")
    if decision not in DECISIONS:
        raise BusinessError("どちらにするかが選ばれていません。", mend="登録されていたかどうかを選んでください。")
    if decision not in _MAY.get(row["state"], ()):
        raise Forbidden("この対象は、もう別の状態になっています。画面を読み込み直してください。")
    why = context.field("why", "どう確かめたか")
    if not settle(context, row["id"], decision, why):
        raise Forbidden("この対象は、もう別の状態になっています。画面を読み込み直してください。")
    return see_other(f"/items/{row['id']}", told=f"「{DECIDED[decision]}」にしました。")


PAGE = Page(
    "items",
    "対象",
    (
        Route(
            "/scenarios/{department}/{name}/items",
            _list,
            _READERS,
            examples={"department": "shimin", "name": "jutogai-jusho"},
        ),
        Route("/items/{item}", _show, _READERS, examples={"item": "1"}),
        Route("/items/{item}/settle", _settle, _AUTHOR, method="POST", examples={"item": "1"}),
    ),
)
