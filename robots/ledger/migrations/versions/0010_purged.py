"""when what is personal was removed"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("runs", "items", "mails"):
        op.add_column(table, sa.Column("purged_at", sa.String(length=40), nullable=True))


def downgrade() -> None:
    for table in ("runs", "items", "mails"):
        op.execute(f"ALTER TABLE {table} DROP COLUMN purged_at")
