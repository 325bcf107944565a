"""A town of its own with one scenario that enters papers into a book: what the tests of the review share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa
from openpyxl import load_workbook

from ocr.reading import Box, FieldReading, FormReading, Refused
from robots.drivers.mail import Mailer
from robots.drivers.memory_forms import MemoryForms
from robots.drivers.memory_mail import MemoryMailer
from robots.drivers.openpyxl_workbook import OpenpyxlWorkbooks
from robots.ledger.audit import AuditLog
from robots.ledger.items import Item, Outcome
from robots.ledger.known import Remembered
from robots.ledger.lookup import scenario_items
from robots.ledger.reviews import Taken, tasks
from robots.ledger.store import Ledger
from robots.registry.approve import approve, request_of
from robots.registry.gate import Approved, pass_gate
from robots.registry.load import Loaded, load_register
from robots.runner.desk import Desk
from robots.runner.order import Order, Parts
from robots.runner.report import Report
from robots.runner.run import run_scenario
from robots.settings import Home, open_home
from robots.vault import FileVault
from tests.empty_ledger import empty_ledger

SCENARIO = "gakumu/todoke"
FORMS = Path(__file__).parent / "scenarios" / "valid" / "whole-japanese" / "forms"

REGISTER = """\
organization: 練習市
departments: {gakumu: {name: 学務課}}
people:
  s1: {name: 担当, department: gakumu, roles: [author]}
  s2: {name: 係長, department: gakumu, roles: [checker]}
  d1: {name: 推進室, department: gakumu, roles: [approver]}
scenarios:
  gakumu/todoke:
    name: 届の登録
    owner: s1
    deputy: s2
    runs_on: ["*"]
    stop: 止める
    data: none
    baseline: {minutes_per_item: 8, measured: 2026-05-01, how: 実測}
"""

FORM = """\
form: 届
blank: shugaku-enjo.png
fields:
  番号: {kind: digits, at: [20, 20, 32, 8], cells: 4}
  氏名: {kind: kana, at: [20, 40, 80, 8], cells: 10}
  元号: {kind: ink, at: [10, 60, 8, 8]}
  生年月日: {kind: date, era: 元号, at: [20, 60, 48, 8], cells: {年: 2, 月: 2, 日: 2}}
  明細: {kind: table, at: [20, 100, 100, 16], rows: 2, columns: {数: digits, 印: ink}}
"""

TEXT = """\
名称: 届の登録
利用:
  フォルダ: {受付: sample, 出力: var/out}
  帳票: [forms/todoke.yaml]
準備:
  - 帳票を読む: {帳票: todoke, 元: "${フォルダ.受付}"}
    保存名: 届
対象:
  元: ${届}
  キー: ${対象.番号}
  確認: 不確かなもの
各件:
  - 確定する:
      手順:
        - 行を追加する:
            ブック: ${フォルダ.出力}/登録.xlsx
            シート: 登録
            キー: 番号
            行: ${[対象]}
            列: {番号: "${行.番号}", 氏名: "${行.氏名}", 生年月日: "${行.生年月日}", 明細: "${行.明細[0].数}"}
      登録済みの確認:
        - Excel表を読む: {ブック: "${フォルダ.出力}/登録.xlsx", シート: 登録}
          保存名: 登録済み
        - 絞り込む: {行: "${登録済み}", 条件: "${行.番号 == 対象.番号}"}
          保存名: 同じ番号
        - 審査する:
            - {条件: "${件数(同じ番号) > 0}", さもなくば: 登録されていません}
"""


def read(value: str, *, sure: bool = True, why: str = "似た字です", state: str = "") -> FieldReading:
    """One field as a reader gives it."""
    known = state or (("read" if value else "blank") if sure else "unsure")
    box = Box(0, 20, 20, 30, 8)
    return FieldReading(value, tuple(value), 0.999 if sure else 0.6, known, () if sure else (why,), box, "cells")  # type: ignore[arg-type]


def paper(name: str, *, number: str = "0001", page: int = 1, unsure: Sequence[str] = (), **more: str) -> FormReading:
    """A copy of the form in a file; ``unsure`` names the fields that need a person."""
    values = {"番号": number, "氏名": "ヤマダ　ハナコ", "元号": "記入あり", "生年月日": "2018-04-05"} | more
    fields = {field: read(value, sure=field not in unsure) for field, value in values.items()}
    rows = tuple({"数": read(str(row), sure=f"明細[{row}].数" not in unsure), "印": read("")} for row in (1, 2))
    table = FieldReading("", (), 1.0, "read", (), Box(0, 20, 100, 100, 16), "cells", rows)
    pictures = {leaf: b"\x89PNG" + leaf.encode() for leaf in unsure}
    return FormReading("届", f"{name}#{page}", fields | {"明細": table}, 0.1, pictures)


def refused(name: str, page: int = 1, why: str = "白紙です。") -> Refused:
    return Refused(f"{name}#{page}", "blank", why)


class Still:
    """A Watch that only counts."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, str]] = []

    def reading(self, done: int, total: int) -> None:
        pass

    def begun(self, run: str, total: int) -> None:
        pass

    def item(self, item: Item, outcome: Outcome) -> None:
        self.seen.append((item.origin, outcome.state))

    def stop_wanted(self) -> bool:
        return False


