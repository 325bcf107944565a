"""Mail in memory: the double of SmtpMailer for tests and rehearsals of the engine."""

from __future__ import annotations

from collections.abc import Collection

from robots.drivers.mail import Mail
from robots.errors import BusinessError


class MemoryMailer:
    """Keeps what is sent in ``sent``; refuses mails to ``refused`` addresses."""

    def __init__(self, refused: Collection[str] = ()) -> None:
        self.sent: list[Mail] = []
        self._refused = frozenset(refused)

    def send(self, mail: Mail, *, identity: str, timeout: float) -> None:
        """See Mailer."""
        for recipient in mail.recipients:
            if recipient in self._refused:
                raise BusinessError(
                    f"宛先 {recipient} を、メールサーバーが断りました。誰にも送っていません。",
                    mend="アドレスを確かめてください。",
                )
        self.sent.append(mail)
