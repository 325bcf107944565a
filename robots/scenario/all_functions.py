"""Every function of ${...}, by its English and its Japanese name."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping

from robots.scenario import functions
from robots.scenario.function import Function


def _discovered() -> Mapping[str, Function]:
    """The families in robots/scenario/functions/, in the order of their names; RuntimeError on a name twice."""
    found: dict[str, Function] = {}
    for module in sorted(one.name for one in pkgutil.iter_modules(functions.__path__)):
        family: tuple[Function, ...] = importlib.import_module(f"{functions.__name__}.{module}").FUNCTIONS
        for function in family:
            for name in (function.name, function.ja):
                if name in found:
                    raise RuntimeError(f"two functions are called {name}")
                found[name] = function
    return found


FUNCTIONS: Mapping[str, Function] = _discovered()
