"""A seeded town with planted strays and with look-alikes that are none, for bench/strays.py."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from practice import PRACTICE_TOWN
from robots.clock import today
from robots.ledger.store import open_ledger
from robots.ledger.tables import approvals, runs
from robots.registry.digest import digest_of, parts_of
from robots.registry.model import Approval
from robots.registry.signature import message_of, practice_signer
from robots.settings import Home, open_home

Raw = dict[str, object]
SCENARIO = """\
名称: 事務 {number}
利用:
  サイト: {{学務: "http://127.0.0.1:8710"}}
準備:
  - 画面を開く: ${{サイト.学務}}/menu
"""
_PEOPLE = """\
  s1001: {{name: 担当, department: gakumu, roles: [author]}}
  s1002: {{name: 係長, department: gakumu, roles: [author]}}
  s2001: {{name: 退職した担当, department: gakumu, left: {left}}}
  s2002: {{name: 異動した係長, department: gakumu, left: {left}}}
  s3001: {{name: 一覧で異動した担当, department: gakumu}}
  s3002: {{name: 一覧で退職した係長, department: gakumu}}
  s4001: {{name: 育休の担当, department: gakumu, away_until: {away}}}
  s5001: {{name: これから離れる担当, department: gakumu, left: {away}}}
  d0001: {{name: 推進室の担当, department: dx, roles: [approver]}}
"""
_ROSTER = """\
職員番号,氏名,旧所属,新所属,発令年月日,異動区分
３００１,一覧で異動した担当,学務課,税務課,{day},配置換
3002,一覧で退職した係長,学務課,,{day},退職
1001,担当,学務課 学事係,学務課 管理係,{day},配置換
1002,係長,学務課,税務課,{later},配置換
"""


@dataclass
class Case:
    """One scenario, or one file elsewhere.  kind: what it is to be called; empty: it is no stray."""

    kind: str = ""
    lookalike: bool = False
    entry: Raw = field(default_factory=dict)
    """Keys of its entry that differ from a healthy one's, approved as they are."""
    after: Raw = field(default_factory=dict)
    """The same, written after the approval."""
    files: dict[str, str | bytes] = field(default_factory=dict)
    """Files written after the approval."""
    registered: bool = True
    has_folder: bool = True
    approved: bool = True
    runs: list[Raw] = field(default_factory=list)
    elsewhere: tuple[str, bytes] | None = None
    """A file in the shared folder instead."""
    remembered: str = ""
    """A digest that was approved once."""
    approval: Raw = field(default_factory=dict)
    """What differs in its approval once it was signed."""


def cases() -> list[Case]:
    """Sixty strays and forty look-alikes."""
    return [*_owners(), *_unregistered(), *_changed(), *_places(), *_stops(), *_neglected(), *_like()]


def ago(days: int) -> str:
    return (today() - timedelta(days=days)).isoformat()


def _run(**facts: object) -> Raw:
    return {"day": ago(3), "machine": "robot-1", "digest": "", "state": "ended", "rehearsal": False, **facts}


def _people(owner: str, deputy: str, **more: object) -> Raw:
    return {"owner": owner, "deputy": deputy, **more}


def _owners() -> Iterator[Case]:
    for owner, deputy, times in (
        ("s2001", "s2002", 3),
        ("s3001", "s3002", 2),
        ("s4001", "s2002", 2),
        ("s1001", "s2002", 2),
        ("s1001", "s3002", 1),
    ):
        for _ in range(times):
            yield Case("owner", entry=_people(owner, deputy))


