"""banken runs, show, items: what has been run, and what became of it."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from robots.cli.common import AsJson, Code, Stop, here, out, say, show_json
from robots.clock import shown
from robots.ledger.lookup import items_of_run, scenario_items
from robots.ledger.runs import get_run, latest_runs, run_counts, run_failures
from robots.ledger.tables import ITEM_STATES
from robots.runner.report import report_of, shown_counts
from robots.runner.words import RUN_STATES, STATES
from robots.values import text_of
from robots.wiring import records


def runs(
    scenario: Annotated[str | None, typer.Argument(help="シナリオの番号。省くとすべて")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="新しいものから何件")] = 20,
    as_json: AsJson = False,
) -> None:
    """実行の一覧（新しい順）。"""
    with records(here()) as (ledger, _):
        rows = latest_runs(ledger, scenario, limit)
        counts = run_counts(ledger, [row["id"] for row in rows])
    if as_json:
        show_json([_run_json(row) | {"items": shown_counts(counts[row["id"]])} for row in rows])
        return
    if not rows:
        out.print("まだ実行がありません。")
        return
    table = Table(
        "実行", "シナリオ", "状態", "始まり", "終わり", "完了", "業務エラー", "失敗", "確認待ち", "不明", box=None
    )
    for row in rows:
        shown_ = shown_counts(counts[row["id"]])
        table.add_row(
            row["id"],
            row["scenario"],
            "リハーサル" if row["rehearsal"] else RUN_STATES[row["state"]],
            shown(row["started_at"]),
            shown(row["ended_at"]),
            *(
                "—" if row["rehearsal"] else str(shown_[state])
                for state in ("done", "rejected", "failed", "waiting", "in_doubt")
            ),
        )
    out.print(table)


def show(run: Annotated[str, typer.Argument(help="実行の番号")], as_json: AsJson = False) -> None:
    """一つの実行をくわしく見る。"""
    home = here()
    with records(home) as (ledger, _):
        row = get_run(ledger, run)
        if row is None:
            say(f"実行 {run} は記録にありません。banken runs で番号を確かめてください。")
            raise Stop(Code.USAGE)
        items_ = items_of_run(ledger, run)
        failures = run_failures(ledger, run)
        report = report_of(ledger, run, seconds=0, evidence=str(home.var / "runs" / run))
    if as_json:
        show_json(
            _run_json(row)
            | {
                "items": report.items,
                "hours": {"gross": report.gross, "net": report.net},
                "evidence": report.evidence,
                "results": [
                    {name: item[name] for name in ("key", "origin", "state", "reason", "seconds", "at")}
                    for item in items_
                ],
                "failed_steps": [
                    {name: step[name] for name in ("key", "step", "place", "what", "mend", "evidence")}
                    for step in failures
                ],
            }
        )
        return
    out.print(f"実行 {run}　{row['scenario_name']}（{row['scenario']}）", markup=False)
    out.print(f"状態: {RUN_STATES[row['state']]}　{shown(row['started_at'])} から {shown(row['ended_at']) or '—'}")
    out.print("　".join(f"{STATES[state]} {count} 件" for state, count in report.items.items() if count) or "対象なし")
    out.print(f"削減時間: {report.gross:.2f} 時間（正味 {report.net:.2f} 時間）　承認: {row['digest'][:19]}…")
    if row["message"]:
        out.print(row["message"], markup=False)
    for item in items_:
        if item["state"] not in ("done", "skipped", "ready"):
            out.print(f"\n{STATES[item['state']]}: {item['key']}（{item['origin']}）\n  {item['reason']}", markup=False)
            for step in failures:
                if step["item"] == item["item"]:
                    out.print(f"  手順: {step['place']}\n  どうするか: {step['mend']}", markup=False)
                    if step["evidence"]:
                        out.print(f"  証跡: {step['evidence']}", markup=False)


def items(
    scenario: Annotated[str, typer.Argument(help="シナリオの番号")],
    state: Annotated[
        str | None, typer.Option("--state", help="この状態のものだけ（done・rejected・failed・in_doubt など）")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """シナリオの対象と、その状態。"""
    if state is not None and state not in ITEM_STATES:
        say(f"「{state}」という状態はありません。使えるのは {'、'.join(ITEM_STATES)} です。")
        raise Stop(Code.USAGE)
    with records(here()) as (ledger, _):
        rows = scenario_items(ledger, scenario, state)
    if as_json:
        names = ("id", "key", "state", "origin", "run", "reason", "attempts", "intent_at", "done_at", "updated_at")
        show_json([{name: row[name] for name in names} for row in rows])
        return
    table = Table("番号", "キー", "状態", "元データ", "理由", "更新", box=None)
    for row in rows:
        table.add_row(
            *(text_of(value) for value in (row["id"], row["key"], STATES[row["state"]], row["origin"], row["reason"])),
            shown(row["updated_at"]),
        )
    out.print(table if rows else "その対象はありません。")


def _run_json(row: object) -> dict[str, object]:
    names = (
        "id",
        "scenario",
        "state",
        "rehearsal",
        "started_at",
        "ended_at",
        "digest",
        "machine",
        "who",
        "continues",
        "message",
    )
    return {("run" if name == "id" else name): row[name] for name in names}  # type: ignore[index]
