"""The rows that a step writes into a table: as they are, or by the columns that the author lists."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from robots.errors import BusinessError
from robots.values import Row


def written_rows(
    rows: Sequence[Row], columns: Mapping[str, object] | None, evaluate: Callable[..., object], what: str
) -> list[Row]:
    """The rows with a value for each of ``columns`` (None: as they are); evaluate: see StepContext, it is given ``row``.

    Raises: BusinessError naming where the row comes from (``what``, where nobody knows).
    """
    return list(rows) if columns is None else [_written(row, columns, evaluate, what) for row in rows]


def _written(row: Row, columns: Mapping[str, object], evaluate: Callable[..., object], what: str) -> Row:
    try:
        values = {name: evaluate(value, row=row) for name, value in columns.items()}
    except BusinessError as error:
        raise BusinessError(f"{row.origin or what}: {error.what}", mend=error.mend) from error
    return Row(values, origin=row.origin)
