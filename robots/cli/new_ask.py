"""Asking at the terminal for what a new scenario needs: a wrong answer is told why, and that question is asked again."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import typer

from robots.cli.common import say
from robots.errors import BusinessError, SystemFailure
from robots.registry.load import Loaded
from robots.scenario.guess import nearest
from robots.settings import Home

_ID = re.compile(r"[\w-]+")
_MINUTES = re.compile(r"\d+(\.\d+)?")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Asker:
    """Asks where an option was not given; with --yes it takes what it would have proposed, and nobody is asked."""

    yes: bool

    def text(self, given: str | None, question: str, proposed: str) -> str:
        """The answer as it is."""
        return self.checked(given, question, proposed, str)

    def word(self, given: str | None, question: str, words: Mapping[str, T], proposed: str) -> T:
        """What one of the words stands for."""

        def meant(answer: str) -> T:
            if answer not in words:
                raise BusinessError(
                    f"「{answer}」は選べません。",
                    mend=f"選べるのは {'、'.join(words)} です。",
                    guess=nearest(answer, words),
                )
            return words[answer]

        return self.checked(given, f"{question}（{'・'.join(words)}）", proposed, meant)

    def checked(self, given: str | None, question: str, proposed: str, check: Callable[[str], T]) -> T:
        """What ``check`` makes of the answer; what it raises (BusinessError, SystemFailure) is told, and asked again.

        Raises: what ``check`` raises, where nobody is asked.
        """
        answer = given.strip() if given is not None else proposed if self.yes else self._asked(question, proposed)
        while True:
            try:
                return check(answer)
            except (BusinessError, SystemFailure) as error:
                if self.yes:
                    raise
                say(str(error))
            answer = self._asked(question, proposed)

    def _asked(self, question: str, proposed: str) -> str:
        return str(typer.prompt(question, default=proposed, show_default=bool(proposed), err=True)).strip()


def id_of(home: Home, loaded: Loaded, given: str | None, ask: Asker) -> str:
    """The id of a scenario that is not there yet."""
    departments = loaded.register.departments
    of_given, _, short_given = given.partition("/") if given is not None else (None, "", None)

    def department_named(answer: str) -> str:
        if answer not in departments:
            raise BusinessError(
                f"課「{answer}」が台帳の departments にありません。",
                mend=f"ある課は {'、'.join(departments)} です。新しい課は、先に台帳に加えてください。",
                guess=nearest(answer, departments),
            )
        return answer

    def free(answer: str) -> str:
        id = f"{department}/{answer}"
        if not _ID.fullmatch(answer):
            raise BusinessError(
                f"シナリオの番号「{id}」の形が違います。",
                mend="「課/名前」の形で書いてください。名前に使えるのは、文字と数字と - _ です。",
            )
        if (home.scenarios / id).exists() or id in loaded.register.scenarios:
            raise BusinessError(f"「{id}」はもうあります（上書きはしません）。", mend="ほかの名前にしてください。")
        return id

    listed = "、".join(f"{key} {one.name}" for key, one in departments.items())
    department = ask.checked(of_given, f"課（{listed}）", next(iter(departments), ""), department_named)
    return ask.checked(short_given, "仕事の名前（英数字か日本語。例: yosan-haito）", "", free)


def people_of(loaded: Loaded, id: str, owner: str | None, deputy: str | None, ask: Asker) -> tuple[str, str]:
    """The owner and the deputy, of the scenario's own department where nobody else is named."""
    people, department = loaded.register.people, id.partition("/")[0]
    own = [key for key, one in people.items() if one.department == department]

    def known(answer: str) -> str:
        if answer not in people:
            raise BusinessError(
                f"「{answer}」は台帳の people にいません。",
                mend=f"いる人は {'、'.join(people)} です。新しい人は、先に台帳に加えてください。",
                guess=nearest(answer, people),
            )
        return answer

    def other(answer: str) -> str:
        if known(answer) == first:
            raise BusinessError("持ち主と副担当が同じ人です。", mend="異動に備えて、副担当は別の人にしてください。")
        return answer

    listed = "、".join(f"{key} {people[key].name}" for key in own)
    first = ask.checked(owner, f"持ち主（{listed}）", own[0] if own else "", known)
    others = [one for one in own if one != first]
    return first, ask.checked(deputy, "副担当（持ち主とは別の人）", others[0] if others else "", other)


def minutes_of(given: str | None, ask: Asker) -> str:
    """The minutes that an item took by hand."""

    def number(answer: str) -> str:
        if not _MINUTES.fullmatch(answer):
            raise BusinessError(f"数値が必要ですが「{answer}」でした。", mend="5 や 7.5 のように書いてください。")
        return answer

    return ask.checked(given, "手でしていたときの、1 件あたりの分数", "5", number)
