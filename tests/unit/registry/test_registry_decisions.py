"""Asked for, approved, rejected, suspended, revoked: who may, what is recorded, and that nothing comes back to life."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from robots.errors import BusinessError, SystemFailure
from robots.ledger.approvals import ApprovalMemory
from robots.ledger.audit import AuditLog, audit_records
from robots.ledger.store import Ledger
from robots.registry.approve import NotAllowed
from robots.registry.decisions import Decisions
from robots.registry.door import admit
from robots.registry.edit import edit_entry
from robots.registry.gate import Approved, Refused
from robots.registry.model import Entry, state_of
from robots.registry.signature import Signer
from robots.registry.standing import Standing
from robots.settings import Home
from tests.empty_ledger import empty_ledger
from tests.unit.registry.registry_help import (
    DAY,
    ID,
    SCENARIO,
    UNTIL,
    edit_register,
    loaded,
    make_town,
    request,
    sign_it,
    trusting,
)

HEADS = "heads"


class Office:
    """A town whose scenario reaches a real site, with its ledger and audit log, and an approver with a key."""

    def __init__(self, root: Path) -> None:
        self.home: Home = make_town(root / "town")
        text = SCENARIO.replace("http://127.0.0.1:8710", "https://gakumu.example.lg.jp")
        (self.home.scenarios / ID / "scenario.yaml").write_text(text, encoding="utf-8")
        edit_register(
            self.home,
            "roles: [approver]}\n\n",
            "roles: [approver]}\n    d0002: {name: 別, department: dx, roles: [author, approver]}\n\n",
        )
        self.ledger: Ledger = empty_ledger(root / "ledger.sqlite")
        self.heads = root / HEADS
        self.audit = AuditLog(self.ledger, [self.heads], "robot-1")
        self.decisions = Decisions(self.home, self.ledger, self.audit, "user")
        self.signer: Signer = trusting(self.home)
        self.memory = ApprovalMemory(self.ledger)

    def entry(self) -> Entry:
        return loaded(self.home).register.scenarios[ID]

    def ask(self, by: str = "s1001") -> None:
        self.decisions.request(loaded(self.home), request(self.home), by=by, on=DAY)

    def approve(self, by: str = "d0001", signer: Signer | None = None) -> None:
        self.decisions.approve(
            loaded(self.home), request(self.home), by=by, on=DAY, until=UNTIL, signer=signer or self.signer
        )

    def withdraw(self, state: str = "suspended", by: str = "d0001") -> None:
        self.decisions.withdraw(loaded(self.home), ID, state, by=by, on=DAY, why="画面が変わった")  # type: ignore[arg-type]

    def edit(self, text: str = "\n# 直した\n") -> None:
        with (self.home.scenarios / ID / "scenario.yaml").open("a", encoding="utf-8") as file:
            file.write(text)

    def enter(self) -> Approved | Refused:
        answer = admit(
            self.home,
            loaded(self.home),
            ID,
            today=DAY,
            rehearsal=False,
            ledger=self.ledger,
            audit=self.audit,
            who="nightly",
        )
        assert isinstance(answer, Approved | Refused)
        return answer

    def runs(self) -> bool:
        return isinstance(self.enter(), Approved)

    def recorded(self) -> list[tuple[str, str, str]]:
        return [(one["action"], one["who"], str(one["detail"].get("why", ""))) for one in audit_records(self.ledger)]


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    made = Office(tmp_path)
    yield made
    made.ledger.close()


def test_from_a_draft_to_an_approval_by_two_people(office: Office) -> None:
    assert state_of(office.entry(), DAY) == "draft"
    office.ask()
    assert state_of(office.entry(), DAY) == "requested"
    assert "s1001 が 2026-06-01 に承認を求めています" in str(office.enter())
    office.approve()
    entry = office.entry()
    assert entry.request is None
    assert [state_of(entry, day) for day in (UNTIL, UNTIL + timedelta(days=1))] == ["approved", "expired"]
    assert office.runs()
    actions = [(action, who) for action, who, _ in office.recorded()]
    assert actions == [("requested", "s1001"), ("refused", "nightly"), ("approved", "d0001")]


def test_nobody_approves_what_he_asked_for(office: Office) -> None:
    office.ask("d0002")
    with pytest.raises(NotAllowed, match="承認を求めた本人"):
        office.approve("d0002")
    assert office.recorded()[-1] == ("refused", "d0002", "「d0002」は承認を求めた本人なので承認できません。")
    office.approve("d0001")
    assert office.runs()


def test_what_nobody_asked_for_is_not_approved(office: Office) -> None:
    with pytest.raises(NotAllowed, match="まだ求められていません"):
        office.approve()
    assert office.recorded() == [("refused", "d0001", "いまの内容の承認は、まだ求められていません。")]


def test_an_edit_after_the_request_needs_another_request(office: Office) -> None:
    office.ask()
    office.edit()
    with pytest.raises(NotAllowed, match="承認を求めたあとで、内容が変わりました"):
        office.approve()
    assert office.entry().approval is None


def test_an_edit_while_the_approver_reads_is_not_what_runs(office: Office) -> None:
    office.ask()
    read, shown = loaded(office.home), request(office.home)
    office.edit()
    office.decisions.approve(read, shown, by="d0001", on=DAY, until=UNTIL, signer=office.signer)
    assert "scenario.yaml が変わっています" in str(office.enter())
    assert office.recorded()[-1][:2] == ("refused", "nightly")


@pytest.mark.parametrize(
    ("by", "words"), [("s1001", "承認者ではありません"), ("s1002", "副担当"), ("nobody", "承認者ではありません")]
)
def test_who_may_not_approve_is_told_why_and_the_try_is_recorded(office: Office, by: str, words: str) -> None:
    office.ask()
    with pytest.raises(NotAllowed, match=words):
        office.approve(by)
    action, who, why = office.recorded()[-1]
    assert (action, who) == ("refused", by)
    assert words in why


def test_an_approver_without_a_key_approves_nothing_outside_the_practice_town(office: Office) -> None:
    office.ask()
    with pytest.raises(NotAllowed, match="鍵がありません"):
        office.decisions.approve(
            loaded(office.home), request(office.home), by="d0001", on=DAY, until=UNTIL, signer=None
        )
    assert office.recorded()[-1][0] == "refused"


def test_a_stranger_does_not_ask(office: Office) -> None:
    with pytest.raises(NotAllowed, match="求められません"):
        office.ask("d0001")
    assert office.entry().request is None


def test_a_request_is_sent_back_with_its_reason(office: Office) -> None:
    office.ask()
    with pytest.raises(NotAllowed):
        office.decisions.reject(loaded(office.home), ID, by="s1001", on=DAY, why="x")
    office.decisions.reject(loaded(office.home), ID, by="d0001", on=DAY, why="住所の確かめが足りない")
    entry = office.entry()
    assert entry.request is None
    assert entry.rejected is not None
    assert "差し戻しました: 住所の確かめが足りない" in str(office.enter())
    assert ("rejected", "d0001", "住所の確かめが足りない") in office.recorded()
    with pytest.raises(BusinessError, match="承認を求められていません"):
        office.decisions.reject(loaded(office.home), ID, by="d0001", on=DAY, why="x")
    office.ask()
    assert office.entry().rejected is None


@pytest.mark.parametrize("state", ["suspended", "retired"])
def test_what_was_withdrawn_stays_so_whatever_becomes_of_the_register(office: Office, state: str) -> None:
    office.ask()
    office.approve()
    approved = office.home.register.read_bytes()
    office.withdraw(state)
    assert state_of(office.entry(), DAY) == state
    assert "画面が変わった" in str(office.enter())
    office.home.register.write_bytes(approved)  # the key taken out again, the approval put back
    assert "承認（1 番）は取り消されています（画面が変わった）" in str(office.enter())
    office.ask()
    office.approve()
    entry = office.entry()
    assert (entry.suspended, entry.retired) == (None, None)
    assert entry.approval is not None
    assert entry.approval.number == 2
    assert office.runs()
    assert [action for action, *_ in office.recorded()].count("suspended" if state == "suspended" else "revoked") == 1


@pytest.mark.parametrize("by", ["s1001", "s1002", "d0002"])
def test_who_answers_for_a_scenario_may_stop_it(office: Office, by: str) -> None:
    office.ask()
    office.approve()
    office.withdraw(by=by)
    assert not office.runs()


def test_a_stranger_does_not_stop_it_and_what_is_no_approval_is_not_stopped(office: Office) -> None:
    with pytest.raises(BusinessError, match="承認されていません"):
        office.withdraw()
    office.ask()
    office.approve()
    with pytest.raises(NotAllowed):
        office.withdraw(by="nobody")
    assert office.runs()


def test_a_suspension_that_was_written_by_hand_is_remembered_once_it_was_met(office: Office) -> None:
    office.ask()
    office.approve()
    approved = office.home.register.read_bytes()
    edit_register(
        office.home, "data: personal\n", "data: personal\n        suspended: {by: d0001, on: 2026-06-01, why: 点検}\n"
    )
    assert "一時停止されています" in str(office.enter())
    office.home.register.write_bytes(approved)
    assert "承認（1 番）は取り消されています（点検）" in str(office.enter())


def test_an_older_approved_version_does_not_come_back(office: Office) -> None:
    office.ask()
    office.approve()
    assert office.runs()
    register, folder = office.home.register.read_bytes(), office.home.scenarios / ID
    shutil.copytree(folder, office.home.root / "old")
    office.edit()
    office.ask()
    office.approve()
    assert office.runs()
    office.home.register.write_bytes(register)
    shutil.rmtree(folder)
    shutil.copytree(office.home.root / "old", folder)
    assert "前の承認（1 番）に戻されています" in str(office.enter())
    assert "前の承認（1 番）" in office.recorded()[-1][2]


def test_of_two_approvals_with_one_number_the_first_counts(office: Office) -> None:
    office.ask()
    office.approve()
    assert office.runs()
    edit_entry(office.home, ID, {"approval": None})
    sign_it(office.home, office.signer, until=UNTIL + timedelta(days=1))  # made elsewhere, without this ledger
    assert "先に記録された 1 番の承認と違います" in str(office.enter())


def test_an_approval_that_was_seen_only_when_it_ran_is_remembered_too(office: Office) -> None:
    first = sign_it(office.home, office.signer)
    register = office.home.register.read_bytes()
    assert office.runs()
    assert office.memory.known(ID).signature == first.signature
    sign_it(office.home, office.signer)
    assert office.runs()
    office.home.register.write_bytes(register)
    assert not office.runs()


@pytest.fixture
def broken(office: Office) -> Office:
    """An office whose audit log can't be written any more: its outside head is gone."""
    office.ask()
    office.heads.unlink()
    office.heads.mkdir()
    return office


