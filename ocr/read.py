"""Reading one form: lay its pages on the blank ones, let every field ask, answer all at once, and decide."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from itertools import islice
from typing import TypeVar

import cv2
import numpy as np

from ocr.accidents import doubted, doubted_marks
from ocr.all_engines import LINE_ENGINES, character_engine
from ocr.ask import Answer, Ask, CharacterAsk, CodeAsk, Guess, InkAsk, LineAsk, Marks, MarksAsk
from ocr.bare import bare_boxes
from ocr.codes import read_code_cuts
from ocr.cut import cut
from ocr.engine import Cut
from ocr.field import Rules
from ocr.form import Form, FormField
from ocr.ink.find import read_ink
from ocr.lines import LINE_MARGIN_MM, LINE_PX_PER_MM, read_lines
from ocr.marks.read import begin_marks
from ocr.page import Grey, Page, Sheet, softened
from ocr.reading import Box, FieldReading, FormReading, Refused
from ocr.register.lay import lay

A = TypeVar("A", bound=Ask)
B = TypeVar("B")

_PICTURE_PX_PER_MM = 6.0
_PICTURE_MARGIN_MM = 3.0
_PAGE_PX_PER_MM = 4.0
_PAGE_QUALITY = 60
_CODE_PX_PER_MM = 8.0
_CODE_MARGIN_MM = 3.0


def read_form(
    pages: Sequence[Page], form: Form, *, line_engines: Sequence[str] = LINE_ENGINES, everything: bool = False
) -> FormReading | Refused:
    """The pages of one copy of a form, as many as its blank has, in their order.

    everything: a person will look at the certain fields too, so all have pictures.  A page that can't be laid on its
    blank refuses the whole copy: nothing of it is a value.
    """
    sheets = lay_all(pages, form)
    if isinstance(sheets, Refused):
        return sheets
    reading = FormReading(
        form=form.name,
        source=f"{pages[0].source}#{pages[0].number}",
        fields=related(ask_all(sheets, form, line_engines)),
        residual_mm=max(sheet.residual_mm for sheet in sheets),
    )
    doubtful = {name: one.box for name, one in reading.leaves() if everything or not one.certain}
    seen = [replace(sheet, page=sheet.as_scanned) for sheet in sheets]
    return replace(reading, pictures=_pictures(seen, doubtful), pages=_page_pictures(seen, form, doubtful))


@dataclass(frozen=True, slots=True)
class Asked:
    """A field, what it asked, and what it was told."""

    field: FormField
    rules: Rules
    asks: tuple[Ask, ...]
    answers: tuple[Answer, ...]

    def reading(self) -> FieldReading:
        """The field by itself, before the others are looked at."""
        return self.field.kind.read(self.field.params, self.answers, self.rules)


def lay_all(pages: Sequence[Page], form: Form) -> list[Sheet] | Refused:
    """Each page laid on its blank, or why one of them is not this form's."""
    sheets = []
    for index, page in enumerate(pages):
        laid = lay(page, form, index)
        if isinstance(laid, Refused):
            return laid
        sheets.append(laid)
    return sheets


def ask_all(sheets: Sequence[Sheet], form: Form, line_engines: Sequence[str] = LINE_ENGINES) -> list[Asked]:
    """Every field's asks answered: each kind of ask is cut and read once a page."""
    questions = _questions(form)
    answers = iter(_answer(sheets, questions, line_engines))
    return [Asked(one, own, each, tuple(islice(answers, len(each)))) for one, own, each in questions.fields]


@dataclass(frozen=True, slots=True, eq=False)
class _Questions:
    """What a form asks: the same for every copy of a pile."""

    fields: tuple[tuple[FormField, Rules, tuple[Ask, ...]], ...]
    asks: tuple[Ask, ...]
    """Of all fields, in their order;"""
    places: Mapping[tuple[type[object], int], tuple[int, ...]]
    """and where among them those of a kind and a page stand."""

    def of(self, kind: type[A], page: int) -> tuple[tuple[int, ...], list[A]]:
        """Those of a kind on a page: their places, and they."""
        places = self.places.get((kind, page), ())
        return places, [one for one in map(self.asks.__getitem__, places) if isinstance(one, kind)]


@lru_cache(maxsize=64)
def _questions(form: Form) -> _Questions:
    rules = [(one, _rules(one, form)) for one in form.fields]
    fields = tuple((one, own, one.kind.asks(one.params, own)) for one, own in rules)
    asks = tuple(ask for _, _, each in fields for ask in each)
    places: dict[tuple[type[object], int], tuple[int, ...]] = {}
    for place, ask in enumerate(asks):
        key = type(ask), _boxes(ask)[0].page
        places[key] = (*places.get(key, ()), place)
    return _Questions(fields, asks, places)


def related(asked: Sequence[Asked]) -> dict[str, FieldReading]:
    """The fields' readings, each in the light of the others."""
    alone = {one.field.name: one.reading() for one in asked}
    return {
        one.field.name: one.field.kind.relate(one.field.params, alone[one.field.name], alone)
        if one.field.kind.relate
        else alone[one.field.name]
        for one in asked
    }


def _rules(one: FormField, form: Form) -> Rules:
    promise = one.params.promise
    return form.rules if promise is None else replace(form.rules, promise=promise)


