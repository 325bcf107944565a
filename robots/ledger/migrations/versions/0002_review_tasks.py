"""review tasks, and what an item was read from"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("items", schema=None) as batch_op:
        batch_op.add_column(sa.Column("source", sa.String(length=100), nullable=True))
        batch_op.create_index("uq_items_scenario_source", ["scenario", "source"], unique=True)

    op.create_table(
        "review_tasks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scenario", sa.String(length=200), nullable=False),
        sa.Column("source", sa.String(length=100), nullable=False),
        sa.Column("field", sa.String(length=200), nullable=False),
        sa.Column("item", sa.Integer(), nullable=False),
        sa.Column("run", sa.String(length=40), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("form", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("proposed", sa.Text(), nullable=False),
        sa.Column("confidence", sa.String(length=20), nullable=False),
        sa.Column("why", sa.JSON(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("picture", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("decision", sa.String(length=20), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("who", sa.String(length=200), nullable=True),
        sa.Column("why_so", sa.Text(), nullable=True),
        sa.Column("seconds", sa.String(length=20), nullable=True),
        sa.Column("answered_at", sa.String(length=40), nullable=True),
        sa.CheckConstraint("state IN ('open', 'answered', 'dropped')", name=op.f("ck_review_tasks_state")),
        sa.CheckConstraint("kind IN ('text', 'date', 'choices', 'page', 'row')", name=op.f("ck_review_tasks_kind")),
        sa.CheckConstraint("decision IN ('accept', 'correct', 'exclude')", name=op.f("ck_review_tasks_decision")),
        sa.ForeignKeyConstraint(["item"], ["items.id"], name=op.f("fk_review_tasks_item_items")),
        sa.ForeignKeyConstraint(["run"], ["runs.id"], name=op.f("fk_review_tasks_run_runs")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_tasks")),
        sa.UniqueConstraint("scenario", "source", "field", name=op.f("uq_review_tasks_scenario_source_field")),
    )
    with op.batch_alter_table("review_tasks", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_review_tasks_item"), ["item"], unique=False)
        batch_op.create_index("ix_review_tasks_scenario_state", ["scenario", "state"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("review_tasks", schema=None) as batch_op:
        batch_op.drop_index("ix_review_tasks_scenario_state")
        batch_op.drop_index(batch_op.f("ix_review_tasks_item"))

    op.drop_table("review_tasks")
    with op.batch_alter_table("items", schema=None) as batch_op:
        batch_op.drop_index("uq_items_scenario_source")
        batch_op.drop_column("source")
