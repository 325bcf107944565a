"""Items whose commit was begun and whose outcome is not known: ask the core system, never guess."""

from __future__ import annotations

import time
from dataclasses import replace

from robots.errors import BusinessError
from robots.ledger.items import Item, Outcome, withdraw_intent
from robots.ledger.store import Ledger
from robots.runner.item import Pending, Worker
from robots.runner.session import Session
from robots.runner.transaction import Verdict, is_there
from robots.steps.commit import CommitParams


def left_by_a_dead_run(item: Item) -> Pending:
    """An item found committing at the start of a run."""
    reason = "登録の途中で実行が終わりました。"
    return Pending(item, Outcome("failed", reason, dict(item.result)), None, time.monotonic())


def recover(
    pending: Pending, *, session: Session, worker: Worker, ledger: Ledger, settle: float, again: bool = True
) -> Outcome:
    """What became of it: done where it is there; tried once more where it surely is not; else in doubt."""
    commit = session.scenario.commit
    already_done = commit.params.already_done if commit and isinstance(commit.params, CommitParams) else ()
    session.begin_item(pending.item.values, pending.outcome.result, key=pending.item.key)
    verdict = is_there(session, already_done, until=pending.since + settle, settle=settle)
    if verdict is Verdict.THERE:
        found = {**pending.outcome.result, **session.saved}
        return replace(pending.outcome, state="done", reason="登録されていることを画面で確かめました。", result=found)
    if verdict is Verdict.UNKNOWN:
        why = (
            "登録されたかどうか分かりません。"
            if already_done
            else "登録されたかどうかを確かめる手順（already_done）がありません。"
        )
        return replace(pending.outcome, state="in_doubt", reason=f"{pending.outcome.reason} {why}".strip())
    withdraw_intent(ledger, session.run.id, pending.item.id, worker.hand)
    if isinstance(pending.error, BusinessError) or not again:
        return pending.outcome
    outcome = worker.perform(pending.item)
    if isinstance(outcome, Outcome):
        return outcome
    return recover(outcome, session=session, worker=worker, ledger=ledger, settle=settle, again=False)
