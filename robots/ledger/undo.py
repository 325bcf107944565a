"""Taking back one's own last answer at the desk, as long as nothing was entered with it."""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa

from robots.clock import now, stamp
from robots.errors import BusinessError
from robots.ledger.holds import held_by
from robots.ledger.store import Ledger
from robots.ledger.tables import items, review_entries, review_tasks, runs

_AGAIN = "人の確認を待っています（答えを取り消しました）"
_MEND = "登録した内容の誤りは、業務システムで直してください。"


def undo(
    ledger: Ledger, scenario: str, who: str, also: Callable[[sa.Connection, sa.RowMapping], None]
) -> sa.RowMapping | None:
    """The task that the person answered last in a scenario is open again, and theirs; None where there is none.

    What an exclusion had dropped is open again too.  The time that was booked stays: it was spent.
    Raises: BusinessError where the item has been entered, or a run is under way that may be entering it.
    """
    at = stamp(now())
    with ledger.writing() as connection:
        row = _last(connection, scenario, who)
        if row is None:
            return None
        if row["held_by"] != who and (row["held_until"] or "") > at:
            raise BusinessError("いま、もう一人が同じところを入力しています。", mend="少し待ってください。")
        _check_not_entered(connection, row)
        connection.execute(
            review_entries.delete().where(review_entries.c.task == row["id"], review_entries.c.who == who)
        )
        if row["state"] == "answered":
            _open_again(connection, row, at)
        connection.execute(review_tasks.update().where(review_tasks.c.id == row["id"]).values(**held_by(who, at)))
        also(connection, row)
    return row


def _last(connection: sa.Connection, scenario: str, who: str) -> sa.RowMapping | None:
    """The task of the person's latest answer or entry."""
    entered = (
        sa.select(review_entries.c.task, review_entries.c.at)
        .join(review_tasks, review_tasks.c.id == review_entries.c.task)
        .where(review_tasks.c.scenario == scenario, review_entries.c.who == who, review_tasks.c.state == "open")
    )
    answered = sa.select(review_tasks.c.id.label("task"), review_tasks.c.answered_at.label("at")).where(
        review_tasks.c.scenario == scenario, review_tasks.c.who == who, review_tasks.c.state == "answered"
    )
    both = sa.union_all(entered, answered).subquery()
    last = connection.execute(sa.select(both.c.task).order_by(both.c.at.desc(), both.c.task.desc()).limit(1)).scalar()
    if last is None:
        return None
    return connection.execute(sa.select(review_tasks).where(review_tasks.c.id == last)).mappings().one()


def _check_not_entered(connection: sa.Connection, row: sa.RowMapping) -> None:
    """A run that is under way has taken the answers as they were when it began."""
    scenario = row["scenario"]
    running = sa.select(runs.c.id).where(runs.c.scenario == scenario, runs.c.state == "running", ~runs.c.rehearsal)
    if connection.execute(running.limit(1)).first() is not None:
        raise BusinessError(
            "このシナリオを実行しているので、答えを取り消せません。",
            mend="実行が終わってから、登録されていなければ取り消せます。",
        )
    state = connection.execute(sa.select(items.c.state).where(items.c.id == row["item"]).with_for_update()).scalar()
    if state not in (("waiting", "ready", "skipped") if row["decision"] == "exclude" else ("waiting", "ready")):
        raise BusinessError("この対象は処理が済んでいるので、答えを取り消せません。", mend=_MEND)


def _open_again(connection: sa.Connection, row: sa.RowMapping, at: str) -> None:
    empty = {"decision": None, "answer": None, "who": None, "why_so": None, "seconds": None, "answered_at": None}
    again = review_tasks.c.id == row["id"]
    if row["decision"] == "exclude":
        with_it = (review_tasks.c.item == row["item"]) & (review_tasks.c.state == "dropped")
        again |= with_it & (review_tasks.c.answered_at == row["answered_at"])
    connection.execute(review_tasks.update().where(again).values(state="open", **empty))
    connection.execute(
        items.update().where(items.c.id == row["item"]).values(state="waiting", reason=_AGAIN, updated_at=at)
    )
