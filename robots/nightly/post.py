"""Notices of the night: by mail, and to Teams, Slack or LINE WORKS by webhook.  Each goes once; nothing personal is in it.

An address of a webhook is a secret (who knows it can write there), so it lies in the vault, and only hosts that the
settings name are called: by https, or on this machine.
"""

from __future__ import annotations

import http.client
import json
import ssl
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from urllib.parse import SplitResult, urlsplit

from loguru import logger

from robots.drivers.mail import Mail, Mailer, MailUnknown, address_of, one_line
from robots.errors import BankenError, SystemFailure
from robots.ledger.notices import begin_notice, end_notice, noticed
from robots.ledger.store import Ledger
from robots.mask import mask_text
from robots.settings import Settings
from robots.vault import Credential

TIMEOUT = 20.0
_LONGEST = {"teams": 20_000, "slack": 35_000, "lineworks": 1_900}
"""Characters that a message may have there (below what each of them takes)."""
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice.  kind: plan, report, trouble; day: it is sent once for each."""

    kind: str
    day: date
    subject: str
    body: str


class Post:
    """Sends notices the ways that the settings name."""

    def __init__(
        self, ledger: Ledger, settings: Settings, mailer: Mailer, find: Callable[[str], Credential | None]
    ) -> None:
        """find: a credential of the vault by its name."""
        self._ledger, self._settings, self._mailer, self._find = ledger, settings, mailer, find

    @property
    def ways(self) -> tuple[str, ...]:
        """mail, webhook: what the settings name."""
        settings = self._settings
        return (*(("mail",) if settings.notify_mail else ()), *(("webhook",) if settings.webhook else ()))

    def owes(self, kind: str, day: date) -> bool:
        """Whether a notice of that day is still to go, any way."""
        return any(not noticed(self._ledger, f"{kind}:{way}", day) for way in self.ways)

    def send(self, notice: Notice) -> list[str]:
        """Sends it every way by which it has not gone yet; returns why it could not go (each way), in Japanese."""
        return [why for way in self.ways if (why := self._by(way, notice))]

    def _by(self, way: str, notice: Notice) -> str:
        kind = f"{notice.kind}:{way}"
        if not begin_notice(self._ledger, kind, notice.day):
            return ""
        state = ""
        try:
            self._mail(notice) if way == "mail" else self._hook(notice)
            state = "sent"
        except (MailUnknown, _HookUnknown) as unknown:
            state = "unknown"  # it may have arrived: better once too few than every minute
            return unknown.told
        except BankenError as error:
            logger.warning("通知（{}）を送れません: {}", kind, error)
            return error.told
        finally:
            end_notice(self._ledger, kind, notice.day, state)
        return ""

    def _mail(self, notice: Notice) -> None:
        to = tuple(address_of(one) for one in self._settings.notify_mail)
        mail = Mail(to, (), one_line(mask_text(notice.subject), "件名"), mask_text(notice.body))
        identity = f"banken-{notice.kind}-{notice.day.isoformat()}"
        self._mailer.send(mail, identity=identity, timeout=TIMEOUT)

    def _hook(self, notice: Notice) -> None:
        settings = self._settings
        found = self._find(settings.webhook_credential) if settings.webhook_credential else None
        if found is None:
            raise SystemFailure(
                f"通知先の URL（資格情報「{settings.webhook_credential}」）が登録されていません。",
                mend="banken vault set 名前 で、パスワードとして URL を登録し、webhook_credential にその名前を書いてください。",
            )
        place = checked_address(found.password.strip(), settings)
        message = message_for(settings.webhook, mask_text(notice.subject), mask_text(notice.body))
        _call(place, json.dumps(message, ensure_ascii=False).encode())


class _HookUnknown(SystemFailure):
    """The connection broke after the message was handed over."""


def checked_address(address: str, settings: Settings) -> SplitResult:
    """A webhook's address in parts.  Raises: SystemFailure where its host is not allowed, or it is not https.

    The address itself is never shown: who knows it can write there.
    """
    try:
        place = urlsplit(address)
        host, _ = (place.hostname or "").lower(), place.port
    except ValueError:
        host, place = "", urlsplit("")
    if host not in {one.lower() for one in settings.webhook_hosts}:
        raise SystemFailure(
            f"通知先のホスト「{host}」は、設定 webhook_hosts にないため、送りません。",
            mend="宛先が正しければ、banken.toml の webhook_hosts にそのホスト名を加えてください。",
        )
    if place.scheme != "https" and not (place.scheme == "http" and host in _LOOPBACK):
        raise SystemFailure(
            "通知先の URL が https ではないため、送りません。", mend="https:// で始まる URL を登録し直してください。"
        )
    return place


def message_for(kind: str, subject: str, body: str) -> Mapping[str, object]:
    """A notice as Teams (Workflows), Slack or LINE WORKS (Incoming Webhook) take it."""
    text = _cut(body, _LONGEST[kind])
    if kind == "slack":
        return {"text": f"*{_slack(subject)}*\n{_slack(text)}"}
    if kind == "lineworks":
        return {"title": subject[:100], "body": {"text": text}}
    blocks = [{"type": "TextBlock", "text": subject, "weight": "Bolder", "wrap": True}]
    blocks += [{"type": "TextBlock", "text": part, "wrap": True, "spacing": "None"} for part in _parts(text)]
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.2",
        "body": blocks,
    }
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
    return {"type": "message", "attachments": [attachment]}


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most]}\n…（続きはメールか banken plan で見られます）"


def _slack(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _parts(text: str) -> Iterator[str]:
    """A card folds single line ends away: a block a line."""
    yield from (line for line in text.splitlines() if line.strip())


def _call(place: SplitResult, data: bytes) -> None:
    """POSTs JSON; follows no redirect, so that it never leaves the allowed host."""
    connection: http.client.HTTPConnection
    host = place.hostname or ""
    if place.scheme == "https":
        connection = http.client.HTTPSConnection(
            host, place.port, timeout=TIMEOUT, context=ssl.create_default_context()
        )
    else:
        connection = http.client.HTTPConnection(host, place.port, timeout=TIMEOUT)
    path = f"{place.path or '/'}{f'?{place.query}' if place.query else ''}"
    sent = False
    try:
        connection.connect()
        sent = True
        connection.request("POST", path, body=data, headers={"Content-Type": "application/json; charset=utf-8"})
        answer = connection.getresponse()
        status = answer.status
    except (OSError, http.client.HTTPException) as error:
        what = f"通知先 {host} につながりません（{getattr(error, 'strerror', None) or type(error).__name__}）。"
        mend = "端末から通知先へ出られるかを、情報担当に確かめてください。"
        raise (_HookUnknown if sent else SystemFailure)(what, mend=mend) from None
    finally:
        connection.close()
    if not 200 <= status < 300:
        raise SystemFailure(
            f"通知先 {host} が受け取りませんでした（{status}）。",
            mend="登録した URL が今も有効か、通知先の管理画面で確かめてください。",
        )
