"""Every page, found in robots/web/pages/; deny by default: a route without roles is an error at start."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable

from robots.web import pages
from robots.web.page import Page


def discover() -> tuple[Page, ...]:
    """The pages of robots/web/pages/, one a module, by the order of the modules' names.

    A module whose name begins with an underscore is a page's own part.  Raises: RuntimeError for a module without PAGE,
    for a route without roles, and for an address that two routes share.
    """
    found: list[Page] = []
    for module in sorted(one.name for one in pkgutil.iter_modules(pages.__path__)):
        if module.startswith("_"):
            continue
        page = getattr(importlib.import_module(f"{pages.__name__}.{module}"), "PAGE", None)
        if not isinstance(page, Page):
            raise RuntimeError(f"robots/web/pages/{module}.py exports no PAGE")
        found.append(page)
    check(found)
    return tuple(found)


def check(found: Iterable[Page]) -> None:
    """Raises: RuntimeError for a route without roles, a page without routes, and what two pages share."""
    taken: set[tuple[str, str]] = set()
    names: set[str] = set()
    for page in found:
        if not page.routes or page.name in names:
            raise RuntimeError(f"page {page.name} has no routes, or its name is another's")
        names.add(page.name)
        for route in page.routes:
            if not route.roles:
                raise RuntimeError(f"{route.method} {route.path} says not who may use it")
            if (route.method, route.path) in taken:
                raise RuntimeError(f"two routes are {route.method} {route.path}")
            taken.add((route.method, route.path))
