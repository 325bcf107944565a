"""What the register's tests share: a small town on disk with one scenario, and its approval."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from robots.ledger.known import Remembered
from robots.registry.approve import Request, approve, request_of
from robots.registry.edit import edit_entry
from robots.registry.gate import Approved, Memory, Refused, pass_gate
from robots.registry.load import Loaded, load_register
from robots.registry.model import Approval, Asked
from robots.registry.signature import Signer, trust
from robots.scenario.problem import Problems
from robots.settings import Home, Settings

ID = "gakumu/enjo"
DAY = date(2026, 6, 1)
UNTIL = date(2027, 3, 31)

REGISTER = """\
# 練習市の台帳（この注は残る）
organization: 練習市
hourly_cost: null          # 出さない
departments:
    gakumu: { name:  学務課, division: 教育部 }
    dx: {name: '推進室'}

people:
    s1001: {name: 学務課の担当, department: gakumu, roles: [author]}
    s1002: {name: 学務課の係長, department: gakumu, roles: [author, approver]}
    d0001: {name: 推進室の担当, department: dx, roles: [approver]}

scenarios:
    gakumu/enjo:
        name: 就学援助
        owner: s1001
        deputy:   s1002      # 係長
        runs_on:
            - robot-1
            - robot-2
        stop: |
            いまの対象が終わるのを待つ
        data: personal
        schedule: {on: every open day, at: "19:00"}
        baseline: {minutes_per_item: 8.0, minutes_per_run: 0, measured: 2026-05-12, how: 実測}
        reviewed_by: 2026-12-31   # 見直し

    # つぎのシナリオの注
    gakumu/flow: {name: 一行, owner: s1001, deputy: s1002, runs_on: "*", stop: 待つ, data: none, \
baseline: {minutes_per_item: 1, measured: 2026-05-12, how: 実測}}
# 終わりの注
"""

SCENARIO = """\
名称: 就学援助申請
利用:
  サイト: {学務: "http://127.0.0.1:8710"}
準備:
  - 画面を開く: ${サイト.学務}/menu
"""


def make_town(root: Path, *, register: str = REGISTER, machine: str = "robot-1") -> Home:
    """A town with both scenarios; neither is approved."""
    for scenario in (ID, "gakumu/flow"):
        folder = root / "scenarios" / scenario
        for name, text in {
            "scenario.yaml": SCENARIO,
            "forms/shinsei.yaml": "form: 申請書\n",
            "books/結果.xlsx": "not really a book",
            "sample/in/届出.csv": "番号\n1\n",
            "expected/結果.csv": "番号\n1\n",
        }.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")
    (root / "registry.yaml").write_bytes(register.encode())
    trusted = root.parent / f"{root.name}-trusted"
    return Home(root=root, settings=Settings(machine=machine, trusted_keys=str(trusted)))


def loaded(home: Home) -> Loaded:
    found = load_register(home)
    assert isinstance(found, Loaded), str(found)
    return found


def request(home: Home, scenario: str = ID) -> Request:
    found = request_of(home, loaded(home), scenario)
    assert isinstance(found, Request), str(found)
    return found


def approve_it(home: Home, scenario: str = ID, *, by: str = "d0001", until: date = UNTIL) -> None:
    """By the practice town's own key."""
    approve(home, loaded(home), request(home, scenario), by=by, on=DAY, until=until)


def new_signer() -> Signer:
    return Signer(Ed25519PrivateKey.generate())


def trusting(home: Home, person: str = "d0001") -> Signer:
    """A new key of a person, which this machine trusts."""
    signer = new_signer()
    trust(home, loaded(home).register.organization, person, signer.public)
    return signer


def sign_it(home: Home, signer: Signer, scenario: str = ID, *, by: str = "d0001", until: date = UNTIL) -> Approval:
    """Asked for by the owner, approved with a key of the approver's own."""
    asked = request(home, scenario)
    edit_entry(home, scenario, {"request": Asked(by="s1001", on=DAY, digest=asked.digest)})
    return approve(home, loaded(home), asked, by=by, on=DAY, until=until, signer=signer)


NOTHING: Memory = Remembered()


def try_gate(
    home: Home, scenario: str = ID, *, today: date = DAY, rehearsal: bool = False, memory: Memory = NOTHING
) -> Approved | Refused | Problems:
    return pass_gate(home, loaded(home), scenario, today=today, rehearsal=rehearsal, memory=memory)


def refused(
    home: Home, scenario: str = ID, *, today: date = DAY, rehearsal: bool = False, memory: Memory = NOTHING
) -> str:
    """The refusal in words; fails where it was let through."""
    answer = try_gate(home, scenario, today=today, rehearsal=rehearsal, memory=memory)
    assert isinstance(answer, Refused), str(answer)
    return str(answer)


def edit_register(home: Home, before: str, after: str) -> None:
    text = home.register.read_text(encoding="utf-8")
    assert text.count(before) == 1, before
    home.register.write_text(text.replace(before, after), encoding="utf-8")