@dataclass
class Office:
    """The town, its ledger, and the papers that lie in its folder."""

    home: Home
    ledger: Ledger
    forms: MemoryForms = field(default_factory=MemoryForms)
    mailer: Mailer = field(default_factory=MemoryMailer)

    def lay(self, name: str, *readings: FormReading | Refused, content: str = "") -> None:
        """Puts a scanned file into the folder; ``content`` tells two files apart."""
        place = self.home.scenarios / SCENARIO / "sample" / name
        place.parent.mkdir(exist_ok=True)
        place.write_text(content or name, encoding="utf-8")
        self.forms.readings[name] = readings

    def take_away(self, name: str) -> None:
        (self.home.scenarios / SCENARIO / "sample" / name).unlink()

    def approved(self) -> Approved:
        loaded = load_register(self.home)
        assert isinstance(loaded, Loaded), str(loaded)
        passed = pass_gate(self.home, loaded, SCENARIO, today=date(2026, 6, 1), rehearsal=False, memory=Remembered())
        assert isinstance(passed, Approved), str(passed)
        return passed

    def run(self, *, rehearsal: bool = False, ledger: Ledger | None = None) -> Report:
        parts = Parts(
            home=self.home,
            ledger=ledger or self.ledger,
            audit=AuditLog(ledger or self.ledger, [], "robot-1"),
            workbooks=OpenpyxlWorkbooks(),
            forms=self.forms,
            mailer=self.mailer,
            vault=FileVault(self.home.var / "vault.age", self.home.var / "key"),
            open_browser=lambda sites, headed: pytest.fail("no browser is needed"),
            practice=None,
            version="0",
        )
        return run_scenario(Order(self.approved(), {}, "s1", rehearsal=rehearsal), parts, Still())

    def items(self) -> dict[str, tuple[str, str, str]]:
        """(state, key, reason) by origin."""
        rows = scenario_items(self.ledger, SCENARIO, None)
        assert len({row["origin"] for row in rows}) == len(rows)
        return {row["origin"]: (row["state"], row["key"], row["reason"]) for row in rows}

    def states(self) -> dict[str, str]:
        return {origin: state for origin, (state, _, _) in self.items().items()}

    def open_tasks(self) -> dict[tuple[str, str], sa.RowMapping]:
        return {(task["origin"], task["field"]): task for task in tasks(self.ledger, SCENARIO)}

    def desk(self, person: str = "s1") -> Desk:
        return Desk(self.ledger, self.approved().scenario.forms, person, AuditLog(self.ledger, [], "robot-1"))

    def correct(self, name: str, field: str, text: str, *, seconds: float = 6.0, person: str = "s1") -> Taken:
        task = self.open_tasks()[(f"{name} 1ページ目", field)]
        return self.desk(person).correct(task, text, seconds=seconds)

    def entered(self) -> dict[str, tuple[str, ...]]:
        """What stands in the book, by number; each number once."""
        book = self.home.var / "out" / "登録.xlsx"
        if not book.exists():
            return {}
        rows = list(load_workbook(book)["登録"].iter_rows(min_row=2, values_only=True))
        assert max(Counter(row[0] for row in rows).values()) == 1, rows
        return {str(row[0]): tuple(str(cell).removesuffix(" 00:00:00") for cell in row[1:]) for row in rows}


def open_office(folder: Path, text: str = TEXT) -> Office:
    """An approved town in an empty folder."""
    scenario = folder / "scenarios" / SCENARIO
    (scenario / "forms").mkdir(parents=True)
    (folder / "registry.yaml").write_text(REGISTER, encoding="utf-8")
    (folder / "banken.toml").write_text("settle_seconds = 0.1\nretry_wait = 0.01\n", encoding="utf-8")
    (scenario / "scenario.yaml").write_text(text, encoding="utf-8")
    (scenario / "sample").mkdir()
    (scenario / "forms" / "todoke.yaml").write_text(FORM, encoding="utf-8")
    (scenario / "forms" / "shugaku-enjo.png").write_bytes((FORMS / "shugaku-enjo.png").read_bytes())
    home = open_home(folder, {})
    accept_scenario(home)
    return Office(home, empty_ledger(home.var / "ledger.sqlite"))


def accept_scenario(home: Home) -> None:
    """Approves the scenario as it stands."""
    loaded = load_register(home)
    assert isinstance(loaded, Loaded), str(loaded)
    request = request_of(home, loaded, SCENARIO)
    approve(home, loaded, request, by="d1", on=date(2026, 4, 1), until=date(2099, 3, 31))  # type: ignore[arg-type]


class PowerCut(BaseException):
    """The machine stops at once."""


class Failing(Ledger):
    """The real ledger of an office, whose machine stops at the n-th boundary of a write."""

    def __init__(self, ledger: Ledger, at: int) -> None:
        super().__init__(ledger._engine)
        self._left = at

    @contextmanager
    def writing(self, *, beside: bool = False) -> Iterator[sa.Connection]:
        self._pass()
        with super().writing(beside=beside) as connection:
            yield connection
        self._pass()

    def _pass(self) -> None:
        self._left -= 1
        if self._left == 0:
            raise PowerCut


def edited(office: Office, change: Callable[[str], str]) -> None:
    """Changes the scenario and approves it so."""
    path = office.home.scenarios / SCENARIO / "scenario.yaml"
    before = path.read_text(encoding="utf-8")
    after = change(before)
    assert after != before
    path.write_text(after, encoding="utf-8")
    accept_scenario(office.home)


def with_fields(reading: FormReading, changes: Mapping[str, FieldReading]) -> FormReading:
    """The same paper with some fields read otherwise."""
    return replace(reading, fields={**reading.fields, **changes})
