"""One scenario: its purpose and steps in words, what it may touch, its runs, savings, versions, and the hand-over sheet."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from urllib.parse import quote

from starlette.responses import Response

from robots.errors import BankenError
from robots.ledger.overview import decisions_of, item_counts
from robots.ledger.runs import latest_runs, run_counts
from robots.nightly.calendar import announced
from robots.registry.approve import Request
from robots.registry.differences import difference_of
from robots.registry.digest import read_folder
from robots.registry.handover_facts import parts_of_sheet
from robots.registry.handover_sheet import handover_sheet, sheet_name
from robots.registry.model import Approval, state_of
from robots.registry.step_words import commits_of, lines_of
from robots.registry.versions import kept_version
from robots.scenario.model import Scenario
from robots.scenario.problem import Problems
from robots.scenario.validate import read_scenario
from robots.web.listing import DATA
from robots.web.page import EVERY_ROLE, Context, NotFound, Page, Role, Route
from robots.web.pages._months import times_of, year_of
from robots.web.render import render

_WRITERS: frozenset[Role] = frozenset({"author", "approver", "admin"})
_EXAMPLE = {"department": "shimin", "name": "jutogai-jusho"}
_RUNS = 10
_HEADS = ("名称", "概要")
_VALUES = ("入力値", "対象")
_REFERENCE = re.compile(r"\$\{([^{}]*)\}")
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _show(context: Context) -> Response:
    id = context.scenario
    entry = context.register.scenarios[id]
    model, wrong = _read(context, id)
    ran = latest_runs(context.ledger, id, _RUNS)
    looked = context.hall.look.last(context.read)
    today, schedule = context.now.date(), entry.schedule
    return render(
        context,
        "scenario.html",
        id=id,
        entry=entry,
        state=state_of(entry, today),
        verdict=looked.verdicts.get(id) if looked is not None else None,
        department=context.register.department_of(id)[1].name,
        data_words=DATA,
        people=context.register.people,
        wrong=wrong,
        summary=model.summary if model is not None else "",
        parts_told=parts_of_sheet(context.read, model, context.ledger) if model is not None else [],
        sections=_sections(model) if model is not None else [],
        decisions=decisions_of(context.ledger, id),
        ran=ran,
        counts=run_counts(context.ledger, [row["id"] for row in ran]),
        items=item_counts(context.ledger, id),
        schedule=schedule,
        times=times_of([f"{one:%H:%M}" for one in schedule.times]) if schedule is not None else "",
        year=year_of(context.register, id, entry, today),
        today=today,
        announced=announced(today),
    )


def _read(context: Context, id: str) -> tuple[Scenario | None, list[str]]:
    """The scenario as it lies in its folder, or what is wrong with it."""
    folder = context.home.scenarios / id
    if not folder.is_dir():
        return None, [f"scenarios/{id} がありません。"]
    try:
        model = read_scenario(read_folder(folder), id)
    except BankenError as error:
        return None, [str(error)]
    return (None, [str(one) for one in model]) if isinstance(model, Problems) else (model, [])


@dataclass(frozen=True, slots=True)
class _Told:
    """One step: what it is, and its values; commit: it is (a part of) what can't be taken back."""

    kind: str
    told: str
    depth: int
    commit: bool


def _sections(model: Scenario) -> list[tuple[str, list[_Told]]]:
    """The steps under their sections, for somebody who has never seen the file."""
    commits = {line for commit in commits_of(model) for line in commit}
    found: list[tuple[str, list[_Told]]] = []
    for section, lines in groupby(lines_of(model), key=attrgetter("section")):
        if section in _HEADS:
            continue
        told = []
        for line in lines:
            kind, _, values = line.text.partition(": ")
            name = "" if section in _VALUES else kind.removesuffix(":")
            text = line.text if section in _VALUES else values
            told.append(_Told(name, _REFERENCE.sub(r"〔\1〕", _apart(text)), line.depth, line in commits))
        found.append((section, told))
    return found


def _apart(text: str) -> str:
    """A list of several things, each on a line of its own."""
    listed = text.startswith("［") and text.endswith("］") and "／" in text
    return "".join(f"\n・{one}" for one in text[1:-1].split("／")) if listed else text


def _version(context: Context) -> Response:
    """One approval against the one before it."""
    id, wanted = context.scenario, context.path["number"]
    approved = [one for one in decisions_of(context.ledger, id) if one.what == "approved"]
    chosen = next((one for one in approved if str(one.number) == wanted), None)
    if chosen is None:
        raise NotFound
    before = next((one for one in approved if one.number < chosen.number), None)
    version = kept_version(context.home.var, id, chosen.digest)
    model = read_scenario(version.files, id) if version is not None else None
    difference = None
    if version is not None and isinstance(model, Scenario):
        name = context.register.scenarios[id].name
        request = Request(id, name, chosen.digest, {}, [], model, version, [])
        day = before.at[:10] if before is not None else ""
        last = Approval(digest=before.digest, by=before.person, on=day, until=day) if before is not None else None
        difference = difference_of(context.home, request, last)
    return render(
        context,
        "scenario_version.html",
        id=id,
        entry=context.register.scenarios[id],
        chosen=chosen,
        difference=difference,
        who=context.register.people.get(chosen.person),
    )


def _sheet(context: Context) -> Response:
    id = context.scenario
    model, _ = _read(context, id)
    if model is None:
        raise NotFound
    made = handover_sheet(context.read, model, context.ledger, context.now.date())
    context.audit.record("exported", who=context.person.id, subject=id, detail={"what": "handover", "web": True})
    disposition = f"attachment; filename*=UTF-8''{quote(sheet_name(id))}"
    return Response(made, media_type=_XLSX, headers={"Content-Disposition": disposition})


_HERE = "/scenarios/{department}/{name}"
PAGE = Page(
    "scenario",
    "シナリオ",
    (
        Route(_HERE, _show, EVERY_ROLE, examples=_EXAMPLE),
        Route(f"{_HERE}/versions/{{number}}", _version, EVERY_ROLE, examples={**_EXAMPLE, "number": "1"}),
        Route(f"{_HERE}/handover.xlsx", _sheet, _WRITERS, examples=_EXAMPLE),
    ),
)
