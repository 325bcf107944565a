"""日付: a date in cells for year, month and day; its era circled, printed, or none (a western year)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from japan.eras import ERAS, NotADate, read_date
from ocr.ask import DIGITS, Answer, CharacterAsk
from ocr.field import FieldKind, FieldParams, Place, Rules, around
from ocr.grid import cells_of, check_groups, gap_in, join, places_of
from ocr.reading import Box, FieldReading

_PARTS = ("年", "月", "日")
_ERA_NAMES = frozenset(word for era in ERAS for word in (era.name, era.letter))


def _three(cells: dict[str, int]) -> dict[str, int]:
    if tuple(cells) != _PARTS:
        raise ValueError("cells には 年、月、日 のますの数を、この順に書いてください")
    return cells


class DateParams(FieldParams):
    at: Place | tuple[Place, ...]
    """One box around all cells, or three: year, month, day."""
    cells: Annotated[dict[str, Annotated[int, Field(ge=1, le=4)]], AfterValidator(_three)] = Field(
        default_factory=lambda: {"年": 2, "月": 2, "日": 2}
    )
    era: str = ""
    """The circle or check field that holds the era, or an era that is printed (令和); "" for a western year."""

    @model_validator(mode="after")
    def _fit(self) -> DateParams:
        check_groups(places_of(self.at), tuple(self.cells.values()))
        return self

    @property
    def boxes(self) -> tuple[Box, ...]:
        return cells_of(places_of(self.at), tuple(self.cells.values()), self.page)

    @property
    def printed_era(self) -> bool:
        return self.era in _ERA_NAMES


def _read(params: DateParams, answers: Sequence[Answer], rules: Rules) -> FieldReading:
    found = join(answers, rules.promise)
    start, parts, gap = 0, [], ""
    for part, count in params.cells.items():
        signs = found.signs[start : start + count]
        start += count
        parts.append("".join(signs))
        if gap_in(signs):
            gap = f"{part}の途中のますが空いています"
    empty = [part for part, text in zip(_PARTS, parts, strict=True) if not text]
    value = ".".join(parts) if len(empty) < len(_PARTS) else ""
    doubt = gap or (f"{'と'.join(empty)}が書かれていません" if value and empty else "")
    state = "unsure" if doubt and found.state != "unreadable" else found.state
    why = (*found.why, doubt) if doubt else found.why
    return FieldReading(value, found.signs, found.confidence, state, why, around(params.boxes), found.reader)


def _relate(params: DateParams, own: FieldReading, others: Mapping[str, FieldReading]) -> FieldReading:
    """Year, month and day with their era → 2018-04-05; what is no day of that era is a conflict."""
    era = others[params.era] if params.era and not params.printed_era else None
    if own.state == "blank":
        if era is not None and era.value:
            return replace(own, state="unsure", why=("元号だけが選ばれ、日付が書かれていません",))
        return own
    if own.state == "unreadable":
        return own
    if era is not None and (not era.certain or not era.value):
        reason = f"{params.era}が{'選ばれていません' if era.state == 'blank' else '確かに読めません'}"
        return replace(own, state="unsure", why=(*own.why, reason))
    try:
        day = read_date(own.value, era.value if era is not None else params.era)
    except NotADate as error:
        return replace(own, state="conflict" if own.state == "read" else "unsure", why=(*own.why, error.what))
    confidence = own.confidence * (era.confidence if era is not None else 1.0)
    return replace(own, value=day.isoformat(), confidence=confidence)


def _typed(params: DateParams, text: str) -> str:
    if not text.strip():
        return ""
    try:
        return read_date(text).isoformat()
    except NotADate as error:
        raise ValueError(f"{error.what}{error.mend}") from None


FIELD = FieldKind(
    name="date",
    ja="日付",
    summary="年・月・日のますに書いた日付。元号は丸で囲む欄の名前か、印刷された元号。",
    params=DateParams,
    asks=lambda params, rules: tuple(CharacterAsk(box, DIGITS) for box in params.boxes),
    read=_read,
    typed=_typed,
    boxes=lambda params: tuple(("", box) for box in params.boxes),
    example="生年月日: {kind: date, era: 元号, at: [70, 60, 48, 8], cells: {年: 2, 月: 2, 日: 2}}",
    relate=_relate,
    needs=lambda params: (params.era,) if params.era and not params.printed_era else (),
)
