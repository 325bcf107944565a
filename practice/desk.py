"""What the counters share: pages, tokens, and the book that entries go into."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse

from practice.era import wareki, wareki_month
from practice.fields import ERA_OPTIONS, Field, Filled, read_form
from practice.misbehave import LATE
from practice.sessions import Sessions, session_of
from practice.store import Entry, Store, Values


@dataclass(frozen=True)
class FormPage:
    """A page with one form. `frame` leaves the town's header away, for pages inside a frame; `confirm` is asked by the
    browser before the form is sent."""

    title: str
    fields: tuple[Field, ...]
    button: str = "登録"
    confirm: str = ""
    back: tuple[str, str] = ("/menu", "メニューへ戻る")
    notice: str = ""
    frame: bool = False


@dataclass(frozen=True)
class ListPage:
    """A page that finds entries by number. `none` is said where there are none."""

    title: str
    number_label: str
    columns: tuple[str, ...]
    none: str
    new: tuple[str, str]
    frame: bool = False


def _environment() -> Environment:
    loader = FileSystemLoader(Path(__file__).parent / "templates", encoding="utf-8")
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    environment.filters["yen"] = lambda amount: f"{amount:,}"
    environment.filters["wareki"] = lambda text: wareki(date.fromisoformat(text)) if text else ""
    environment.filters["wareki_month"] = wareki_month
    environment.globals["era_options"] = ERA_OPTIONS
    return environment


@dataclass(frozen=True)
class Desk:
    """One town's shared means: its store, its sessions, its templates."""

    store: Store
    sessions: Sessions
    pages: Environment = field(default_factory=_environment)

    def page(self, request: Request, template: str, status: int = 200, /, **context: object) -> HTMLResponse:
        """Renders a template; every page gets a fresh form token and knows whether somebody is signed in."""
        session = session_of(request.scope)
        html = self.pages.get_template(template).render(
            token=self.sessions.new_token(session),
            signed_in=bool(session) and self.sessions.touch(session),
            path=request.url.path,
            **context,
        )
        return HTMLResponse(html, status_code=status, headers={"cache-control": "no-store"})

    async def sent(self, request: Request) -> FormData:
        """The sent form. Raises HTTPException 403 where it did not come from a page of this session."""
        form = await request.form()
        if not self.sessions.token_holds(session_of(request.scope), str(form.get("token", ""))):
            raise HTTPException(403)
        return form

    async def filled(self, request: Request, fields: Sequence[Field]) -> Filled:
        """The sent form, read and judged."""
        return read_form(fields, await self.sent(request))

    def form(self, request: Request, page: FormPage, filled: Filled | None = None, **context: object) -> HTMLResponse:
        """A form's page; with what was typed and what is wrong with it, where it was sent before."""
        return self.page(request, "form.html", form=page, filled=filled or Filled(), **context)

    def done(self, request: Request, page: FormPage, entry: Entry, **links: str) -> HTMLResponse:
        """The page that says that an entry was made; `links` are further links as text=address."""
        return self.page(request, "done.html", form=page, entry=entry, links=links)

    def found(self, request: Request, page: ListPage, rows: Sequence[Sequence[object]], number: str) -> HTMLResponse:
        """A list's page."""
        return self.page(request, "list.html", list=page, rows=rows, number=number)

    def record(self, request: Request, system: str, kind: str, key: str, values: Values, *, subject: str = "") -> Entry:
        """Writes an entry into the store, as late as a fault of this request says."""
        late = request.scope.get(LATE, 0.0)
        return self.store.add(system, kind, key, values, subject=subject, late=late)
