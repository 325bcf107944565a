"""The wire below the town: lets a fault cut the connection under a request."""

from __future__ import annotations

import asyncio
from typing import Any

from starlette.types import Scope
from uvicorn.protocols.http.h11_impl import H11Protocol

_KEY = "practice.transport"


class CuttableProtocol(H11Protocol):
    """uvicorn's HTTP protocol, which also hands each request the connection that it came by."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        inner: Any = self.app

        async def with_transport(scope: Any, receive: Any, send: Any) -> None:
            scope[_KEY] = transport
            await inner(scope, receive, send)

        self.app = with_transport


async def cut_connection(scope: Scope) -> None:
    """Closes the request's connection without an answer."""
    transport: asyncio.Transport = scope[_KEY]
    transport.abort()
    # One turn of the loop, in which uvicorn learns that nobody waits for an answer any more.
    await asyncio.sleep(0)
