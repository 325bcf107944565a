"""What a function of ${...} is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from robots.values import Value


@dataclass(frozen=True, slots=True)
class Function:
    """A function of the expression language.

    run takes the arguments in order; where ``dated`` is set, the run's date comes before them; where ``in_town`` is,
    the town's open days (OpenDays) do.
    """

    name: str
    ja: str
    params: tuple[str, ...]
    """Japanese names of the arguments, the required ones first; a last one that ends with … may be repeated."""
    required: int
    run: Callable[..., Value]
    doc: str
    """One or two Japanese sentences, with the source where a published rule is followed."""
    example: str
    """An expression that needs no names."""
    result: str
    """What the example gives, as text."""
    dated: bool = False
    in_town: bool = False

    @property
    def most(self) -> int | None:
        """How many arguments it takes at most; None: any number."""
        return None if self.params and self.params[-1].endswith("…") else len(self.params)

    @property
    def usage(self) -> str:
        """和暦(日付, 部分) as it is shown in messages."""
        return f"{self.ja}({', '.join(self.params)})"
