"""Where in a scenario a step stands."""

from __future__ import annotations

from dataclasses import dataclass

from robots.params import Params
from robots.step import StepKind


@dataclass(frozen=True, slots=True)
class Where:
    """The section, the way to the step, and what stands around it."""

    section: str
    """prepare, each or finish."""
    path: str
    """each[3].commit.do, or of a step: each[3].commit.do[0]."""
    committing: bool = False
    """Inside a commit."""
    looped: bool = False
    """Inside a step that repeats its block."""
    retried: bool = False
    """Inside a step that is tried again."""
    tried: bool = False
    """Inside a step that goes on where the steps inside it fail."""

    def at(self, number: int) -> Where:
        return self._below(f"{self.path}[{number}]")

    def block(self, parameter: str) -> Where:
        return self._below(f"{self.path}.{parameter}")

    def inside(self, kind: StepKind[Params], *, retried: bool) -> Where:
        return Where(
            self.section,
            f"{self.path}.{kind.name}",
            committing=self.committing or kind.name == "commit",
            looped=self.looped or kind.repeats,
            retried=self.retried or retried,
            tried=self.tried or kind.name == "flow.try",
        )

    def _below(self, path: str) -> Where:
        return Where(self.section, path, self.committing, self.looped, self.retried, self.tried)
