"""mails: each key is sent at most once"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "mails",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scenario", sa.String(length=200), nullable=False),
        sa.Column("key", sa.String(length=400), nullable=False),
        sa.Column("run", sa.String(length=40), nullable=False),
        sa.Column("digest", sa.String(length=80), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("at", sa.String(length=40), nullable=False),
        sa.CheckConstraint("state IN ('sending', 'sent', 'unknown')", name=op.f("ck_mails_state")),
        sa.ForeignKeyConstraint(["run"], ["runs.id"], name=op.f("fk_mails_run_runs")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mails")),
        sa.UniqueConstraint("scenario", "key", name=op.f("uq_mails_scenario_key")),
    )


def downgrade() -> None:
    op.drop_table("mails")
