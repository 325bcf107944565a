"""The ledger's tables (SQLAlchemy Core).  Rows keep what was true then, so no later edit rewrites the past.

Times are text, ISO 8601 in JST with its offset (2026-11-22T19:00:00.123+09:00): one zone, so they sort and
group by month and fiscal year as text, the same on SQLite and PostgreSQL.  Minutes are exact decimals as text.

Whatever may hold something of a citizen is Sealed; what is found by it, or unique by it, goes by its Mark (seal.py).
"""

from __future__ import annotations

import sqlalchemy as sa

from robots.ledger.seal import Mark, Sealed, SealedJson

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
MINUTES_KINDS = ("review", "mending", "authoring", "maintenance", "training")
COST_KINDS = ("licence", "contract", "equipment", "avoided")
MAIL_STATES = ("sending", "sent", "unknown")
FIRING_STATES = ("queued", "held", "running", "ended", "stopped", "failed", "refused", "missed")
RUN_STATES = ("running", "ended", "stopped", "failed", "interrupted")
WITHDRAWN = ("suspended", "retired")
LEFT_STATES = ("waiting", "failed", "in_doubt")
"""States in which an item waits for somebody."""
ITEM_STATES = ("new", "waiting", "ready", "working", "committing", "done", "rejected", "failed", "skipped", "in_doubt")


def _one_of(column: str, values: tuple[str, ...]) -> sa.CheckConstraint:
    return sa.CheckConstraint(f"{column} IN ({', '.join(repr(value) for value in values)})", name=column)


# Written out, as the queries do it: an index of some rows serves only a query that says the same.
_LEFT = sa.text(f"state IN ({', '.join(repr(state) for state in LEFT_STATES)})")

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
    sa.Column("inputs", SealedJson, nullable=False),
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
    # The day on which its baseline was measured, as approved when it ran; null: not known.
    sa.Column("measured", sa.String(10)),
    # Sums of this run, kept in the transactions that settle its items and book people's minutes (rollups.py).
    sa.Column("facts", sa.String(64)),
    sa.Column("done", sa.Integer, nullable=False, default=0),
    sa.Column("books_run", sa.Boolean, nullable=False, default=False),
    sa.Column("people", sa.BigInteger, nullable=False, default=0),
    sa.Column("message", Sealed, nullable=False),
    # When what is personal in it was removed (purge.py).
    sa.Column("purged_at", sa.String(40)),
    _one_of("state", RUN_STATES),
)

items = sa.Table(
    "items",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("scenario", sa.String(200), nullable=False),
    sa.Column("key", Sealed, nullable=False),
    sa.Column("key_mark", Mark(400), nullable=False),
    # What it was read from (SHA-256 of the paper's file and the page); null for a row of a book.  A paper whose key
    # is not certain yet stands here under a key of its own making, see NewItem.
    sa.Column("source", sa.String(100)),
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("run", sa.String(40), sa.ForeignKey("runs.id"), nullable=False),
    # Its place among the items that its run may claim; null once it has an outcome, or a person sent it back.
    sa.Column("turn", sa.Integer),
    # The process that works on it, or did last (hands.id; a foreign key would have SQLite copy the whole table).
    sa.Column("hand", sa.Integer),
    sa.Column("origin", Sealed, nullable=False),
    sa.Column("values", SealedJson, nullable=False),
    sa.Column("values_digest", Mark(80), nullable=False),
    # What `each` saved by save_as, for the result book; columns of the source are in `values`.
    sa.Column("result", SealedJson, nullable=False),
    sa.Column("reason", Sealed, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    # True once a `finish` (後始末) has had this done item; until then it is owed to the next one.
    sa.Column("finished", sa.Boolean, nullable=False),
    sa.Column("intent_at", sa.String(40)),
    sa.Column("done_at", sa.String(40)),
    sa.Column("updated_at", sa.String(40), nullable=False),
    sa.Column("purged_at", sa.String(40)),
    sa.UniqueConstraint("scenario", "key_mark", name="uq_items_scenario_key"),
    sa.Index("uq_items_scenario_source", "scenario", "source", unique=True),
    sa.Index("ix_items_scenario_state", "scenario", "state"),
    # The next item of a run stands first in it, however many wait.
    sa.Index("ix_items_run_state_turn", "run", "state", "turn"),
    sa.Index("ix_items_left", "state", "scenario", sqlite_where=_LEFT, postgresql_where=_LEFT),
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
    sa.Column("reason", Sealed, nullable=False),
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
    sa.Column("place", Sealed, nullable=False),
    sa.Column("what", Sealed, nullable=False),
    sa.Column("mend", Sealed, nullable=False),
    sa.Column("evidence", sa.Text, nullable=False),
    sa.Column("at", sa.String(40), nullable=False),
)

# Minutes that people still spend: review at the desk, hand-mended items, authoring, maintenance, training.
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
    sa.Column("note", Sealed, nullable=False),
    sa.Column("at", sa.String(40), nullable=False),
    _one_of("kind", MINUTES_KINDS),
)

