"""The verification desk: what a person answers to a review task, checked by the field's own kind."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

import sqlalchemy as sa

import ocr
from robots.drivers.forms import FormSource
from robots.eras import read_date
from robots.errors import BankenError
from robots.ledger.audit import AuditLog
from robots.ledger.reviews import ASKED, LOOK, Answer, Decision, Taken, answer, answers
from robots.ledger.store import Ledger
from robots.ledger.undo import undo
from robots.values import Value, from_json, text_of

if TYPE_CHECKING:
    from ocr.fields.date import DateParams

LONGEST = 120.0
"""Seconds: who looks at one task for longer has been called away."""


class Desk:
    """One person's desk over the open tasks of a scenario.

    forms: the scenario's approved forms by path.  An answer that can't stand in its field is a ValueError, in
    Japanese; the first answer to a task counts (``Taken.ours`` is False for a later one).  Of a task that two people
    must enter, accepting is no answer.
    """

    def __init__(self, ledger: Ledger, forms: Mapping[str, FormSource], person: str, audit: AuditLog) -> None:
        self._ledger = ledger
        self._forms = forms
        self._person = person
        self._audit = audit

    def accept(self, task: sa.RowMapping, *, seconds: float = 0.0) -> Taken:
        """What was read (or the whole row) is right as it stands there."""
        if task["twice"]:
            raise ValueError("二人が別々に入力する欄です。紙に書かれているとおりに打ってください。")
        text = str(task["proposed"])
        if task["kind"] != "row":
            text = self._value(task, text)
        return self._give(task, Answer("accept", text, self._person, seconds=_counted(seconds)))

    def correct(self, task: sa.RowMapping, text: str, *, seconds: float = 0.0) -> Taken:
        """What the person typed is right; "" for a field that was left blank."""
        value = self._value(task, text)
        decision: Decision = "accept" if value == task["proposed"] else "correct"
        return self._give(task, Answer(decision, value, self._person, seconds=_counted(seconds)))

    def exclude(self, task: sa.RowMapping, why: str, *, seconds: float = 0.0) -> Taken:
        """The paper (or row) is not to be entered at all: scanned again, typed by hand, withdrawn."""
        if not why.strip():
            raise ValueError("除外する理由を書いてください（例: 読み取り直した、手で入力した）。")
        return self._give(task, Answer("exclude", "", self._person, why.strip(), _counted(seconds)))

    def viewed(self, connection: sa.Connection, row: sa.RowMapping) -> None:
        """Keeps that the person has got to see an item; for ``holds.take``."""
        detail = {"item": row["item"]}
        self._audit.record_in(connection, "read", who=self._person, subject=row["scenario"], detail=detail)

    def undo(self, scenario: str) -> sa.RowMapping | None:
        """Takes the person's last answer back, see ``undo``.  Raises: BusinessError where it is too late."""

        def told(connection: sa.Connection, row: sa.RowMapping) -> None:
            detail = {"task": row["id"], "item": row["item"]}
            self._audit.record_in(connection, "review_undone", who=self._person, subject=scenario, detail=detail)

        return undo(self._ledger, scenario, self._person, told)

    def _give(self, task: sa.RowMapping, given: Answer) -> Taken:
        def told(connection: sa.Connection, row: sa.RowMapping) -> None:
            detail = {"task": row["id"], "item": row["item"], "decision": given.decision}
            if row["state"] == "open":
                detail["entered"] = "one of two"
            self._audit.record_in(connection, "reviewed", who=given.who, subject=row["scenario"], detail=detail)

        taken = answer(self._ledger, task["id"], given, told)
        if taken is None:
            raise LookupError(task["id"])
        return taken

    def _value(self, task: sa.RowMapping, text: str) -> str:
        if task["kind"] == "page":
            raise ValueError("このページは読めていません。紙を読み取り直すか手で入力し、除外（理由）にしてください。")
        if task["kind"] == "row":
            raise ValueError("この行はここでは直せません。元データを直して、もう一度実行してください。")
        if task["source"].startswith((ASKED, LOOK)):
            return _to_a_step(task, text)
        form = self._forms.get(task["form"])
        if form is None:
            raise ValueError(f"帳票 {task['form']} は、いまのシナリオにありません。除外（理由）にしてください。")
        _, fields = form.checked
        field = str(task["field"])
        try:
            return ocr.typed_value(fields, field, text)
        except KeyError:
            raise ValueError(f"欄「{field}」は、いまの帳票にありません。除外（理由）にしてください。") from None
        except ValueError:
            dates = [one.params for one in fields if one.name == field and one.kind.name == "date"]
            era = self._era(task, cast("DateParams", dates[0])) if dates else ""
            if not era:
                raise
            return ocr.typed_value(fields, field, f"{era}{text}")

    def _era(self, task: sa.RowMapping, params: DateParams) -> str:
        """The era that stands on the same paper, where it is certain by now."""
        if not params.era or params.printed_era:
            return params.era
        answered = answers(self._ledger, task["scenario"], task["source"]).get(task["source"])
        if answered is not None and params.era in answered.values:
            return text_of(answered.values[params.era])
        certain: Value = from_json(task["item_values"])
        return text_of(certain.get(params.era)) if isinstance(certain, dict) else ""


def _to_a_step(task: sa.RowMapping, text: str) -> str:
    """An answer to what a step asks, as its kind has it.  Raises: ValueError."""
    if task["source"].startswith(ASKED) and not text.strip():
        raise ValueError("質問への答えを書いてください。")
    if task["options"]:
        fits = [one for one in task["options"] if _folded(one) == _folded(text)]
        if len(fits) != 1:
            raise ValueError(f"「{text}」は選べません。選べるのは {'、'.join(task['options'])} です。")
        return str(fits[0])
    if task["kind"] != "date" or not text.strip():
        return text
    try:
        return read_date(text).isoformat()
    except BankenError as error:
        raise ValueError(f"{error.what}{error.mend}") from None


def _folded(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())


def _counted(seconds: float) -> float:
    return min(max(seconds, 0.0), LONGEST) if math.isfinite(seconds) else 0.0
