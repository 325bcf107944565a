"""The morning report: what ran, what failed and why, what waits for a person, hours saved, and how the machine is.

It leaves the house by mail and chat, so nothing that may hold a citizen's value is in it: reasons that quote data
(a run's message, a failed step's text) are left out, and the step, its count and the place to look are told instead.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from robots.clock import fiscal_year, shown
from robots.ledger.nights import audit_end, ended_firings, runs_of_night, steps_that_failed
from robots.ledger.overview import Left, left_over
from robots.ledger.runs import run_counts
from robots.ledger.store import Ledger
from robots.ledger.tallies import Span, run_tally, tallies
from robots.registry.model import Register
from robots.savings.figures import hours_of, in_hours

_RUN_STATES = {
    "ended": "終わり",
    "stopped": "途中で止まり",
    "failed": "失敗",
    "running": "実行中",
    "interrupted": "中断",
}
_COUNTS = {
    "done": "完了",
    "rejected": "業務エラー",
    "failed": "失敗",
    "waiting": "確認待ち",
    "in_doubt": "不明",
    "committing": "不明",
}
_OURS = ("held", "missed", "refused")
"""States of a firing whose reason Banken words itself, out of the register alone."""
_MOST = 3


@dataclass(frozen=True, slots=True)
class Ran:
    """One run of the night."""

    scenario: str
    name: str
    state: str
    began: str
    ended: str
    counts: str
    well: bool
    why: str = ""


@dataclass(frozen=True, slots=True)
class Morning:
    """All that the report tells."""

    ran: Sequence[Ran]
    unbegun: Sequence[str]
    """Turns that did not begin, each with its reason."""
    left: Sequence[Left]
    hours: float
    """Net hours that the night's runs saved."""
    year: int
    year_hours: float
    """Net hours of the fiscal year so far."""
    audit: tuple[int, str]

    @property
    def failed(self) -> int:
        return sum(1 for one in self.ran if not one.well) + len(self.unbegun)


def morning_of(ledger: Ledger, register: Register, since: datetime, until: datetime) -> Morning:
    """What happened from ``since`` to ``until``.  Raises: SystemFailure where the ledger can't be read."""
    rows = runs_of_night(ledger, since, until)
    ids = [row["id"] for row in rows]
    counts, steps = run_counts(ledger, ids), steps_that_failed(ledger, ids)
    fired = ended_firings(ledger, since, until)
    asked = {row["run"]: row for row in fired if row["run"]}
    ran = [_ran(row, counts[row["id"]], steps.get(row["id"], {}), asked.get(row["id"])) for row in rows]
    known = set(ids)
    unbegun = [
        _unbegun(row, register)
        for row in fired
        if row["run"] not in known and row["state"] not in ("queued", "running")
    ]
    starts = register.fiscal_year_starts
    year = fiscal_year(until.date(), starts)
    span = Span(f"{year}-{starts:02d}", f"{until:%Y-%m}", starts=starts)
    return Morning(
        ran,
        unbegun,
        left_over(ledger),
        in_hours(hours_of(run_tally(ledger, run) for run in ids).saved),
        year,
        in_hours(hours_of(tallies(ledger, span)).saved),
        audit_end(ledger),
    )


def _ran(row: sa.RowMapping, counts: dict[str, int], steps: dict[str, int], firing: sa.RowMapping | None) -> Ran:
    told: dict[str, int] = {}
    for state, count in counts.items():
        if state in _COUNTS:
            told[_COUNTS[state]] = told.get(_COUNTS[state], 0) + count
    bad = told.get("失敗", 0) + told.get("不明", 0)
    well = row["state"] in ("ended", "running") and not bad
    return Ran(
        scenario=row["scenario"],
        name=row["scenario_name"],
        state=_RUN_STATES[row["state"]],
        began=shown(row["started_at"])[11:16],
        ended=shown(row["ended_at"])[11:16],
        counts="・".join(f"{name} {count}" for name, count in told.items() if count),
        well=well,
        why="" if well else _why(row, steps, firing),
    )


def _why(row: sa.RowMapping, steps: dict[str, int], firing: sa.RowMapping | None) -> str:
    """In plain words, without any value of the data."""
    parts = [f"手順「{step}」で {count} 回" for step, count in list(steps.items())[:_MOST]]
    if len(steps) > _MOST:
        parts.append(f"ほか {len(steps) - _MOST} 手順")
    if firing is not None and firing["stop_at"]:
        parts.insert(0, "終了期限か、時間・メモリの上限に達したため止めた")
    if row["state"] == "interrupted":
        parts.insert(0, "実行のプロセスが途中で落ちた")
    what = "、".join(parts) or "手順の外で起きた"
    return f"{what}。くわしくは banken show {row['id']}"


def _unbegun(row: sa.RowMapping, register: Register) -> str:
    entry = register.scenarios.get(row["scenario"])
    name = entry.name if entry is not None else row["scenario"]
    why = row["reason"] if row["state"] in _OURS else f"始められませんでした。記録は var/logs/nightly-{row['id']}.log"
    state = {"held": "先行待ちのまま", "missed": "時刻を逃した", "refused": "断った"}.get(row["state"], "失敗")
    return f"{name}（{row['scenario']}）{shown(row['due'])[11:16]} の回 — {state}: {why}"


def subject_of(morning: Morning, organization: str, day: datetime) -> str:
    """One line that tells whether anybody must look."""
    waits = sum(sum(one.counts.values()) for one in morning.left)
    state = f"失敗・未実行 {morning.failed}" if morning.failed else "失敗なし"
    return f"番犬 朝の報告 {day:%m/%d}（{organization}）: 実行 {len(morning.ran)}、{state}、人を待つもの {waits}"


def report_lines(morning: Morning, machine: Sequence[str]) -> Iterator[str]:
    """The report as text.  machine: lines on the machine's health (care.py)."""
    yield "■ 動いたもの"
    for one in morning.ran:
        ended = f"–{one.ended}" if one.ended else ""
        counts = f" {one.counts}" if one.counts else " 対象なし"
        yield f"{'○' if one.well else '×'} {one.name}（{one.scenario}）{one.began}{ended} {one.state}:{counts}"
        if one.why:
            yield f"    {one.why}"
    if not morning.ran:
        yield "ありません。"
    if morning.unbegun:
        yield "\n■ 始まらなかったもの"
        yield from (f"× {one}" for one in morning.unbegun)
    yield "\n■ 人を待っているもの"
    for left in morning.left:
        counts = "・".join(f"{_COUNTS[state]} {count}" for state, count in left.counts.items())
        yield f"{left.scenario}: {counts}{f'（確認 {left.tasks} 件）' if left.tasks else ''}"
    if not morning.left:
        yield "ありません。"
    yield "\n■ 削減時間（正味）"
    yield f"昨夜 {morning.hours:,.1f} 時間、{morning.year}年度の累計 {morning.year_hours:,.1f} 時間"
    yield "\n■ 端末と記録"
    yield from machine
    number, digest = morning.audit
    yield f"監査記録 {number} 番 {digest}"
