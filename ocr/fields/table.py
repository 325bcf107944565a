"""表: rows of the same columns, each column a field kind of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field, ValidationError, model_validator

from ocr.all_fields import all_fields
from ocr.ask import Answer, Ask
from ocr.field import FieldKind, FieldParams, Place, Rules, box_of
from ocr.reading import Box, FieldReading, State

_TICK_BOX_MM = 4.0


class TableParams(FieldParams):
    at: Place
    """The rows, without the column heads."""
    rows: Annotated[int, Field(ge=1, le=100)]
    columns: Annotated[dict[str, str | dict[str, object]], Field(min_length=1)]
    """A kind by name, or its parameters without ``at``; ``width`` in mm, else the columns share what is left."""

    @model_validator(mode="after")
    def _fit(self) -> TableParams:
        try:
            self.cells(0)
        except ValidationError as error:
            first = error.errors()[0]
            raise ValueError(
                f"列の書き方が正しくありません（{'.'.join(map(str, first['loc']))}: {first['msg']}）"
            ) from None
        return self

    def widths(self) -> dict[str, float]:
        """Each column's width in mm."""
        told = {name: _number(one.get("width")) for name, one in self.columns.items() if isinstance(one, dict)}
        told = {name: width for name, width in told.items() if width}
        rest = self.at[2] - sum(told.values())
        free = [name for name in self.columns if name not in told]
        if rest < -0.01 or (free and rest <= 0):
            raise ValueError("列の幅の合計が表の幅を超えています")
        return {name: told.get(name) or rest / len(free) for name in self.columns}

    def cells(self, row: int) -> dict[str, tuple[FieldKind[FieldParams], FieldParams]]:
        """The fields of one row, by column."""
        height = self.at[3] / self.rows
        left, top = self.at[0], self.at[1] + height * row
        found = {}
        for name, width in self.widths().items():
            raw = self.columns[name]
            own: dict[str, object] = {"kind": raw} if isinstance(raw, str) else dict(raw)
            own.pop("width", None)
            own.setdefault("twice", self.twice)
            kind = all_fields().get(str(own.get("kind")))
            if kind is None or kind.name == FIELD.name:
                raise ValueError(f"列「{name}」に「{own.get('kind')}」という種類は使えません")
            found[name] = (
                kind,
                kind.params.model_validate(_placed(own, kind, name, (left, top, width, height), self.page)),
            )
            left += width
        return found

    def all_cells(self) -> list[tuple[FieldKind[FieldParams], FieldParams]]:
        """Row by row, column by column."""
        return [one for row in range(self.rows) for one in self.cells(row).values()]


def _number(value: object) -> float:
    try:
        return float(str(value)) if value is not None else 0.0
    except ValueError:
        raise ValueError(f"width には mm の数を書いてください（{value}）") from None


def _placed(
    own: dict[str, object], kind: FieldKind[FieldParams], name: str, place: Place, page: int
) -> dict[str, object]:
    """A column's parameters laid into one cell; a column of marks has one box in the middle of the cell."""
    left, top, width, height = place
    if "options" not in kind.params.model_fields:
        return {**own, "at": place, "page": page}
    side = min(_TICK_BOX_MM, width, height)
    box = (left + (width - side) / 2, top + (height - side) / 2, side, side)
    return {**own, "options": {name: box}, "pick": "any", "page": page}


def _read(params: TableParams, answers: Sequence[Answer], rules: Rules) -> FieldReading:
    start, rows = 0, []
    for row in range(params.rows):
        readings: dict[str, FieldReading] = {}
        for name, (kind, own) in params.cells(row).items():
            count = len(kind.asks(own, rules))
            readings[name] = kind.read(own, answers[start : start + count], rules)
            start += count
        rows.append(readings)
    every = [one for row in rows for one in row.values()]
    state: State = "read" if any(one.value for one in every) else "blank"
    return FieldReading(
        value="",
        cells=(),
        confidence=min(one.confidence for one in every),
        state=state if all(one.certain for one in every) else "unsure",
        why=tuple(
            f"{number} 行目の{name}: {why}"
            for number, row in enumerate(rows, 1)
            for name, one in row.items()
            if not one.certain
            for why in one.why
        ),
        box=box_of(params.at, params.page),
        reader="、".join(sorted({one.reader for one in every})),
        rows=tuple(rows),
    )


def _asks(params: TableParams, rules: Rules) -> tuple[Ask, ...]:
    return tuple(ask for kind, own in params.all_cells() for ask in kind.asks(own, rules))


def _boxes(params: TableParams) -> tuple[tuple[str, Box], ...]:
    return tuple(box for kind, own in params.all_cells() for box in kind.boxes(own))


def _typed(params: TableParams, text: str) -> str:
    raise ValueError("表は 1 ますずつ確かめてください")


def _needs(params: TableParams) -> tuple[str, ...]:
    return tuple(other for kind, own in params.cells(0).values() for other in kind.needs(own))


FIELD: FieldKind[TableParams] = FieldKind(
    name="table",
    ja="表",
    summary="同じ列が並ぶ表。1 列が 1 つの欄の種類。",
    params=TableParams,
    asks=_asks,
    read=_read,
    typed=_typed,
    boxes=_boxes,
    example="単価表: {kind: table, at: [20, 120, 170, 96], rows: 12, columns: {品目: text, 数量: digits, 選択: check}}",
    needs=_needs,
)
