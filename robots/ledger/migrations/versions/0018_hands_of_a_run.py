"""hands: those of one run, without a look at all"""

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_hands_run", "hands", ["run"])


def downgrade() -> None:
    op.drop_index("ix_hands_run", table_name="hands")
