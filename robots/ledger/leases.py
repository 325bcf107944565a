"""Leases: what only one may have at a time, over all machines (a login, a shared workbook, the lead of the night).

A lease ends by itself unless it is renewed, so that one who died holds nothing up.  Its token goes up with every new
holder (a fencing token): whoever was paused and comes back with an old one is refused where it counts, inside the
transaction that begins a commit.  Safety rests on the token alone, never on the machines' clocks agreeing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from robots.clock import shown, stamp
from robots.errors import SystemFailure
from robots.ledger.store import Ledger
from robots.ledger.tables import holdings, items, leases

IN_FLIGHT = timedelta(minutes=10)
"""How long an expired lease is left to a holder that had begun a commit: what it has sent may still be on its way."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Who takes leases: an id of its own making, what for in words, and the process (``pid@start``) on its machine."""

    id: str
    what: str
    machine: str
    process: str


@dataclass(frozen=True, slots=True)
class Lease:
    """A lease that was taken: its name (the second of two places is ``name#2``) and its token."""

    name: str
    token: int
    before: Holder | None = None
    """Whose expired lease it was."""


@dataclass(frozen=True, slots=True)
class Busy:
    """Who has what was wanted, and since when (a stamp)."""

    name: str
    holder: Holder
    since: str

    def __str__(self) -> str:
        at = shown(self.since)[:16]
        return f"「{self.name.split('#')[0]}」は {self.holder.machine} の「{self.holder.what}」が {at} から使っています"


Gone = Callable[[str, str], bool]
"""(machine, process) → whether that process is surely dead."""


def scenario_lease(scenario: str) -> str:
    """The lease of whoever runs a scenario: one at a time, over all machines."""
    return f"シナリオ {scenario}"


def station_lease(machine: str) -> str:
    """The lease of the worker of a machine: one a machine."""
    return f"端末 {machine}"


def stations(in_use: Iterable[str]) -> list[str]:
    """The machines whose workers work, of the names of leases that are in use (``resources_in_use``)."""
    before = station_lease("")
    return sorted(name.removeprefix(before) for name in in_use if name.startswith(before))


def take(
    ledger: Ledger, wanted: Mapping[str, int], holder: Holder, *, moment: datetime, seconds: float, gone: Gone
) -> list[Lease] | Busy:
    """Takes one place of each resource, or none of any.

    wanted: name → how many may hold it at once.  moment: now (JST).  Where one's last holder is surely dead, or its
    lease has run out, it is taken over; not, for a while, from one that had begun a commit.
    Raises: SystemFailure where the ledger can't be written.
    """
    with ledger.writing() as connection:
        free: dict[str, sa.RowMapping | None] = {}
        for name, places in sorted(wanted.items()):
            place = _free_place(connection, name, places, moment, gone)
            if isinstance(place, Busy):
                return place
            free.update([place])
        return [_taken(connection, name, row, holder, moment, seconds) for name, row in free.items()]


def _free_place(
    connection: sa.Connection, name: str, places: int, moment: datetime, gone: Gone
) -> tuple[str, sa.RowMapping | None] | Busy:
    busy: Busy | None = None
    for place in (name, *(f"{name}#{number}" for number in range(2, places + 1))):
        row = connection.execute(sa.select(leases).where(leases.c.name == place)).mappings().first()
        if row is None or not row["holder"] or _over(connection, row, moment, gone):
            return place, row
        busy = busy or Busy(place, _holder(row), row["since"])
    assert busy is not None, "a resource has one place at least"
    return busy


def _over(connection: sa.Connection, row: sa.RowMapping, moment: datetime, gone: Gone) -> bool:
    """Whether the present holder has it no more."""
    if gone(row["machine"], row["process"]):
        return True
    if stamp(moment) <= row["until"]:
        return False
    held = (holdings.c.name == row["name"]) & (holdings.c.token == row["token"])
    same = (holdings.c.run == items.c.run) & holdings.c.hand.is_not_distinct_from(items.c.hand)
    in_flight = sa.select(items.c.id).join(holdings, same).where(held)
    if connection.execute(in_flight.where(items.c.state == "committing").limit(1)).first() is None:
        return True
    return moment > datetime.fromisoformat(row["until"]) + IN_FLIGHT


