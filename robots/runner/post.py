"""Mail from a run: to the domains of `uses` alone, each key at most once in any run, nothing in a rehearsal."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass

from robots.drivers.mail import Mail, Mailer, MailUnknown, domain_of
from robots.errors import BankenError, BusinessError, NotDeclared
from robots.ledger.mails import begin_mail, end_mail
from robots.ledger.store import Ledger
from robots.runner.uses import line_to_add
from robots.step import RunFacts


@dataclass(frozen=True, slots=True)
class Post:
    """Sends the mails of one run.  domains: those of `uses.mail`."""

    ledger: Ledger
    mailer: Mailer
    run: RunFacts
    domains: Collection[str]

    def send(self, key: str, mail: Mail, *, timeout: float) -> bool:
        """True once the mail is sent; False where it was sent before, or in a rehearsal.

        Raises: NotDeclared (a domain that is not allowed), BusinessError, SystemFailure, MailUnknown.
        """
        self._check(key, mail)
        if self.run.rehearsal:
            return False
        scenario, identity = self.run.scenario, _digest(self.run.scenario, key)[:40]
        digest = _digest(mail.subject, *sorted(mail.recipients))
        state, same = begin_mail(self.ledger, scenario=scenario, key=key, run=self.run.id, digest=digest)
        if state == "sending":
            raise MailUnknown(
                f"キー「{key}」のメールは、前に送っている途中で止まり、送られたか分かりません。",
                mend="宛先に届いているかを確かめ、届いていなければ人が送ってください。番犬はもう送りません。",
            )
        if state and not same:
            raise BusinessError(
                f"キー「{key}」のメールは、もう別の宛先か件名で送っています。",
                mend="メールごとに違うキーを書いてください。同じキーのメールは一度しか送りません。",
            )
        if state:
            return False
        try:
            self.mailer.send(mail, identity=identity, timeout=timeout)
        except MailUnknown:
            end_mail(self.ledger, scenario=scenario, key=key, state="unknown")
            raise
        except BankenError:
            end_mail(self.ledger, scenario=scenario, key=key, state="")
            raise
        end_mail(self.ledger, scenario=scenario, key=key, state="sent")
        return True

    def _check(self, key: str, mail: Mail) -> None:
        if not key:
            raise BusinessError("メールのキーが空です。", mend="メールごとに違う値がキーに入るようにしてください。")
        allowed = {domain.lower() for domain in self.domains}
        for recipient in mail.recipients:
            if domain_of(recipient) not in allowed:
                raise NotDeclared(
                    f"宛先 {recipient} のドメインは、利用（uses）のメール（mail）に書かれていません。",
                    mend=line_to_add("メール", f"- {domain_of(recipient)}"),
                    kind="mail",
                    thing=domain_of(recipient),
                )


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
