"""Signatures of approvals: Ed25519 (RFC 8032) over one canonical text, and whose keys this machine trusts.

Trusted keys stand in a file of the robot machine outside the town's folder, so that whoever can edit the register
still can't approve.  The key that registry.yaml tells of a person is for people to compare, and is never trusted.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from practice import PRACTICE_KEY
from robots.errors import SystemFailure
from robots.files import write_atomically
from robots.registry.model import Approval
from robots.settings import Home

PREFIX = "ed25519:"
_VERSION = "banken-approval-1"
_LINE = (
    "「承認者の番号 ed25519:… 団体名」を一行に一つずつ書いてください（団体名は省けます。banken key new が示す行です）。"
)
_HEAD = "# 番犬: この端末が信頼する承認者の鍵。一行に一人（承認者の番号 ed25519:… 団体名）\n"

Whose = Literal["trusted", "practice", "unknown", "forged", "none"]
"""Whose a signature is: a trusted key's of the approver, the practice town's own, or nobody's that counts
(unknown: this machine trusts no key of the approver; forged: it does, and none has signed this; none: not signed)."""


@dataclass(frozen=True, slots=True)
class Signer:
    """An opened private key."""

    private: Ed25519PrivateKey = field(repr=False)

    @property
    def public(self) -> str:
        """As people.key and trusted_keys have it: ed25519:…"""
        return PREFIX + b64encode(self.private.public_key().public_bytes_raw()).decode()

    def sign(self, message: bytes) -> str:
        return b64encode(self.private.sign(message)).decode()


def practice_signer() -> Signer:
    """The practice town's own key; it is public, and what it signs runs in the practice town alone (practice_town.py)."""
    return Signer(Ed25519PrivateKey.from_private_bytes(b64decode(PRACTICE_KEY)))


def message_of(organization: str, scenario: str, approval: Approval) -> bytes:
    """What is signed: a version tag and one canonical JSON, so that no two approvals have the same bytes."""
    told = {
        "organization": organization,
        "scenario": scenario,
        "digest": approval.digest,
        "by": approval.by,
        "on": approval.on.isoformat(),
        "until": approval.until.isoformat(),
        "number": int(approval.number),
    }
    return f"{_VERSION}\n{json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(',', ':'))}".encode()


def whose(organization: str, scenario: str, approval: Approval, trusted: Mapping[str, Sequence[str]]) -> Whose:
    """Whose signature an approval bears."""
    if not approval.signature:
        return "none"
    message, keys = message_of(organization, scenario, approval), trusted.get(approval.by, ())
    if any(_verifies(key, approval.signature, message) for key in keys):
        return "trusted"
    if _verifies(practice_signer().public, approval.signature, message):
        return "practice"
    return "forged" if keys else "unknown"


def _verifies(key: str, signature: str, message: bytes) -> bool:
    try:
        public_key(key).verify(b64decode(signature, validate=True), message)
    except (InvalidSignature, ValueError, NotBase64):
        return False
    return True


def public_key(text: str) -> Ed25519PublicKey:
    """A public key as it is written.  Raises: ValueError where it is none."""
    if not text.startswith(PREFIX):
        raise ValueError("not an ed25519 key")
    return Ed25519PublicKey.from_public_bytes(b64decode(text.removeprefix(PREFIX), validate=True))


def trusted_keys(home: Home, organization: str) -> dict[str, list[str]]:
    """The keys that this machine trusts for a town, by approver; none where the file is not there.

    A line may end with the organization that it counts for; without one it counts for every town of this machine.

    Raises: SystemFailure where the file stands in the town's folder, or can't be read.
    """
    place = home.trusted_keys
    if place.resolve().is_relative_to(home.root.resolve()):
        raise SystemFailure(
            f"信頼する鍵のファイル（{place}）が、台帳のフォルダの中にあります。",
            mend="台帳を書ける人が承認もできてしまいます。設定 trusted_keys を、このフォルダの外の場所にしてください。",
        )
    try:
        lines = place.read_text(encoding="utf-8-sig").splitlines()
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise SystemFailure(
            f"信頼する鍵のファイル（{place}）を読めません。",
            mend="読む権限と、UTF-8 で書かれているかを確かめてください。",
        ) from error
    found: dict[str, list[str]] = {}
    for number, line in enumerate(lines, 1):
        words = line.partition("#")[0].split()
        if words:
            person, key, town = _line(place, number, words)
            if town in ("", organization):
                found.setdefault(person, []).append(key)
    return found


def trust(home: Home, organization: str, person: str, key: str) -> None:
    """Adds a line to the keys that this machine trusts.  Raises: SystemFailure where the file can't be written."""
    place = home.trusted_keys
    try:
        before = place.read_text(encoding="utf-8-sig") if place.is_file() else _HEAD
        apart = "" if before.endswith("\n") else "\n"
        write_atomically(place, f"{before}{apart}{person} {key} {organization}\n".encode(), private=True)
    except OSError as error:
        raise SystemFailure(
            f"信頼する鍵のファイル（{place}）に書けません（{error.strerror or error}）。",
            mend=f"この端末の管理者に、次の行を加えてもらってください: {person} {key} {organization}",
        ) from error


def _line(place: Path, number: int, words: list[str]) -> tuple[str, str, str]:
    try:
        person, key, *town = words
        public_key(key)
    except ValueError:
        raise SystemFailure(f"{place} の {number} 行目が読めません。", mend=_LINE) from None
    return person, key, " ".join(town)
