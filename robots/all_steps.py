"""Every step kind, found in robots/steps/ and known by its English and its Japanese name."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from robots import steps
from robots.step import StepKind


class Steps:
    """The step kinds by name.  RuntimeError where two share a name."""

    def __init__(self, kinds: Iterable[StepKind[Any]]) -> None:
        self._kinds = tuple(kinds)
        self._by_name: dict[str, StepKind[Any]] = {}
        for kind in self._kinds:
            for name in (kind.name, kind.ja):
                if name in self._by_name:
                    raise RuntimeError(f"two step kinds are called {name}")
                self._by_name[name] = kind

    def __iter__(self) -> Iterator[StepKind[Any]]:
        return iter(self._kinds)

    @property
    def names(self) -> Mapping[str, StepKind[Any]]:
        """English and Japanese names alike."""
        return self._by_name

    def get(self, name: str) -> StepKind[Any] | None:
        """The kind of that English or Japanese name."""
        return self._by_name.get(name)


def discover() -> Steps:
    """The kinds of robots/steps/, one a module, by the order of the modules' names.

    Raises: RuntimeError for a module without STEP and for a name that two kinds share.
    """
    kinds: list[StepKind[Any]] = []
    for module in sorted(one.name for one in pkgutil.iter_modules(steps.__path__)):
        kind = getattr(importlib.import_module(f"{steps.__name__}.{module}"), "STEP", None)
        if not isinstance(kind, StepKind):
            raise RuntimeError(f"robots/steps/{module}.py exports no STEP")
        kinds.append(kind)
    return Steps(kinds)


STEPS = discover()
