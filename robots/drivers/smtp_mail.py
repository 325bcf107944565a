"""Mail by SMTP, as the settings say: for all recipients or for none, and honest about what it can't tell."""

from __future__ import annotations

import mimetypes
import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from email.policy import SMTP as POLICY
from email.utils import format_datetime

from robots.clock import now
from robots.drivers.mail import Mail, MailUnknown, domain_of
from robots.errors import BusinessError, SystemFailure
from robots.settings import Settings
from robots.vault import Credential

_MEND = "banken.toml の smtp_ で始まる設定と、メールサーバーへの接続を、情報担当に確かめてください。"
_REFUSED_FOR_GOOD = 500


class SmtpMailer:
    """Mailer over the SMTP server of the settings; a connection a mail."""

    def __init__(self, settings: Settings, find: Callable[[str], Credential | None]) -> None:
        """find: a credential of the vault by its name."""
        self._settings = settings
        self._find = find

    def send(self, mail: Mail, *, identity: str, timeout: float) -> None:
        """See Mailer."""
        settings = self._settings
        if not settings.smtp_host or not settings.smtp_from:
            raise SystemFailure(
                "メールサーバーが設定されていないので、メールを送れません。",
                mend="banken.toml に smtp_host と smtp_from（差出人のアドレス）を書いてください。",
            )
        data = message_of(mail, sender=settings.smtp_from, identity=identity).as_bytes()
        with self._connected(timeout) as smtp:
            _open_envelope(smtp, settings.smtp_from, mail, len(data))
            _hand_over(smtp, data)

    @contextmanager
    def _connected(self, timeout: float) -> Iterator[smtplib.SMTP]:
        settings = self._settings
        smtp: smtplib.SMTP | None = None
        try:
            try:
                smtp = self._opened(timeout)
                self._sign_in(smtp)
            except (OSError, smtplib.SMTPException) as error:
                raise SystemFailure(
                    f"メールサーバー {settings.smtp_host}:{settings.smtp_port} につながりません（{_told(error)}）。",
                    mend=_MEND,
                ) from error
            yield smtp
        finally:
            if smtp is not None:
                with suppress(OSError, smtplib.SMTPException):
                    smtp.quit()  # whatever it answers: what is sent is sent
                smtp.close()

    def _opened(self, timeout: float) -> smtplib.SMTP:
        settings = self._settings
        context = ssl.create_default_context()
        if settings.smtp_security == "tls":
            return smtplib.SMTP_SSL(settings.smtp_host, settings.smtp_port, timeout=timeout, context=context)
        smtp = smtplib.SMTP(settings.smtp_host, settings.smtp_port, timeout=timeout)
        smtp.ehlo()
        if settings.smtp_security == "starttls":
            smtp.starttls(context=context)
            smtp.ehlo()
        return smtp

    def _sign_in(self, smtp: smtplib.SMTP) -> None:
        settings = self._settings
        if not settings.smtp_credential:
            return
        if settings.smtp_security == "none":
            raise SystemFailure("メールサーバーのパスワードを、暗号化せずに送ることはできません。", mend=_MEND)
        found = self._find(settings.smtp_credential)
        if found is None:
            raise SystemFailure(
                f"資格情報「{settings.smtp_credential}」がこの端末に登録されていません。",
                mend=f"banken vault set {settings.smtp_credential} で登録してください。",
            )
        try:
            smtp.login(found.user, found.password)
        except smtplib.SMTPAuthenticationError:
            raise SystemFailure(  # from nothing: the server's answer may hold the user's name
                "メールサーバーに、利用者名かパスワードを断られました。",
                mend=f"banken vault set {settings.smtp_credential} で登録し直してください。",
            ) from None


def message_of(mail: Mail, *, sender: str, identity: str) -> EmailMessage:
    """The mail as it goes over the line."""
    message = EmailMessage(policy=POLICY)
    message["From"] = sender
    message["To"] = ", ".join(mail.to)
    if mail.cc:
        message["Cc"] = ", ".join(mail.cc)
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(now())
    message["Message-ID"] = f"<{identity}@{domain_of(sender)}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.body, cte="base64")
    for one in mail.attachments:
        kind = (mimetypes.guess_type(one.name)[0] or "application/octet-stream").split("/", 1)
        message.add_attachment(one.data, maintype=kind[0], subtype=kind[1], filename=one.name)
    return message


def _open_envelope(smtp: smtplib.SMTP, sender: str, mail: Mail, size: int) -> None:
    """Nothing is sent yet: one refused recipient, and nobody gets it."""
    most = smtp.esmtp_features.get("size", "")
    if most.isdecimal() and 0 < int(most) < size:
        raise BusinessError(
            f"メールが大きすぎます（{size / 1_000_000:.1f} MB。サーバーが受け取るのは {int(most) / 1_000_000:.1f} MB まで）。",
            mend="添付するファイルを減らすか、置き場所を知らせるメールにしてください。",
        )
    try:
        code, answer = smtp.mail(sender, [f"size={size}"] if most else [])
        if code != 250:
            raise _not_taken(f"差出人 {sender}", code, answer)
        for recipient in mail.recipients:
            code, answer = smtp.rcpt(recipient)
            if code not in (250, 251):
                smtp.rset()
                if code >= _REFUSED_FOR_GOOD:
                    raise BusinessError(
                        f"宛先 {recipient} を、メールサーバーが断りました（{code}）。誰にも送っていません。",
                        mend="アドレスを確かめてください。",
                    )
                raise _not_taken(f"宛先 {recipient}", code, answer)
    except (OSError, smtplib.SMTPException) as error:
        raise SystemFailure(f"メールを送れませんでした（{_told(error)}）。", mend=_MEND) from error


def _hand_over(smtp: smtplib.SMTP, data: bytes) -> None:
    try:
        code, answer = smtp.data(data)
    except smtplib.SMTPDataError as error:  # it would not even begin to take it
        raise _not_taken("メール", error.smtp_code, error.smtp_error) from error
    except (OSError, smtplib.SMTPException) as error:
        raise MailUnknown(
            f"メールを渡している途中で接続が切れ、送られたか分かりません（{_told(error)}）。",
            mend="宛先に届いているかを確かめてください。番犬は同じメールを二度は送りません。",
        ) from error
    if code != 250:
        raise _not_taken("メール", code, answer)


def _not_taken(what: str, code: int, answer: bytes | str) -> SystemFailure:
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return SystemFailure(f"{what}を、メールサーバーが受け取りませんでした（{code} {text[:100]}）。", mend=_MEND)


def _told(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error)[:100] or type(error).__name__
