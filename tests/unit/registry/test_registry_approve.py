"""Approving: four eyes, and a register whose every other character stays as its keepers wrote it."""

from __future__ import annotations

import difflib
from datetime import date
from pathlib import Path

import pytest

from robots.errors import BusinessError
from robots.registry.approve import approve, request_of
from robots.registry.digest import GOVERNED
from robots.registry.gate import Approved
from robots.scenario.problem import Problems
from robots.settings import Home
from tests.unit.registry.registry_help import (
    DAY,
    ID,
    REGISTER,
    UNTIL,
    approve_it,
    edit_register,
    loaded,
    make_town,
    request,
    try_gate,
)


def changed_lines(before: bytes, after: bytes) -> tuple[list[bytes], list[bytes]]:
    """(lines taken out, lines put in)"""
    lines = list(difflib.diff_bytes(difflib.unified_diff, before.splitlines(True), after.splitlines(True), n=0))[2:]
    return [line[1:] for line in lines if line[:1] == b"-"], [line[1:] for line in lines if line[:1] == b"+"]


def test_a_first_request_names_everything_as_new(home: Home) -> None:
    asked = request(home)
    assert (asked.scenario, asked.name) == (ID, "就学援助")
    assert asked.digest.startswith("sha256:")
    files = ["books/結果.xlsx", "forms/shinsei.yaml", "scenario.yaml"]
    keys = [f"registry.yaml#{key}" for key in GOVERNED]
    assert asked.changes == [f"{part} が加わっています" for part in sorted([*files, *keys])]


def test_a_later_request_names_what_changed_since(home: Home) -> None:
    approve_it(home)
    assert request(home).changes == []
    (home.scenarios / ID / "forms/shinsei.yaml").write_text("form: 別\n", encoding="utf-8")
    edit_register(home, "data: personal", "data: my_number")
    assert request(home).changes == ["forms/shinsei.yaml が変わっています", "registry.yaml#data が変わっています"]


def test_a_scenario_with_mistakes_cannot_be_asked_for(home: Home) -> None:
    (home.scenarios / ID / "scenario.yaml").write_text("名称: x\n", encoding="utf-8")
    assert isinstance(request_of(home, loaded(home), ID), Problems)


def test_what_is_not_registered_or_has_no_folder_cannot_be_asked_for(home: Home, tmp_path: Path) -> None:
    with pytest.raises(BusinessError, match="にありません"):
        request_of(home, loaded(home), "gakumu/nothing")
    bare = Home(root=tmp_path / "bare", settings=home.settings)
    with pytest.raises(BusinessError, match="scenarios/gakumu/enjo がありません"):
        request_of(bare, loaded(home), ID)


@pytest.mark.parametrize(
    ("by", "words"),
    [
        ("s1002", "副担当なので承認できません"),
        ("s1001", "承認者ではありません"),
        ("nobody", "承認者ではありません"),
        ("", "承認者ではありません"),
    ],
)
def test_four_eyes(home: Home, by: str, words: str) -> None:
    before = home.register.read_bytes()
    with pytest.raises(BusinessError, match=words) as refusal:
        approve_it(home, by=by)
    assert refusal.value.mend
    assert home.register.read_bytes() == before


def test_an_owner_who_is_an_approver_needs_another(home: Home) -> None:
    edit_register(home, "owner: s1001\n        deputy:   s1002", "owner: s1002\n        deputy:   s1001")
    with pytest.raises(BusinessError, match="所有者なので承認できません"):
        approve_it(home, by="s1002")


