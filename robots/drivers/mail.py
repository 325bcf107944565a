"""Mails as steps see them."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Protocol

from robots.errors import BusinessError, SystemFailure

_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@([A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})+)")


class MailUnknown(SystemFailure):
    """The connection broke after the mail was handed over: nobody can tell whether it will arrive."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with a mail."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail: plain addresses, a subject of one line, a body of text."""

    to: tuple[str, ...]
    cc: tuple[str, ...]
    subject: str
    body: str
    attachments: tuple[Attachment, ...] = ()

    @property
    def recipients(self) -> tuple[str, ...]:
        """Everyone it goes to, each once."""
        return tuple(dict.fromkeys((*self.to, *self.cc)))


class Mailer(Protocol):
    """Sending mail."""

    # Hands the mail over for all its recipients, or for none.  identity: the same for the same mail, for ever (part
    # of its Message-ID).  timeout: seconds for each answer of the server.
    # Raises: BusinessError (an address that the server refuses), SystemFailure (surely not sent), MailUnknown.
    def send(self, mail: Mail, *, identity: str, timeout: float) -> None: ...


def address_of(text: str) -> str:
    """A plain mail address, as it is written on the envelope.

    Raises: BusinessError for a name beside it, several in one text, a line break, or letters that no address has.
    """
    found = text.strip(" \u3000")
    if not _ADDRESS.fullmatch(found):
        shown = "".join("␣" if unicodedata.category(one) == "Cc" else one for one in text)[:60]
        raise BusinessError(
            f"「{shown}」はメールアドレスではありません。",
            mend="名前などを付けず、tanto@city.example.jp のような半角のアドレスを一つずつ書いてください。",
        )
    return found


def domain_of(address: str) -> str:
    """What stands after the @, in small letters."""
    return address.rpartition("@")[2].lower()


def one_line(text: str, what: str) -> str:
    """A text that goes into a header.  Raises: BusinessError where it holds a line break or another control character."""
    if any(unicodedata.category(one) in ("Cc", "Zl", "Zp") for one in text):
        raise BusinessError(
            f"メールの{what}に改行か制御文字が入っています。", mend=f"{what}は一行の文字にしてください。"
        )
    return text.strip()
