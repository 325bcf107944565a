"""Which of the firings that wait may begin now: what they follow has ended well, what they need is free, there is room."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from robots.clock import shown, stamp
from robots.ledger.firings import latest_firing, open_firings, set_waiting, settle
from robots.ledger.leases import resources_in_use, scenario_lease, station_lease, stations
from robots.ledger.store import Ledger
from robots.processes import gone_here
from robots.registry.model import Entry, Register
from robots.registry.schedule import Schedule

PATIENCE = timedelta(hours=24)
"""How long one waits that has no finish_by."""
RETURN = timedelta(minutes=30)
"""How long one waits for the one machine that may carry it on, while that machine is not heard of."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one that waits waits for: state queued or held, and why; free to go where ``why`` is empty."""

    state: str = "queued"
    why: str = ""


class Starts:
    """Chooses, for one machine, or for the pool of all.

    machine: the present one; room: how many runs may go on it at once (None: it chooses for the pool, whose workers know
    their own room).
    """

    def __init__(self, ledger: Ledger, register: Register, *, machine: str, room: int | None) -> None:
        self._ledger, self._register, self._machine, self._room = ledger, register, machine, room

    def choose(self, moment: datetime, under_way: Mapping[int, str], *, leads: bool) -> list[sa.RowMapping]:
        """The firings to begin now, first things first.

        under_way: those that were begun or queued (id → scenario), of which the ledger may not know yet.  leads: whether it
        also starts what may run on any machine.
        Raises: SystemFailure where the ledger does not answer.
        """
        rows = open_firings(self._ledger)
        going = [row for row in rows if row["state"] == "running"]
        here = {row["id"] for row in going if row["machine"] == self._machine} | under_way.keys()
        busy = {row["scenario"] for row in going} | set(under_way.values())
        with self._ledger.reading() as connection:
            used = Counter(resources_in_use(connection, moment, gone_here(self._machine)))
        known = {row["id"] for row in going}
        for firing, scenario in under_way.items():
            if firing not in known:
                used.update(self._resources(scenario))
        chosen: list[sa.RowMapping] = []
        for row in rows:
            begun_here = self._room is not None and row["id"] in under_way
            if row["state"] == "running" or begun_here or not self._stands(row, used, moment):
                continue
            if row["id"] in under_way:  # it is in the queue
                self._tell(row, Verdict(why=self._awaited(row, used)))
                continue
            verdict = self._verdict(row, busy, used, moment)
            self._tell(row, verdict)
            if verdict.why or row["not_before"] > stamp(moment) or not self._mine(row["scenario"], leads):
                continue
            if self._room is not None and len(here) + len(chosen) >= self._room:
                break
            chosen.append(row)
            busy.add(row["scenario"])
            used.update(self._resources(row["scenario"]))
        return chosen

    def _tell(self, row: sa.RowMapping, verdict: Verdict) -> None:
        """What it waits for stands in the ledger."""
        if (verdict.state, verdict.why) != (row["state"], row["reason"]) and (verdict.why or row["state"] == "held"):
            set_waiting(self._ledger, row["id"], verdict.state, verdict.why)

    def _awaited(self, row: sa.RowMapping, used: Counter[str]) -> str:
        """Which machine's worker is to take it from the queue."""
        machines = machines_of(self._entry(row["scenario"]), row)
        named = "どれかの端末" if "*" in machines else "・".join(machines)
        if not any("*" in machines or one in machines for one in stations(used)):
            return f"{named}で banken worker が動いていないため、始められません。"
        return f"{named}の手が空くのを待っています。"

    def _stands(self, row: sa.RowMapping, used: Counter[str], moment: datetime) -> bool:
        """Whether it may still begin; one that may not is over."""
        entry = self._register.scenarios.get(row["scenario"])
        if entry is None or entry.schedule is None:
            settle(
                self._ledger, row["id"], "refused", "台帳に予定（schedule）がもうありません。", while_in=[row["state"]]
            )
            return False
        alone = row["only_on"]
        if alone and not used[station_lease(alone)] and moment > datetime.fromisoformat(row["not_before"]) + RETURN:
            why = (
                f"途中まで行った {alone} が {RETURN.seconds // 60} 分待っても戻りません。{alone} を直すか、使っていたフォルダの"
                "中身をほかの端末へ移して、banken run で続けてください。"
            )
            settle(self._ledger, row["id"], "failed", why, while_in=[row["state"]])
            return False
        last = datetime.fromisoformat(row["finish_by"]) if row["finish_by"] else None
        last = last or datetime.fromisoformat(row["due"]) + PATIENCE
        if moment < last:
            return True
        state, why = (
            ("held", "")
            if row["state"] == "held"
            else ("missed", f"{shown(stamp(last))[:16]} までに始められませんでした。")
        )
        settle(self._ledger, row["id"], state, why, while_in=[row["state"]])
        return False

    def _verdict(self, row: sa.RowMapping, busy: Collection[str], used: Counter[str], moment: datetime) -> Verdict:
        schedule = self._entry(row["scenario"]).schedule
        assert schedule is not None, "only what has a schedule stands"
        verdict = self._after(row, schedule, moment)
        if verdict.why:
            return verdict
        if row["scenario"] in busy:
            return Verdict(why="同じシナリオの前の回が終わるのを待っています。")
        if used[scenario_lease(row["scenario"])]:
            return Verdict(why="ほかの実行がこのシナリオを使い終わるのを待っています。")
        for name in schedule.resources:
            resource = self._register.resources.get(name)
            if resource is not None and used[name] >= resource.holders:
                return Verdict(why=f"「{name}」が空くのを待っています。")
        return Verdict()

    def _after(self, row: sa.RowMapping, schedule: Schedule, moment: datetime) -> Verdict:
        """Each of those that it follows: its latest turn since this one's own last turn must have ended well."""
        due = datetime.fromisoformat(row["due"])
        if not schedule.after:
            return Verdict()
        before = latest_firing(self._ledger, row["scenario"], after=None, upto=due - timedelta(milliseconds=1))
        since = datetime.fromisoformat(before["due"]) if before is not None else due - PATIENCE
        waits: list[str] = []
        for one in schedule.after:
            found = self._turn(one, since, due, moment)
            if found is not None and found["state"] != "ended" and (found["ended_at"] or found["state"] == "held"):
                return Verdict("held", f"先行の {one} が正常に終わらなかったため、始めません。")
            if (found is None and self._expected(one, since, due, moment)) or (
                found is not None and not found["ended_at"]
            ):
                waits.append(one)
        return Verdict(why=f"先行の {'、'.join(waits)} が終わるのを待っています。" if waits else "")

    def _turn(self, scenario: str, since: datetime, due: datetime, moment: datetime) -> sa.RowMapping | None:
        """The latest turn of one that is followed; one that only follows others has its turn whenever they are over."""
        upto = moment if self._only_follows(scenario) else due
        return latest_firing(self._ledger, scenario, after=since, upto=upto)

    def _expected(self, scenario: str, since: datetime, due: datetime, moment: datetime) -> bool:
        """Whether one without a turn yet will have one, because what it follows has."""
        return self._only_follows(scenario) and any(
            self._turn(one, since, due, moment) is not None or self._expected(one, since, due, moment)
            for one in self._after_of(scenario)
        )

    def _only_follows(self, scenario: str) -> bool:
        entry = self._register.scenarios.get(scenario)
        return entry is not None and entry.schedule is not None and entry.schedule.on is None

    def _after_of(self, scenario: str) -> Sequence[str]:
        schedule = self._entry(scenario).schedule
        return schedule.after if schedule is not None else ()

    def _mine(self, scenario: str, leads: bool) -> bool:
        runs_on = self._entry(scenario).runs_on
        return self._room is None or self._machine in runs_on or (leads and "*" in runs_on)

    def _resources(self, scenario: str) -> Sequence[str]:
        entry = self._register.scenarios.get(scenario)
        return entry.schedule.resources if entry is not None and entry.schedule is not None else ()

    def _entry(self, scenario: str) -> Entry:
        return self._register.scenarios[scenario]


def machines_of(entry: Entry, firing: sa.RowMapping) -> Sequence[str]:
    """The machines that may run a firing; ``*`` is any."""
    return [firing["only_on"]] if firing["only_on"] else entry.runs_on