def test_the_approval_says_who_and_until_when_and_opens_the_gate(home: Home) -> None:
    assert not isinstance(try_gate(home), Approved)
    approve_it(home)
    answer = try_gate(home)
    assert isinstance(answer, Approved)
    kept = answer.entry.approval
    assert kept is not None
    assert (kept.by, kept.on, kept.until) == ("d0001", DAY, UNTIL)
    assert set(kept.parts) == {"books/結果.xlsx", "forms/shinsei.yaml", "scenario.yaml"} | {
        f"registry.yaml#{key}" for key in GOVERNED
    }


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize("bom", ["", "\ufeff"])
def test_not_one_byte_of_the_register_changes_outside_the_approval(tmp_path: Path, line_end: str, bom: str) -> None:
    home = make_town(tmp_path, register=bom + REGISTER.replace("\n", line_end))
    before = home.register.read_bytes()
    approve_it(home)
    first = home.register.read_bytes()
    out, put = changed_lines(before, first)
    assert out == []
    assert put[0].startswith(b'        approval: {digest: "sha256:')
    assert all(line.endswith(line_end.encode()) for line in put)
    assert b"\n" not in first.replace(line_end.encode(), b"")
    assert isinstance(try_gate(home), Approved)

    (home.scenarios / ID / "forms/shinsei.yaml").write_text("form: 別\n", encoding="utf-8")
    approve_it(home, until=date(2028, 3, 31))
    again = home.register.read_bytes()
    out, put = changed_lines(first, again)
    assert [line[:30].split(b":")[0].strip() for line in out] == [b"approval", b'"forms/shinsei.yaml"']
    assert len(put) == len(out)
    assert isinstance(try_gate(home), Approved)


def test_an_entry_on_one_line_is_approved_on_its_line(home: Home) -> None:
    before = home.register.read_text(encoding="utf-8")
    approve_it(home, "gakumu/flow")
    after = home.register.read_text(encoding="utf-8")
    start = after.index(", approval: {")
    assert after[:start] == before[:start]
    assert after.endswith(before[start:])
    assert isinstance(try_gate(home, "gakumu/flow"), Approved)
    approve_it(home)
    approve_it(home, "gakumu/flow")
    assert isinstance(try_gate(home, "gakumu/flow"), Approved)
    assert isinstance(try_gate(home), Approved)


ENTRY_HEAD = "organization: 練習市\ndepartments: {gakumu: {name: 学務課}}\npeople:\n" + "".join(
    f"  {who}: {{name: 人, department: gakumu, roles: [{role}]}}\n"
    for who, role in (("s1001", "author"), ("s1002", "author"), ("d0001", "approver"))
)
ENTRY = """\
scenarios:
  gakumu/enjo:
    name: 就学援助
    owner: s1001
    deputy: s1002
    runs_on: "*"
    data: none
    baseline: {minutes_per_item: 8.0, measured: 2026-05-12, how: 実測}
"""


@pytest.mark.parametrize(
    "end",
    [
        "    stop: 待つ",
        "    stop: 待つ\n",
        "    stop: 待つ   # 注",
        "    stop: |\n      待つ\n      電話する\n",
        "    stop: |\n      待つ\n\n# 注\n",
        "    stop: >-\n      待つ",
        '    stop: "待つ"\n\n\n# 終わり',
        "    stop: 待つ\n    review:\n      before: 様式\n      # 中の注\n# 外の注\n",
        "    approval: {digest: x, by: d0001, on: 2026-01-01, until: 2026-12-31} # 注\n    stop: 待つ\n",
        "    stop: 待つ\n    approval:\n        digest: x\n        by: d0001   # 注\n        on: 2026-01-01\n        until: 2026-12-31\n# 注\n",
    ],
)
def test_however_an_entry_ends_its_approval_is_put_in_and_all_else_is_kept(tmp_path: Path, end: str) -> None:
    home = make_town(tmp_path, register=ENTRY_HEAD + ENTRY + end)
    approve_it(home)
    assert isinstance(try_gate(home), Approved)
    after = home.register.read_text(encoding="utf-8")
    assert after.startswith(ENTRY_HEAD + ENTRY)
    assert after.count("approval:") == 1
    for word in ("# 注", "# 終わり", "# 外の注", "待つ", "電話する", "様式"):
        assert (word in after) is (word in end)
    stop = loaded(home).register.scenarios[ID].stop
    assert "待つ" in stop
    assert "approval" not in stop


def test_an_entry_that_changed_while_the_approver_was_reading_is_not_approved(home: Home) -> None:
    reading = loaded(home)
    asked = request(home)
    edit_register(home, "data: personal", "data: none")
    approve(home, reading, asked, by="d0001", on=DAY, until=UNTIL)
    answer = str(try_gate(home))
    assert "registry.yaml#data が変わっています" in answer