def test_what_can_not_be_recorded_is_not_done(broken: Office) -> None:
    before = broken.home.register.read_bytes()
    with pytest.raises(SystemFailure):
        broken.approve()
    with pytest.raises(SystemFailure):
        broken.ask()
    with pytest.raises(SystemFailure):
        broken.decisions.reject(loaded(broken.home), ID, by="d0001", on=DAY, why="x")
    assert broken.home.register.read_bytes() == before
    assert broken.memory.known(ID).number == 0


def test_a_withdrawal_that_can_not_be_recorded_is_not_done(office: Office) -> None:
    office.ask()
    office.approve()
    office.heads.unlink()
    office.heads.mkdir()
    with pytest.raises(SystemFailure):
        office.withdraw()
    assert office.entry().suspended is None
    assert office.memory.known(ID).withdrawn == -1


def test_a_refusal_that_can_not_be_recorded_is_a_refusal_all_the_same(broken: Office) -> None:
    words = str(broken.enter())
    assert "まだ承認されていません" in words
    assert "監査記録には書けませんでした" in words
    with pytest.raises(NotAllowed, match="監査記録には書けませんでした"):
        broken.approve("s1001")


def test_a_run_learns_of_a_withdrawal(office: Office) -> None:
    office.ask()
    office.approve()
    answer = office.enter()
    assert isinstance(answer, Approved)
    standing = Standing(office.home, answer, office.ledger)
    assert standing.withdrawn() is None
    office.withdraw()
    assert "画面が変わった" in str(standing.withdrawn())


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda home: edit_entry(home, ID, {"approval": None}), "承認が台帳から外されました"),
        (lambda home: edit_register(home, "    gakumu/enjo:\n", "    gakumu/hoka:\n"), "台帳から外されました"),
        (
            lambda home: edit_register(
                home, "data: personal\n", "data: personal\n        suspended: {by: d0001, on: 2026-06-01, why: 点検}\n"
            ),
            "一時停止されています",
        ),
        (lambda home: edit_register(home, "# 終わりの注", "# 別の注"), None),
        (lambda home: home.register.write_text("organization: [", encoding="utf-8"), None),
    ],
)
def test_a_run_looks_at_the_register_where_that_changed(office: Office, change: object, words: str | None) -> None:
    office.ask()
    office.approve()
    answer = office.enter()
    assert isinstance(answer, Approved)
    standing = Standing(office.home, answer, office.ledger)
    assert standing.withdrawn() is None
    change(office.home)  # type: ignore[operator]
    told = standing.withdrawn()
    assert (told is None) if words is None else (told is not None and words in told)
