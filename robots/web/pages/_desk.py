"""One person at the desk of one scenario: what is theirs to answer, how a turn is shown, and what an answer becomes."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa

from robots.clock import now, stamp
from robots.clock import shown as shown_time
from robots.ledger.entries import entries
from robots.ledger.holds import Seat
from robots.ledger.reviews import ASKED, Taken, task_of
from robots.runner.desk import Desk
from robots.runner.desk_look import Shown, picture_of, shown
from robots.web.page import Context, NotFound

PATH = "/desk/{department}/{name}"
BLANK = "-"
"""What is typed, or chosen, for a field that was left blank: nothing at all may be a slip."""
_IDLE = 30.0
"""Seconds that count of a turn whose time no script has measured."""


@dataclass(frozen=True)
class Sitting:
    """A person at the desk."""

    context: Context
    seat: Seat

    @cached_property
    def forms(self) -> Any:
        """The scenario's approved forms.  Raises: BusinessError where it may not run as it stands."""
        context = self.context
        scenario, who = self.seat.scenario, context.person.id
        return context.hall.forms.of(context.home, context.read, scenario, context.ledger, context.audit, who)

    @cached_property
    def desk(self) -> Desk:
        """The same desk as ``banken review`` sits at."""
        return Desk(self.context.ledger, self.forms, self.seat.person, self.context.audit)

    @property
    def item_by_item(self) -> Seat:
        """The same seat without a field of its choice."""
        return replace(self.seat, field="")

    def number(self, name: str) -> int:
        """A task's number from the form or the query; 0 where there is none."""
        text = self.context.form.get(name) or self.context.query.get(name, "")
        return int(text) if text.isdecimal() and len(text) < 10 else 0

    def task(self, number: int) -> sa.RowMapping:
        """A task of this scenario.  Raises: NotFound."""
        row = task_of(self.context.ledger, number)
        if row is None or row["scenario"] != self.seat.scenario:
            raise NotFound
        if self.seat.settles and len(entries(self.context.ledger, number)) < 2:
            raise NotFound
        return row

    def shown(self, task: sa.RowMapping) -> Shown:
        """How a task looks here."""
        return shown(task, self.forms)

    def link(self, **query: int) -> str:
        """The address of this desk, as it is ordered now."""
        path = f"/desk/{self.seat.scenario}"
        by = {"field": self.seat.field} if self.seat.field else {}
        return f"{path}?{urlencode({**by, **query})}" if by or query else path

    def values(self, task: sa.RowMapping | None) -> dict[str, object]:
        """What the templates need."""
        context, scenario = self.context, self.seat.scenario
        values: dict[str, object] = {
            "scenario": scenario,
            "title": context.register.scenarios[scenario].name,
            "sitting": self,
            "field": self.seat.field,
            "task": task,
        }
        if task is None:
            return values
        look = self.shown(task)
        entered = entries(context.ledger, task["id"]) if task["twice"] else []
        page = None if look.spot is None else look.spot.box.page
        typed = self.context.form.get("text")
        return values | {
            "look": look,
            "both": [one.text for one in entered] if len(entered) > 1 else [],
            "value": typed if typed is not None else "" if task["twice"] else look.proposed,
            "chosen": self.context.lists.get("choice", () if task["twice"] else look.chosen),
            "name": _NAMES.get(task["kind"], task["field"]),
            "asked": task["source"].startswith(ASKED),
            "began": f"{time.time():.3f}",
            "cell": picture_of(task, context.home.root, context.home.var) is not None,
            "page": page is not None and picture_of(task, context.home.root, context.home.var, page) is not None,
            "blank": BLANK,
        }

    def give(self, task: sa.RowMapping) -> Taken:
        """The answer that the form holds.  Raises: ValueError, in Japanese, where it can't stand."""
        form, seconds = self.context.form, self._seconds()
        if form.get("decision") == "exclude":
            return self.desk.exclude(task, form.get("why", ""), seconds=seconds)
        if task["kind"] in ("row", "page"):
            return self.desk.accept(task, seconds=seconds)
        if self.shown(task).options:
            chosen = self.context.lists.get("choice", [])
            if not chosen:
                raise ValueError("どれかを選んでください。何も書かれていなければ 0 の「なし」を選びます。")
            text = "" if BLANK in chosen else "、".join(chosen)
            if BLANK in chosen and len(chosen) > 1:
                raise ValueError("「なし」と、ほかのものは一緒に選べません。")
            return self.desk.correct(task, text, seconds=seconds)
        text = form.get("text", "").strip()
        if not text:
            raise ValueError(f"値が空です。紙が空欄なら、{BLANK} を打って Enter を押してください。")
        return self.desk.correct(task, "" if text == BLANK else text, seconds=seconds)

    def gone(self, taken: Taken) -> str:
        """Why an answer did not count, with what was typed, so that it is not lost."""
        row, form = taken.task, self.context.form
        typed = form.get("text") or "、".join(self.context.lists.get("choice", [])) or form.get("why", "")
        mine = f"あなたの入力「{typed}」は使われていません。" if typed else ""
        if row["state"] == "answered":
            what = f"この確認には、先に {self._name(row['who'])} が答えています（{shown_time(row['answered_at'])}）。"
        elif row["state"] == "open" and row["held_by"] != self.seat.person and (row["held_until"] or "") > stamp(now()):
            what = f"しばらく操作がなかったので、この確認は {self._name(row['held_by'])} に移りました。"
        elif row["state"] == "open":
            what = "この欄は、もう一人が入力する番です。"
        else:
            what = "この確認は、もう要らなくなりました。"
        return what + mine

    def _name(self, person: str) -> str:
        known = self.context.register.people.get(person)
        return f"{known.name} さん" if known is not None else person

    def _seconds(self) -> float:
        """The time at the task as the script measured it, without idle times; without a script at most half a minute."""
        form = self.context.form
        try:
            if form.get("seconds"):
                return float(form["seconds"])
            return min(time.time() - float(form.get("began", "")), _IDLE)
        except ValueError:
            return 0.0


_NAMES = {"page": "読めなかったページ", "row": "行全体"}


def sit(context: Context, scenario: str | None = None) -> Sitting:
    """The person who asks, at the desk of the path's scenario (or of another).

    Checkers sit at their own department's desks; approvers only settle where two entries differ.  Raises: NotFound.
    """
    scenario = scenario or context.scenario
    who = context.person
    field = context.form.get("field") or context.query.get("field", "")
    if who.has("checker") and scenario.startswith(f"{who.department}/"):
        return Sitting(context, Seat(scenario, who.id, field=field))
    if who.has("approver"):
        return Sitting(context, Seat(scenario, who.id, settles=True, field=field))
    raise NotFound
