"""Reading registry.yaml: every mistake at its line, in Japanese, with what was probably meant."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from robots.registry.load import Loaded, load_register, read_register
from robots.scenario.problem import Problem, Problems
from tests.unit.registry.registry_help import ID, REGISTER, make_town

ROOT = Path(__file__).parents[3]
PLAIN = """\
organization: 練習市
fiscal_year_starts: 4
closed_days: [sat, sun, holidays]
hourly_cost: 2800
departments:
  gakumu: {name: 学務課, division: 教育部}
  dx: {name: 推進室}
people:
  s1001: {name: 担当, department: gakumu, roles: [author]}
  s1002: {name: 係長, department: gakumu, roles: [author, checker]}
  d0001: {name: 推進室, department: dx, roles: [approver]}
scenarios:
  gakumu/enjo:
    name: 就学援助
    owner: s1001
    deputy: s1002
    runs_on: [robot-1]
    stop: 待つ
    data: personal
    baseline:
      minutes_per_item: 8.0
      measured: 2026-05-12
      how: 実測
    reviewed_by: 2027-03-31
"""
_MACHINE_WORDS = re.compile(r"[A-Za-z]{3,}(?: [A-Za-z]+){2,}")


def read(text: str) -> Loaded:
    found = read_register(text.encode())
    assert isinstance(found, Loaded), str(found)
    return found


def problems(content: bytes) -> list[Problem]:
    found = read_register(content)
    assert isinstance(found, Problems)
    assert len(found)
    return list(found)


def test_a_register_is_read_into_its_model() -> None:
    register = read(PLAIN).register
    assert register.organization == "練習市"
    assert register.hourly_cost == 2800
    entry = register.scenarios[ID]
    assert entry.runs_on == ["robot-1"]
    assert entry.baseline.minutes_per_item == Decimal("8.0")
    assert entry.baseline.minutes_per_run == 0
    assert entry.reviewed_by == date(2027, 3, 31)
    assert (entry.built_by, entry.approval) == ("in_house", None)
    key, department = register.department_of(ID)
    assert (key, department.name, department.division) == ("gakumu", "学務課", "教育部")


def test_entries_are_kept_as_they_are_written_for_the_digest() -> None:
    raw = read(PLAIN).raw_entries[ID]
    assert raw["baseline"] == {"minutes_per_item": "8.0", "measured": "2026-05-12", "how": "実測"}
    assert raw["runs_on"] == ["robot-1"]


@pytest.mark.parametrize("word", ["null", "~", '""'])
def test_no_hourly_cost_hides_money(word: str) -> None:
    assert read(PLAIN.replace("hourly_cost: 2800", f"hourly_cost: {word}")).register.hourly_cost is None


def test_a_town_without_scenarios_is_a_register() -> None:
    assert read("organization: 練習市\ndepartments: {}\n").raw_entries == {}


def test_the_registers_that_we_ship_are_good(tmp_path: Path) -> None:
    assert isinstance(read_register((ROOT / "registry.yaml").read_bytes()), Loaded)
    assert isinstance(load_register(make_town(tmp_path, register=REGISTER)), Loaded)


LINES = {
    # what is written → (instead of, line of the mistake, words of it)
    "unknown key at the top": (
        "hourly_cost: 2800",
        "hourly_costs: 2800",
        4,
        "「hourly_costs」は書けません",
        "hourly_cost",
    ),
    "unknown key of an entry": ("    owner: s1001", "    ownr: s1001", 15, "「ownr」は書けません", "owner"),
    "unknown key of a baseline": ("      how: 実測", "      hows: 実測", 23, "「hows」は書けません", "how"),
    "unknown key of a person": ("roles: [author]}", "role: [author]}", 9, "「role」は書けません", "roles"),
    "missing key": ("    stop: 待つ\n", "", 13, "「stop」がありません", None),
    "missing baseline key": ("      measured: 2026-05-12\n", "", 20, "「measured」がありません", None),
    "no organization": ("organization: 練習市\n", "", 1, "「organization」がありません", None),
    "no such choice": ("data: personal", "data: secret", 19, "「secret」は使えません", None),
    "no such role": ("[author, checker]", "[author, cheker]", 10, "「cheker」は使えません", None),
    "no number": ("minutes_per_item: 8.0", "minutes_per_item: 八分", 21, "数値が必要ですが「八分」でした", None),
    "negative minutes": ("minutes_per_item: 8.0", "minutes_per_item: -8", 21, "0 以上にしてください", None),
    "no whole number": ("fiscal_year_starts: 4", "fiscal_year_starts: 四月", 2, "が必要です", None),
    "no month": ("fiscal_year_starts: 4", "fiscal_year_starts: 13", 2, "12 以下にしてください", None),
    "no date": ("measured: 2026-05-12", "measured: 令和8年5月", 22, "日付は 2026-04-01 のように", None),
    "impossible date": ("reviewed_by: 2027-03-31", "reviewed_by: 2027-02-30", 24, "日付は 2026-04-01 のように", None),
    "a list where a mapping belongs": ("departments:\n  gakumu:", "departments:\n  - gakumu:", None, "", None),
    "text where a mapping belongs": (
        "    baseline:\n",
        "    baseline: 8\n    x:\n",
        20,
        "「名前: 値」の並びが必要です",
        None,
    ),
    "an owner who is not there": ("owner: s1001", "owner: s1O01", 15, "所有者「s1O01」が people にありません", "s1001"),
    "a deputy who is not there": ("deputy: s1002", "deputy: x", 16, "副担当「x」が people にありません", None),
    "one person for both": ("deputy: s1002", "deputy: s1001", 16, "所有者と副担当が同じ人です", None),
    "no such department": ("  gakumu/enjo:", "  gakum/enjo:", 13, "課「gakum」が departments にありません", "gakumu"),
    "no department": ("  gakumu/enjo:", "  enjo:", 13, "形が違います", None),
    "too deep an id": ("  gakumu/enjo:", "  gakumu/a/b:", 13, "形が違います", None),
    "an id that leads out": ("  gakumu/enjo:", "  gakumu/..:", 13, "形が違います", None),
    "an id with a backslash": ("  gakumu/enjo:", "  gakumu/a\\b:", 13, "形が違います", None),
    "no parts but a word": (
        "    reviewed_by: 2027-03-31",
        "    approval: yes",
        24,
        "「名前: 値」の並びが必要です",
        None,
    ),
    "an approval without its digest": (
        "    reviewed_by: 2027-03-31",
        "    approval: {by: d0001, on: 2026-06-01, until: 2027-03-31}",
        24,
        "「digest」がありません",
        None,
    ),
    "a number of an approval that is none": (
        "    reviewed_by: 2027-03-31",
        '    approval: {digest: "x", by: d0001, on: 2026-06-01, until: 2027-03-31, number: first}',
        24,
        "数値が必要です",
        None,
    ),
    "a suspension without its reason": (
        "    reviewed_by: 2027-03-31",
        "    suspended: {by: d0001, on: 2026-06-01}",
        24,
        "「why」がありません",
        None,
    ),
    "a request that is misspelt": (
        "    reviewed_by: 2027-03-31",
        "    requested: {by: s1001, on: 2026-06-01, digest: x}",
        24,
        "「requested」は書けません",
        "request",
    ),
    "a key that is none": (
        "department: dx, roles: [approver]}",
        'department: dx, roles: [approver], key: "ssh-ed25519 AAAA"}',
        None,
        "公開鍵は",
        None,
    ),
    "a key twice": ("    owner: s1001", "    name: 二つ目", 15, "「name」が二度書かれています（最初は 14 行目）", None),
    "an anchor": ("    owner: s1001", "    owner: &a s1001", 15, "目印は使えません", None),
    "a tab": ("    owner: s1001", "\towner: s1001", 15, "タブ文字", None),
    "an open bracket": ("runs_on: [robot-1]", "runs_on: [robot-1", 17, "閉じられていません", None),
}


@pytest.mark.parametrize("case", LINES)
def test_a_mistake_is_told_at_its_line_in_japanese(case: str) -> None:
    before, after, line, words, guess = LINES[case]
    assert PLAIN.count(before) == 1
    found = problems(PLAIN.replace(before, after).encode())
    for one in found:
        assert one.path == "registry.yaml"
        assert one.mend
        assert not _MACHINE_WORDS.search(f"{one.what}{one.mend}"), str(one)
    if line is None:
        return
    told = [one for one in found if words in one.what]
    assert told, [str(one) for one in found]
    assert told[0].line == line
    if guess is not None:
        assert guess in str(told[0].guess)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "何も書かれていません"),
        (b"# only a note\n", "何も書かれていません"),
        (b"- a\n- b\n", "並びが必要です"),
        ("練習市\n".encode(), "並びが必要です"),
        (PLAIN.encode("cp932"), "Shift_JIS"),
        (PLAIN.encode("utf-16"), "UTF-16"),
        (b"\xff\xfe\xfd", "UTF-16"),
        (b"organization: \x00\n", "制御文字"),
    ],
)
def test_a_file_that_is_no_register_is_told(content: bytes, words: str) -> None:
    found = problems(content)
    assert any(words in one.what for one in found), [str(one) for one in found]


def test_all_mistakes_are_told_at_once_in_the_order_of_the_file() -> None:
    text = PLAIN.replace("data: personal", "data: x").replace("organization:", "organisation:").replace("8.0", "eight")
    lines = [one.line for one in problems(text.encode())]
    assert lines == sorted(lines)
    assert {1, 19, 21} <= set(lines)


def test_mistaken_references_are_all_told_at_once() -> None:
    text = (
        PLAIN.replace("owner: s1001", "owner: a").replace("deputy: s1002", "deputy: b").replace("gakumu/enjo", "x/enjo")
    )
    assert [one.line for one in problems(text.encode())] == [13, 15, 16]


def test_a_register_with_a_bom_and_windows_line_ends_is_read() -> None:
    assert isinstance(read_register(b"\xef\xbb\xbf" + PLAIN.replace("\n", "\r\n").encode()), Loaded)


def test_a_register_of_many_scenarios_is_read() -> None:
    head, entry = PLAIN.split("  gakumu/enjo:\n")
    text = head + "".join(f"  gakumu/s{number:03}:\n{entry}" for number in range(150))
    assert len(read(text).register.scenarios) == 150
