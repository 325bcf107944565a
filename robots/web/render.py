"""Templates: Jinja2 with everything escaped, and what every page shows."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Generic, TypeVar
from urllib.parse import urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse

from robots.clock import shown
from robots.registry.model import STATES
from robots.runner.words import RUN_STATES
from robots.runner.words import STATES as ITEM_STATES
from robots.web.page import FLASH_COOKIE, Context, allowed, told_in

STATIC = Path(__file__).parent / "static"
PER_PAGE = 50
_FIRINGS = {"queued": "順番待ち", "held": "資源待ち", "refused": "拒否", "missed": "実行できず"}
T = TypeVar("T")


def make_templates() -> Environment:
    """The environment of robots/web/templates."""
    environment = Environment(
        loader=PackageLoader("robots.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["shown"] = shown
    environment.filters["thousands"] = lambda value: f"{value:,}"
    environment.globals["words"] = {**_FIRINGS, **{str(state): word for state, word in STATES.items()}, **RUN_STATES}
    environment.globals["item_words"] = dict(ITEM_STATES)
    files = sorted(STATIC.iterdir())
    environment.globals["version"] = sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:12]
    return environment


def render(context: Context, template: str, *, status: int = 200, **values: object) -> HTMLResponse:
    """A page.  values: what the template needs beside what every page has (person, csrf, navigation, …)."""
    path = context.request.url.path
    navigation = [
        (where, title, path == where or (where != "/" and path.startswith(f"{where}/")))
        for where, title, roles in context.hall.titles
        if allowed(roles, context.who)  # type: ignore[arg-type]
    ]
    told = told_in(context.request)
    text = context.hall.templates.get_template(template).render(
        person=context.who,
        organization=context.loaded.register.organization if context.loaded is not None else "",
        csrf=context.csrf,
        navigation=navigation,
        told=told,
        path=path,
        now=context.now,
        **values,
    )
    answer = HTMLResponse(text, status_code=status)
    if told is not None:
        answer.delete_cookie(FLASH_COOKIE, httponly=True, samesite="strict")
    return answer


class Paged(Generic[T]):
    """One page of many rows.

    rows: those of this page; number and last: which page of how many (from 1); total: all rows.  The page's number
    comes from the query (?page=2); one that is not there becomes the nearest that is.
    """

    def __init__(self, context: Context, total: int, per_page: int = PER_PAGE) -> None:
        self.total = total
        self.per_page = per_page
        self.last = max(1, -(-total // per_page))
        wanted = context.query.get("page", "1")
        self.number = min(max(int(wanted) if wanted.isdecimal() and len(wanted) < 9 else 1, 1), self.last)
        self.rows: Sequence[T] = ()
        self._query = [(name, value) for name, value in context.query.multi_items() if name != "page"]
        self._path = context.request.url.path

    @classmethod
    def of(cls, context: Context, rows: Sequence[T], per_page: int = PER_PAGE) -> Paged[T]:
        """Of rows that are all there."""
        paged = cls(context, len(rows), per_page)
        paged.rows = rows[paged.offset : paged.offset + per_page]
        return paged

    @property
    def offset(self) -> int:
        """Rows before this page."""
        return (self.number - 1) * self.per_page

    def link(self, number: int) -> str:
        """The address of another page, with everything else of the query."""
        return f"{self._path}?{urlencode([*self._query, ('page', str(number))])}"


class Sorting:
    """The order of a table, from the query (?sort=name or ?sort=-name)."""

    def __init__(self, context: Context, columns: Sequence[str], default: str) -> None:
        wanted = context.query.get("sort", default)
        self.column = wanted.removeprefix("-") if wanted.removeprefix("-") in columns else default.removeprefix("-")
        self.descending = wanted.startswith("-") if self.column == wanted.removeprefix("-") else default.startswith("-")
        self._query = [(name, value) for name, value in context.query.multi_items() if name not in ("sort", "page")]
        self._path = context.request.url.path

    def link(self, column: str) -> str:
        """The address with this column's order; turned round where it is this column's already."""
        sign = "-" if column == self.column and not self.descending else ""
        return f"{self._path}?{urlencode([*self._query, ('sort', sign + column)])}"

    def state(self, column: str) -> str:
        """For aria-sort."""
        if column != self.column:
            return "none"
        return "descending" if self.descending else "ascending"
