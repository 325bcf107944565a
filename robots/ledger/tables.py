"""The ledger's tables (SQLAlchemy Core).  Rows keep what was true then, so no later edit rewrites the past.

Times are text, ISO 8601 in JST with its offset (2026-11-22T19:00:00.123+09:00): one zone, so they sort and
group by month and fiscal year as text, the same on SQLite and PostgreSQL.  Minutes are exact decimals as text.
"""

from __future__ import annotations

import sqlalchemy as sa

metadata = sa.MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    }
)

TASK_STATES = ("open", "answered", "dropped")
TASK_KINDS = ("text", "date", "choices", "page", "row")
DECISIONS = ("accept", "correct", "exclude")
MAIL_STATES = ("sending", "sent", "unknown")
RUN_STATES = ("running", "ended", "stopped", "failed", "interrupted")
ITEM_STATES = ("new", "waiting", "ready", "working", "committing", "done", "rejected", "failed", "skipped", "in_doubt")


def _one_of(column: str, values: tuple[str, ...]) -> sa.CheckConstraint:
    return sa.CheckConstraint(f"{column} IN ({', '.join(repr(value) for value in values)})", name=column)


runs = sa.Table(
    "runs",
    metadata,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("scenario", sa.String(200), nullable=False, index=True),
    sa.Column("scenario_name", sa.Text, nullable=False),
    sa.Column("department", sa.String(100), nullable=False),
    sa.Column("department_name", sa.Text, nullable=False),
    sa.Column("division", sa.Text, nullable=False),
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("rehearsal", sa.Boolean, nullable=False),
    sa.Column("inputs", sa.JSON, nullable=False),
    # As approved when it ran.
    sa.Column("digest", sa.String(80), nullable=False),
    sa.Column("minutes_per_item", sa.String(20), nullable=False),
    sa.Column("minutes_per_run", sa.String(20), nullable=False),
    sa.Column("built_by", sa.String(20), nullable=False),
    sa.Column("hourly_cost", sa.String(20)),
    sa.Column("version", sa.String(40), nullable=False),
    sa.Column("machine", sa.String(200), nullable=False),
    sa.Column("who", sa.String(200), nullable=False),
    sa.Column("started_at", sa.String(40), nullable=False, index=True),
    sa.Column("ended_at", sa.String(40)),
    # True once its `finish` (後始末) has gone through.
    sa.Column("finished", sa.Boolean, nullable=False),
    # The earlier run that died or stopped and that this one carries on; minutes_per_run is booked once for both.
    sa.Column("continues", sa.String(40), sa.ForeignKey("runs.id")),
    sa.Column("message", sa.Text, nullable=False),
    _one_of("state", RUN_STATES),
)

