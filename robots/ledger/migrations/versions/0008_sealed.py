"""what may be personal lies sealed; keys are found by their marks"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import sqlalchemy as sa
from alembic import context, op

from robots.clock import now, stamp
from robots.ledger.seal import Sealer, name_of, new_key

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_AT_ONCE = 500
# By table: columns of text and of JSON that are sealed in their place.
_TEXTS = {
    "runs": ("message",),
    "items": ("origin", "reason"),
    "failed_steps": ("place", "what", "mend"),
    "human_minutes": ("note",),
    "settlements": ("why",),
    "review_tasks": ("origin", "proposed", "place", "picture", "answer", "why_so"),
    "mails": (),
}
_JSON = {"runs": ("inputs",), "items": ("values", "result"), "review_tasks": ("why", "options")}
# What was unique as plain text: the column that is there becomes its mark, a new one holds it sealed.
_MARKED = {"items": ("key",), "review_tasks": ("source", "field"), "mails": ("key",)}
_DIGESTS = {"items": ("values_digest",), "mails": ("digest",)}


def upgrade() -> None:
    keys = op.create_table(
        "ledger_keys",
        sa.Column("number", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("at", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_ledger_keys")),
    )
    key = new_key()
    context.config.attributes["keys"].keep_ledger_key(name_of(key), key)
    op.bulk_insert(keys, [{"number": 1, "name": name_of(key), "at": stamp(now())}])
    for table, columns in _MARKED.items():
        for column in columns:
            op.execute(f'ALTER TABLE {table} RENAME COLUMN "{column}" TO {column}_mark')
            op.add_column(table, sa.Column(column, sa.Text(), nullable=False, server_default=""))
    sealer = Sealer([key])
    for table in _TEXTS:
        _change(table, partial(_sealed, table, sealer))
    _change_reasons(lambda text: sealer.seal(text.encode()))


def downgrade() -> None:
    sealer = _sealer()
    for table in _TEXTS:
        _change(table, partial(_opened, table, sealer))
    _change_reasons(lambda text: sealer.open(text).decode())
    for table, columns in _MARKED.items():
        for column in columns:
            op.execute(f'ALTER TABLE {table} DROP COLUMN "{column}"')
            op.execute(f'ALTER TABLE {table} RENAME COLUMN {column}_mark TO "{column}"')
    op.drop_table("ledger_keys")


def _sealer() -> Sealer:
    names = op.get_bind().execute(sa.text("SELECT name FROM ledger_keys ORDER BY number")).scalars().all()
    return Sealer([context.config.attributes["keys"].ledger_key(name) for name in names])


def _sealed(table: str, sealer: Sealer, row: Mapping[str, Any]) -> dict[str, Any]:
    values = {one: sealer.seal(row[one].encode()) for one in _TEXTS[table] if row[one]}
    values |= {one: sealer.seal(_text(row[one]).encode()) for one in _JSON.get(table, ())}
    values |= {one: sealer.mark(row[one]) for one in _DIGESTS.get(table, ())}
    for one in _MARKED.get(table, ()):
        text = row[f"{one}_mark"]
        values |= {one: sealer.seal(text.encode()) if text else "", f"{one}_mark": sealer.mark(text)}
    return values


def _opened(table: str, sealer: Sealer, row: Mapping[str, Any]) -> dict[str, Any]:
    values = {one: sealer.open(row[one]).decode() for one in _TEXTS[table] if row[one]}
    values |= {one: json.loads(sealer.open(row[one])) for one in _JSON.get(table, ())}
    values |= {f"{one}_mark": sealer.open(row[one]).decode() if row[one] else "" for one in _MARKED.get(table, ())}
    if table == "items":
        text = json.dumps(values["values"], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        values["values_digest"] = hashlib.sha256(text.encode()).hexdigest()
    return values


def _change(name: str, change: Callable[[Mapping[str, Any]], dict[str, Any]]) -> None:
    """Rewrites the rows of one table."""
    marked, documents = _MARKED.get(name, ()), _JSON.get(name, ())
    plain = [*_TEXTS[name], *_DIGESTS.get(name, ()), *marked, *(f"{one}_mark" for one in marked)]
    table = sa.table(name, sa.column("id"), *map(sa.column, plain), *(sa.column(one, sa.JSON) for one in documents))
    for rows in _batches(table):
        for row in rows:
            if values := change(dict(row)):
                op.get_bind().execute(table.update().where(table.c.id == row["id"]).values(values))


def _batches(table: sa.TableClause) -> Iterator[Sequence[sa.RowMapping]]:
    last: object = None
    while True:
        query = sa.select(table).order_by(table.c.id).limit(_AT_ONCE)
        if last is not None:
            query = query.where(table.c.id > last)
        rows = op.get_bind().execute(query).mappings().all()
        if not rows:
            return
        last = rows[-1]["id"]
        yield rows


def _change_reasons(change: Callable[[str], str]) -> None:
    """run_items has no number of its own: run by run."""
    visits = sa.table("run_items", sa.column("run"), sa.column("item"), sa.column("reason"))
    bind = op.get_bind()
    for run in bind.execute(sa.select(visits.c.run).distinct()).scalars().all():
        of_run = visits.c.run == run
        query = sa.select(visits.c.item, visits.c.reason).where(of_run, visits.c.reason != "")
        for item, reason in bind.execute(query).all():
            bind.execute(visits.update().where(of_run, visits.c.item == item).values(reason=change(reason)))


def _text(document: object) -> str:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))