# What the savings report needs to know of a run's scenario as it was then; runs that agree in all of it share a row.
savings_facts = sa.Table(
    "savings_facts",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("scenario", sa.String(200), nullable=False, index=True),
    sa.Column("scenario_name", sa.Text, nullable=False),
    sa.Column("department", sa.String(100), nullable=False),
    sa.Column("department_name", sa.Text, nullable=False),
    sa.Column("division", sa.Text, nullable=False),
    sa.Column("built_by", sa.String(20), nullable=False),
    sa.Column("minutes_per_item", sa.String(20), nullable=False),
    sa.Column("minutes_per_run", sa.String(20), nullable=False),
    sa.Column("hourly_cost", sa.String(20)),
    sa.Column("measured", sa.String(10)),
)

# Sums by those facts and by the month (2026-06) in which the runs began: done items, runs that book their
# minutes_per_run, and people's time in ten-thousandths of a minute.
savings_months = sa.Table(
    "savings_months",
    metadata,
    sa.Column("facts", sa.String(64), sa.ForeignKey("savings_facts.id"), primary_key=True),
    sa.Column("month", sa.String(7), primary_key=True),
    sa.Column("items", sa.BigInteger, nullable=False),
    sa.Column("runs", sa.BigInteger, nullable=False),
    sa.Column("people", sa.BigInteger, nullable=False),
    sa.Index("ix_savings_months_month", "month"),
)

# People's time that belongs to no real run, by the month in which it was spent; in ten-thousandths of a minute.
savings_people = sa.Table(
    "savings_people",
    metadata,
    sa.Column("scenario", sa.String(200), primary_key=True),
    sa.Column("month", sa.String(7), primary_key=True),
    sa.Column("kind", sa.String(20), primary_key=True),
    sa.Column("people", sa.BigInteger, nullable=False),
)

