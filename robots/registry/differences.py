"""What an approver is shown before signing: what the scenario may newly touch first, then the register's keys, then the
steps in words, then the files; against the last approved version, or all of it where there is none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from robots.registry.approve import Request
from robots.registry.digest import governed
from robots.registry.model import Approval
from robots.registry.step_words import commits_of, lines_of
from robots.registry.versions import Version, kept_version
from robots.scenario.model import Scenario
from robots.scenario.validate import read_scenario
from robots.settings import SCENARIO_NAME, Home

_KEYS = {
    "owner": "所有者",
    "deputy": "副担当",
    "runs_on": "動かしてよい端末",
    "data": "扱うデータ",
    "schedule": "いつ動かすか",
    "baseline": "基準時間",
}


@dataclass(frozen=True, slots=True)
class Section:
    """One part of what is shown.  lines: in words; ［＋］ came, ［－］ went, ［→］ changed."""

    title: str
    lines: list[str]


@dataclass(frozen=True, slots=True)
class Difference:
    """All of it, in the order in which an approver should look."""

    against: str
    """What it is compared with, in words."""
    sections: list[Section]

    @property
    def same(self) -> bool:
        return not any(section.lines for section in self.sections)


@dataclass(frozen=True, slots=True)
class _Before:
    """The last approved version, as far as it is there."""

    version: Version
    model: Scenario | None


_NOTHING = _Before(Version({}, {}, {}), None)


def difference_of(home: Home, request: Request, last: Approval | None) -> Difference:
    """Compares what is to be approved with what was approved last."""
    before, against = _before(home, request.scenario, last)
    old, new = before.version, request.version
    sections = [
        Section("新しく触れるもの・取り消せない操作", list(_touches(before, request))),
        Section("台帳の項目", list(_keys(governed(old.entry), governed(new.entry)))),
        Section("手順", list(_steps(before.model, request.model))),
        Section("ほかのファイル", list(_files(old.files, new.files))),
    ]
    return Difference(against, sections)


def _before(home: Home, scenario: str, last: Approval | None) -> tuple[_Before, str]:
    if last is None:
        return _NOTHING, "はじめての承認です。すべてを示します。"
    version = kept_version(home.var, scenario, last.digest)
    model = read_scenario(version.files, scenario) if version is not None else None
    if version is None or not isinstance(model, Scenario):
        gone = f"前の承認（{last.on} {last.by}）の内容がこの端末にありません。すべてを示します。"
        return _NOTHING, gone
    return _Before(version, model), f"前の承認（{last.on} {last.by}）からの変わったところです。"


def _touches(before: _Before, request: Request) -> Iterator[str]:
    """What it may touch now and could not before: an approver's first question."""
    old, new = (before.model.uses if before.model is not None else None), request.model.uses
    for what, had, has in (
        ("サイト", old.sites if old else {}, new.sites),
        ("フォルダ", old.folders if old else {}, new.folders),
    ):
        yield from (f"［＋］{what}「{name}」{place}" for name, place in has.items() if place not in had.values())
    for what, held, holds in (
        ("資格情報", old.credentials if old else [], new.credentials),
        ("メールの宛先", old.mail if old else [], new.mail),
    ):
        yield from (f"［＋］{what}「{name}」" for name in holds if name not in held)
    called = before.version.calls
    for id, digest in request.version.calls.items():
        if id not in called:
            yield f"［＋］呼び出すシナリオ「{id}」"
        elif called[id] != digest:
            yield f"［→］呼び出すシナリオ「{id}」の内容"
    done = commits_of(before.model) if before.model is not None else []
    for commit in commits_of(request.model):
        if commit not in done:
            yield "［＋］確定（取り消せない操作）" if not done else "［→］確定（取り消せない操作）"
            yield from (f"    {line}" for line in commit)


def _keys(old: Mapping[str, object], new: Mapping[str, object]) -> Iterator[str]:
    before, after = dict(_flat(old)), dict(_flat(new))
    for key in dict.fromkeys([*before, *after]):
        head, dot, rest = key.partition(".")
        name = f"{_KEYS.get(head, head)}（{head}{dot}{rest}）"
        if key not in after:
            yield f"［－］{name}: {before[key]}"
        elif key not in before:
            yield f"［＋］{name}: {after[key]}"
        elif before[key] != after[key]:
            yield f"［→］{name}: {before[key]} → {after[key]}"


def _flat(value: object, key: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _flat(inner, f"{key}.{name}" if key else str(name))
    elif isinstance(value, list):
        yield key, "、".join(str(one) for one in value)
    else:
        yield key, str(value)


def _steps(old: Scenario | None, new: Scenario) -> Iterator[str]:
    before, after = ([str(line) for line in lines_of(one)] if one is not None else [] for one in (old, new))
    for kind, i, j, k, m in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            continue
        gone, came = before[i:j], after[k:m]
        if len(gone) == len(came):
            for one, other in zip(gone, came, strict=True):
                yield f"［→］{one}"
                yield f"  → {other}"
        else:
            yield from (f"［－］{line}" for line in gone)
            yield from (f"［＋］{line}" for line in came)


def _files(old: Mapping[str, bytes], new: Mapping[str, bytes]) -> Sequence[str]:
    found = []
    for path in sorted({*old, *new} - {SCENARIO_NAME}):
        if path not in new:
            found.append(f"［－］{path}")
        elif path not in old:
            found.append(f"［＋］{path}（{len(new[path]):,} バイト）")
        elif old[path] != new[path]:
            found.append(f"［→］{path}（{len(old[path]):,} → {len(new[path]):,} バイト）")
    if SCENARIO_NAME in old and old[SCENARIO_NAME] != new[SCENARIO_NAME]:
        found.append(f"［→］{SCENARIO_NAME}")
    return found
