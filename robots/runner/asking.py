"""What the steps of an item ask of people: the answers that are there, or the questions that the item waits for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict

from robots.ledger.items import digest_of
from robots.ledger.reviews import ASKED, LOOK, Answered, Question
from robots.step import Asked, Control, Skipped
from robots.values import Row, Value, to_json

_ASK = "シナリオの手順「人に尋ねる」"
_LOOK = "シナリオの手順「人が確認する」"


class Waiting(Control):
    """The item waits for people; nothing of it has been entered."""

    def __init__(self, questions: tuple[Question, ...]) -> None:
        super().__init__("waiting")
        self.questions = questions

    @property
    def reason(self) -> str:
        return f"人の確認を待っています: {'、'.join(one.field for one in self.questions)}"


class Inquiry:
    """The questions of one item.

    An answer holds for the item's key with these very values, and for this very question: where any of it changes,
    people are asked anew.
    """

    def __init__(self, answered: Mapping[str, Answered], key: str, values: Row) -> None:
        self._answered = answered
        self._key = key
        self._values = values

    def __call__(self, asked: Sequence[Asked]) -> Mapping[str, Value]:
        """The answers by field.  Raises: Waiting, Skipped where a person has left the item out."""
        whole = [self._key, to_json(dict(self._values)), [to_json(asdict(one)) for one in asked]]
        source = f"{LOOK if asked[0].confirm else ASKED}{digest_of(whole)}"
        known = self._answered.get(source, Answered())
        if known.excluded:
            raise Skipped(known.excluded)
        if all(one.field in known.values for one in asked):
            return known.values
        raise Waiting(tuple(_question(source, one) for one in asked))


def _question(source: str, asked: Asked) -> Question:
    why = asked.why or (_LOOK if asked.confirm else _ASK)
    return Question(source, asked.field, asked.kind, asked.proposed, (why,), options=asked.options)
