"""A form's definition: plain data checked into a Form, every problem named by its path in that data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ocr.all_fields import all_fields
from ocr.blank import BlankUnreadable, draw_blank
from ocr.field import FieldKind, FieldParams, Place, Rules
from ocr.page import Page

PAPERS: Mapping[str, tuple[float, float]] = {
    "A3": (297, 420),
    "A4": (210, 297),
    "A5": (148, 210),
    "B4": (257, 364),
    "B5": (182, 257),
}
"""Width and height in mm, upright (JIS P 0138)."""


class Paper(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    size: Literal["A3", "A4", "A5", "B4", "B5"] = "A4"
    orientation: Literal["portrait", "landscape"] = "portrait"

    @property
    def mm(self) -> tuple[float, float]:
        """Width and height as the paper lies."""
        width, height = PAPERS[self.size]
        return (width, height) if self.orientation == "portrait" else (height, width)


class Identify(BaseModel):
    """How this form is told from others: printed words, or what its QR code begins with."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    text: str = ""
    qr: str = ""
    at: Place
    page: int = 1


class Print(BaseModel):
    """Words that ``draw`` prints, beyond the fields' own labels."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    text: str
    at: tuple[float, float]
    """The left end of the words' base line, mm."""
    size: float = 9.0
    """In points."""
    page: int = 1


class Frame(BaseModel):
    """A box that ``draw`` prints, beyond the fields' own."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    at: Place
    page: int = 1


class Definition(BaseModel):
    """``forms/<name>.yaml`` as it stands; the fields are checked by their own kinds."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    form: Annotated[str, Field(min_length=1)]
    version: int = 1
    paper: Paper = Paper()
    blank: str
    register_: Annotated[Literal["auto", "markers", "features", "none"], Field(alias="register")] = "auto"
    identify: Identify | None = None
    unit: Literal["mm"] = "mm"
    promise: Annotated[float, Field(gt=0, le=0.1)] = 0.001
    """The share of wrong ones among accepted cells, marks and lines that this form allows."""
    prints: tuple[Print, ...] = ()
    frames: tuple[Frame, ...] = ()
    fields: Annotated[dict[str, dict[str, object]], Field(min_length=1)]


@dataclass(frozen=True, slots=True)
class FormProblem:
    """One thing wrong with a definition."""

    path: tuple[str | int, ...]
    """Where in the data: ("fields", "受付番号", "at")."""
    what: str
    mend: str


