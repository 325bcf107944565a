"""who holds a review task, and what two people entered for one"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("review_tasks", schema=None) as batch_op:
        batch_op.add_column(sa.Column("twice", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("held_by", sa.String(length=200), nullable=True))
        batch_op.add_column(sa.Column("held_until", sa.String(length=40), nullable=True))
    op.create_table(
        "review_entries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("task", sa.Integer(), nullable=False),
        sa.Column("who", sa.String(length=200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["task"], ["review_tasks.id"], name=op.f("fk_review_entries_task_review_tasks")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_entries")),
        sa.UniqueConstraint("task", "who", name=op.f("uq_review_entries_task_who")),
    )


def downgrade() -> None:
    op.drop_table("review_entries")
    with op.batch_alter_table("review_tasks", schema=None) as batch_op:
        for column in ("held_until", "held_by", "twice"):
            batch_op.drop_column(column)
