"""an index of the items that wait for somebody"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None
_LEFT = sa.text("state IN ('waiting', 'failed', 'in_doubt')")


def upgrade() -> None:
    op.create_index(
        "ix_items_left", "items", ["state", "scenario"], unique=False, sqlite_where=_LEFT, postgresql_where=_LEFT
    )


def downgrade() -> None:
    op.drop_index("ix_items_left", table_name="items")
