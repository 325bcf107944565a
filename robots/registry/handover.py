"""Handing scenarios over in April: who leaves, who steps in, and what nobody answers for any more.

Pure: the plan from the register and the transfer list; handing_over.py carries it out.  The deputy steps in for an owner
who goes.  What has neither is suspended once the grace period is over; with one of the two present nothing is orphaned.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from robots.registry.model import Entry, Register
from robots.registry.roster import Move, who_goes

Action = Literal["deputy_steps_in", "deputy_needed", "orphaned", "away"]


@dataclass(frozen=True, slots=True)
class Handover:
    """What becomes of one scenario.

    day: when the (last) one goes; owner, deputy: as the entry is to say by then; until: an orphaned one is suspended
    after this day; candidates: people of the department who stay.
    """

    scenario: str
    name: str
    action: Action
    day: date
    owner: str
    deputy: str
    what: str
    mend: str
    until: date | None = None
    candidates: tuple[str, ...] = ()


def plan(register: Register, moves: Sequence[Move], *, grace: int) -> list[Handover]:
    """What the list means for every scenario that it concerns, by day and id.  grace: days an orphan is waited for."""
    going = who_goes(register, moves)
    found = []
    for id, entry in register.scenarios.items():
        if entry.retired is None and {entry.owner, entry.deputy} & going.keys():
            found.append(_of_entry(register, going, id, entry, grace))
    return sorted(found, key=lambda one: (one.day, one.scenario))


def _of_entry(register: Register, going: Mapping[str, Move], id: str, entry: Entry, grace: int) -> Handover:
    gone = {role: _gone(register, going, getattr(entry, role)) for role in ("owner", "deputy")}
    told = "、".join(f"{_ROLES[role]}の{_told(register, going, getattr(entry, role))}" for role in gone if gone[role])
    day = max(one for one in gone.values() if one is not None)
    names = tuple(_candidates(register, going, id, entry))
    ask = f"候補: {'、'.join(names)}" if names else "課の中から決めてください"
    if gone["owner"] is not None and gone["deputy"] is not None:
        until = day + timedelta(days=grace)
        what = f"{told}がいなくなり、担当する人がいません"
        mend = f"{until} までに新しい所有者と副担当を決めてください（{ask}）。過ぎると一時停止します。"
        return Handover(id, entry.name, "orphaned", day, entry.owner, entry.deputy, what, mend, until, names)
    if gone["owner"] is None:
        mend = f"次の副担当を台帳の deputy に書き、承認を受けてください（{ask}）。"
        return Handover(
            id,
            entry.name,
            "deputy_needed",
            day,
            entry.owner,
            entry.deputy,
            f"{told}がいなくなります",
            mend,
            None,
            names,
        )
    if entry.owner in going and going[entry.owner].away:
        mend = f"戻るまで、副担当の{_name(register, entry.deputy)}が受け持ちます。台帳はこのままで動きます。"
        return Handover(id, entry.name, "away", day, entry.owner, entry.deputy, f"{told}が不在になります", mend)
    what = f"{told}がいなくなり、副担当の{_name(register, entry.deputy)}が所有者になります"
    mend = f"所有者と副担当は承認のうちなので、改めると新しい承認が要ります。次の副担当も決めてください（{ask}）。"
    return Handover(id, entry.name, "deputy_steps_in", day, entry.deputy, entry.owner, what, mend, None, names)


_ROLES = {"owner": "所有者", "deputy": "副担当"}


def _gone(register: Register, going: Mapping[str, Move], person: str) -> date | None:
    """The day on which a person goes or has gone; None where the person stays."""
    if person in going:
        return going[person].day
    known = register.people.get(person)
    return known.left if known is not None else date.min


def _told(register: Register, going: Mapping[str, Move], person: str) -> str:
    move = going.get(person)
    return f"{_name(register, person)}（{move.told if move is not None else '前に離れた'}）"


def _name(register: Register, person: str) -> str:
    known = register.people.get(person)
    return f"{known.name} {person}" if known is not None else person


def _candidates(register: Register, going: Mapping[str, Move], id: str, entry: Entry) -> Iterator[str]:
    """People of the scenario's department who stay and have no part in it yet."""
    for key, person in register.people.items():
        stays = key not in going and person.left is None
        if stays and person.department == id.partition("/")[0] and key not in (entry.owner, entry.deputy):
            yield f"{person.name} {key}"