class FormProblems(Exception):
    """A definition that can't be used, with everything that is wrong with it."""

    def __init__(self, problems: list[FormProblem]) -> None:
        super().__init__("; ".join(f"{'.'.join(map(str, one.path))}: {one.what}" for one in problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class FormField:
    """A named field with its kind."""

    name: str
    kind: FieldKind[FieldParams]
    params: FieldParams


@dataclass(frozen=True, slots=True, eq=False)
class Form:
    """A definition that holds, with its empty pages."""

    definition: Definition
    fields: tuple[FormField, ...]
    blanks: tuple[Page, ...]
    """The empty form's pages at BLANK_DPI."""
    rules: Rules

    @property
    def name(self) -> str:
        return self.definition.form


def load_form(data: Mapping[str, object], read_file: Callable[[str], bytes]) -> Form:
    """A definition as plain data, and a way to read the files it names (OSError where there is none) → the form.

    Scalars may be text ("8") as YAML read without types gives them.  Raises FormProblems with every problem found.
    """
    definition, fields = check_definition(data)
    problems: list[FormProblem] = []
    blanks: tuple[Page, ...] = ()
    try:
        blanks = draw_blank(read_file(definition.blank), definition.blank, definition.paper.mm)
    except OSError:
        problems.append(
            FormProblem(("blank",), f"{definition.blank} がありません", "空の帳票のファイルを置いてください")
        )
    except BlankUnreadable as error:
        problems.append(FormProblem(("blank",), str(error), "PDF、PNG、TIFF、JPEG の空の帳票を指定してください"))
    words: dict[str, tuple[str, ...]] = {}
    for one in fields:
        name = getattr(one.params, "words", "")
        if isinstance(name, str) and name and name not in words:
            try:
                text = read_file(name).decode("utf-8-sig")
                words[name] = tuple(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))
            except (OSError, UnicodeDecodeError):
                problems.append(
                    FormProblem(
                        ("fields", one.name, "words"),
                        f"{name} を読めません",
                        "1 行に 1 語の UTF-8 のファイルを置いてください",
                    )
                )
    if blanks:
        problems += _beyond(fields, definition, len(blanks))
    if problems:
        raise FormProblems(problems)
    return Form(definition, fields, blanks, Rules(definition.promise, words))


def check_definition(data: Mapping[str, object]) -> tuple[Definition, tuple[FormField, ...]]:
    """The definition and its fields, without opening any file; FormProblems with every problem found."""
    problems: list[FormProblem] = []
    definition: Definition | None = None
    try:
        definition = Definition.model_validate(data)
    except ValidationError as error:
        problems += _told(error, ())
    fields: list[FormField] = []
    raw = data.get("fields")
    for name, params in raw.items() if isinstance(raw, Mapping) else ():
        path = ("fields", str(name))
        kind_name = params.get("kind") if isinstance(params, Mapping) else None
        kind = all_fields().get(str(kind_name))
        if kind is None:
            known = "、".join(f"{one.name}（{one.ja}）" for one in all_fields().values())
            problems.append(
                FormProblem((*path, "kind"), f"「{kind_name}」という種類はありません", f"使えるもの: {known}")
            )
            continue
        try:
            fields.append(FormField(str(name), kind, kind.params.model_validate(params)))
        except ValidationError as error:
            problems += _told(error, path)
    names = {one.name for one in fields}
    for one in fields:
        for other in one.kind.needs(one.params):
            if other not in names:
                problems.append(
                    FormProblem(
                        ("fields", one.name), f"「{other}」という欄がありません", "同じ帳票の欄の名前を書いてください"
                    )
                )
    if problems or definition is None:
        raise FormProblems(problems)
    return definition, tuple(fields)


def _beyond(fields: tuple[FormField, ...], definition: Definition, pages: int) -> list[FormProblem]:
    width, height = definition.paper.mm
    problems = []
    for one in fields:
        for _, box in one.kind.boxes(one.params):
            if box.page >= pages:
                what, mend = f"{box.page + 1} ページ目はありません", f"空の帳票は {pages} ページです"
            elif box.left + box.width > width or box.top + box.height > height:
                what, mend = "用紙からはみ出しています", f"用紙は {width:g} × {height:g} mm です"
            else:
                continue
            problems.append(FormProblem(("fields", one.name), what, mend))
            break
    return problems


_CELLS = "ますの数（8）か、組ごとの数（[3, 4]）を書いてください"
_PLACE = "[左, 上, 幅, 高さ] の 4 つの数を mm で書いてください"
_WORDS: Mapping[str, tuple[str, str]] = {
    "missing": ("がありません", "書き足してください"),
    "extra_forbidden": ("という項目はありません", "綴りを確かめるか、消してください"),
}


def _told(error: ValidationError, path: tuple[str | int, ...]) -> list[FormProblem]:
    told: dict[tuple[str | int, ...], FormProblem] = {}
    for one in error.errors():
        own = _in_the_data(one["loc"])
        at = (*path, *own)
        if one["type"] == "value_error":
            problem = FormProblem(at, str(one["ctx"]["error"]), "書き直してください")
        elif one["type"] == "missing" and isinstance(at[-1], int):
            problem = FormProblem(at[:-1], "場所の書き方が正しくありません", _PLACE)
        elif own != one["loc"]:
            problem = FormProblem(at, "書き方が正しくありません", _CELLS if at[-1] == "cells" else _PLACE)
        elif one["type"] in _WORDS:
            what, mend = _WORDS[one["type"]]
            problem = FormProblem(at, f"「{at[-1]}」{what}", mend)
        else:
            what = f"「{str(one['input'])[:40]}」はここに書けません"
            problem = FormProblem(at, what, _expected(one["type"], one.get("ctx", {})))
        told.setdefault(problem.path, problem)
    return list(told.values())


def _in_the_data(loc: tuple[str | int, ...]) -> tuple[str | int, ...]:
    """The part of an error's place that is in the author's data: beyond it stand the names of a union's members."""
    for place, one in enumerate(loc):
        if isinstance(one, str) and ("[" in one or one.startswith("constrained")):
            return loc[:place]
    return loc


def _expected(kind: str, context: Mapping[str, object]) -> str:
    if kind == "literal_error":
        return f"{context['expected']} のどれかを書いてください".replace(" or ", "、")
    if kind.startswith(("int", "float")):
        return "数を書いてください"
    if kind.startswith(("tuple", "list", "too_")):
        return _PLACE
    if kind.startswith(("dict", "model")):
        return "「名前: 値」の形で書いてください"
    return "書き方を確かめてください"
