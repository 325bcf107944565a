"""確認: 読み取りに自信のない欄を、一つずつ、キーだけで確かめる."""

from __future__ import annotations

from starlette.responses import JSONResponse, Response

from robots.errors import BusinessError
from robots.ledger.entries import entries
from robots.ledger.holds import Waiting, fields_waiting, release, renew, take, take_next, waiting
from robots.ledger.reviews import task_of
from robots.runner.desk_look import picture_of
from robots.sealed_files import read_sealed
from robots.web.page import Context, NotFound, Page, Role, Route, see_other
from robots.web.pages._desk import PATH, Sitting, sit
from robots.web.render import render

_ROLES: frozenset[Role] = frozenset({"checker", "approver"})
_EXAMPLE = {"department": "gakumu", "name": "shugaku-enjo"}
_PART = "x-desk"
"""The header with which the page's script asks: it gets the turn alone, or JSON."""


def _overview(context: Context) -> Response:
    counts, who = waiting(context.ledger), context.person
    rows = [
        (scenario, entry, context.register.department_of(scenario)[1].name, counts.get(scenario, Waiting()))
        for scenario, entry in context.register.scenarios.items()
        if scenario in counts and (who.has("approver") or scenario.startswith(f"{who.department}/"))
    ]
    return render(context, "desk.html", rows=rows, own=f"{who.department}/" if who.has("checker") else None)


def _turn(context: Context) -> Response:
    sitting = sit(context)
    wanted = sitting.number("task")
    if wanted:
        task = wanted if take(context.ledger, sitting.seat, wanted, sitting.desk.viewed) else None
        if task is None:
            return _show(sitting, None, notice="その確認は、ほかの人が見ているか、もう済んでいます。")
        return _show(sitting, task)
    before = sitting.number("before")
    task = take_next(
        context.ledger,
        sitting.seat,
        sitting.desk.viewed,
        beside=before or sitting.number("after"),
        back=bool(before),
        keep=sitting.number("keep"),
    )
    return _show(sitting, task)


def _show(sitting: Sitting, task: int | None, *, notice: str = "", wrong: str = "", status: int = 200) -> Response:
    """The turn of a task that this person holds; None: there is nothing (more) to do."""
    context = sitting.context
    part = _PART in context.request.headers
    values = sitting.values(None if task is None else task_of(context.ledger, task))
    fields = [] if part else fields_waiting(context.ledger, sitting.item_by_item)
    scenario = sitting.seat.scenario
    counts = waiting(context.ledger, scenario).get(scenario, Waiting())
    template = "desk_turn.html" if part else "desk_sit.html"
    return render(context, template, status=status, notice=notice, wrong=wrong, fields=fields, counts=counts, **values)


def _answer(context: Context) -> Response:
    sitting, script = sit(context), _PART in context.request.headers
    task = sitting.task(sitting.number("task"))
    try:
        taken = sitting.give(task)
    except ValueError as error:
        if script:
            return JSONResponse({"wrong": str(error)}, status_code=422)
        held = take(context.ledger, sitting.seat, task["id"], sitting.desk.viewed)
        return _show(sitting, task["id"] if held else None, wrong=str(error), status=422)
    if taken.ours:
        done = taken.task["state"] == "answered"
        if script:
            return JSONResponse({"told": "" if done else "もう一人の入力を待ちます。", "left": taken.left})
        return see_other(sitting.link(after=task["id"]))
    gone = sitting.gone(taken)
    if script:
        return JSONResponse({"gone": gone}, status_code=409)
    following = take_next(context.ledger, sitting.seat, sitting.desk.viewed, beside=task["id"])
    return _show(sitting, following, notice=gone, status=409)


def _undo(context: Context) -> Response:
    sitting, script = sit(context), _PART in context.request.headers
    try:
        row = sitting.desk.undo(sitting.seat.scenario)
        told = "" if row is not None else "取り消せる答えはありません。"
    except BusinessError as error:
        row, told = None, str(error)
    if script:
        return JSONResponse({"task": row["id"] if row is not None else 0, "told": told})
    if row is not None:
        return see_other(sitting.link(task=row["id"]))
    return see_other(sitting.link(), told=told, tone="warning")


def _leave(context: Context) -> Response:
    release(context.ledger, sit(context).seat.scenario, context.person.id)
    return see_other("/desk")


def _beat(context: Context) -> Response:
    sit(context)
    tasks = [int(one) for one in context.lists.get("task", []) if one.isdecimal() and len(one) < 10]
    renew(context.ledger, context.person.id, tasks)
    return Response(status_code=204)


def _picture(context: Context) -> Response:
    task = task_of(context.ledger, int(context.path["task"]))
    if task is None:
        raise NotFound
    sitting = sit(context, task["scenario"])
    if sitting.seat.settles and len(entries(context.ledger, task["id"])) < 2:
        raise NotFound
    spot = sitting.shown(task).spot
    which = context.path["which"]
    page = spot.box.page if which == "page" and spot is not None else None
    if which not in ("cell", "page") or (which == "page" and page is None):
        raise NotFound
    place = picture_of(task, context.home.root, context.home.var, page)
    if place is None:
        raise NotFound
    content = read_sealed(place, context.ledger.sealer)
    kind = "image/png" if which == "cell" else "image/jpeg"
    return Response(content, media_type=kind, headers={"Cache-Control": "no-store"})


PAGE = Page(
    "desk",
    "確認",
    (
        Route("/desk", _overview, _ROLES),
        Route(PATH, _turn, _ROLES, examples=_EXAMPLE),
        Route(f"{PATH}/answer", _answer, _ROLES, method="POST", examples=_EXAMPLE),
        Route(f"{PATH}/undo", _undo, _ROLES, method="POST", examples=_EXAMPLE),
        Route(f"{PATH}/leave", _leave, _ROLES, method="POST", examples=_EXAMPLE),
        Route(f"{PATH}/beat", _beat, _ROLES, method="POST", examples=_EXAMPLE),
        Route(
            "/desk-picture/{task:int}/{which}",
            _picture,
            _ROLES,
            examples={"task": "1", "which": "cell"},
        ),
    ),
    order=40,
)