def _unregistered() -> Iterator[Case]:
    yield from (Case("unregistered", registered=False) for _ in range(6))
    yield from (Case("unregistered", has_folder=False) for _ in range(3))
    yield from (
        Case("unregistered", registered=False, has_folder=False, runs=[_run(digest=f"sha256:{n}")]) for n in range(3)
    )
    japanese = SCENARIO.format(number="共有の写し")
    english = (
        'name: copied\nuses:\n  sites: {gakumu: "http://10.1.2.3"}\nprepare:\n  - browser.open: ${sites.gakumu}/menu\n'
    )
    broken = japanese.replace("利用:", "利用").replace("  サイト", "    サイト")
    for name, data in (
        ("写し.yml", japanese.encode()),
        ("課のもの/メモ.txt", japanese.encode("cp932")),
        ("old/scenario.yaml.bak", english.encode()),
        ("nightly.yaml", english.replace("\n", "\r\n").encode("utf-8-sig")),
        ("こわれた.yaml", broken.encode()),
        ("引継ぎ/昔の自動化", japanese.encode("utf-16")),
    ):
        yield Case("unregistered", elsewhere=(name, data))


def _changed() -> Iterator[Case]:
    for number in range(4):
        yield Case("changed", files={"scenario.yaml": SCENARIO.format(number=f"変{number}")})
    yield Case("changed", files={"forms/ext.yaml": "form: 加わった帳票\n"})
    yield Case("changed", files={"data.csv": "番号\n1\n"})
    yield Case("changed", after={"baseline": {"minutes_per_item": "9.5", "measured": ago(100), "how": "実測"}})
    yield Case("changed", after={"data": "none"})
    yield Case("changed", approval={"signature": "AAAA"})
    yield Case("changed", approval={"until": ago(-900)})
    yield from (Case("changed", runs=[_run(digest=f"sha256:other{number}")]) for number in range(2))


def _places() -> Iterator[Case]:
    for machine in ("s1001-pc", "robot-9", "DESKTOP-7", "robot-1b", ""):
        yield Case("place", runs=[_run(machine=machine)])
    yield from (Case("place", entry={"runs_on": names}) for names in ([], ["未定"], ["", "（後日）"]))


def _stops() -> Iterator[Case]:
    yield from (Case("stop", entry={"stop": text}) for text in ("未定", "なし", " ", "TODO", "（後日）", "特になし。"))


def _neglected() -> Iterator[Case]:
    over = (_two_years() - timedelta(days=1)).isoformat()
    yield from (Case("neglected", entry={"baseline": _baseline(over)}) for _ in range(3))
    daily = {"on": "every open day", "at": "19:00"}
    yield Case("neglected", entry={"schedule": daily}, runs=[_run(day=ago(60))])
    yield Case(
        "neglected", entry={"schedule": daily}, runs=[_run(day=ago(60)), _run(state="failed"), _run(rehearsal=True)]
    )
    yield Case("neglected", entry={"schedule": {"on": "25日", "at": "19:00"}}, runs=[_run(day=ago(100))])


def _baseline(day: str) -> Raw:
    return {"minutes_per_item": "4.0", "measured": day, "how": "実測"}


def _two_years() -> date:
    day = today()
    return day.replace(year=day.year - 2, day=28 if (day.month, day.day) == (2, 29) else day.day)


def _like() -> Iterator[Case]:
    for owner, deputy, times in (
        ("s2001", "s1002", 4),
        ("s3001", "s1001", 2),
        ("s4001", "s1002", 5),
        ("s1001", "s4001", 2),
    ):
        for _ in range(times):
            yield Case(lookalike=True, entry=_people(owner, deputy))
    away = f"{today() + timedelta(days=60):%m/%d}-{today() + timedelta(days=120):%m/%d}"
    seasonal = {"on": "every open day", "at": "19:00", "season": away}
    yield from (Case(lookalike=True, entry={"schedule": seasonal}, runs=[_run(day=ago(150))]) for _ in range(6))
    yield from (Case(lookalike=True, elsewhere=one) for one in RESEMBLING)
    for day in (_two_years(), _two_years() + timedelta(days=1), _two_years() + timedelta(days=2)):
        yield Case(lookalike=True, entry={"baseline": _baseline(day.isoformat())})
    retired: Raw = {"retired": {"by": "d0001", "on": ago(30), "why": "制度が終わった", "number": "1"}}
    yield from (Case(lookalike=True, after=retired, has_folder=False) for _ in range(2))
    gone = "sha256:approved-once"
    yield Case(lookalike=True, registered=False, has_folder=False, remembered=gone, runs=[_run(digest=gone)])
    yield from (Case(lookalike=True, runs=[_run(machine="s1001-pc", rehearsal=True, digest="x")]) for _ in range(2))
    old = "sha256:an-earlier-version"
    yield from (Case(lookalike=True, remembered=old, runs=[_run(digest=old, day=ago(90))]) for _ in range(2))
    monthly = {"on": "25日", "at": "19:00"}
    yield from (Case(lookalike=True, entry={"schedule": monthly}, runs=[_run(day=ago(20))]) for _ in range(2))
    yield Case(
        lookalike=True, entry={"stop": "止める時刻が未定のときは、学務課（内線 1234）に確かめてから Ctrl-C を押す"}
    )


