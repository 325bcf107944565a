"""The queue of the pool: Procrastinate, in the ledger's own PostgreSQL.  The only file that knows it.

The ledger is the truth and the queue a hint: a job holds the number of a firing and no more, and one whose firing is no
longer queued comes to nothing.  So a job that is doubled, late or lost does no harm (docs/adr/0032).
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Protocol, TypeVar

import psycopg
import psycopg_pool
import sqlalchemy as sa
from loguru import logger
from procrastinate import App, PsycopgConnector, SyncPsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
from procrastinate.jobs import Job
from psycopg.conninfo import make_conninfo

from robots.errors import SystemFailure
from robots.ledger.hands import HandWanted
from robots.ledger.server import CONNECT
from robots.nightly.children import Child
from robots.nightly.offers import Offer, hands_of, runs_of
from robots.registry.model import Register

SCHEMA = "banken_queue"
BEAT_SECONDS = 5.0
STALLED_SECONDS = 20.0
"""The jobs of a worker that is not heard of for so long go back into the queue."""
_APART_SECONDS = 5.0
"""Clocks of machines may differ by so much: leases of half a minute rest on them."""
_RUN, _HAND = "run", "hand"
_MAKING = int.from_bytes(b"queue", "big")
_LOOK, _RETRY = 0.1, 5.0
_WORLD = (ConnectorException, psycopg.Error, psycopg_pool.PoolTimeout, OSError)
Result = TypeVar("Result")


class Duty(Protocol):
    """What a worker does with its jobs (worker.Station)."""

    # The queues it listens to, as the register is now.
    def queues(self) -> Sequence[str]: ...
    # Begins the run of a firing; None where there is nothing to do any more.
    def begin(self, firing: int) -> Child | None: ...
    # Begins a further hand for the run of a firing; None where that run goes no more.
    def lend(self, firing: int) -> Child | None: ...
    # Looks after the runs that have ended.
    def look(self) -> None: ...
    # Looks after everything on this machine once.  Raises: SystemFailure where the ledger does not answer.
    def tick(self) -> None: ...
    # Asks its runs to stop after their item.
    def stop(self) -> None: ...
    # The server is reached, or why it is not.
    def reached(self, why: str) -> None: ...


class Pool:
    """The queue in a town's database.  Its methods raise SystemFailure where the server does not answer."""

    def __init__(self, database: str) -> None:
        for name in ("procrastinate", "psycopg.pool"):
            logging.getLogger(name).handlers = [_ToLog(logging.WARNING)]
            logging.getLogger(name).propagate = False
        address = sa.make_url(database).set(drivername="postgresql")
        how = {**CONNECT, "options": f"{CONNECT['options']} -c search_path={SCHEMA}"}
        self._server = make_conninfo(address.render_as_string(hide_password=False), **how)

    def prepare(self) -> None:
        """Makes the queue's tables where they are missing; of two that begin at once, one waits."""
        with _failing(), psycopg.connect(self._server, autocommit=True) as connection:
            _check_clock(connection)
            connection.execute("SELECT pg_advisory_lock(%s)", [_MAKING])
            found = connection.execute("SELECT to_regclass('procrastinate_jobs')").fetchone()
            if found is None or found[0] is None:
                connection.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
                connector = SyncPsycopgConnector(conninfo=self._server, min_size=1, max_size=1)
                with App(connector=connector).open() as app:
                    app.schema_manager.apply_schema()

    # ------------------------------------------------------------ the leader's side

    def under_way(self) -> dict[int, str]:
        """What waits in the queue or was taken from it: firing → scenario."""

        return {int(str(job.task_kwargs["firing"])): str(job.task_kwargs["scenario"]) for job in self._jobs(_RUN)}

    def begin(self, rows: Sequence[sa.RowMapping], register: Register) -> None:
        """Puts firings into the queue, first things first."""
        self.offer(runs_of(rows, register))

    def lend(self, wanted: Sequence[HandWanted], register: Register) -> None:
        """Puts further hands for runs that go into the queue, behind all runs, and never more than may share a run."""
        if wanted:
            self.offer(hands_of(wanted, register, {str(job.queueing_lock) for job in self._jobs(_HAND)}))

    def offer(self, offers: Sequence[Offer]) -> None:
        """Puts these into the queue, the first first among equals; one that waits there already stays as it is."""
        jobs = [
            Job(
                queue=one.queue,
                lock=None,
                queueing_lock=one.lock,
                task_name=_RUN if one.hand is None else _HAND,
                priority=one.urgency,
                task_kwargs={"scenario": one.scenario, "firing": one.firing},
            )
            for one in offers
        ]

        async def put(app: App) -> None:
            try:
                await app.job_manager.batch_defer_jobs_async(jobs)
            except AlreadyEnqueued:
                for job in jobs:
                    with suppress(AlreadyEnqueued):
                        await app.job_manager.defer_job_async(job)

        if jobs:
            self._ask(put)

    def look(self) -> None:
        """What a dead worker had taken goes back into the queue."""

        async def retry(app: App) -> None:
            for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_SECONDS):
                await app.job_manager.retry_job(job)

        self._ask(retry)

    def _jobs(self, task: str) -> list[Job]:
        """Those that wait or were taken."""

        async def listed(app: App) -> list[Job]:
            manager = app.job_manager
            return [
                one for status in ("todo", "doing") for one in await manager.list_jobs_async(task=task, status=status)
            ]

        return self._ask(listed)

    def _ask(self, work: Callable[[App], Awaitable[Result]]) -> Result:
        async def asked() -> Result:
            async with self._app().open_async() as app:
                return await work(app)

        with _failing(), asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
            return runner.run(asked())

    def _app(self) -> App:
        return App(connector=PsycopgConnector(conninfo=self._server, min_size=1, max_size=4, timeout=10))

    # ------------------------------------------------------------ the worker's side

    def work(self, duty: Duty, *, name: str, room: int, grace: float, over: threading.Event) -> None:
        """Takes jobs and begins their runs, at most ``room`` at once, until ``over``; then waits for those that go.

        grace: seconds to wait at the most.  A server that does not answer is tried again for ever.
        """
        # Windows' own loop can't wait for PostgreSQL.
        with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
            runner.run(_Work(self, duty, name, room, grace, over).go())


