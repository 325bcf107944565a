"""review tasks: the next one, and how many there are, without a look at each"""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_review_tasks_scenario_state", table_name="review_tasks")
    op.create_index("ix_review_tasks_turn", "review_tasks", ["scenario", "state", "item", "id", "twice"])
    op.create_index("ix_review_tasks_held", "review_tasks", ["scenario", "state", "held_until"])


def downgrade() -> None:
    op.drop_index("ix_review_tasks_held", table_name="review_tasks")
    op.drop_index("ix_review_tasks_turn", table_name="review_tasks")
    op.create_index("ix_review_tasks_scenario_state", "review_tasks", ["scenario", "state"])
