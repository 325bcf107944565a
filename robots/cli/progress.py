"""Showing a run while it goes: a progress bar on a terminal, a line a minute elsewhere; and its closing words."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from robots.cli.common import err, out, say, show_json
from robots.ledger.items import Item, Outcome
from robots.runner.hand import lend_hand
from robots.runner.order import Order, Parts
from robots.runner.report import Report
from robots.runner.run import run_scenario
from robots.runner.words import REHEARSED, STATES

_A_MINUTE = 60.0


class Pages:
    """How far the reading of scanned files has come."""

    def __init__(self) -> None:
        self._bar: Progress | None = None
        self._said = time.monotonic()

    def __enter__(self) -> Pages:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def reading(self, done: int, total: int) -> None:
        """So many files are done, of so many."""
        if err.is_terminal and total:
            if self._bar is None:
                self._bar = _bar()
                self._bar.start()
                self._bar.add_task("読み取り中", total=total)
            self._bar.update(self._bar.task_ids[0], completed=done)
            if done >= total:
                self.close()
        elif time.monotonic() - self._said >= _A_MINUTE:
            self._said = time.monotonic()
            say(f"  読み取り {done} / {total} 枚")

    def close(self) -> None:
        bar, self._bar = self._bar, None
        if bar is not None:
            bar.stop()


class Watcher:
    """The runner's Watch for a person at a terminal (or a log)."""

    def __init__(self, *, name: str, rehearsal: bool = False, bar: bool = True) -> None:
        self._name = name
        self._words = REHEARSED if rehearsal else STATES
        self._going_on = "" if rehearsal else "続きは banken resume で行えます。"
        self._with_bar = bar
        self._bar: Progress | None = None
        self._pages = Pages()
        self._total = self.count = 0
        self._stop = False
        self._said = time.monotonic()

    def reading(self, done: int, total: int) -> None:
        self._pages.reading(done, total)

    def begun(self, run: str, total: int) -> None:
        say(f"実行 {run}「{self._name}」 対象 {total} 件")
        self._total = total
        if err.is_terminal and total and self._with_bar:
            self._bar = _bar()
            self._bar.start()
            self._bar.add_task("処理中", total=total)

    def item(self, item: Item, outcome: Outcome) -> None:
        self.count += 1
        if outcome.state not in ("done", "skipped"):
            named = item.origin if item.key.startswith(f"（{item.origin}") else f"{item.key}（{item.origin}）"
            say(f"  {self._words[outcome.state]}: {named} {outcome.reason}")
        if self._bar is not None:
            self._bar.advance(self._bar.task_ids[0])
        elif time.monotonic() - self._said >= _A_MINUTE:
            self._said = time.monotonic()
            say(f"  {self.count} / {self._total} 件")

    def stop_wanted(self) -> bool:
        return self._stop

    def interrupt(self, _signal: int, _frame: FrameType | None) -> None:
        """Ctrl-C: the present item is brought to its end, then the run stops."""
        if not self._stop:
            say("いまの対象を終えたところで止めます。" + self._going_on)
        self._stop = True

    def close(self) -> None:
        self._pages.close()
        if self._bar is not None:
            self._bar.stop()


def _bar() -> Progress:
    """Results that are told meanwhile stand above it on the terminal, and go where they are sent otherwise."""
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    return Progress(*columns, console=err, redirect_stdout=out.is_terminal)


def carry_out(order: Order, parts: Parts, *, as_json: bool, bar: bool = True) -> int:
    """Runs, shows, tells; returns the exit code.  bar: whether a progress bar may stand on the terminal."""
    with _watching(Watcher(name=order.approved.scenario.name, rehearsal=order.rehearsal, bar=bar)) as watcher:
        report = run_scenario(order, parts, watcher)
    if as_json:
        show_json(report.as_json())
    else:
        tell_report(report)
    return report.exit_code


def share_in(order: Order, parts: Parts, run: str) -> None:
    """Works off items of a run that another process has begun, and tells how many."""
    with _watching(Watcher(name=order.approved.scenario.name, bar=False)) as watcher:
        if not lend_hand(order, parts, watcher, run):
            say("手分けする実行は、もう終わったか、人手が足りています。何もしませんでした。")
            return
    out.print(f"実行 {run} の対象を {watcher.count} 件行いました。", markup=False)


@contextmanager
def _watching(watcher: Watcher) -> Iterator[Watcher]:
    """Ctrl-C is the watcher's as long as the block runs."""
    before = signal.signal(signal.SIGINT, watcher.interrupt)
    try:
        yield watcher
    finally:
        signal.signal(signal.SIGINT, before)
        watcher.close()


def tell_report(report: Report) -> None:
    """A run's closing words."""
    words = STATES if report.planned is None else REHEARSED
    counts = "　".join(f"{words[state]} {count} 件" for state, count in report.items.items() if count) or "対象なし"
    ended = {"ended": "終わりました", "stopped": "途中で止めました", "failed": "終われませんでした"}.get(
        report.state, report.state
    )
    out.print(f"実行 {report.run} は{ended}（{report.seconds:.1f} 秒）: {counts}", markup=False)
    if report.message:
        out.print(f"  {report.message}", markup=False)
    if report.planned is not None:
        out.print(f"  登録予定: {report.planned}", markup=False)
    elif report.items["done"]:
        out.print(f"  削減時間: {report.gross:.2f} 時間（人の作業を引いた正味 {report.net:.2f} 時間）", markup=False)
    if report.evidence:
        out.print(f"  証跡: {report.evidence}", markup=False)
    if report.items["waiting"]:
        out.print(f"  確認: banken review {report.scenario} で確かめると、次の実行で登録します", markup=False)
    if report.exit_code and report.items["rejected"] + report.items["failed"] + report.items["in_doubt"]:
        out.print(f"  くわしくは banken show {report.run}", markup=False)
    sys.stdout.flush()
