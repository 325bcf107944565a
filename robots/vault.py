"""Credentials: in the operating system's keyring, or in a file encrypted with a key outside the repository.

A value is never printed, logged or passed as an argument; it goes from the vault into the page and nowhere else.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, cast

import platformdirs
import pyrage

from robots.errors import SystemFailure
from robots.files import write_atomically

SERVICE = "banken"
_INDEX = "banken:names"
_LEDGER = "banken:ledger:"


@dataclass(frozen=True, slots=True)
class Credential:
    """A user name and password for one site; neither is ever logged, shown or kept."""

    user: str = field(repr=False)
    password: str = field(repr=False)


class Vault(Protocol):
    """Where credentials lie.  Every method raises SystemFailure where the vault can't be opened."""

    # The credential of that name, or None.
    def find(self, name: str) -> Credential | None: ...
    # Keeps a credential, replacing one of that name.
    def keep(self, name: str, credential: Credential) -> None: ...
    # Forgets a credential; False where there was none.
    def remove(self, name: str) -> bool: ...
    # The names kept, sorted; never a value.
    def names(self) -> list[str]: ...
    # The ledger's key of that name, or None.
    def ledger_key(self, name: str) -> bytes | None: ...
    # Keeps a ledger's key; it never lies where the ledger does.
    def keep_ledger_key(self, name: str, key: bytes) -> None: ...


def open_vault(kind: str, *, file: Path, key: Path | None) -> Vault:
    """The vault of the settings: ``keyring``, ``file``, or ``auto`` (the keyring where the machine has one)."""
    if kind == "keyring" or (kind == "auto" and _keyring_works()):
        return KeyringVault()
    return _file_vault(file, key)


def _file_vault(file: Path, key: Path | None) -> FileVault:
    return FileVault(file, key or platformdirs.user_config_path(SERVICE) / "vault.key")


def _keyring_works() -> bool:
    import keyring
    from keyring.backends import fail, null

    return not isinstance(keyring.get_keyring(), fail.Keyring | null.Keyring)


class KeyringVault:
    """Windows Credential Manager, macOS Keychain, or the desktop's secret service."""

    def __init__(self) -> None:
        import keyring  # it looks through all that is installed, which a command without credentials does without

        self._keyring = keyring

    def find(self, name: str) -> Credential | None:
        text = self._call(lambda: self._keyring.get_password(SERVICE, name))
        return _credential(text) if isinstance(text, str) else None

    def keep(self, name: str, credential: Credential) -> None:
        self._call(lambda: self._keyring.set_password(SERVICE, name, _text(credential)))
        self._keep_names({*self.names(), name})

    def remove(self, name: str) -> bool:
        if name not in self.names():
            return False
        self._call(lambda: self._keyring.delete_password(SERVICE, name))
        self._keep_names(set(self.names()) - {name})
        return True

    def names(self) -> list[str]:
        text = self._call(lambda: self._keyring.get_password(SERVICE, _INDEX))
        return sorted(json.loads(text)) if isinstance(text, str) else []

    def ledger_key(self, name: str) -> bytes | None:
        text = self._call(lambda: self._keyring.get_password(SERVICE, f"{_LEDGER}{name}"))
        return b64decode(text) if isinstance(text, str) else None

    def keep_ledger_key(self, name: str, key: bytes) -> None:
        self._call(lambda: self._keyring.set_password(SERVICE, f"{_LEDGER}{name}", b64encode(key).decode("ascii")))

    def _keep_names(self, names: set[str]) -> None:
        self._call(lambda: self._keyring.set_password(SERVICE, _INDEX, json.dumps(sorted(names), ensure_ascii=False)))

    def _call(self, action: Callable[[], object]) -> object:
        from keyring.errors import KeyringError, PasswordDeleteError

        try:
            return action()
        except (KeyringError, PasswordDeleteError) as error:
            raise SystemFailure(
                "この端末の資格情報マネージャーを使えません。",
                mend='banken.toml に vault = "file" と書くと、暗号化したファイルに保管します。',
            ) from error


