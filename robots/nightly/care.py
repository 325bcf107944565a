"""The night takes care of itself: carries on what died, looks at the machine before it is dark, copies the ledger, thins
old evidence, tells the plan in the evening and what came of it in the morning, and that it lives all the while.

It runs beside the scheduler (service.py) and never in its way.  What is done once for the town is done by the leader,
and stands in the ledger as done; what is each machine's own is done by each.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Protocol

from loguru import logger

from robots.clock import now, stamp
from robots.errors import BankenError, SystemFailure
from robots.ledger.audit import AuditLog
from robots.ledger.nights import runs_left_running, runs_without_rest
from robots.ledger.notices import begin_notice, end_notice
from robots.ledger.store import Ledger
from robots.nightly.backup import back_up, ledger_file
from robots.nightly.children import Processes
from robots.nightly.facts import plan_night, tonight
from robots.nightly.health import Finding, beat_of, before_night, read_beat, write_beat
from robots.nightly.post import Notice, Post
from robots.nightly.report import morning_of, report_lines, subject_of
from robots.nightly.words import plan_lines
from robots.registry.load import Loaded, load_register
from robots.runner.lock import scenario_lock
from robots.runner.retention import expired, purge, remove_files
from robots.scenario.problem import Problems
from robots.settings import Home

CARE_SECONDS = 30.0
_AGAIN = timedelta(minutes=10)
"""After which what failed is tried again."""
_EVENING, _MORNING = timedelta(hours=6), timedelta(hours=4)
"""How long after its time a duty is still made up for."""


class Leading(Protocol):
    """The scheduler as care sees it (service.Night)."""

    # Whether it leads, over all machines.
    @property
    def leads(self) -> bool: ...

    # Why nothing can be fired at all, or empty.
    trouble: str


@dataclass(frozen=True, slots=True)
class CareParts:
    """What care works with.  start_browser: starts one and closes it again."""

    home: Home
    ledger: Ledger
    audit: AuditLog
    post: Post
    launcher: Processes
    start_browser: Callable[[], None]
    clock: Callable[[], datetime] = now


class Care:
    """One machine's.  ``begin`` once, then ``tick`` again and again."""

    def __init__(self, parts: CareParts) -> None:
        self._parts, self._home, self._ledger = parts, parts.home, parts.ledger
        before = read_beat(parts.home)
        self._checked_at = before.checked_at if before is not None else ""
        self._findings: Sequence[Finding] = before.findings if before is not None else ()
        self._failures: dict[str, str] = {}
        self._not_before: dict[str, datetime] = {}

    def begin(self) -> list[str]:
        """Carries on the runs of this machine that died and that no turn stands for; returns them."""
        found: list[str] = []
        for row in runs_left_running(self._ledger, self._home.settings.machine):
            try:
                with scenario_lock(self._home.var, row["scenario"]):
                    pass  # nobody has it: the process is dead
                self._parts.launcher.resume(row["id"], row["scenario"])
            except SystemFailure as failure:
                logger.info("実行 {} は続けません: {}", row["id"], failure.what)
                continue
            found.append(row["id"])
        return found

    def tick(self, night: Leading) -> None:
        """Tells that the night lives, and does what has come due."""
        moment = self._parts.clock()
        settings = self._home.settings
        evening = _due(moment, settings.check_at, _EVENING)
        morning = _due(moment, settings.report_at, _MORNING)
        if evening is not None:
            if self._checked_at < stamp(evening):
                self._do("端末の検査", moment, lambda: self._check(evening.date(), moment))
            mine = f"purge-{settings.machine}"[:40]  # each machine has files of its own
            self._once(mine, "保存期間の過ぎた個人の値の消去", evening.date(), moment, lambda: self._purge(moment))
            if night.leads:
                self._once("backup", "台帳記録の控え", evening.date(), moment, lambda: self._back_up(moment))
                self._once("thin", "古い証跡の整理", evening.date(), moment, lambda: self._thin(moment))
                self._do("計画の通知", moment, lambda: self._tell_plan(evening.date(), moment))
        if morning is not None and night.leads:
            self._do("朝の報告", moment, lambda: self._report(morning.date(), moment))
        try:
            write_beat(
                self._home,
                beat_of(
                    leads=night.leads,
                    trouble=night.trouble,
                    checked_at=self._checked_at,
                    findings=self._findings,
                    failures=self._failures,
                ),
            )
        except OSError as error:
            logger.error("合図のファイルを書けません（{}）", error)

    def _do(self, name: str, moment: datetime, act: Callable[[], None]) -> None:
        """One duty; where it fails, why is told, and it is tried again later."""
        if moment < self._not_before.get(name, moment):
            return
        try:
            act()
            self._failures.pop(name, None)
        except BankenError as error:
            logger.error("{}: {}", name, error)
            self._failures[name] = str(error)
            self._not_before[name] = moment + _AGAIN

    def _once(self, kind: str, name: str, day: date, moment: datetime, act: Callable[[], None]) -> None:
        """One duty that is done once a day for the whole town."""

        def claimed() -> None:
            if not begin_notice(self._ledger, kind, day):
                return
            state = ""
            try:
                act()
                state = "sent"
            finally:
                end_notice(self._ledger, kind, day, state)

        self._do(name, moment, claimed)

    def _check(self, day: date, moment: datetime) -> None:
        self._findings = before_night(self._home, self._ledger, self._parts.start_browser, moment)
        self._checked_at = stamp(moment)
        bad = [one for one in self._findings if not one.ok]
        if bad:
            machine = self._home.settings.machine
            body = "\n".join(map(str, self._findings))
            self._send(
                Notice(f"check-{machine}"[:30], day, f"番犬: 端末 {machine} に、夜の前に直すところがあります", body)
            )

    def _back_up(self, moment: datetime) -> None:
        file = ledger_file(self._home.database)
        if file is not None:
            back_up(file, self._home.backups, keep=self._home.settings.backup_keep, moment=moment)

    def _thin(self, moment: datetime) -> None:
        """Evidence of old runs that nobody has to look at any more, and logs as old."""
        days = self._home.settings.evidence_days
        if not days:
            return
        before = moment - timedelta(days=days)
        var = self._home.var
        places = [place for run in runs_without_rest(self._ledger, before) if (place := var / "runs" / run).is_dir()]
        logs = [one for one in (var / "logs").glob("*-*.log") if one.stat().st_mtime < before.timestamp()]
        if places:
            self._parts.audit.record("thinned", who="nightly", detail={"before": stamp(before), "runs": len(places)})
        left = remove_files([*places, *logs])
        if left:
            raise SystemFailure(f"古い証跡 {left[0]} を消せません。", mend="開いているプログラムを閉じてください。")

    def _purge(self, moment: datetime) -> None:
        """What is personal and past its retention time; a run's own rows are never held up by it (no compacting)."""
        days = self._home.settings.retention_days
        if not days:
            return
        midnight = datetime.combine(moment.date() - timedelta(days=days), time(), moment.tzinfo)
        left = purge(self._ledger, self._parts.audit, expired(self._home, self._ledger, midnight), "nightly")
        if left:
            raise SystemFailure(
                f"保存期間の過ぎた {left[0]} を消せません。", mend="開いているプログラムを閉じてください。"
            )

    def _tell_plan(self, day: date, moment: datetime) -> None:
        if not self._parts.post.owes("plan", day):
            return
        night = tonight(moment)
        forecast = plan_night(self._home, self._loaded(), self._ledger, night, moment)
        found = len(forecast.announced)
        state = f"見てほしいもの {found} 本" if found else "すべて時間までに終わる見込み"
        self._send(
            Notice("plan", day, f"番犬 今夜の計画 {night:%m/%d}: {state}", "\n".join(plan_lines(night, forecast)))
        )

    def _report(self, day: date, moment: datetime) -> None:
        if not self._parts.post.owes("report", day):
            return
        loaded = self._loaded()
        register = loaded.register
        since = moment - timedelta(days=1)
        morning = morning_of(self._ledger, register, since, moment)
        machine = [str(one) for one in before_night(self._home, self._ledger, self._parts.start_browser, moment)]
        machine += [f"× {name}: {why}" for name, why in self._failures.items()]
        coming = plan_night(self._home, loaded, self._ledger, moment.date(), moment)
        body = [*report_lines(morning, machine), "\n■ 今夜", *plan_lines(moment.date(), coming)]
        self._send(Notice("report", day, subject_of(morning, register.organization, moment), "\n".join(body)))

    def _send(self, notice: Notice) -> None:
        failed = self._parts.post.send(notice)
        if failed:
            raise SystemFailure(
                "。".join(one.rstrip("。") for one in failed) + "。",
                mend="設定 notify_ と webhook_ を確かめてください。",
            )

    def _loaded(self) -> Loaded:
        loaded = load_register(self._home)
        if isinstance(loaded, Problems):
            raise SystemFailure("台帳（registry.yaml）に問題があります。", mend="banken check で見て、直してください。")
        return loaded


def _due(moment: datetime, at: str, patience: timedelta) -> datetime | None:
    """Since when a duty of this time of day is to be done: its time has come, and is not long past."""
    for day in (moment.date(), moment.date() - timedelta(days=1)):
        begins = datetime.combine(day, time.fromisoformat(at), moment.tzinfo)
        if begins <= moment < begins + patience:
            return begins
    return None