RESEMBLING: tuple[tuple[str, bytes], ...] = (
    ("site.yml", b"- name: install\n  hosts: all\n  tasks:\n    - name: copy\n      copy: {src: a, dest: b}\n"),
    ("ci.yaml", b"name: build\non: push\njobs:\n  test:\n    steps:\n      - run: make test\n      - uses: checkout\n"),
    ("compose.yaml", b"name: town\nservices:\n  web:\n    image: nginx\nprepare:\n  - pull: true\n"),
    ("帳票.yaml", "form: 申請書\n名称: 申請書\nfields:\n  - 氏名: {kind: text}\n".encode()),
    ("会議.txt", "名称: 学務課の打合せ\n準備:\n  - 会議室を取る: 第1会議室\n各件:\n  - 担当: 学務課\n".encode("cp932")),
    ("手順のメモ.txt", "画面を開く: 学務システム\n押す: 登録\n確定する: 係長に確かめてから\n".encode()),
    ("目次.yaml", "名称: 事務の一覧\n各件: 42\n後始末: なし\n".encode()),
    ("日誌", "10:00 画面を開く: http://127.0.0.1/menu\n10:01 押す: 登録\n".encode()),
)


def build(root: Path, scenarios: int, seed: int) -> tuple[set[tuple[str, str]], set[str]]:
    """Makes the town: below ``root`` a folder ``town`` and a folder ``share``.  What must be found (kind, subject), and
    the subjects of the look-alikes."""
    planted = cases()
    planted += [Case() for _ in range(scenarios - len(planted))]
    random.Random(seed).shuffle(planted)
    town, share = root / "town", root / "share"
    share.mkdir(parents=True)
    (town / "scenarios").mkdir(parents=True)
    home_text = [_head()]
    made = [_Made(f"gakumu/work-{number:04}", number, case) for number, case in enumerate(planted)]
    for one in made:
        one.write(town, share)
        home_text.append(one.text)
    (town / "registry.yaml").write_text("".join(home_text), encoding="utf-8")
    (town / "banken.toml").write_text('machine = "robot-1"\n', encoding="utf-8")
    later = today() + timedelta(days=30)
    (root / "roster.csv").write_bytes(_ROSTER.format(day=f"{ago(10)}", later=later).encode("cp932"))
    _keep(open_home(town, {}), made)
    subjects = {one: (str(share / one.case.elsewhere[0]) if one.case.elsewhere else one.id) for one in made}
    return (
        {(one.case.kind, subjects[one]) for one in made if one.case.kind},
        {subjects[one] for one in made if one.case.lookalike},
    )


def _head() -> str:
    people = _PEOPLE.format(left=ago(40), away=(today() + timedelta(days=90)).isoformat())
    return (
        f"organization: {PRACTICE_TOWN}\nclosed_days: [sat, sun, holidays, 12/29-01/03]\n"
        f"departments:\n  gakumu: {{name: 学務課}}\n  dx: {{name: 推進室}}\npeople:\n{people}scenarios:\n"
    )


