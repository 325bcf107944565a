"""An approver's private key: one file of the user's own settings folder, closed with a passphrase (age: scrypt)."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import platformdirs
import pyrage
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from robots.errors import BusinessError, SystemFailure
from robots.files import write_atomically
from robots.registry.signature import Signer

SHORTEST = 8
"""Characters of a passphrase."""


def key_file(person: str) -> Path:
    """Where a person's key lies, on this machine and for this user."""
    return platformdirs.user_config_path("banken") / "keys" / f"{quote(person, safe='')}.age"


def make_key(place: Path, passphrase: str) -> Signer:
    """Makes a key and keeps it closed.

    Raises: BusinessError where there is one already or the passphrase is too short; SystemFailure where it can't be kept.
    """
    if place.exists():
        raise BusinessError(
            f"鍵はもうあります（{place}）。",
            mend="作り直すときは、先にそのファイルを別の場所へ移してください（前の鍵での承認は、信頼する鍵から消すまで有効です）。",
        )
    if len(passphrase) < SHORTEST:
        raise BusinessError(
            f"合言葉は {SHORTEST} 文字以上にしてください。", mend="長い、ほかで使っていない合言葉にしてください。"
        )
    key = Ed25519PrivateKey.generate()
    try:
        write_atomically(place, pyrage.passphrase.encrypt(key.private_bytes_raw(), passphrase), private=True)
    except OSError as error:
        raise SystemFailure(
            f"鍵を {place} に書けません（{error.strerror or error}）。",
            mend="フォルダに書き込めるかを確かめてください。",
        ) from error
    return Signer(key)


def open_key(place: Path, passphrase: str) -> Signer:
    """Opens a key.  Raises: BusinessError where the passphrase is wrong; SystemFailure where the file can't be read."""
    try:
        return opened(place.read_bytes(), passphrase)
    except (OSError, ValueError) as error:
        raise SystemFailure(
            f"鍵のファイル（{place}）を読めません。",
            mend="控えてある鍵に戻すか、banken key new で作り直し、信頼する鍵に加えてもらってください。",
        ) from error


def opened(data: bytes, passphrase: str) -> Signer:
    """The key of a file's bytes.  Raises: BusinessError where the passphrase is wrong; ValueError where it is no key."""
    try:
        return Signer(Ed25519PrivateKey.from_private_bytes(pyrage.passphrase.decrypt(data, passphrase)))
    except pyrage.DecryptError as error:
        raise BusinessError("合言葉が違います。", mend="もう一度、正しい合言葉を入れてください。") from error
