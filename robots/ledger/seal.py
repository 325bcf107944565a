"""Sealing what is personal in the ledger: AES-256-GCM for values, a keyed mark where rows are found by one.

A column of type ``Sealed`` or ``SealedJson`` is written and read as plain text or JSON and lies encrypted in the
database, each value under a nonce of its own.  Nothing can be compared with it in SQL: what rows are found by, or must
be unique by, has a ``Mark`` beside it (docs/adr/0017).  The sealer comes from the engine's dialect, where ``open_ledger``
puts it.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from base64 import b64decode, b64encode
from collections.abc import Sequence
from typing import Any, Protocol

import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from sqlalchemy.sql import operators

from robots.errors import SystemFailure

KEY_BYTES = 32
_VERSION = b"\x01"
_NAME_BYTES = 4
_NONCE_BYTES = 12
_AT_DIALECT = "banken_sealer"


class LedgerKeys(Protocol):
    """Where a machine keeps the keys of its ledgers.  Every method raises SystemFailure where it can't be opened."""

    # The key (32 bytes) of that name, or None.
    def ledger_key(self, name: str) -> bytes | None: ...
    # Keeps a key under its name.
    def keep_ledger_key(self, name: str, key: bytes) -> None: ...


def new_key() -> bytes:
    """A fresh key of a ledger."""
    return secrets.token_bytes(KEY_BYTES)


def name_of(key: bytes) -> str:
    """What a key is called: eight hexadecimal digits that tell nothing of it."""
    return hashlib.sha256(b"banken ledger key name" + key).hexdigest()[: 2 * _NAME_BYTES]


class Sealer:
    """Seals, opens and marks with the keys of one ledger.

    keys: the oldest first.  The newest seals, each opens what it has sealed, and the oldest makes the marks: they must
    stay what they are as long as the ledger lives.
    """

    def __init__(self, keys: Sequence[bytes]) -> None:
        self._ciphers = {bytes.fromhex(name_of(key)): AESGCM(_derived(key, b"seal")) for key in keys}
        self._head = _VERSION + bytes.fromhex(name_of(keys[-1]))
        self._cipher = self._ciphers[self._head[1:]]
        self._marking = _derived(keys[0], b"mark")

    def seal(self, plain: bytes) -> str:
        """ASCII text: base64 of version, key name, nonce, ciphertext and tag."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return b64encode(self._head + nonce + self._cipher.encrypt(nonce, plain, self._head)).decode("ascii")

    def open(self, sealed: str) -> bytes:
        """What was sealed.  Raises: SystemFailure where it was changed, or sealed with a key that is not here."""
        try:
            raw = b64decode(sealed, validate=True)
            head, nonce = raw[: 1 + _NAME_BYTES], raw[1 + _NAME_BYTES : 1 + _NAME_BYTES + _NONCE_BYTES]
            return self._ciphers[head[1:]].decrypt(nonce, raw[len(head) + len(nonce) :], head)
        except (ValueError, KeyError, InvalidTag) as error:
            raise SystemFailure(
                "台帳記録（ledger）の中に、この端末の鍵では読めない値があります。",
                mend="鍵を入れ替えた端末から banken vault key で鍵を移すか、控え（バックアップ）から記録を戻してください。",
            ) from error

    def mark(self, text: str) -> str:
        """The same for the same text, and telling nothing of it without the key: 64 hexadecimal digits."""
        return hmac.digest(self._marking, text.encode(), "sha256").hex()


def _derived(key: bytes, purpose: bytes) -> bytes:
    return HKDFExpand(SHA256(), KEY_BYTES, b"banken ledger " + purpose).derive(key)


def seal_with(engine: sa.Engine, sealer: Sealer) -> None:
    """From now on this engine seals and opens with this sealer."""
    vars(engine.dialect)[_AT_DIALECT] = sealer


def sealer_of(dialect: sa.Dialect) -> Sealer:
    """The sealer of an engine (``connection.dialect``)."""
    sealer = vars(dialect)[_AT_DIALECT]
    assert isinstance(sealer, Sealer)
    return sealer


class _Incomparable(sa.types.TypeDecorator.Comparator[Any]):
    """Two seals of one value differ, so a comparison would quietly find nothing."""

    def operate(self, op: Any, *other: Any, **kwargs: Any) -> sa.ColumnElement[Any]:
        if op not in (operators.is_, operators.is_not):
            raise TypeError("a sealed column can't be compared or ordered in SQL; use its mark")
        return super().operate(op, *other, **kwargs)


class Sealed(sa.TypeDecorator[str]):
    """Text that lies sealed in the database; "" stays "" (that nothing is there tells nothing)."""

    impl = sa.Text
    cache_ok = True
    comparator_factory = _Incomparable

    def process_bind_param(self, value: str | None, dialect: sa.Dialect) -> str | None:
        return sealer_of(dialect).seal(value.encode()) if value else value

    def process_result_value(self, value: str | None, dialect: sa.Dialect) -> str | None:
        return sealer_of(dialect).open(value).decode() if value else value


class SealedJson(sa.TypeDecorator[Any]):
    """JSON that lies sealed in the database, there a JSON string."""

    impl = sa.JSON
    cache_ok = True
    comparator_factory = _Incomparable

    def process_bind_param(self, value: object, dialect: sa.Dialect) -> str:
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        return sealer_of(dialect).seal(text.encode())

    def process_result_value(self, value: str | None, dialect: sa.Dialect) -> Any:
        return None if value is None else json.loads(sealer_of(dialect).open(value))


class Mark(sa.TypeDecorator[str]):
    """What rows are found by in place of a sealed text: written and compared as the text, kept and read as its mark."""

    impl = sa.String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: sa.Dialect) -> str | None:
        return None if value is None else sealer_of(dialect).mark(value)
