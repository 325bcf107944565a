"""What the ledger's tests share: how a run begins, and what an item looks like."""

from __future__ import annotations

import sqlalchemy as sa

from robots.clock import now
from robots.ledger.adopt import adopt_items
from robots.ledger.hands import Left, begin, take_back
from robots.ledger.items import Item, NewItem, Outcome, claim_next, intend_commit, settle_item
from robots.ledger.runs import RunStart, begin_run
from robots.ledger.store import Ledger
from robots.ledger.tables import items

SCENARIO = "shimin/jutogai"


def start(ledger: Ledger, *, scenario: str = SCENARIO, digest: str = "sha256:1", rehearsal: bool = False) -> str:
    """Begins a run."""
    return begin_run(
        ledger,
        RunStart(
            scenario=scenario,
            scenario_name="住登外者の住所変更",
            department="shimin",
            department_name="市民課",
            division="市民部",
            rehearsal=rehearsal,
            inputs={},
            digest=digest,
            minutes_per_item="4",
            minutes_per_run="10",
            built_by="in_house",
            hourly_cost="2800",
            version="0.1.0",
            machine="robot-1",
            who="s1001",
        ),
    )


def row(key: str, /, **values: object) -> NewItem:
    """An item as a source gives it."""
    return NewItem(key, f"届出.xlsx 「一覧」{key}行目", values or {"氏名": "練習 太郎"})


def adopt(ledger: Ledger, run: str, *rows: NewItem) -> list[Item]:
    return adopt_items(ledger, run, SCENARIO, rows)


def enter(ledger: Ledger, run: str, item: Item, **saved: object) -> None:
    """Carries one item through to done."""
    claim_next(ledger, run)
    intend_commit(ledger, run, item.id, saved)
    settle_item(ledger, run, item.id, Outcome("done", result=saved))


def left_to(ledger: Ledger, run: str) -> Left:
    """What those who work no more have left to this run."""
    with ledger.writing() as connection:
        hand = begin(connection, run, None, "robot-1", "1@0")
    return take_back(ledger, SCENARIO, run, hand, machine="robot-1", moment=now(), gone=lambda *_: False)


def state_of(ledger: Ledger, item: Item) -> tuple[str, str]:
    """(state, run that has it) as the ledger has it now."""
    with ledger.reading() as connection:
        found = connection.execute(sa.select(items.c.state, items.c.run).where(items.c.id == item.id)).one()
    return found.state, found.run
