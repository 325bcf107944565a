"""banken demo --town nagaoka: a town with 100 works and a year of runs in its ledger, to look at the savings report."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

import sqlalchemy as sa

from practice.towns import Work, nagaoka
from robots.cli.common import Code, Stop, out, registered, say
from robots.cli.savings import show_savings
from robots.clock import JST, fiscal_year, stamp, today
from robots.ledger.bulk import insert_many
from robots.ledger.people import Cost, book_cost
from robots.ledger.recount import mend, recount
from robots.ledger.rollups import FACTS, UNITS, open_sums
from robots.ledger.store import Ledger
from robots.ledger.tables import human_minutes, items, run_items, runs
from robots.ledger.tallies import TOWN
from robots.registry.load import Loaded
from robots.registry.reporting import report_wanted
from robots.savings.statement import statement
from robots.savings.table import table_rows
from robots.scenario.draft import Plan, Screen, draft
from robots.settings import REGISTER_NAME, open_home
from robots.values import to_json
from robots.wiring import records

_FOLDER = "banken-nagaoka"
_INITIAL, _YEARLY = Decimal(5_563_000), Decimal(8_969_000)
_HOURLY = 2800
_CHECKS_AN_HOUR = 60
_QUARTERS = 4
_LETTERS = 6


def show_nagaoka() -> None:
    """Makes the town beside us unless it is there, and shows its report."""
    root = Path.cwd() / _FOLDER
    works = nagaoka()
    fresh = not (root / REGISTER_NAME).exists()
    if fresh:
        _write_town(root, works)
    home = open_home(root)
    loaded = registered(home)
    year = fiscal_year(today(), loaded.register.fiscal_year_starts) - 1
    with records(home) as (ledger, _):
        if fresh:
            out.print(f"{root} に、{len(works)} 本のシナリオと {year} 年度の実行の記録を作っています。", markup=False)
            fill(ledger, loaded, works, year)
        drawn = statement(ledger, report_wanted(loaded.register, today(), year=None, by="division"))
        if not drawn.lines:
            say(f"{root} に記録がありません。フォルダを消して、もう一度お試しください。")
            raise Stop(Code.PROBLEMS)
    show_savings(table_rows(drawn.lines, drawn.total, "division"))
    out.print(
        "\n合計の時間と費用は長岡市の公表値です（総務省の事例集）。シナリオごとの内訳・件数・人件費の単価は見本です。",
        markup=False,
    )
    banken = "banken" if sys.platform == "win32" or not (root.parent / "run").is_file() else "../run banken"
    out.print(f"\n■ 次に試すこと（cd {_FOLDER} のあとで）", markup=False)
    for command in (
        "savings --by scenario",
        "savings --out 削減時間.xlsx",
        "savings --out 削減時間.pdf",
        "savings --recount",
    ):
        out.print(f"  {banken} {command}", markup=False)


def fill(ledger: Ledger, loaded: Loaded, works: Sequence[Work], year: int) -> None:
    """Writes a fiscal year of runs, items, people's minutes and costs, many at a time, and then adds them up."""
    first = date(year, loaded.register.fiscal_year_starts, 1)
    days = [day for number in range(366) if (day := first + timedelta(number)) < first.replace(year=year + 1)]
    open_days = [day for day in days if loaded.register.open_days.is_open(day)]
    with ledger.writing() as connection:
        known = connection.execute(sa.select(sa.func.coalesce(sa.func.max(items.c.id), 0))).scalar_one()
        for number, work in enumerate(works):
            known = _fill_work(connection, work, number, list(_days(work, open_days)), known)
    for yen, initial, note in ((_INITIAL, True, "初期費用"), (_YEARLY, False, "年間の使用料")):
        book_cost(ledger, Cost(TOWN, "licence", yen, initial, first, "d0001", note))
    mend(ledger, recount(ledger).differences)


def _days(work: Work, open_days: Sequence[date]) -> Iterator[date]:
    """The days on which it runs: every open day, or the first of each week or month."""
    before: object = None
    for day in open_days:
        mark = {"day": day, "week": day.isocalendar()[:2], "month": (day.year, day.month)}[work.every]
        if mark != before:
            yield day
        before = mark


