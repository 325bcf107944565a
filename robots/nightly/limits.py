"""Runs that go on too long, grow too big or have died: asked to stop after their item, then ended, and always told."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from loguru import logger

from robots.ledger.firings import ask_to_stop, open_firings, put_back, settle
from robots.ledger.hands import end as end_hand
from robots.ledger.hands import further_hands
from robots.ledger.store import Ledger
from robots.processes import end, gone_here, memory_of
from robots.settings import Settings

SILENT = timedelta(seconds=30)
"""A run on another machine that is not heard of for so long has died."""
MOST_CLAIMS = 3
"""How often the run of one firing is begun before it is given up."""
_FAR_TOO_BIG = 1.5
_MIB = 1024 * 1024


class Limits:
    """Watches the runs that go.  settings: run_hours, run_memory, stop_grace."""

    def __init__(self, ledger: Ledger, settings: Settings) -> None:
        self._ledger, self._settings = ledger, settings
        self._gone = gone_here(settings.machine)

    def watch(self, moment: datetime, *, elsewhere: bool = True) -> None:
        """Looks at every run once.  elsewhere: also at those of other machines, whether they are heard of (the leader's).

        Raises: SystemFailure where the ledger does not answer.
        """
        for row in open_firings(self._ledger):
            if row["state"] != "running":
                continue
            here = row["machine"] == self._settings.machine
            silent = elsewhere and moment - datetime.fromisoformat(row["beat_at"]) > SILENT
            if self._gone(row["machine"], row["process"]) if here else silent:
                self._died(row, moment)
            elif here:
                self._bound(row, moment)
        for row in further_hands(self._ledger, self._settings.machine):
            self._bound_hand(row, moment)

    def _died(self, row: sa.RowMapping, moment: datetime) -> None:
        over = row["finish_by"] is not None and moment >= datetime.fromisoformat(row["finish_by"])
        if row["claims"] < MOST_CLAIMS and not over and not row["stop_at"]:
            put_back(self._ledger, row["id"], "途中で落ちたため、続きから始めます。", moment, process=row["process"])
        else:
            why = f"実行のプロセスが途中で落ちました（{row['claims']} 回始めました）。"
            settle(self._ledger, row["id"], "failed", why, while_in=["running"], process=row["process"])

    def _bound(self, row: sa.RowMapping, moment: datetime) -> None:
        size = memory_of(row["process"]) / _MIB / self._settings.run_memory
        if row["stop_at"] is None:
            why = self._why_stop(row, moment, size)
            if why:
                ask_to_stop(self._ledger, row["id"], why)
        asked = datetime.fromisoformat(row["stop_at"]) if row["stop_at"] else moment
        if self._late(asked, moment) or size > _FAR_TOO_BIG:
            why = (
                "メモリを使いすぎたため、終わらせました。"
                if size > _FAR_TOO_BIG
                else "頼んでも止まらないため、終わらせました。"
            )
            settle(self._ledger, row["id"], "failed", why, while_in=["running"], process=row["process"])
            end(row["process"])

    def _bound_hand(self, row: sa.RowMapping, moment: datetime) -> None:
        """One that only shares a run's items is ended without more: others take up what it has."""
        if self._gone(self._settings.machine, row["process"]):
            end_hand(self._ledger, row["id"])
            return
        asked = row["stop_at"] or row["ended_at"]
        late = asked is not None and self._late(datetime.fromisoformat(asked), moment)
        if late or memory_of(row["process"]) / _MIB / self._settings.run_memory > _FAR_TOO_BIG:
            logger.warning(
                "手分けしていたプロセス {} を、止まらないか大きくなりすぎたため、終わらせました。", row["process"]
            )
            end(row["process"])

    def _late(self, asked: datetime, moment: datetime) -> bool:
        return moment - asked > timedelta(seconds=self._settings.stop_grace)

    def _why_stop(self, row: sa.RowMapping, moment: datetime, size: float) -> str:
        if row["finish_by"] is not None and moment >= datetime.fromisoformat(row["finish_by"]):
            return "終了期限を過ぎたため、止めるよう頼みました。"
        if moment - datetime.fromisoformat(row["started_at"]) > timedelta(hours=self._settings.run_hours):
            return f"{self._settings.run_hours:g} 時間を超えたため、止めるよう頼みました。"
        if size > 1:
            return f"メモリが {self._settings.run_memory} MB を超えたため、止めるよう頼みました。"
        return ""
