"""A real SMTP server on this machine that keeps what it gets, and can be told to refuse or to fall over."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


class Office:
    """What the server does with mails, and the mails that it took: envelope and message."""

    def __init__(self) -> None:
        self.taken: list[tuple[list[str], EmailMessage]] = []
        self.refused: dict[str, str] = {}
        """Address → the answer to it: "550 no such user"."""
        self.answer = "250 OK"
        self.drop: Callable[[], bool] = lambda: False
        """Asked once a mail has been handed over: whether the connection breaks before the answer."""

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        message = message_from_bytes(envelope.content, policy=default)
        assert isinstance(message, EmailMessage)
        if self.answer.startswith("250"):
            self.taken.append((list(envelope.rcpt_tos), message))
        if self.drop():
            assert server.transport is not None
            server.transport.abort()  # type: ignore[attr-defined]
            await asyncio.sleep(0)
        return self.answer


@contextmanager
def mail_server(hostname: str = "127.0.0.1", **options: object) -> Iterator[tuple[int, Office]]:
    """The port of a running server, and its office.  options: as aiosmtpd's SMTP takes them."""
    office = Office()
    with socket.socket() as free:  # its controller connects to the port that it was told, so 0 will not do
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(office, hostname=hostname, port=port, **options)  # type: ignore[arg-type]
    controller.start()
    try:
        yield port, office
    finally:
        controller.stop()