@dataclass(eq=False)
class _Made:
    """A case under its id."""

    id: str
    number: int
    case: Case
    digest: str = ""
    text: str = ""

    def write(self, town: Path, share: Path) -> None:
        case = self.case
        if case.elsewhere is not None:
            file = share / case.elsewhere[0]
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(case.elsewhere[1])
            return
        files = {"scenario.yaml": SCENARIO.format(number=self.number).encode()}
        raw: Raw = {
            "name": f"事務 {self.number}",
            "owner": "s1001",
            "deputy": "s5001",
            "runs_on": ["robot-1"],
            "stop": "いまの対象が終わるのを待って Ctrl-C を押し、学務課へ連絡する",
            "data": "personal",
            "baseline": _baseline(ago(100)),
            **case.entry,
        }
        self.digest = digest_of(self.id, files, _texts(raw))
        if case.has_folder:
            for name, data in {**files, **case.files}.items():
                path = town / "scenarios" / self.id / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data.encode() if isinstance(data, str) else data)
        if case.registered:
            lines = [f"    {key}: {_json(value)}\n" for key, value in {**raw, **case.after}.items()]
            approval = self._approval(files, raw) if case.approved else ""
            self.text = f"  {self.id}:\n{''.join(lines)}{approval}"

    def _approval(self, files: dict[str, bytes], raw: Raw) -> str:
        bare = Approval.model_validate(
            {"digest": self.digest, "by": "d0001", "on": ago(200), "until": ago(-300), "number": "1"}
            | {"parts": parts_of(files, _texts(raw))}
        )
        told = {
            "digest": bare.digest,
            "by": bare.by,
            "on": ago(200),
            "until": ago(-300),
            "number": "1",
            "signature": practice_signer().sign(message_of(PRACTICE_TOWN, self.id, bare)),
            **self.case.approval,
            "parts": bare.parts,
        }
        return f"    approval: {_json(told)}\n"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _texts(raw: Raw) -> Raw:
    """As the register's reader has it: every scalar is text."""
    as_text: Callable[[object], object] = lambda value: (  # noqa: E731
        {key: as_text(one) for key, one in value.items()}
        if isinstance(value, dict)
        else [as_text(one) for one in value]
        if isinstance(value, list)
        else str(value)
    )
    return {key: as_text(value) for key, value in raw.items()}


def _keep(home: Home, made: list[_Made]) -> None:
    """The town's ledger: what was approved, and what ran."""
    ledger = open_ledger(home.database)
    kept = [
        {
            "scenario": one.id,
            "number": number,
            "signature": "",
            "digest": digest,
            "person": "d0001",
            "at": _at(ago(300)),
        }
        for one in made
        for number, digest in ((0, one.case.remembered), (-1, one.digest if one.case.registered else ""))
        if digest
    ]
    rows = [_row(one, number, run) for one in made for number, run in enumerate(one.case.runs)]
    with ledger.writing() as connection:
        connection.execute(approvals.insert(), kept)
        connection.execute(runs.insert(), rows)
    ledger.close()


def _at(day: str) -> str:
    return f"{day}T19:00:00.000+09:00"


def _row(one: _Made, number: int, run: Raw) -> Raw:
    return {
        "id": f"{str(run['day']).replace('-', '')}-{one.number}-{number}",
        "scenario": one.id,
        "scenario_name": "事務",
        "department": "gakumu",
        "department_name": "学務課",
        "division": "",
        "state": run["state"],
        "rehearsal": run["rehearsal"],
        "inputs": {},
        "digest": run["digest"] or one.digest,
        "minutes_per_item": "4",
        "minutes_per_run": "0",
        "built_by": "in_house",
        "version": "0",
        "machine": run["machine"],
        "who": "robot",
        "started_at": _at(str(run["day"])),
        "ended_at": _at(str(run["day"])),
        "finished": True,
        "message": "",
    }
