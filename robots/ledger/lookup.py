"""Looking items up in the ledger; nothing here writes."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from robots.clock import shown
from robots.ledger.store import Ledger
from robots.ledger.tables import items, run_items
from robots.values import Row, from_json


def done_rows(ledger: Ledger, scenario: str, saves: Sequence[str]) -> dict[int, Row]:
    """What `done` (完了分) means in `finish`, by item: the done items of a scenario that no `finish` has had yet.

    Each row has the source's columns, then what the item saved (``saves`` names all that it may have saved: ""
    where it did not and the source has no such column), then 登録日時 (text, JST).
    """
    with ledger.reading() as connection:
        rows = connection.execute(
            sa.select(items)
            .where(items.c.scenario == scenario, items.c.state == "done", ~items.c.finished)
            .order_by(items.c.done_at, items.c.id)
        ).all()
    found = {}
    for row in rows:
        values = _mapping(row.values)
        saved = {name: values.get(name, "") for name in saves} | _mapping(row.result)
        found[row.id] = Row({**values, **saved, "登録日時": shown(row.done_at)}, origin=row.origin)
    return found


def scenario_items(ledger: Ledger, scenario: str, state: str | None) -> list[sa.RowMapping]:
    """All items of a scenario (of one state), oldest first."""
    query = sa.select(items).where(items.c.scenario == scenario).order_by(items.c.id)
    if state is not None:
        query = query.where(items.c.state == state)
    with ledger.reading() as connection:
        return list(connection.execute(query).mappings())


def items_of_run(ledger: Ledger, run: str) -> list[sa.RowMapping]:
    """What became of each item of a run, in the run's order: run_items with the item's key and origin."""
    query = (
        sa.select(run_items, items.c.key, items.c.origin)
        .join(items, items.c.id == run_items.c.item)
        .where(run_items.c.run == run)
        .order_by(run_items.c.ordinal)
    )
    with ledger.reading() as connection:
        return list(connection.execute(query).mappings())


def _mapping(stored: object) -> dict[str, object]:
    values = from_json(stored)
    return values if isinstance(values, dict) else {}
