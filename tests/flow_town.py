"""A town whose scenarios enter the rows of a CSV file into a book: what the tests of flow.* and human.* share."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from openpyxl import load_workbook

from robots.drivers.browser import Browser
from robots.drivers.memory_forms import MemoryForms
from robots.drivers.memory_mail import MemoryMailer
from robots.drivers.openpyxl_workbook import OpenpyxlWorkbooks
from robots.ledger.approvals import ApprovalMemory
from robots.ledger.audit import AuditLog
from robots.ledger.lookup import scenario_items
from robots.ledger.reviews import Taken, tasks
from robots.ledger.store import Ledger
from robots.registry.approve import Request, approve, request_of
from robots.registry.decisions import Decisions
from robots.registry.gate import Approved, Refused, pass_gate
from robots.registry.load import Loaded, load_register
from robots.registry.signature import Signer, trust
from robots.runner.beside import Beside
from robots.runner.desk import Desk
from robots.runner.order import Order, Parts
from robots.runner.report import Report
from robots.runner.run import run_scenario
from robots.scenario.problem import Problems
from robots.settings import Home, open_home
from robots.vault import FileVault
from tests.empty_ledger import empty_ledger
from tests.papers import Still

ID = "shimin/todoke"
DAY = date(2026, 6, 1)

HEAD = """\
organization: 練習市
departments: {shimin: {name: 市民課}}
people:
  s1: {name: 担当, department: shimin, roles: [author]}
  s2: {name: 係長, department: shimin, roles: [checker]}
  d1: {name: 推進室, department: shimin, roles: [approver]}
scenarios:
"""
ENTRY = """\
  {id}:
    name: 届の登録
    owner: s1
    deputy: s2
    runs_on: ["*"]
    stop: 止める
    data: none
    baseline: {{minutes_per_item: 8, measured: 2026-05-01, how: 実測}}
"""
TOP = """\
名称: 届の登録
利用:
  フォルダ: {受付: sample, 出力: var/out}
準備:
  - CSVを読む: {ファイル: "${フォルダ.受付}/届.csv"}
    保存名: 届
"""
ITEMS = """\
対象:
  元: ${届}
  キー: ${対象.番号}
"""
ENTER = """\
  - 確定する:
      手順:
        - 行を追加する:
            ブック: ${フォルダ.出力}/登録.xlsx
            シート: 登録
            行: ${[対象]}
            列: {番号: "${行.番号}", 値: "VALUE"}
"""


def enter(value: str) -> str:
    """The commit that enters a row's number and this value."""
    return ENTER.replace("VALUE", value)


@dataclass
class FlowTown:
    home: Home
    ledger: Ledger
    heads: Sequence[Path] = ()
    browser: Callable[[], Browser] = field(default=lambda: pytest.fail("no browser is needed"))

    @property
    def audit(self) -> AuditLog:
        return AuditLog(self.ledger, self.heads, "robot-1")

    def write(self, text: str, id: str = ID, *, accept: bool = True, files: Mapping[str, str] = {}) -> None:
        """A scenario, in the register and approved."""
        folder = self.home.scenarios / id
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in {**files, "scenario.yaml": text}.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(content, encoding="utf-8")
        register = self.home.register.read_text(encoding="utf-8")
        if f"  {id}:\n" not in register:
            self.home.register.write_text(register + ENTRY.format(id=id), encoding="utf-8")
        if accept:
            self.accept(id)

    def rows(self, *rows: str, id: str = ID) -> None:
        """The rows of the source, as lines of a CSV file."""
        place = self.home.scenarios / id / "sample" / "届.csv"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text("\n".join(["番号,氏名,金額", *rows, ""]), encoding="utf-8")

    def loaded(self) -> Loaded:
        loaded = load_register(self.home)
        assert isinstance(loaded, Loaded), str(loaded)
        return loaded

    def request(self, id: str = ID) -> Request | Problems:
        return request_of(self.home, self.loaded(), id)

    def accept(self, id: str = ID) -> None:
        request = self.request(id)
        assert isinstance(request, Request), str(request)
        approve(self.home, self.loaded(), request, by="d1", on=DAY, until=date(2099, 3, 31))

    def ask_and_sign(self, id: str = ID) -> None:
        """As beyond the practice town: the author asks, and the approver signs with a key that this machine trusts."""
        signer = Signer(Ed25519PrivateKey.generate())
        trust(self.home, self.loaded().register.organization, "d1", signer.public)
        decisions = Decisions(self.home, self.ledger, self.audit, "test")
        for decide in (
            lambda request: decisions.request(self.loaded(), request, by="s1", on=DAY),
            lambda request: decisions.approve(
                self.loaded(), request, by="d1", on=DAY, until=date(2099, 3, 31), signer=signer
            ),
        ):
            request = self.request(id)
            assert isinstance(request, Request), str(request)
            decide(request)

    def gate(self, id: str = ID, *, rehearsal: bool = False) -> Approved | Refused | Problems:
        return pass_gate(
            self.home, self.loaded(), id, today=DAY, rehearsal=rehearsal, memory=ApprovalMemory(self.ledger)
        )

    def run(
        self, id: str = ID, *, rehearsal: bool = False, beside: Sequence[Beside] = (), firing: int | None = None
    ) -> Report:
        passed = self.gate(id, rehearsal=rehearsal)
        assert isinstance(passed, Approved), str(passed)
        parts = Parts(
            home=self.home,
            ledger=self.ledger,
            audit=self.audit,
            workbooks=OpenpyxlWorkbooks(),
            forms=MemoryForms(),
            mailer=MemoryMailer(),
            vault=FileVault(self.home.var / "vault.age", self.home.var / "key"),
            open_browser=lambda sites, headed: self.browser(),
            practice=None,
            version="0",
        )
        return run_scenario(Order(passed, {}, "s1", rehearsal=rehearsal, beside=beside, firing=firing), parts, Still())

    def states(self, id: str = ID) -> dict[str, str]:
        return {row["key"]: row["state"] for row in scenario_items(self.ledger, id, None)}

    def reasons(self, id: str = ID) -> dict[str, str]:
        return {row["key"]: row["reason"] for row in scenario_items(self.ledger, id, None)}

    def tasks(self) -> list[sa.RowMapping]:
        return tasks(self.ledger, ID)

    def desk(self, person: str = "s1") -> Desk:
        return Desk(self.ledger, {}, person, self.audit)

    def answer(self, key: str, text: str, field: str = "") -> Taken:
        """Answers the open task of an item (of one field, where it has several)."""
        (task,) = [one for one in self.tasks() if one["key"] == key and field in ("", one["field"])]
        return self.desk().correct(task, text, seconds=3.0)

    def entered(self, name: str = "登録") -> dict[str, str]:
        """Number → value, as it stands in the book; every number once."""
        book = self.home.var / "out" / f"{name}.xlsx"
        rows = list(load_workbook(book)["登録"].iter_rows(min_row=2, values_only=True)) if book.exists() else []
        found = {str(number): str(value) for number, value in rows}
        assert len(found) == len(rows), rows
        return found


def open_flow_town(folder: Path) -> FlowTown:
    folder.mkdir()
    (folder / "registry.yaml").write_text(HEAD, encoding="utf-8")
    (folder / "banken.toml").write_text("settle_seconds = 0.1\nretry_wait = 0.01\n", encoding="utf-8")
    home = open_home(folder, {})
    return FlowTown(home, empty_ledger(home.var / "ledger.sqlite"))