# Yen for a scenario, a department (its key) or the whole town (*); `avoided` is money that is no longer spent.
costs = sa.Table(
    "costs",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("scenario", sa.String(200), nullable=False),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("yen", sa.String(20), nullable=False),
    # Paid once at the beginning (初期費用), not every year.
    sa.Column("initial", sa.Boolean, nullable=False),
    sa.Column("day", sa.String(10), nullable=False),
    sa.Column("who", sa.String(200), nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("at", sa.String(40), nullable=False),
    _one_of("kind", COST_KINDS),
)

settlements = sa.Table(
    "settlements",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("item", sa.Integer, sa.ForeignKey("items.id"), nullable=False, index=True),
    sa.Column("decision", sa.String(20), nullable=False),
    sa.Column("who", sa.String(200), nullable=False),
    sa.Column("why", Sealed, nullable=False),
    sa.Column("at", sa.String(40), nullable=False),
    _one_of("decision", ("done", "again")),
)

# What a person must look at (確認): a field of a paper, a page that could not be read, or a row to confirm as a whole.
review_tasks = sa.Table(
    "review_tasks",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("scenario", sa.String(200), nullable=False),
    sa.Column("source", Sealed, nullable=False),
    sa.Column("source_mark", Mark(100), nullable=False),
    sa.Column("field", Sealed, nullable=False),
    sa.Column("field_mark", Mark(200), nullable=False),
    sa.Column("item", sa.Integer, sa.ForeignKey("items.id"), nullable=False, index=True),
    # The run that asked: the review's minutes lower its saving.
    sa.Column("run", sa.String(40), sa.ForeignKey("runs.id"), nullable=False),
    sa.Column("origin", Sealed, nullable=False),
    sa.Column("form", sa.String(200), nullable=False),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("proposed", Sealed, nullable=False),
    sa.Column("confidence", sa.String(20), nullable=False),
    sa.Column("why", SealedJson, nullable=False),
    sa.Column("place", Sealed, nullable=False),
    sa.Column("picture", Sealed, nullable=False),
    # What may be answered to a step's question; empty: anything.
    sa.Column("options", SealedJson, nullable=False),
    sa.Column("asked_at", sa.String(40), nullable=False),
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("decision", sa.String(20)),
    sa.Column("answer", Sealed),
    sa.Column("who", sa.String(200)),
    sa.Column("why_so", Sealed),
    sa.Column("seconds", sa.String(20)),
    sa.Column("answered_at", sa.String(40)),
    # Two people enter it, neither seeing what the other did (review_entries).
    sa.Column("twice", sa.Boolean, nullable=False, default=False),
    # Who has it on their screen (or had it last), and until when nobody else gets it.
    sa.Column("held_by", sa.String(200)),
    sa.Column("held_until", sa.String(40)),
    sa.UniqueConstraint("scenario", "source_mark", "field_mark", name="uq_review_tasks_scenario_source_field"),
    # The desk's order, and what it counts at each turn.
    sa.Index("ix_review_tasks_turn", "scenario", "state", "item", "id", "twice"),
    sa.Index("ix_review_tasks_held", "scenario", "state", "held_until"),
    _one_of("state", TASK_STATES),
    _one_of("kind", TASK_KINDS),
    _one_of("decision", DECISIONS),
)

# What the first two people entered for a task that two must enter.
review_entries = sa.Table(
    "review_entries",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("task", sa.Integer, sa.ForeignKey("review_tasks.id"), nullable=False),
    sa.Column("who", sa.String(200), nullable=False),
    sa.Column("text", Sealed, nullable=False),
    sa.Column("at", sa.String(40), nullable=False),
    sa.UniqueConstraint("task", "who"),
)

# Mails that were sent, or whose sending was begun: each key of a scenario is sent at most once.
mails = sa.Table(
    "mails",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("scenario", sa.String(200), nullable=False),
    sa.Column("key", Sealed, nullable=False),
    sa.Column("key_mark", Mark(400), nullable=False),
    sa.Column("run", sa.String(40), sa.ForeignKey("runs.id"), nullable=False),
    # Of its recipients and its subject, never their text.
    sa.Column("digest", Mark(80), nullable=False),
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("at", sa.String(40), nullable=False),
    sa.Column("purged_at", sa.String(40)),
    sa.UniqueConstraint("scenario", "key_mark", name="uq_mails_scenario_key"),
    _one_of("state", MAIL_STATES),
)

# The audit log: each record holds the hash of the one before it (robots/ledger/audit.py).  Never changed, never removed.
audit = sa.Table(
    "audit",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("at", sa.String(40), nullable=False),
    sa.Column("who", sa.String(200), nullable=False),
    sa.Column("machine", sa.String(200), nullable=False),
    sa.Column("action", sa.String(40), nullable=False),
    sa.Column("subject", sa.String(400), nullable=False),
    # JSON as text: what was hashed is what is kept, to the byte.
    sa.Column("detail", sa.Text, nullable=False),
    sa.Column("previous", sa.String(64), nullable=False),
    sa.Column("hash", sa.String(64), nullable=False),
)

# One row: the last record's number and hash.  Who appends writes it first, and so waits for the one before.
audit_tip = sa.Table(
    "audit_tip",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("hash", sa.String(64), nullable=False),
)

# The keys that sealed values need, by name, the oldest first; the keys themselves lie on the machines (seal.py).
ledger_keys = sa.Table(
    "ledger_keys",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("name", sa.String(20), nullable=False),
    sa.Column("at", sa.String(40), nullable=False),
)

# The approvals of each scenario that this ledger has seen: an older one never counts again, and of two with the same
# number the first that was seen does.
approvals = sa.Table(
    "approvals",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("scenario", sa.String(200), nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("signature", sa.String(120), nullable=False),
    sa.Column("digest", sa.String(80), nullable=False),
    sa.Column("person", sa.String(200), nullable=False),
    sa.Column("at", sa.String(40), nullable=False),
    sa.UniqueConstraint("scenario", "number"),
)

# Suspended or revoked: every approval of the scenario up to this number is void for ever.
withdrawals = sa.Table(
    "withdrawals",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("scenario", sa.String(200), nullable=False, index=True),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("person", sa.String(200), nullable=False),
    sa.Column("why", sa.Text, nullable=False),
    sa.Column("at", sa.String(40), nullable=False),
    _one_of("state", WITHDRAWN),
)

# One turn of a schedule: the row is the firing, and the unique (scenario, due) makes it happen once.
firings = sa.Table(
    "firings",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("scenario", sa.String(200), nullable=False),
    sa.Column("due", sa.String(40), nullable=False),
    sa.Column("finish_by", sa.String(40)),
    sa.Column("priority", sa.Integer, nullable=False),
    sa.Column("state", sa.String(20), nullable=False),
    # Why it is in this state, in words: what it waits for, why it failed, why it was moved.
    sa.Column("reason", Sealed, nullable=False),
    sa.Column("not_before", sa.String(40), nullable=False),
    # How often a process has taken it up.
    sa.Column("claims", sa.Integer, nullable=False),
    sa.Column("run", sa.String(40), sa.ForeignKey("runs.id")),
    sa.Column("machine", sa.String(200)),
    # The process, as pid and its start (seconds since 1970): a pid alone may come again.
    sa.Column("process", sa.String(60)),
    sa.Column("beat_at", sa.String(40)),
    # When it was asked to stop after its item.
    sa.Column("stop_at", sa.String(40)),
    # It was asked to stop only here: another process carries it on.
    sa.Column("again", sa.Boolean, nullable=False, default=False, server_default=sa.false()),
    # The one machine that may carry it on, where what it has written lies there.
    sa.Column("only_on", sa.String(200)),
    sa.Column("fired_at", sa.String(40), nullable=False),
    sa.Column("started_at", sa.String(40)),
    sa.Column("ended_at", sa.String(40)),
    sa.UniqueConstraint("scenario", "due"),
    sa.Index("ix_firings_due", "due"),
    sa.Index("ix_firings_ended_at", "ended_at"),
    _one_of("state", FIRING_STATES),
)

# A process that works the items of a run off: the one that began it, and those that share its items (hands.py).
hands = sa.Table(
    "hands",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("run", sa.String(40), sa.ForeignKey("runs.id"), nullable=False),
    sa.Column("firing", sa.Integer, sa.ForeignKey("firings.id"), index=True),
    sa.Column("machine", sa.String(200), nullable=False),
    sa.Column("process", sa.String(60), nullable=False),
    sa.Column("begun_at", sa.String(40), nullable=False),
    sa.Column("beat_at", sa.String(40), nullable=False),
    sa.Column("ended_at", sa.String(40)),
    sa.Index("ix_hands_machine_ended_at", "machine", "ended_at"),
    sa.Index("ix_hands_run", "run"),
)

# Up to when each scenario's turns have been dealt with, under the schedule that it had.
marks = sa.Table(
    "marks",
    metadata,
    sa.Column("scenario", sa.String(200), primary_key=True),
    sa.Column("schedule", sa.String(80), nullable=False),
    sa.Column("upto", sa.String(40), nullable=False),
)

# Who has what only one may have; the token goes up with every holder, and an old one opens nothing any more.
leases = sa.Table(
    "leases",
    metadata,
    sa.Column("name", sa.String(200), primary_key=True),
    sa.Column("token", sa.Integer, nullable=False),
    # Empty: free.
    sa.Column("holder", sa.String(80), nullable=False),
    sa.Column("what", sa.String(200), nullable=False),
    sa.Column("machine", sa.String(200), nullable=False),
    sa.Column("process", sa.String(60), nullable=False),
    sa.Column("since", sa.String(40), nullable=False),
    sa.Column("until", sa.String(40), nullable=False),
)

# What a run holds; kept after it, so that a run that has lost its lease never looks like one that needs none.
holdings = sa.Table(
    "holdings",
    metadata,
    sa.Column("run", sa.String(40), sa.ForeignKey("runs.id"), primary_key=True),
    sa.Column("name", sa.String(200), primary_key=True),
    sa.Column("token", sa.Integer, primary_key=True, autoincrement=False),
    # Which of the run's processes holds it (hands.id).
    sa.Column("hand", sa.Integer),
)

# What the night has told the people (plan, report): each kind and way once a day, over all machines.
notices = sa.Table(
    "notices",
    metadata,
    sa.Column("kind", sa.String(40), primary_key=True),
    sa.Column("day", sa.String(10), primary_key=True),
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("at", sa.String(40), nullable=False),
    _one_of("state", MAIL_STATES),
)

# Who may sign in to the web pages.  Roles are registry.yaml's.
accounts = sa.Table(
    "accounts",
    metadata,
    sa.Column("person", sa.String(200), primary_key=True),
    # Argon2id, with its parameters and salt.
    sa.Column("password", sa.Text, nullable=False),
    sa.Column("must_change", sa.Boolean, nullable=False),
    sa.Column("disabled", sa.Boolean, nullable=False),
    sa.Column("changed_at", sa.String(40), nullable=False),
)

# Who is signed in; of the browser's token only the SHA-256.
sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("token", sa.String(64), primary_key=True),
    sa.Column("person", sa.String(200), sa.ForeignKey("accounts.person"), nullable=False, index=True),
    sa.Column("began_at", sa.String(40), nullable=False),
    sa.Column("seen_at", sa.String(40), nullable=False),
)

# How often signing in went wrong, by account and by address, and until when the next attempt must wait.
sign_in_failures = sa.Table(
    "sign_in_failures",
    metadata,
    sa.Column("key", sa.String(200), primary_key=True),
    sa.Column("failed", sa.Integer, nullable=False),
    sa.Column("at", sa.String(40), nullable=False),
    sa.Column("until", sa.String(40), nullable=False),
)
