"""The web application of one town."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount
from starlette.routing import Route as Address
from starlette.staticfiles import StaticFiles

from robots.clock import now
from robots.settings import Home
from robots.web.all_pages import discover
from robots.web.door import Door, explain
from robots.web.hall import open_hall
from robots.web.page import PUBLIC, Context, Page, Route
from robots.web.render import STATIC, make_templates
from robots.web.security import GuardMiddleware

LOCAL_HOSTS = ("127.0.0.1", "localhost")


def create_app(home: Home) -> Starlette:
    """The application, to be served by one process with threads.  RuntimeError where a page is not sound."""
    pages = discover()
    secure = bool(home.settings.web_cert)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        with open_hall(home, make_templates(), secure=secure) as hall:
            hall.titles.extend(_titles(pages))
            app.state.hall = hall
            yield

    hosts = {*LOCAL_HOSTS, home.settings.web_host, *home.settings.web_hosts}
    return Starlette(
        routes=[
            *(
                Address(route.path, Door(route).open, methods=[route.method], name=f"{route.method} {route.path}")
                for page in pages
                for route in page.routes
            ),
            Mount("/static", StaticFiles(directory=STATIC)),
        ],
        middleware=[Middleware(GuardMiddleware, hosts={host.lower() for host in hosts}, secure=secure)],
        exception_handlers={HTTPException: _refused},
        lifespan=lifespan,
    )


def _titles(pages: Sequence[Page]) -> list[tuple[str, str, frozenset[str]]]:
    shown = sorted((page.order, page.path, page.title, page.roles) for page in pages if page.order is not None)
    return [(path, title, frozenset(roles)) for _, path, title, roles in shown]


def _refused(request: Request, error: Exception) -> Response:
    """What no route answers."""
    route = Route(request.url.path, lambda _: Response(), PUBLIC)
    context = Context(request, request.app.state.hall, route, None, "", now(), None)
    return explain(context, error)
