"""Who stands beside the steps of a run: to note what they do, to lead them, or to let a person lead them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from robots.step import Step

if TYPE_CHECKING:
    from robots.runner.session import Session

Go = Callable[[Step], object]
"""Carries a step out (with its retries) and gives its value."""


class Beside(Protocol):
    """Stands beside the steps of a run."""

    # In place of carrying the step out: lets it go, changed or not, or not at all; gives the value that it saves.
    def step(self, step: Step, session: Session, go: Go) -> object: ...
