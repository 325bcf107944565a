"""sums for the savings report, kept with the runs; costs; training as a kind of minutes"""

import hashlib
import json
from decimal import ROUND_HALF_UP, Decimal

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_FACTS = (
    "scenario",
    "scenario_name",
    "department",
    "department_name",
    "division",
    "built_by",
    "minutes_per_item",
    "minutes_per_run",
    "hourly_cost",
    "measured",
)
_KINDS = "kind IN ('review', 'mending', 'authoring', 'maintenance', 'training')"


def upgrade() -> None:
    op.add_column("runs", sa.Column("measured", sa.String(length=10), nullable=True))
    op.add_column("runs", sa.Column("facts", sa.String(length=64), nullable=True))
    op.add_column("runs", sa.Column("done", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("runs", sa.Column("books_run", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("runs", sa.Column("people", sa.BigInteger(), nullable=False, server_default="0"))
    _allow_training()
    facts, months, people = _make_tables()
    _add_up(facts, months, people, op.get_bind())


def _allow_training() -> None:
    with op.batch_alter_table("human_minutes") as batch:
        batch.drop_constraint(op.f("ck_human_minutes_kind"), type_="check")
        batch.create_check_constraint(op.f("ck_human_minutes_kind"), _KINDS)


def _make_tables() -> tuple[sa.Table, sa.Table, sa.Table]:
    facts = op.create_table(
        "savings_facts",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("scenario", sa.String(length=200), nullable=False),
        sa.Column("scenario_name", sa.Text(), nullable=False),
        sa.Column("department", sa.String(length=100), nullable=False),
        sa.Column("department_name", sa.Text(), nullable=False),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("built_by", sa.String(length=20), nullable=False),
        sa.Column("minutes_per_item", sa.String(length=20), nullable=False),
        sa.Column("minutes_per_run", sa.String(length=20), nullable=False),
        sa.Column("hourly_cost", sa.String(length=20), nullable=True),
        sa.Column("measured", sa.String(length=10), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_savings_facts")),
    )
    op.create_index(op.f("ix_savings_facts_scenario"), "savings_facts", ["scenario"])
    months = op.create_table(
        "savings_months",
        sa.Column("facts", sa.String(length=64), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("items", sa.BigInteger(), nullable=False),
        sa.Column("runs", sa.BigInteger(), nullable=False),
        sa.Column("people", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["facts"], ["savings_facts.id"], name=op.f("fk_savings_months_facts_savings_facts")),
        sa.PrimaryKeyConstraint("facts", "month", name=op.f("pk_savings_months")),
    )
    op.create_index("ix_savings_months_month", "savings_months", ["month"])
    people = op.create_table(
        "savings_people",
        sa.Column("scenario", sa.String(length=200), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("people", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("scenario", "month", "kind", name=op.f("pk_savings_people")),
    )
    op.create_table(
        "costs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scenario", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("yen", sa.String(length=20), nullable=False),
        sa.Column("initial", sa.Boolean(), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("who", sa.String(length=200), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", sa.String(length=40), nullable=False),
        sa.CheckConstraint("kind IN ('licence', 'contract', 'equipment', 'avoided')", name=op.f("ck_costs_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_costs")),
    )
    return facts, months, people


def _add_up(facts: sa.Table, months: sa.Table, people: sa.Table, bind: sa.Connection) -> None:
    """The sums of what stands in the ledger by now, by the rules of robots/ledger/recount.py as they are at 0006."""
    known = ", ".join(("id", "started_at", "continues", *_FACTS))
    real = [dict(row) for row in _rows(bind, f"SELECT {known} FROM runs WHERE NOT rehearsal ORDER BY started_at, id")]
    if not real and not _rows(bind, "SELECT 1 FROM human_minutes"):
        return
    done = {
        row["run"]: row["n"]
        for row in _rows(bind, "SELECT run, COUNT(*) n FROM items WHERE state = 'done' GROUP BY run")
    }
    spent: dict[str, int] = {}
    unbound: dict[tuple[str, str, str], int] = {}
    ids = {row["id"] for row in real}
    for row in _rows(bind, "SELECT run, scenario, kind, minutes, at FROM human_minutes"):
        units = int((Decimal(row["minutes"]) * 10_000).to_integral_value(ROUND_HALF_UP))
        if row["run"] in ids:
            spent[row["run"]] = spent.get(row["run"], 0) + units
        else:
            key = (row["scenario"], row["at"][:7], row["kind"])
            unbound[key] = unbound.get(key, 0) + units
    booked: set[str] = set()
    sums: dict[tuple[str, str], list[int]] = {}
    seen: dict[str, dict[str, object]] = {}
    for run in real:
        values = [run[name] for name in _FACTS]
        digest = hashlib.sha256(json.dumps(values, ensure_ascii=False).encode()).hexdigest()
        seen[digest] = dict(zip(_FACTS, values, strict=True))
        count, before = done.get(run["id"], 0), run["continues"] in booked
        if count or before:
            booked.add(run["id"])
        own = (count, int(bool(count) and not before), spent.get(run["id"], 0))
        sums[digest, run["started_at"][:7]] = [
            a + b for a, b in zip(sums.get((digest, run["started_at"][:7]), [0, 0, 0]), own, strict=True)
        ]
        bind.execute(
            sa.text("UPDATE runs SET facts = :f, done = :d, books_run = :b, people = :p WHERE id = :i"),
            {"f": digest, "d": count, "b": bool(own[1]), "p": own[2], "i": run["id"]},
        )
    rows: dict[sa.Table, list[dict[str, object]]] = {
        facts: [{"id": digest, **values} for digest, values in seen.items()],
        months: [{"facts": f, "month": m, "items": i, "runs": r, "people": p} for (f, m), (i, r, p) in sums.items()],
        people: [{"scenario": s, "month": m, "kind": k, "people": u} for (s, m, k), u in unbound.items()],
    }
    for table, new in rows.items():
        if new:
            bind.execute(table.insert(), new)


def _rows(bind: sa.Connection, query: str) -> list[sa.RowMapping]:
    return list(bind.execute(sa.text(query)).mappings())


def downgrade() -> None:
    for table in ("costs", "savings_people", "savings_months", "savings_facts"):
        op.drop_table(table)
    with op.batch_alter_table("runs") as batch:
        for column in ("people", "books_run", "done", "facts", "measured"):
            batch.drop_column(column)
