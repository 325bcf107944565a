"""Japanese dates in scenarios: what is no date is the data's error."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from japan import eras
from japan.eras import Era, NotADate, era_written
from robots.errors import BusinessError

__all__ = ["Era", "era_named", "era_of", "era_written", "read_date"]


@contextmanager
def _as_business_error() -> Iterator[None]:
    try:
        yield
    except NotADate as error:
        raise BusinessError(error.what, mend=error.mend) from None


def read_date(value: str | date | int, era: str = "") -> date:
    """``japan.eras.read_date``.  Raises: BusinessError."""
    with _as_business_error():
        return eras.read_date(value, era)


def era_named(name: str) -> Era:
    """``japan.eras.era_named``.  Raises: BusinessError."""
    with _as_business_error():
        return eras.era_named(name)


def era_of(day: date) -> Era:
    """``japan.eras.era_of``.  Raises: BusinessError."""
    with _as_business_error():
        return eras.era_of(day)
