"""What a person decides of items, as ``banken settle`` does it: in the ledger and the audit log in one write."""

from __future__ import annotations

import sqlalchemy as sa

from robots.ledger.items import settle_by_person
from robots.web.page import Context

DECISIONS = {"done": "登録されていた（完了にする）", "again": "登録されていない（次の実行で登録する）"}
DECIDED = {"done": "完了", "again": "実行待ち"}


def settle(context: Context, item: int, decision: str, why: str) -> bool:
    """Whether it could be decided: False where there is no such item, or its state has become another."""
    who = context.person.id

    def told(connection: sa.Connection, row: sa.RowMapping) -> None:
        detail = {"item": item, "run": row["run"], "decision": decision}
        context.audit.record_in(connection, "settled", who=who, subject=row["scenario"], detail=detail)

    return settle_by_person(context.ledger, item, decision, who, why, told) is not None
