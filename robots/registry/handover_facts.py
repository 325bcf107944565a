"""What the next person must know of a scenario, as plain lines: from its files, its entry and the ledger."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from robots.clock import shown
from robots.ledger.runs import latest_runs, run_counts
from robots.ledger.store import Ledger
from robots.ledger.tallies import tallies
from robots.params import Deferred
from robots.registry.load import Loaded
from robots.registry.model import Entry, Register
from robots.registry.schedule import Schedule
from robots.registry.step_words import lines_of
from robots.savings.figures import hours_of, in_hours
from robots.scenario.model import INPUT_TYPES, Scenario
from robots.step import Step

LATEST = 10
"""Runs in the history."""
_DATA = {"none": "個人情報なし", "personal": "個人情報を扱う", "my_number": "個人番号（マイナンバー）を扱う"}
_BUILT = {"in_house": "内製", "contractor": "委託"}
_RUN_STATES = {"running": "実行中", "ended": "終了", "stopped": "停止", "failed": "失敗", "interrupted": "中断"}
_ITEMS = {
    "done": "完了",
    "rejected": "業務エラー",
    "failed": "システムエラー",
    "waiting": "確認待ち",
    "in_doubt": "不明",
}
_READS = {
    "excel.read_table": ("book", "columns"),
    "excel.read_cells": ("book", "cells"),
    "csv.read": ("file", "columns"),
    "form.read": ("from", ""),
    "pdf.text": ("file", ""),
}
"""The steps that read what people hand in: the parameter that says where it lies, and that with the names it needs."""


@dataclass(frozen=True, slots=True)
class Part:
    """One heading of the sheet and its lines: a label (or empty) and a text."""

    heading: str
    lines: tuple[tuple[str, str], ...]


def parts_of_sheet(loaded: Loaded, scenario: Scenario, ledger: Ledger) -> list[Part]:
    """The sheet's first page and what follows it, in order."""
    register, entry = loaded.register, loaded.register.scenarios[scenario.id]
    told = (
        ("目的", _purpose(register, scenario, entry)),
        ("担当", _people(register, entry)),
        ("いつ動くか", _when(entry)),
        ("入力するもの", [*_inputs(scenario), *_files(scenario)]),
        ("触れる画面とファイル", _touches(scenario)),
        (
            "止め方",
            [
                ("安全な止め方", entry.stop.strip()),
                ("動きを止める", f"banken approve {scenario.id} --suspend --why 理由 --as 番号"),
            ],
        ),
        ("うまくいかないとき", _failing(scenario)),
        ("これまで", [*_approvals(register, entry), *_runs(ledger, scenario.id)]),
        ("削減時間", _savings(ledger, entry, scenario.id)),
    )
    return [Part(heading, tuple(lines)) for heading, lines in told]


def procedure_of(scenario: Scenario) -> list[tuple[str, str]]:
    """Every step in words, with the section that it belongs to."""
    return [(line.section, f"{'　' * line.depth}{line.text}") for line in lines_of(scenario)]


def _purpose(register: Register, scenario: Scenario, entry: Entry) -> Iterator[tuple[str, str]]:
    yield "何をするか", scenario.summary or scenario.name
    if entry.review:
        yield "自動化の前の改善", "、".join(str(one) for one in entry.review.values())
    yield "扱うデータ", _DATA[entry.data]
    yield "作り方", _BUILT[entry.built_by]
    if entry.reviewed_by is not None:
        yield "見直しの期限", f"{entry.reviewed_by} まで（過ぎると動きません）"


def _people(register: Register, entry: Entry) -> Iterator[tuple[str, str]]:
    for role, key in (("所有者", entry.owner), ("副担当", entry.deputy)):
        person = register.people.get(key)
        department = register.departments.get(person.department) if person is not None else None
        left = f"、{person.left} に離れた" if person is not None and person.left is not None else ""
        yield role, f"{person.name if person else ''}（{key}{f'、{department.name}' if department else ''}{left}）"


def _when(entry: Entry) -> Iterator[tuple[str, str]]:
    yield "予定", schedule_words(entry.schedule)
    yield "動かす端末", "、".join("どの端末でも" if one == "*" else one for one in entry.runs_on)
    if entry.schedule is not None and entry.schedule.resources:
        yield "同時に使えないもの", "、".join(entry.schedule.resources)


def schedule_words(schedule: Schedule | None) -> str:
    """When it runs, in one line."""
    if schedule is None:
        return "予定はなく、人が動かします（banken run）"
    times = schedule.times
    at = (
        "・".join(f"{one:%H:%M}" for one in times)
        if len(times) <= 4
        else f"{times[0]:%H:%M} から {times[-1]:%H:%M} まで {len(times)} 回"
    )
    words = [schedule.on.written if schedule.on is not None else "", at]
    words += [f"{'、'.join(schedule.after)} が正常に終わったら"] if schedule.after else []
    words += [f"期間 {schedule.season.first:%m/%d} から {schedule.season.last:%m/%d}"] if schedule.season else []
    words += [f"{schedule.finish_by:%H:%M} までに終える"] if schedule.finish_by else []
    words += [f"{schedule.share} つのプロセスで手分けする"] if schedule.share else []
    return "　".join(word for word in words if word)