def _answer(sheets: Sequence[Sheet], questions: _Questions, line_engines: Sequence[str]) -> list[Answer]:
    """Every ask answered, in order; each kind of ask is cut and read once a page."""
    answers: dict[int, Answer] = {}

    def asked(kind: type[A], begin: Callable[[Sheet, list[A]], B]) -> list[tuple[tuple[int, ...], B]]:
        """What answers the asks of a kind, and their places; a page each."""
        each = [(sheet, *questions.of(kind, page)) for page, sheet in enumerate(sheets)]
        return [(places, begin(sheet, asks)) for sheet, places, asks in each if places]

    # Both threads cut, both find the cells' ink, and the network runs beside all the rest.
    cells = asked(CharacterAsk, lambda sheet, asks: _cut_characters(sheet, asks, questions.asks))
    marks = asked(MarksAsk, _begin_marks)
    characters = [(places, begin()) for places, begin in cells]
    others = [
        *asked(LineAsk, lambda sheet, asks: partial(_lines, sheet, asks, line_engines)),
        *asked(InkAsk, lambda sheet, asks: partial(read_ink, sheet, asks)),
        *asked(CodeAsk, lambda sheet, asks: partial(_codes, sheet, asks)),
    ]
    begun: list[tuple[tuple[int, ...], Callable[[], Iterable[Answer]]]] = [*others, *marks, *characters]
    for places, told in begun:
        answers.update(zip(places, told(), strict=True))
    return [answers[place] for place in range(len(questions.asks))]


def _begin_marks(sheet: Sheet, asks: list[MarksAsk]) -> Callable[[], Sequence[Marks]]:
    told = begin_marks(sheet, asks)
    return lambda: doubted_marks(told(), asks, sheet)


def _lines(sheet: Sheet, asks: list[LineAsk], engines: Sequence[str]) -> list[Guess]:
    return read_lines(_cuts(sheet, asks, LINE_PX_PER_MM, LINE_MARGIN_MM), engines)


def _codes(sheet: Sheet, asks: list[CodeAsk]) -> list[Guess]:
    return read_code_cuts(_cuts(sheet, asks, _CODE_PX_PER_MM, _CODE_MARGIN_MM))


def _cut_characters(
    sheet: Sheet, asks: list[CharacterAsk], all_asks: Sequence[Ask]
) -> Callable[[], Callable[[], Sequence[Guess]]]:
    """Cuts the cells; gives what begins to read them."""
    engine, page = character_engine(), asks[0].box.page
    if sheet.page.bilevel:  # a pencil's stroke that a fax made dots of is read as it was
        sheet = replace(sheet, page=replace(sheet.page, image=softened(sheet.page.image)))
    cuts = _cuts(sheet, asks, engine.px_per_mm, engine.margin_mm)

    def bare() -> list[Cut]:
        boxes = tuple(box for ask in all_asks for box in _boxes(ask) if box.page == page)
        places = [CharacterAsk(box, "") for box in bare_boxes(sheet.blank, page, boxes)]
        return _cuts(sheet, places, engine.px_per_mm, engine.margin_mm)

    def begin() -> Callable[[], Sequence[Guess]]:
        told = engine.begin(cuts, bare)
        return lambda: doubted(told(), [ask.box for ask in asks], sheet)

    return begin


def _boxes(ask: Ask) -> tuple[Box, ...]:
    return ask.boxes if isinstance(ask, MarksAsk) else (ask.box,)


def _cuts(
    sheet: Sheet, asks: Sequence[CharacterAsk | LineAsk | CodeAsk], px_per_mm: float, margin_mm: float
) -> list[Cut]:
    margin = round(margin_mm * px_per_mm)
    pieces = cut(sheet, [ask.box for ask in asks], px_per_mm, margin_mm)
    cuts = []
    for ask, (image, blank) in zip(asks, pieces, strict=True):
        allowed = "" if isinstance(ask, CodeAsk) else ask.allowed
        words = ask.words if isinstance(ask, LineAsk) else ()
        _, _, _, width, height = ask.box
        inner = (margin, margin, round(width * px_per_mm), round(height * px_per_mm))
        cuts.append(Cut(image, blank, px_per_mm, inner, allowed, words))
    return cuts


def _pictures(sheets: Sequence[Sheet], boxes: Mapping[str, Box]) -> dict[str, bytes]:
    """A PNG of each place on the scan, with a little of what is around it."""
    pictures = {}
    for index, sheet in enumerate(sheets):
        named = [(name, box) for name, box in boxes.items() if box.page == index]
        cuts = cut(sheet, [box for _, box in named], _PICTURE_PX_PER_MM, _PICTURE_MARGIN_MM)
        for (name, _), (image, _) in zip(named, cuts, strict=True):
            pictures[name] = png(image)
    return pictures


def _page_pictures(sheets: Sequence[Sheet], form: Form, boxes: Mapping[str, Box]) -> dict[int, bytes]:
    """A JPEG of each page that one of the places is on, laid as the blank lies."""
    width, height = form.definition.paper.mm
    pages = {}
    for index in sorted({box.page for box in boxes.values()}):
        ((image, _),) = cut(sheets[index], [Box(index, 0, 0, width, height)], _PAGE_PX_PER_MM, 0)
        pages[index] = bytes(cv2.imencode(".jpg", image, (cv2.IMWRITE_JPEG_QUALITY, _PAGE_QUALITY))[1].tobytes())
    return pages


def png(image: Grey) -> bytes:
    """A picture as PNG bytes."""
    return bytes(np.asarray(cv2.imencode(".png", image)[1], np.uint8))
