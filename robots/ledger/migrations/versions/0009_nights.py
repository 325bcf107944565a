"""firings of schedules, and leases of what only one may have"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "firings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scenario", sa.String(length=200), nullable=False),
        sa.Column("due", sa.String(length=40), nullable=False),
        sa.Column("finish_by", sa.String(length=40), nullable=True),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("not_before", sa.String(length=40), nullable=False),
        sa.Column("claims", sa.Integer(), nullable=False),
        sa.Column("run", sa.String(length=40), nullable=True),
        sa.Column("machine", sa.String(length=200), nullable=True),
        sa.Column("process", sa.String(length=60), nullable=True),
        sa.Column("beat_at", sa.String(length=40), nullable=True),
        sa.Column("stop_at", sa.String(length=40), nullable=True),
        sa.Column("fired_at", sa.String(length=40), nullable=False),
        sa.Column("started_at", sa.String(length=40), nullable=True),
        sa.Column("ended_at", sa.String(length=40), nullable=True),
        sa.CheckConstraint(
            "state IN ('queued', 'held', 'running', 'ended', 'stopped', 'failed', 'refused', 'missed')",
            name=op.f("ck_firings_state"),
        ),
        sa.ForeignKeyConstraint(["run"], ["runs.id"], name=op.f("fk_firings_run_runs")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_firings")),
        sa.UniqueConstraint("scenario", "due", name=op.f("uq_firings_scenario_due")),
    )
    op.create_index(op.f("ix_firings_due"), "firings", ["due"])
    op.create_index(op.f("ix_firings_ended_at"), "firings", ["ended_at"])
    op.create_table(
        "marks",
        sa.Column("scenario", sa.String(length=200), nullable=False),
        sa.Column("schedule", sa.String(length=80), nullable=False),
        sa.Column("upto", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("scenario", name=op.f("pk_marks")),
    )
    op.create_table(
        "leases",
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("token", sa.Integer(), nullable=False),
        sa.Column("holder", sa.String(length=80), nullable=False),
        sa.Column("what", sa.String(length=200), nullable=False),
        sa.Column("machine", sa.String(length=200), nullable=False),
        sa.Column("process", sa.String(length=60), nullable=False),
        sa.Column("since", sa.String(length=40), nullable=False),
        sa.Column("until", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_leases")),
    )
    op.create_table(
        "holdings",
        sa.Column("run", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("token", sa.Integer(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["run"], ["runs.id"], name=op.f("fk_holdings_run_runs")),
        sa.PrimaryKeyConstraint("run", "name", "token", name=op.f("pk_holdings")),
    )


def downgrade() -> None:
    op.drop_table("holdings")
    op.drop_table("leases")
    op.drop_table("marks")
    op.drop_table("firings")
