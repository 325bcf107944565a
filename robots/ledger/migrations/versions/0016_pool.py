"""firings: on which machine alone one is carried on, and whether it was stopped only to be carried on elsewhere"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("firings", sa.Column("only_on", sa.String(length=200), nullable=True))
    op.add_column("firings", sa.Column("again", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    op.drop_column("firings", "again")
    op.drop_column("firings", "only_on")