class _ToLog(logging.Handler):
    """What the engine says goes into the log, not onto a clerk's screen."""

    def emit(self, record: logging.LogRecord) -> None:
        logger.opt(exception=record.exc_info).log(record.levelname, "待ち行列: {}", record.getMessage())


class _Work:
    """A worker at work.  ``_going``: the runs that go, which outlive the engine's own worker when it begins anew."""

    def __init__(self, pool: Pool, duty: Duty, name: str, room: int, grace: float, over: threading.Event) -> None:
        self._pool, self._duty, self._name, self._room = pool, duty, name, room
        self._grace, self._over = grace, over
        self._going: set[asyncio.Task[None]] = set()

    async def go(self) -> None:
        while not self._over.is_set():
            try:
                await asyncio.to_thread(self._pool.prepare)
                await asyncio.to_thread(self._duty.tick)
                self._duty.reached("")
                await self._listen()
            except SystemFailure as failure:
                self._duty.reached(str(failure))
                await self._pause(_RETRY)
            except _WORLD as error:
                self._duty.reached(str(_failure(error)))
                await self._pause(_RETRY)
        until = time.monotonic() + self._grace
        while self._going and time.monotonic() < until:
            with suppress(SystemFailure):
                await asyncio.to_thread(self._duty.stop)
            await asyncio.sleep(_LOOK)

    async def _listen(self) -> None:
        """Until it is over, the queues are others, or there is more room: runs of before have ended by then."""
        before = set(self._going)
        room = self._room - len(before)
        queues = list(self._duty.queues())
        if not room:
            await self._watch(lambda: before <= self._going)
            return
        app = self._pool._app()
        for name, begin in ((_RUN, self._duty.begin), (_HAND, self._duty.lend)):
            app.task(name=name)(self._task(begin))
        async with app.open_async():
            listening = asyncio.create_task(
                app.run_worker_async(
                    queues=queues,
                    name=self._name,
                    concurrency=room,
                    install_signal_handlers=False,
                    update_heartbeat_interval=BEAT_SECONDS,
                    stalled_worker_timeout=STALLED_SECONDS,
                    fetch_job_polling_interval=BEAT_SECONDS,
                    shutdown_graceful_timeout=0.1,
                    delete_jobs="always",
                )
            )
            try:
                await self._watch(
                    lambda: not listening.done() and before <= self._going and list(self._duty.queues()) == queues
                )
            finally:
                listening.cancel()
                with suppress(asyncio.CancelledError):
                    await listening

    async def _watch(self, on: Callable[[], bool]) -> None:
        """Looks after the machine as long as all is as it was.  Raises: SystemFailure where the ledger does not answer."""
        ticked = time.monotonic()
        while on() and not self._over.is_set():
            await asyncio.sleep(_LOOK)
            if time.monotonic() - ticked >= BEAT_SECONDS:
                await asyncio.to_thread(self._duty.tick)
                ticked = time.monotonic()

    def _task(self, begin: Callable[[int], Child | None]) -> Callable[[str, int], Awaitable[None]]:
        """A job: done when what it began has ended.  Where the engine's worker ends before, that goes on."""

        async def carry(scenario: str, firing: int) -> None:
            del scenario  # for those who look at the queue
            going = asyncio.create_task(self._run(begin, firing))
            self._going.add(going)
            going.add_done_callback(self._going.discard)
            await asyncio.shield(going)

        return carry

    async def _run(self, begin: Callable[[int], Child | None], firing: int) -> None:
        child = await asyncio.to_thread(begin, firing)
        while child is not None and child.ended() is None:
            await asyncio.sleep(_LOOK)
        await asyncio.to_thread(self._duty.look)

    async def _pause(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while not self._over.is_set() and time.monotonic() < until:
            await asyncio.sleep(_LOOK)


def _check_clock(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    row = connection.execute("SELECT extract(epoch FROM clock_timestamp())::float8").fetchone()
    assert row is not None and isinstance(row[0], float)
    apart = time.time() - row[0]
    if abs(apart) > _APART_SECONDS:
        raise SystemFailure(
            f"この端末の時計が、データベースのサーバーと {abs(apart):.0f} 秒ずれています。",
            mend="端末とサーバーの時計を合わせてください（合うまで始めません）。",
        )


@contextmanager
def _failing() -> Iterator[None]:
    try:
        yield
    except _WORLD as error:
        raise _failure(error) from error


def _failure(error: BaseException) -> SystemFailure:
    told = str(error.__cause__ or error).strip()
    if isinstance(error, psycopg_pool.PoolTimeout) or not told:
        told = "応答がありません"
    return SystemFailure(
        f"待ち行列のあるデータベースのサーバーにつながりません（{told}）。",
        mend="サーバーが動いているか、設定 database の名前・場所・パスワードが正しいか、この利用者がスキーマを作れるかを"
        "確かめてください。",
    )