items = sa.Table(
    "items",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("scenario", sa.String(200), nullable=False),
    sa.Column("key", sa.String(400), nullable=False),
    # What it was read from (SHA-256 of the paper's file and the page); null for a row of a book.  A paper whose key
    # is not certain yet stands here under a key of its own making, see NewItem.
    sa.Column("source", sa.String(100)),
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("run", sa.String(40), sa.ForeignKey("runs.id"), nullable=False, index=True),
    sa.Column("origin", sa.Text, nullable=False),
    sa.Column("values", sa.JSON, nullable=False),
    sa.Column("values_digest", sa.String(80), nullable=False),
    # What `each` saved by save_as, for the result book; columns of the source are in `values`.
    sa.Column("result", sa.JSON, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    # True once a `finish` (後始末) has had this done item; until then it is owed to the next one.
    sa.Column("finished", sa.Boolean, nullable=False),
    sa.Column("intent_at", sa.String(40)),
    sa.Column("done_at", sa.String(40)),
    sa.Column("updated_at", sa.String(40), nullable=False),
    sa.UniqueConstraint("scenario", "key"),
    sa.Index("uq_items_scenario_source", "scenario", "source", unique=True),
    sa.Index("ix_items_scenario_state", "scenario", "state"),
    _one_of("state", ITEM_STATES),
)

# What became of an item in a run; an item that was left over may be in several runs, but is done in one.
run_items = sa.Table(
    "run_items",
    metadata,
    sa.Column("run", sa.String(40), sa.ForeignKey("runs.id"), primary_key=True),
    sa.Column("item", sa.Integer, sa.ForeignKey("items.id"), primary_key=True),
    sa.Column("ordinal", sa.Integer, nullable=False),
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("seconds", sa.String(20), nullable=False),
    sa.Column("at", sa.String(40), nullable=False),
    sa.Index("ix_run_items_item", "item"),
    _one_of("state", ITEM_STATES),
)

failed_steps = sa.Table(
    "failed_steps",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("run", sa.String(40), sa.ForeignKey("runs.id"), nullable=False, index=True),
    sa.Column("item", sa.Integer, sa.ForeignKey("items.id")),
    sa.Column("step", sa.String(200), nullable=False),
    sa.Column("place", sa.Text, nullable=False),
    sa.Column("what", sa.Text, nullable=False),
    sa.Column("mend", sa.Text, nullable=False),
    sa.Column("evidence", sa.Text, nullable=False),
    sa.Column("at", sa.String(40), nullable=False),
)

# Minutes that people still spend: review at the desk, hand-mended items, authoring, maintenance.
human_minutes = sa.Table(
    "human_minutes",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("scenario", sa.String(200), nullable=False, index=True),
    sa.Column("run", sa.String(40), sa.ForeignKey("runs.id")),
    sa.Column("item", sa.Integer, sa.ForeignKey("items.id")),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("minutes", sa.String(20), nullable=False),
    sa.Column("who", sa.String(200), nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("at", sa.String(40), nullable=False),
    _one_of("kind", ("review", "mending", "authoring", "maintenance")),
)

settlements = sa.Table(
    "settlements",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("item", sa.Integer, sa.ForeignKey("items.id"), nullable=False, index=True),
    sa.Column("decision", sa.String(20), nullable=False),
    sa.Column("who", sa.String(200), nullable=False),
    sa.Column("why", sa.Text, nullable=False),
    sa.Column("at", sa.String(40), nullable=False),
    _one_of("decision", ("done", "again")),
)

# What a person must look at (確認): a field of a paper, a page that could not be read, or a row to confirm as a whole.
review_tasks = sa.Table(
    "review_tasks",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("scenario", sa.String(200), nullable=False),
    sa.Column("source", sa.String(100), nullable=False),
    sa.Column("field", sa.String(200), nullable=False),
    sa.Column("item", sa.Integer, sa.ForeignKey("items.id"), nullable=False, index=True),
    # The run that asked: the review's minutes lower its saving.
    sa.Column("run", sa.String(40), sa.ForeignKey("runs.id"), nullable=False),
    sa.Column("origin", sa.Text, nullable=False),
    sa.Column("form", sa.String(200), nullable=False),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("proposed", sa.Text, nullable=False),
    sa.Column("confidence", sa.String(20), nullable=False),
    sa.Column("why", sa.JSON, nullable=False),
    sa.Column("place", sa.Text, nullable=False),
    sa.Column("picture", sa.Text, nullable=False),
    # What may be answered to a step's question; empty: anything.
    sa.Column("options", sa.JSON, nullable=False),
    sa.Column("asked_at", sa.String(40), nullable=False),
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("decision", sa.String(20)),
    sa.Column("answer", sa.Text),
    sa.Column("who", sa.String(200)),
    sa.Column("why_so", sa.Text),
    sa.Column("seconds", sa.String(20)),
    sa.Column("answered_at", sa.String(40)),
    sa.UniqueConstraint("scenario", "source", "field"),
    sa.Index("ix_review_tasks_scenario_state", "scenario", "state"),
    _one_of("state", TASK_STATES),
    _one_of("kind", TASK_KINDS),
    _one_of("decision", DECISIONS),
)

# Mails that were sent, or whose sending was begun: each key of a scenario is sent at most once.
mails = sa.Table(
    "mails",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("scenario", sa.String(200), nullable=False),
    sa.Column("key", sa.String(400), nullable=False),
    sa.Column("run", sa.String(40), sa.ForeignKey("runs.id"), nullable=False),
    # Of its recipients and its subject, never their text.
    sa.Column("digest", sa.String(80), nullable=False),
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("at", sa.String(40), nullable=False),
    sa.UniqueConstraint("scenario", "key"),
    _one_of("state", MAIL_STATES),
)
