"""banken vault and banken purge on the command line: no value is ever shown, and each change is in the audit log."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from typer.testing import CliRunner

from robots.__main__ import build
from robots.cli.common import Stop
from robots.settings import open_home
from robots.vault import FileVault
from robots.wiring import records, vault_of
from tests.flow_town import HEAD

FIRST, SECOND, PASSPHRASE = "pw-first-7712", "pw-second-9930", "とても長い合言葉です1234"


@pytest.fixture
def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "town"
    root.mkdir()
    (root / "registry.yaml").write_text(HEAD.replace("scenarios:\n", "scenarios: {}\n"), encoding="utf-8")
    monkeypatch.chdir(root)
    monkeypatch.setenv("BANKEN_VAULT", "file")
    monkeypatch.setenv("BANKEN_VAULT_KEY", str(tmp_path / "safe" / "vault.key"))
    return root


def said(*arguments: str, typed: str = "") -> tuple[int, str]:
    """What the command ended with and all that it wrote; ``typed`` is what the person answers."""
    done = CliRunner().invoke(build(), ["vault", *arguments], input=typed)
    if done.exception is not None and not isinstance(done.exception, Stop | SystemExit):
        raise done.exception
    return (done.exception.code if isinstance(done.exception, Stop) else done.exit_code), done.output


def told(root: Path) -> list[tuple[str, str]]:
    """(action, subject) of every record of the audit log."""
    home = open_home(root, os.environ)
    with records(home) as (ledger, _), ledger.reading() as connection:
        rows = connection.exec_driver_sql("SELECT action, subject, detail FROM audit ORDER BY number").all()
    assert not [row for row in rows if any(word in json.dumps(list(row)) for word in (FIRST, SECOND, "robot-user"))]
    return [(row.action, row.subject) for row in rows]


def test_set_rotate_and_remove_show_nothing_and_are_recorded(town: Path) -> None:
    written = ""
    for arguments, typed in (
        (("set", "gakumu"), f"robot-user\n{FIRST}\n{FIRST}\n"),
        (("list",), ""),
        (("rotate", "gakumu"), f"\n{SECOND}\n{SECOND}\n"),
    ):
        code, output = said(*arguments, typed=typed)
        assert code == 0, output
        written += output
    found = vault_of(open_home(town, os.environ)).find("gakumu")
    assert found is not None
    assert (found.user, found.password) == ("robot-user", SECOND)
    assert FIRST not in written and SECOND not in written
    assert said("remove", "gakumu")[0] == 0
    assert told(town) == [("vault_set", "gakumu"), ("vault_rotated", "gakumu"), ("vault_removed", "gakumu")]


def test_what_is_not_there_or_does_not_change_is_no_rotation(town: Path) -> None:
    assert said("rotate", "gakumu")[0] == 1
    said("set", "gakumu", typed=f"u\n{FIRST}\n{FIRST}\n")
    code, output = said("rotate", "gakumu", typed=f"\n{FIRST}\n{FIRST}\n")
    assert code == 1 and "同じ" in output
    assert told(town) == [("vault_set", "gakumu")]


def test_a_second_machine_opens_the_ledger_once_it_has_the_key(
    town: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said("set", "gakumu", typed=f"u\n{FIRST}\n{FIRST}\n")
    carried = tmp_path / "鍵.age"
    assert said("key", "export", str(carried), typed="short\nshort\n")[0] == 2
    code, output = said("key", "export", str(carried), typed=f"{PASSPHRASE}\n{PASSPHRASE}\n")
    assert code == 0 and PASSPHRASE not in output
    assert said("key", "export", str(carried))[0] == 2, "a file is never overwritten"
    monkeypatch.setenv("BANKEN_VAULT_KEY", str(tmp_path / "second" / "vault.key"))
    (town / "var" / "vault.age").unlink()
    with pytest.raises(Exception, match="この端末にありません"):
        said("set", "other", typed=f"u\n{FIRST}\n{FIRST}\n")
    assert said("key", "import", str(carried), typed=f"{PASSPHRASE}\n")[0] == 0
    assert [action for action, _ in told(town)] == ["vault_set", "ledger_key_exported", "ledger_key_imported"]


def test_renewed_keys_open_all_that_was_kept(town: Path) -> None:
    said("set", "gakumu", typed=f"u\n{FIRST}\n{FIRST}\n")
    home = open_home(town, os.environ)
    key = Path(os.environ["BANKEN_VAULT_KEY"])
    before = key.read_text(encoding="ascii")
    assert said("key", "rotate")[0] == 0
    vault = vault_of(home)
    assert isinstance(vault, FileVault)
    found = vault.find("gakumu")
    assert found is not None and found.password == FIRST
    assert before not in key.read_text(encoding="ascii")
    assert told(town)[-1][0] == "ledger_key_rotated"


def test_purge_says_what_goes_removes_it_and_is_recorded(town: Path) -> None:
    def purge(*arguments: str) -> tuple[int, str]:
        done = CliRunner().invoke(build(), ["purge", *arguments])
        return (done.exception.code if isinstance(done.exception, Stop) else done.exit_code), done.output

    code, output = purge()
    assert code == 2 and "retention_days" in output
    assert purge("--before", "2099-01-01")[0] == 2
    old = town / "var" / "review" / "a" / "氏名.png"
    old.parent.mkdir(parents=True)
    old.write_bytes(b"picture")
    os.utime(old, (0, 0))
    code, output = purge("--before", "2026-01-01", "--dry-run", "--json")
    assert (code, json.loads(output)["files"], old.exists()) == (0, 1, True)
    assert told(town) == []
    assert purge("--before", "2026-01-01")[0] == 0
    assert not old.exists()
    assert told(town) == [("purged", "")]