def _taken(
    connection: sa.Connection,
    name: str,
    row: sa.RowMapping | None,
    holder: Holder,
    moment: datetime,
    seconds: float,
) -> Lease:
    values = {
        "holder": holder.id,
        "what": holder.what[:200],
        "machine": holder.machine,
        "process": holder.process,
        "since": stamp(moment),
        "until": stamp(moment + timedelta(seconds=seconds)),
    }
    if row is None:
        connection.execute(leases.insert().values(name=name, token=1, **values))
        return Lease(name, 1)
    token = row["token"] + 1
    same = (leases.c.name == name) & (leases.c.token == row["token"])
    if connection.execute(leases.update().where(same).values(token=token, **values)).rowcount != 1:
        raise SystemFailure(
            f"「{name}」を、同時にほかの端末が使い始めました。", mend="少し待ってから、もう一度実行してください。"
        )
    return Lease(name, token, _holder(row) if row["holder"] else None)


def _holder(row: sa.RowMapping) -> Holder:
    return Holder(row["holder"], row["what"], row["machine"], row["process"])


def renew(ledger: Ledger, held: Sequence[Lease], *, moment: datetime, seconds: float) -> bool:
    """Holds them for so many seconds more; False where one has passed to somebody else."""
    until = stamp(moment + timedelta(seconds=seconds))
    with ledger.writing() as connection:
        for one in held:
            if connection.execute(leases.update().where(_is(one)).values(until=until)).rowcount != 1:
                return False
    return True


def release(ledger: Ledger, held: Sequence[Lease]) -> None:
    """Gives back what is still ours; whoever waits may take it at once."""
    with ledger.writing() as connection:
        for one in held:
            connection.execute(leases.update().where(_is(one)).values(holder=""))


def release_dead(ledger: Ledger, gone: Gone) -> None:
    """Gives back what processes hold that are surely dead, so that other machines need not wait for their leases to run out.

    Their tokens stay: whoever takes the lease next has a newer one.
    """
    with ledger.writing() as connection:
        rows = connection.execute(sa.select(leases).where(leases.c.holder != "")).mappings().all()
        for row in rows:
            if gone(row["machine"], row["process"]):
                same = (leases.c.name == row["name"]) & (leases.c.token == row["token"])
                connection.execute(leases.update().where(same).values(holder=""))


def is_ours(connection: sa.Connection, lease: Lease) -> bool:
    """Whether the lease is still ours; inside a transaction of ``Ledger.writing``, which it then holds for."""
    query = sa.select(leases.c.token).where(_is(lease)).with_for_update()
    return connection.execute(query).first() is not None


def _is(lease: Lease) -> sa.ColumnElement[bool]:
    return (leases.c.name == lease.name) & (leases.c.token == lease.token) & (leases.c.holder != "")


def attach(connection: sa.Connection, run: str, held: Sequence[Lease], hand: int | None = None) -> None:
    """The run (this hand of it) works under these leases; from now on each of its commits asks for them."""
    for one in held:
        connection.execute(holdings.insert().values(run=run, name=one.name, token=one.token, hand=hand))


def check_held(connection: sa.Connection, run: str, hand: int | None = None) -> None:
    """Raises: SystemFailure where the run (this hand of it) has lost one of its leases; inside the transaction that
    begins a commit."""
    mine = sa.select(holdings.c.name, holdings.c.token).where(holdings.c.run == run, holdings.c.hand == hand)
    newest: dict[str, int] = {}
    for name, token in connection.execute(mine):
        newest[name] = max(token, newest.get(name, 0))
    for name, token in newest.items():
        if not is_ours(connection, Lease(name, token)):
            raise SystemFailure(
                f"「{name.split('#')[0]}」を使う順番は、もうほかの実行に移りました。登録しませんでした。",
                mend="この実行は止まっていたあいだに期限を過ぎました。banken run で、もう一度実行してください。",
            )


def holders(ledger: Ledger) -> dict[str, Busy]:
    """Every lease that somebody has (or had, and never gave back), by its name."""
    with ledger.reading() as connection:
        rows = connection.execute(sa.select(leases).where(leases.c.holder != "")).mappings()
        return {row["name"]: Busy(row["name"], _holder(row), row["since"]) for row in rows}


def resources_in_use(connection: sa.Connection, moment: datetime, gone: Gone) -> dict[str, int]:
    """How many places of each resource somebody has now."""
    found: dict[str, int] = {}
    for row in connection.execute(sa.select(leases).where(leases.c.holder != "")).mappings():
        if not _over(connection, row, moment, gone):
            name = row["name"].split("#")[0]
            found[name] = found.get(name, 0) + 1
    return found
