"""hands: the processes that share the items of a run, and the order in which the items are claimed"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "hands",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run", sa.String(length=40), nullable=False),
        sa.Column("firing", sa.Integer(), nullable=True),
        sa.Column("machine", sa.String(length=200), nullable=False),
        sa.Column("process", sa.String(length=60), nullable=False),
        sa.Column("begun_at", sa.String(length=40), nullable=False),
        sa.Column("beat_at", sa.String(length=40), nullable=False),
        sa.Column("ended_at", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(["run"], ["runs.id"], name=op.f("fk_hands_run_runs")),
        sa.ForeignKeyConstraint(["firing"], ["firings.id"], name=op.f("fk_hands_firing_firings")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hands")),
    )
    op.create_index(op.f("ix_hands_firing"), "hands", ["firing"])
    op.create_index("ix_hands_machine_ended_at", "hands", ["machine", "ended_at"])
    op.add_column("holdings", sa.Column("hand", sa.Integer(), nullable=True))
    op.add_column("items", sa.Column("turn", sa.Integer(), nullable=True))
    op.add_column("items", sa.Column("hand", sa.Integer(), nullable=True))
    op.drop_index(op.f("ix_items_run"), table_name="items")
    op.create_index("ix_items_run_state_turn", "items", ["run", "state", "turn"])


def downgrade() -> None:
    op.drop_index("ix_items_run_state_turn", table_name="items")
    op.create_index(op.f("ix_items_run"), "items", ["run"])
    op.drop_column("items", "hand")
    op.drop_column("items", "turn")
    op.drop_column("holdings", "hand")
    op.drop_index("ix_hands_machine_ended_at", table_name="hands")
    op.drop_index(op.f("ix_hands_firing"), table_name="hands")
    op.drop_table("hands")
