"""The keys of a ledger: which it needs, carried to another machine, and a fresh one in place of the last.

The keys lie on the machines (``LedgerKeys``), the ledger knows their names.  A file that carries them is age-encrypted
with a passphrase.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Mapping

import pyrage
import sqlalchemy as sa

from robots.clock import now, stamp
from robots.errors import SystemFailure
from robots.ledger.seal import KEY_BYTES, LedgerKeys, Sealed, SealedJson, Sealer, name_of, new_key
from robots.ledger.store import Ledger
from robots.ledger.tables import ledger_keys, metadata

SHORTEST_PASSPHRASE = 12
_AT_ONCE = 500


def names_of_keys(ledger: Ledger) -> list[str]:
    """The names of the keys that this ledger needs, the oldest first."""
    with ledger.reading() as connection:
        query = sa.select(ledger_keys.c.name).order_by(ledger_keys.c.number)
        return list(connection.execute(query).scalars())


def packed(ledger: Ledger, keys: LedgerKeys, passphrase: str) -> bytes:
    """The ledger's keys as the bytes of an age file that only the passphrase opens."""
    found = {name: keys.ledger_key(name) for name in names_of_keys(ledger)}
    plain = {name: b64encode(key).decode("ascii") for name, key in found.items() if key is not None}
    return bytes(pyrage.passphrase.encrypt(json.dumps({"ledger_keys": plain}).encode(), passphrase))


def unpacked(data: bytes, passphrase: str) -> Mapping[str, bytes]:
    """The keys in such a file, by name.  Raises: SystemFailure where the passphrase or the file is not right."""
    try:
        plain = json.loads(pyrage.passphrase.decrypt(data, passphrase))["ledger_keys"]
        keys = {name: b64decode(text) for name, text in plain.items()}
    except (pyrage.DecryptError, ValueError, KeyError, AttributeError, TypeError) as error:
        raise SystemFailure(
            "台帳記録の鍵のファイルを開けません。",
            mend="合言葉と、banken vault key export で作ったファイルかどうかを確かめてください。",
        ) from error
    if any(len(key) != KEY_BYTES or name_of(key) != name for name, key in keys.items()):
        raise SystemFailure(
            "台帳記録の鍵のファイルが壊れています。",
            mend="鍵のある端末で banken vault key export をやり直してください。",
        )
    return keys


def renew(ledger: Ledger, keys: LedgerKeys) -> str:
    """A fresh key seals from now on, and all that is there is sealed anew with it.  Returns the key's name.

    The key is kept before anything is sealed with it.  The old ones stay: backups need them, and marks are made with
    the first for ever.  Raises: SystemFailure where a key can't be kept, or the ledger can't be written: it stays as it was.
    """
    names = names_of_keys(ledger)
    have = [key for name in names if (key := keys.ledger_key(name)) is not None]
    key = new_key()
    keys.keep_ledger_key(name_of(key), key)
    before = ledger.sealer
    try:
        with ledger.writing() as connection:
            connection.execute(ledger_keys.insert().values(number=len(names) + 1, name=name_of(key), at=stamp(now())))
            ledger.seal_with(Sealer([*have, key]))
            for table in metadata.sorted_tables:
                _seal_again(connection, table)
    except BaseException:
        ledger.seal_with(before)
        raise
    return name_of(key)


def _seal_again(connection: sa.Connection, table: sa.Table) -> None:
    sealed = [column for column in table.c if isinstance(column.type, Sealed | SealedJson)]
    if not sealed:
        return
    own = list(table.primary_key)
    last: sa.Row[tuple[object, ...]] | None = None
    while True:
        query = sa.select(*own, *sealed).order_by(*own).limit(_AT_ONCE)
        if last is not None:
            query = query.where(sa.tuple_(*own) > sa.tuple_(*(last._mapping[one.name] for one in own)))
        rows = connection.execute(query).all()
        if not rows:
            return
        for row in rows:
            values = row._mapping
            here = sa.and_(*(one == values[one.name] for one in own))
            connection.execute(table.update().where(here).values({one.name: values[one.name] for one in sealed}))
        last = rows[-1]