class FileVault:
    """An age-encrypted JSON file; its key is an age identity kept in the user's own settings folder."""

    def __init__(self, file: Path, key: Path) -> None:
        self._file = file
        self._key = key

    def find(self, name: str) -> Credential | None:
        text = self._read().get(name)
        return None if text is None else _credential(text)

    def keep(self, name: str, credential: Credential) -> None:
        self._write({**self._read(), name: _text(credential)})

    def remove(self, name: str) -> bool:
        kept = self._read()
        if kept.pop(name, None) is None:
            return False
        self._write(kept)
        return True

    def names(self) -> list[str]:
        return sorted(self._read())

    def ledger_key(self, name: str) -> bytes | None:
        place = self._ledger_key_file(name)
        try:
            return b64decode(place.read_bytes()) if place.exists() else None
        except (OSError, ValueError) as error:
            raise SystemFailure(
                f"台帳記録の鍵ファイル {place.name} を読めません。",
                mend="控えてある鍵ファイルに戻すか、鍵のある端末から banken vault key export・import で移してください。",
            ) from error

    def keep_ledger_key(self, name: str, key: bytes) -> None:
        write_atomically(self._ledger_key_file(name), b64encode(key), private=True)

    def _ledger_key_file(self, name: str) -> Path:
        return self._key.with_name(f"ledger-{name}.key")

    def renew_key(self) -> None:
        """A fresh key, and the credentials encrypted anew with it; broken off anywhere, both files still fit together."""
        kept, before = self._read(), self._identities()
        after = pyrage.x25519.Identity.generate()
        self._write_key([*before, after])  # the last one encrypts, each decrypts
        if self._file.exists():
            self._write(kept)
        self._write_key([after])

    def _read(self) -> dict[str, str]:
        if not self._file.exists():
            return {}
        try:
            plain = pyrage.decrypt(self._file.read_bytes(), self._identities())
        except (pyrage.DecryptError, OSError) as error:
            raise SystemFailure(
                f"資格情報のファイル {self._file.name} を開けません。",
                mend="鍵ファイルがこの端末のものか確かめ、だめなら banken vault set で登録し直してください。",
            ) from error
        return cast("dict[str, str]", json.loads(plain))

    def _write(self, kept: dict[str, str]) -> None:
        sealed = pyrage.encrypt(json.dumps(kept, ensure_ascii=False).encode(), [self._identities()[-1].to_public()])
        write_atomically(self._file, sealed)

    def _write_key(self, identities: Sequence[pyrage.x25519.Identity]) -> None:
        write_atomically(self._key, "\n".join(map(str, identities)).encode(), private=True)

    def _identities(self) -> list[pyrage.x25519.Identity]:
        if not self._key.exists():
            if self._file.exists():
                raise SystemFailure(
                    f"資格情報の鍵ファイル {self._key.name} が見つかりません。",
                    mend="鍵ファイルを元の場所に戻すか、保管ファイルを消して banken vault set で登録し直してください。",
                )
            self._write_key([pyrage.x25519.Identity.generate()])
        try:
            lines = self._key.read_text(encoding="ascii").split()
            return [pyrage.x25519.Identity.from_str(line) for line in lines or [""]]
        except (pyrage.IdentityError, ValueError, OSError) as error:
            raise SystemFailure(
                f"資格情報の鍵ファイル {self._key.name} を読めません。",
                mend="控えてある鍵ファイルに戻すか、鍵と保管ファイルを消して banken vault set で登録し直してください。",
            ) from error


class LedgerKeyring:
    """The ledger's keys of an ``auto`` vault: one that lies in a file is found without looking for a keyring, which takes
    as long as many a command.  A key's name is made of the key, so that wherever it lies it is the same one."""

    def __init__(self, file: Path, key: Path | None) -> None:
        self._places = (file, key)

    def ledger_key(self, name: str) -> bytes | None:
        found = _file_vault(*self._places).ledger_key(name)
        return self._vault().ledger_key(name) if found is None else found

    def keep_ledger_key(self, name: str, key: bytes) -> None:
        self._vault().keep_ledger_key(name, key)

    def _vault(self) -> Vault:
        file, key = self._places
        return open_vault("auto", file=file, key=key)


def _text(credential: Credential) -> str:
    return json.dumps([credential.user, credential.password], ensure_ascii=False)


def _credential(text: str) -> Credential:
    user, password = json.loads(text)
    return Credential(user, password)