def _fill_work(connection: sa.Connection, work: Work, number: int, days: Sequence[date], known: int) -> int:
    """One work's year; returns the last item's number."""
    facts = _facts(work)
    facts_id = open_sums(connection, facts, stamp(_evening(days[0], number)))
    begun = [(day, _evening(day, number), _run_id(_evening(day, number), number)) for day in days]
    connection.execute(runs.insert(), [_run(work, facts, facts_id, run, at) for _, at, run in begun])
    entered, visits, spent = [], [], []
    reviewed = work.people - work.people // _QUARTERS
    for place, (_, at, run) in enumerate(begun):
        when = stamp(at + timedelta(minutes=20))
        for ordinal in range(1, _share(work.items, len(days), place) + 1):
            known += 1
            entered.append(_item(work, run, known, when))
            visits.append(
                {
                    "run": run,
                    "item": known,
                    "ordinal": ordinal,
                    "state": "done",
                    "reason": "",
                    "seconds": "3",
                    "at": when,
                }
            )
        units = _share(reviewed * UNITS, len(days), place)
        spent.append(_minutes(work, run, "review", Decimal(units) / UNITS, when))
    for quarter in range(_QUARTERS):
        minutes = _share(work.people // _QUARTERS, _QUARTERS, quarter)
        spent.append(_minutes(work, None, "maintenance", Decimal(minutes), stamp(begun[len(begun) * quarter // 4][1])))
    insert_many(connection, items, entered)
    insert_many(connection, run_items, visits)
    connection.execute(human_minutes.insert(), spent)
    return known


def _share(whole: int, parts: int, place: int) -> int:
    """Whole numbers as even as can be, which add up to the whole."""
    return whole // parts + (place < whole % parts)


def _evening(day: date, number: int) -> datetime:
    return datetime.combine(day, time(19, number // 60, number % 60), JST)


def _run_id(at: datetime, number: int) -> str:
    letters = "".join(chr(ord("a") + int(digit)) for digit in f"{number:0{_LETTERS}d}")
    return f"{at:%Y%m%d-%H%M%S}-{letters}"


def _facts(work: Work) -> dict[str, object]:
    facts = {
        "scenario": work.scenario,
        "scenario_name": work.name,
        "department": work.department,
        "department_name": work.department_name,
        "division": work.division,
        "built_by": work.built_by,
        "minutes_per_item": str(work.minutes),
        "minutes_per_run": "0",
        "hourly_cost": str(_HOURLY),
        "measured": work.measured.isoformat(),
    }
    return {name: facts[name] for name in FACTS}


def _run(work: Work, facts: dict[str, object], facts_id: str, run: str, at: datetime) -> dict[str, object]:
    return facts | {
        "id": run,
        "state": "ended",
        "rehearsal": False,
        "inputs": {},
        "digest": "見本",
        "version": "見本",
        "machine": "robot-1",
        "who": f"{work.department}1",
        "started_at": stamp(at),
        "ended_at": stamp(at + timedelta(minutes=30)),
        "finished": True,
        "continues": None,
        "facts": facts_id,
        "message": "",
    }


def _item(work: Work, run: str, number: int, when: str) -> dict[str, object]:
    key = f"R-{number:07d}"
    return {
        "id": number,
        "scenario": work.scenario,
        "key": key,
        "key_mark": key,
        "source": None,
        "state": "done",
        "run": run,
        "origin": "見本",
        "values": to_json({}),
        "values_digest": key,
        "result": {},
        "reason": "",
        "attempts": 1,
        "finished": True,
        "intent_at": when,
        "done_at": when,
        "updated_at": when,
    }


def _minutes(work: Work, run: str | None, kind: str, minutes: Decimal, at: str) -> dict[str, object]:
    spent: dict[str, object] = {
        "scenario": work.scenario,
        "run": run,
        "item": None,
        "kind": kind,
        "minutes": f"{minutes:f}",
    }
    return spent | {"who": f"{work.department}1", "note": "", "at": at}


# --- the folder ---


def _write_town(root: Path, works: Sequence[Work]) -> None:
    for work in works:
        folder = root / "scenarios" / work.scenario
        (folder / "sample").mkdir(parents=True, exist_ok=True)
        screen = Screen("業務", "http://127.0.0.1:8710", "/", "登録", "practice")
        plan = Plan(work.scenario.rpartition("/")[2], work.name, "一覧.csv", ("受付番号", "氏名"), "受付番号", screen)
        (folder / "scenario.yaml").write_text(draft(plan), encoding="utf-8")
        (folder / "sample" / "一覧.csv").write_text("受付番号,氏名\n", encoding="utf-8-sig")
    (root / REGISTER_NAME).write_text(_register(works), encoding="utf-8")


def _register(works: Sequence[Work]) -> str:
    departments = {work.department: work for work in works}
    lines = [
        "# 見本の町: 合計の時間と費用は長岡市の公表値、シナリオごとの内訳は見本です。",
        "organization: 長岡市（見本）",
        "fiscal_year_starts: 4",
        "closed_days: [sat, sun, holidays, 12/29-01/03]",
        f"hourly_cost: {_HOURLY}",
        "",
        "departments:",
        *(f"  {key}: {{name: {work.department_name}, division: {work.division}}}" for key, work in departments.items()),
        "",
        "people:",
    ]
    for key, work in departments.items():
        for number, role in ((1, "担当"), (2, "係長")):
            lines.append(
                f"  {key}{number}: {{name: {work.department_name}の{role}, department: {key}, roles: [author]}}"
            )
    lines += ["", "scenarios:"]
    for work in works:
        lines += [
            f"  {work.scenario}:",
            f"    name: {json.dumps(work.name, ensure_ascii=False)}",
            f"    owner: {work.department}1",
            f"    deputy: {work.department}2",
            '    runs_on: ["*"]',
            "    stop: いまの対象が終わるのを待って止める",
            "    data: none",
            f"    built_by: {work.built_by}",
            "    baseline:",
            f"      minutes_per_item: {work.minutes}",
            f"      items_per_year: {work.items}",
            f"      measured: {work.measured}",
            "      how: 見本",
        ]
    return "\n".join(lines) + "\n"
