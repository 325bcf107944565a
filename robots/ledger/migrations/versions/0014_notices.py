"""notices: what the night has told the people, each once"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "notices",
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("at", sa.String(length=40), nullable=False),
        sa.CheckConstraint("state IN ('sending', 'sent', 'unknown')", name=op.f("ck_notices_state")),
        sa.PrimaryKeyConstraint("kind", "day", name=op.f("pk_notices")),
    )


def downgrade() -> None:
    op.drop_table("notices")
