"""Many rows at once, for towns and measurements that are made up: a run goes through items.py, row by row."""

from __future__ import annotations

import sqlalchemy as sa


def insert_many(connection: sa.Connection, table: sa.Table, rows: list[dict[str, object]]) -> None:
    """Inserts as the table would, but seals a value that many rows share (nothing, mostly) once for all of them."""
    bare = sa.table(table.name, *(sa.column(one.name) for one in table.c))
    for column in table.c:
        if isinstance(column.type, sa.TypeDecorator):
            bind = column.type.dialect_impl(connection.dialect).bind_processor(connection.dialect)
            assert bind is not None
            known: dict[str, object] = {}
            for row in rows:
                value = row[column.name]
                if str(value) not in known:
                    known[str(value)] = bind(value)
                row[column.name] = known[str(value)]
    connection.execute(bare.insert(), rows)
