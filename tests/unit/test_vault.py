"""Credentials: kept, found, removed, and never to be read where they should not be."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends import fail
from keyring.errors import KeyringError, PasswordDeleteError

from robots.errors import SystemFailure
from robots.vault import Credential, FileVault, KeyringVault, LedgerKeyring, Vault, open_vault

SECRET = Credential("gakumu-robot", "合言葉-hunter2")


class MemoryKeyring(KeyringBackend):
    """A keyring as an operating system's is, in memory."""

    priority = -2  # never chosen by itself: other tests' keys would lie in it

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if self.kept.pop((service, username), None) is None:
            raise PasswordDeleteError("not there")


class LockedKeyring(MemoryKeyring):
    """A keyring whose owner has not unlocked it."""

    def get_password(self, service: str, username: str) -> str | None:
        raise KeyringError("locked")


@pytest.fixture
def keyring_of() -> Iterator[None]:
    before = keyring.get_keyring()
    yield
    keyring.set_keyring(before)


@pytest.fixture(params=["file", "keyring"])
def vault(request: pytest.FixtureRequest, tmp_path: Path, keyring_of: None) -> Vault:
    keyring.set_keyring(MemoryKeyring())
    return open_vault(request.param, file=tmp_path / "var" / "vault.age", key=tmp_path / "elsewhere" / "vault.key")


def test_what_is_kept_is_found_replaced_and_removed(vault: Vault) -> None:
    assert vault.names() == []
    assert vault.find("gakumu") is None
    vault.keep("gakumu", SECRET)
    vault.keep("会計", Credential("a", ""))
    assert vault.names() == ["gakumu", "会計"]
    assert vault.find("gakumu") == SECRET
    vault.keep("gakumu", Credential("other", "値"))
    assert vault.find("gakumu") == Credential("other", "値")
    assert vault.remove("gakumu") is True
    assert vault.remove("gakumu") is False
    assert vault.find("gakumu") is None
    assert vault.names() == ["会計"]


def test_a_credential_is_not_shown() -> None:
    assert "hunter2" not in repr(SECRET)
    assert "gakumu-robot" not in repr([SECRET])
    assert "hunter2" not in f"{SECRET}"


# --- the file ---


@pytest.fixture
def places(tmp_path: Path) -> tuple[Path, Path]:
    return tmp_path / "var" / "vault.age", tmp_path / "elsewhere" / "vault.key"


def kept(places: tuple[Path, Path]) -> tuple[Path, Path]:
    FileVault(*places).keep("gakumu", SECRET)
    return places


def test_the_file_holds_nothing_to_be_read_and_opens_with_its_key_later(places: tuple[Path, Path]) -> None:
    file, key = kept(places)
    for word in ("hunter2", "合言葉", "gakumu"):
        assert word.encode() not in file.read_bytes()
    assert key.read_text(encoding="ascii").strip() not in file.read_text(encoding="latin-1")
    assert FileVault(file, key).find("gakumu") == SECRET


@pytest.mark.skipif(os.name == "nt", reason="Windows has other rights")
def test_the_key_is_its_owners_alone(places: tuple[Path, Path]) -> None:
    _, key = kept(places)
    assert stat.S_IMODE(key.stat().st_mode) == 0o600


@pytest.mark.skipif(os.name == "nt", reason="the settings folder is named otherwise there")
def test_the_key_lies_outside_of_the_town_unless_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    open_vault("file", file=tmp_path / "town" / "vault.age", key=None).keep("gakumu", SECRET)
    assert [one.name for one in (tmp_path / "town").rglob("*")] == ["vault.age"]
    (key,) = (one for one in tmp_path.rglob("vault.key"))
    assert not key.is_relative_to(tmp_path / "town")


def test_another_machines_key_opens_nothing_and_destroys_nothing(places: tuple[Path, Path], tmp_path: Path) -> None:
    file, _ = kept(places)
    other = tmp_path / "other.key"
    FileVault(tmp_path / "other.age", other).keep("x", SECRET)
    before = file.read_bytes()
    vault = FileVault(file, other)
    for use in (lambda: vault.find("gakumu"), vault.names, lambda: vault.remove("gakumu")):
        with pytest.raises(SystemFailure, match=r"vault\.age を開けません"):
            use()
    with pytest.raises(SystemFailure):
        vault.keep("new", SECRET)
    assert file.read_bytes() == before


def test_a_lost_key_is_told_and_no_new_one_is_made(places: tuple[Path, Path]) -> None:
    file, key = kept(places)
    key.unlink()
    before = file.read_bytes()
    with pytest.raises(SystemFailure, match="鍵ファイル"):
        FileVault(file, key).find("gakumu")
    with pytest.raises(SystemFailure, match="鍵ファイル"):
        FileVault(file, key).keep("new", SECRET)
    assert not key.exists()
    assert file.read_bytes() == before


@pytest.mark.parametrize("content", [b"", b"no key", "鍵".encode(), b"AGE-SECRET-KEY-1XYZ"])
def test_a_broken_key_is_told(places: tuple[Path, Path], content: bytes) -> None:
    file, key = kept(places)
    key.write_bytes(content)
    with pytest.raises(SystemFailure, match=r"vault\.key を読めません") as failure:
        FileVault(file, key).find("gakumu")
    assert "hunter2" not in str(failure.value)


@pytest.mark.parametrize("content", [b"", b"no vault", b"age-encryption.org/v1\n"])
def test_a_broken_file_is_told(places: tuple[Path, Path], content: bytes) -> None:
    file, key = kept(places)
    file.write_bytes(content)
    with pytest.raises(SystemFailure, match="開けません"):
        FileVault(file, key).names()


# --- the machine's keyring ---


def test_auto_takes_the_keyring_where_there_is_one(tmp_path: Path, keyring_of: None) -> None:
    keyring.set_keyring(MemoryKeyring())
    assert isinstance(open_vault("auto", file=tmp_path / "v", key=tmp_path / "k"), KeyringVault)
    keyring.set_keyring(fail.Keyring())  # type: ignore[no-untyped-call]
    assert isinstance(open_vault("auto", file=tmp_path / "v", key=tmp_path / "k"), FileVault)
    assert list(tmp_path.iterdir()) == []


def test_a_ledgers_key_in_a_file_is_found_without_the_keyring(tmp_path: Path, keyring_of: None) -> None:
    places = tmp_path / "v", tmp_path / "k"
    FileVault(*places).keep_ledger_key("0badcafe", b"f" * 32)
    keys = LedgerKeyring(*places)
    keyring.set_keyring(LockedKeyring())
    assert keys.ledger_key("0badcafe") == b"f" * 32
    with pytest.raises(SystemFailure, match="資格情報マネージャー"):
        keys.ledger_key("cafe0bad")
    keyring.set_keyring(MemoryKeyring())
    assert keys.ledger_key("cafe0bad") is None
    keys.keep_ledger_key("cafe0bad", b"m" * 32)
    assert KeyringVault().ledger_key("cafe0bad") == keys.ledger_key("cafe0bad") == b"m" * 32
    assert FileVault(*places).ledger_key("cafe0bad") is None


def test_a_keyring_that_does_not_open_is_told(tmp_path: Path, keyring_of: None) -> None:
    keyring.set_keyring(LockedKeyring())
    vault = open_vault("keyring", file=tmp_path / "v", key=None)
    with pytest.raises(SystemFailure, match="資格情報マネージャー") as failure:
        vault.find("gakumu")
    assert 'vault = "file"' in failure.value.mend
