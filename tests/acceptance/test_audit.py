"""``banken audit``: what a clerk sees of the log, and how a changed log is told."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any, cast

import pytest

from robots.settings import open_home
from robots.wiring import records
from tests.conftest import banken_here

HEAD = "organization: 練習市\ndepartments: {shimin: {name: 市民課}}\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A town whose log holds three records, its head in a second place."""
    town = tmp_path / "town"
    town.mkdir()
    (tmp_path / "second").mkdir()
    (town / "registry.yaml").write_text(HEAD, encoding="utf-8")
    head = (tmp_path / "second" / "town.heads").as_posix()
    (town / "banken.toml").write_text(
        f'vault = "file"\nvault_key = "{(tmp_path / "key").as_posix()}"\naudit_heads = ["{head}"]\n', encoding="utf-8"
    )
    with records(open_home(town, {})) as (_, audit):
        audit.record("approved", who="d0001", subject="shimin/a")
        audit.record("refused", who="s1", subject="shimin/a", detail={"kind": "site", "what": "http://evil.example"})
        audit.record("approved", who="d0001", subject="shimin/b")
    return town


def edit(root: Path, statement: str) -> None:
    connection = sqlite3.connect(root / "var" / "ledger.sqlite")
    with connection:
        connection.execute(statement)
    connection.close()


def test_a_log_in_order_is_said_to_be_so(root: Path) -> None:
    told = banken_here(root, "audit", "verify")
    assert (told.code, "監査記録 3 件に、書き換え・削除・書き直しはありません" in told.out) == (0, True)


def test_a_changed_log_ends_with_1_and_names_the_record(root: Path) -> None:
    edit(root, "UPDATE audit SET who = 's9' WHERE number = 2")
    edit(root, "DELETE FROM audit WHERE number = 3")
    told = banken_here(root, "audit", "verify")
    assert told.code == 1
    assert "記録 2（" in told.err and "後から書き換えられています" in told.err
    assert "記録 3が、終わりから消されています" in told.err
    document = cast("dict[str, Any]", banken_here(root, "audit", "verify", "--json").json())
    assert (document["ok"], document["records"]) == (False, 2)
    assert [(one["kind"], one["first"]) for one in document["findings"]] == [("edited", 2), ("cut", 3)]


def test_records_are_shown_and_chosen(root: Path) -> None:
    told = banken_here(root, "audit", "show", "--action", "refused")
    assert "http://evil.example" in told.out and "approved" not in told.out
    rows = cast("list[dict[str, Any]]", banken_here(root, "audit", "show", "--who", "d0001", "--json").json())
    assert [row["subject"] for row in rows] == ["shimin/a", "shimin/b"]
    assert "当てはまる監査記録はありません" in banken_here(root, "audit", "show", "--since", "2999-01-01").out


def test_the_vault_is_not_changed_where_the_log_can_not_be_written(root: Path) -> None:
    second = root.parent / "second"
    second.rename(root.parent / "gone")
    told = banken_here(root, "vault", "set", "gakumu", typed="user\nsecret\nsecret\n")
    assert (told.code, "控え" in told.err) == (4, True)
    assert "資格情報はまだありません" in banken_here(root, "vault", "list").out
    (root.parent / "gone").rename(second)
    assert banken_here(root, "vault", "set", "gakumu", typed="user\nsecret\nsecret\n").code == 0
    assert banken_here(root, "vault", "remove", "gakumu").code == 0
    rows = cast("list[dict[str, Any]]", banken_here(root, "audit", "show", "--json").json())
    assert [(row["action"], row["subject"]) for row in rows[3:]] == [
        ("vault_set", "gakumu"),
        ("vault_removed", "gakumu"),
    ]
    assert "secret" not in str(rows)
