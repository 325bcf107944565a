"""The demo's first story: from scanned paper, over a person's desk, into the core system."""

from __future__ import annotations

import json
import sys
import time
import unicodedata
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from robots.cli.common import out, registered, who
from robots.cli.demo_town import arrived
from robots.cli.progress import Watcher, tell_report
from robots.cli.review import sit_down
from robots.cli.run import cleared, inputs_of
from robots.form_rows import origin_of
from robots.ledger.lookup import scenario_items
from robots.ledger.reviews import tasks
from robots.registry.gate import Approved
from robots.runner.desk import Desk
from robots.runner.order import Order, Parts
from robots.runner.report import Report
from robots.runner.run import run_scenario
from robots.settings import Home

SCENARIO = "gakumu/shugaku-enjo"
SYSTEM = "gakumu"
CLERK = "s4001"
_SHOWN = 12

Truth = Mapping[str, Mapping[str, str]]
"""What stands on each paper of the sample, by origin (11-15.pdf 3ページ目) and field."""


@dataclass(frozen=True, slots=True)
class Told:
    """How the story went."""

    report: Report
    """Of the run after the review."""
    as_told: bool


def paper_story(home: Home, parts: Parts, url: str, *, headed: bool, items: int | None, ask: bool) -> Told:
    """Reads the papers, enters what is certain, has the rest confirmed, and enters that."""
    approved = cleared(home, registered(home), SCENARIO)
    truth = sample_truth(approved.folder / "sample" / "truth.json")
    out.print(
        f"■ 1. 紙から: 就学援助申請書 {len(truth)} 枚のスキャンを読み取り、学務システムへ入力します", markup=False
    )
    report = _run(approved, parts, headed=headed, items=items)
    waiting = tasks(parts.ledger, SCENARIO)
    if waiting:
        papers = len({row["item"] for row in waiting})
        out.print(f"\n■ 2. 人の確認: {papers} 枚の {len(waiting)} か所は、推測せずに職員に尋ねます", markup=False)
        if ask and sys.stdin.isatty():
            sit_down(home, registered(home), parts.ledger, parts.audit, waiting, CLERK)
        else:
            _answer_by_truth(Desk(parts.ledger, approved.scenario.forms, CLERK, parts.audit), waiting, truth)
        out.print("\n■ 3. 確認の済んだものを登録します", markup=False)
        report = _run(approved, parts, headed=headed, items=items)
    as_told = _tell_entries(parts, url, truth)
    good = report.state == "ended" and not (report.items["failed"] or report.items["in_doubt"])
    return Told(report, as_told and good)


def sample_truth(place: Path) -> dict[str, Mapping[str, str]]:
    """The sample's own account of what was written (OSError where it is not there)."""
    pages = json.loads(place.read_text(encoding="utf-8"))["pages"]
    return {origin_of(f"{one['file']}#{one['page']}"): one["fields"] or {} for one in pages}


def _run(approved: Approved, parts: Parts, *, headed: bool, items: int | None) -> Report:
    watcher = Watcher(name=approved.scenario.name)
    try:
        report = run_scenario(
            Order(approved, inputs_of(approved, {}), who(), headed=headed, limit=items), parts, watcher
        )
    finally:
        watcher.close()
    tell_report(report)
    return report


def _answer_by_truth(desk: Desk, waiting: list[sa.RowMapping], truth: Truth) -> None:
    out.print("（デモでは見本の正解を職員の答えとして使います。自分で答えるには banken demo --ask）", markup=False)
    spent, shown = 0.0, 0
    gone: set[int] = set()
    for row in waiting:
        if row["item"] in gone:
            continue
        began = time.monotonic()
        meant = truth.get(row["origin"], {}).get(row["field"])
        try:
            if meant is None:
                raise ValueError("読めなかったため、紙を見て手で入力する")
            taken = desk.correct(row, meant, seconds=time.monotonic() - began)
            told = f"「{row['proposed'] or '空欄'}」→「{taken.task['answer'] or '空欄'}」"
        except ValueError as error:
            taken = desk.exclude(row, str(error), seconds=time.monotonic() - began)
            gone.add(row["item"])
            told = f"除外（{error}）"
        spent += float(taken.task["seconds"])
        shown += 1
        if shown <= _SHOWN:
            more = f"（ほか {len(row['why']) - 1} つ）" if len(row["why"]) > 1 else ""
            reason = f"{row['why'][0]}{more}" if row["why"] else ""
            out.print(f"  {row['origin']}　{row['field'] or '全体'}: {told}　理由: {reason}", markup=False)
    if shown > _SHOWN:
        out.print(f"  ほか {shown - _SHOWN} か所", markup=False)
    out.print(
        f"確認にかかった時間は、測ったとおりに記録します（ここでは正解を写しただけなので {spent:.2f} 秒）。",
        markup=False,
    )


def _tell_entries(parts: Parts, url: str, truth: Truth) -> bool:
    """Asks the town itself: each done item once, nothing else of ours, and every value as it stands on the paper."""
    entries = arrived(url, SYSTEM)
    counts = Counter(str(entry["key"]) for entry in entries)
    done = {row["key"]: row["origin"] for row in scenario_items(parts.ledger, SCENARIO, "done")}
    missing, twice = set(done) - set(counts), [key for key, count in counts.items() if count > 1]
    wrong = [
        f"{done[key]} {name}: 紙は「{meant}」、登録は「{entered}」"
        for entry in entries
        if (key := str(entry["key"])) in done
        for name, meant, entered in _differences(truth.get(done[key], {}), entry["values"])
    ]
    out.print(
        f"練習市に届いた申請: {len(entries)} 件（二重登録 {len(twice)} 件、届いていないもの {len(missing)} 件、"
        f"紙と違う値 {len(wrong)} か所）",
        markup=False,
    )
    for line in wrong:
        out.print(f"  違い: {line}", markup=False)
    return not (missing or twice or wrong)


def _differences(meant: Mapping[str, str], entered: object) -> list[tuple[str, str, str]]:
    if not isinstance(entered, Mapping):
        return []
    pairs = [(name, meant[name], entered[name]) for name in meant if name in entered]
    return [(name, told, _plain(got)) for name, told, got in pairs if _plain(told) != _plain(got)]


def _plain(value: object) -> str:
    """A value without what a screen changes of it: width, hyphens of a postal code, the order of ticks."""
    parts = value if isinstance(value, list) else str(value).split("、")
    return "、".join(sorted(unicodedata.normalize("NFKC", str(part)).replace("-", "") for part in parts))