def _inputs(scenario: Scenario) -> Iterator[tuple[str, str]]:
    types = {english: ja for ja, english in INPUT_TYPES.items()}
    for name, one in scenario.inputs.items():
        default = "" if one.default is None else f"、指定しなければ {_written(one.default)}"
        yield f"指定する値 {name}", f"{types[one.type]}{default}{f'。{one.doc}' if one.doc else ''}"
    if not scenario.inputs:
        yield "指定する値", "ありません"


def _files(scenario: Scenario) -> Iterator[tuple[str, str]]:
    for step in scenario.steps():
        place, names = _READS.get(step.kind.name, ("", ""))
        if place and isinstance(step.raw, dict):
            needed = _names(step.raw.get(names))
            form = _written(step.raw.get("form", "")) if step.kind.name == "form.read" else ""
            needs = f"\n必要な列・項目: {'、'.join(needed)}" if needed else ""
            yield step.kind.ja, f"{form}{'　' if form else ''}{_written(step.raw.get(place, ''))}{needs}"
    if scenario.columns:
        yield "使う列", "、".join(scenario.columns)


def _names(raw: object) -> list[str]:
    if isinstance(raw, Mapping):
        return [str(one) for one in raw]
    return [_written(one) for one in raw] if isinstance(raw, list) else []


def _written(value: object) -> str:
    return str(getattr(value, "source", value)) if isinstance(value, Deferred) else str(value)


def _touches(scenario: Scenario) -> Iterator[tuple[str, str]]:
    uses = scenario.uses
    for name, address in uses.sites.items():
        screens = dict.fromkeys(filter(None, (_screen(step) for step in scenario.steps())))
        yield (
            f"サイト {name}",
            f"{address}{_under('開く画面', [one for one in screens if f'サイト.{name}' in one or address in one])}",
        )
    for name, place in uses.folders.items():
        yield f"フォルダ {name}", place
    for ja, names in (("資格情報", uses.credentials), ("帳票", uses.forms), ("メールの宛先", uses.mail)):
        if names:
            yield ja, "、".join(names)


def _screen(step: Step) -> str:
    raw = step.raw
    return _written(raw.get("url", "")) if step.kind.name == "browser.open" and isinstance(raw, dict) else ""


def _under(heading: str, lines: list[str]) -> str:
    return "".join((f"\n{heading}:", *(f"\n・{one}" for one in lines))) if lines else ""


def _failing(scenario: Scenario) -> Iterator[tuple[str, str]]:
    id = scenario.id
    yield (
        "まず見るところ",
        f"banken runs {id} で結果を見て、banken show 実行の番号 で失敗した手順と画面の写しを見ます。",
    )
    yield (
        "業務エラー",
        "元のデータ（書類・Excel）に理由があります。直して、もう一度動かします。完了した対象は二度登録されません。",
    )
    yield "システムエラー", "画面や通信に理由があります。落ち着いてから banken run でもう一度動かします。"
    if scenario.commit is not None:
        check = (
            "確かめる手順があり、途中で止まった対象はまずそれで確かめます。"
            if _checks(scenario)
            else "確かめる手順はありません。"
        )
        yield (
            "不明",
            f"登録の途中で止まった対象です。{check}画面で登録の有無を見て、banken settle で「登録済み」か「やり直す」を決めます。",
        )
    if any(step.kind.name.startswith(("human.", "form.")) for step in scenario.steps()):
        yield "確認待ち", f"人が確かめるまで登録されません。banken review {id} --as 職員番号 で答えます。"
    yield "画面が変わったとき", f"banken check --live {id} が、なくなった項目と直す行を示します。"


def _checks(scenario: Scenario) -> bool:
    commit = scenario.commit
    return commit is not None and isinstance(commit.raw, dict) and bool(commit.raw.get("already_done"))


def _approvals(register: Register, entry: Entry) -> Iterator[tuple[str, str]]:
    approval = entry.approval
    if approval is None:
        yield "承認", "承認されていません"
        return
    person = register.people.get(approval.by)
    yield (
        "承認",
        f"{approval.number} 番　{approval.on} に {person.name if person else approval.by} が承認　期限 {approval.until}",
    )


def _runs(ledger: Ledger, id: str) -> Iterator[tuple[str, str]]:
    rows = latest_runs(ledger, id, LATEST)
    counts = run_counts(ledger, [row["id"] for row in rows])
    for row in rows:
        items = "・".join(
            f"{ja} {counts[row['id']][state]}" for state, ja in _ITEMS.items() if counts[row["id"]].get(state)
        )
        kind = "リハーサル" if row["rehearsal"] else _RUN_STATES[row["state"]]
        yield shown(row["started_at"])[:16], f"{kind}　{items or '対象なし'}（{row['machine']}）"
    if not rows:
        yield "実行", "まだありません"


def _savings(ledger: Ledger, entry: Entry, id: str) -> Iterator[tuple[str, str]]:
    base, hours = entry.baseline, hours_of(tallies(ledger, scenario=id))
    once = f"、1 回ごとに {base.minutes_per_run} 分" if Decimal(base.minutes_per_run) else ""
    yield "基準時間", f"1 件 {base.minutes_per_item} 分{once}（{base.measured} に測定。{base.how}）"
    yield (
        "これまでの合計",
        (
            f"{hours.items:,} 件　手でした場合 {in_hours(hours.before):,} 時間 − 人の作業 {in_hours(hours.after):,} 時間"
            f" ＝ 正味 {in_hours(hours.saved):,} 時間"
        ),
    )
