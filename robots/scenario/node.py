"""The closures that an expression becomes: each Node knows how to find its value, and what it looks up."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import cast

from robots.errors import BusinessError, ScenarioFault
from robots.nightly.calendar import OpenDays
from robots.scenario import operations
from robots.scenario.function import Function
from robots.scenario.guess import nearest
from robots.scenario.names import both
from robots.values import Unsure, Value, truth_of, whole_if_so

Names = Mapping[str, object]
Run = Callable[[Names], Value]
MAX_NESTING = 40


@dataclass(frozen=True, slots=True)
class Use:
    """A name that an expression looks up, the attribute it wants of it, and where it is written."""

    name: str
    attribute: str | None
    offset: int


class ExpressionError(Exception):
    """An expression that may not be written so; offset counts within the text."""

    def __init__(self, offset: int, what: str, mend: str, guess: str | None = None) -> None:
        super().__init__(what)
        self.offset = offset
        self.what = what
        self.mend = mend
        self.guess = guess


@dataclass(frozen=True, slots=True)
class Node:
    """One part of an expression."""

    run: Run
    offset: int
    uses: tuple[Use, ...] = ()
    depth: int = 1
    source: str = ""
    literal: Value = None


def made(run: Run, parts: Sequence[Node], offset: int, source: str = "") -> Node:
    """A node over others.  ExpressionError where they are nested too deep."""
    depth = 1 + max((part.depth for part in parts), default=0)
    if depth > MAX_NESTING:
        raise ExpressionError(
            offset, "式の入れ子が深すぎます。", "「値を決める」の手順で、途中の値に名前を付けて分けてください。"
        )
    uses = tuple(use for part in parts for use in part.uses)
    return Node(run, offset, uses, depth, source)


def constant(value: Value, offset: int, source: str) -> Node:
    return Node(lambda names: value, offset, source=source, literal=value)


def name(wanted: str, offset: int, source: str) -> Node:
    def run(names: Names) -> Value:
        try:
            return names[wanted]
        except KeyError:
            raise ScenarioFault(
                f"「{source}」はまだありません。",
                mend="この名前を保存する手順が、条件などで飛ばされていないか確かめてください。",
                guess=nearest(wanted, map(both, names)),
            ) from None

    return Node(run, offset, (Use(wanted, None, offset),), source=source)


def attribute(value: Node, wanted: str, offset: int) -> Node:
    find, source = value.run, value.source

    def run(names: Names) -> Value:
        whole = find(names)
        if isinstance(whole, dict):
            found = whole.get(wanted)
            if found is not None and type(found) is not Unsure:
                return cast("Value", found)
        return operations.attribute(whole, wanted, source)

    node = made(run, (value,), value.offset, f"{source}.{wanted}")
    return replace(node, uses=_with_attribute(value, wanted, offset))


def index(value: Node, place: Node) -> Node:
    find, where, source = value.run, place.run, value.source
    node = made(
        lambda names: operations.element(find(names), where(names), source),
        (value, place),
        value.offset,
        f"{source}[…]",
    )
    if isinstance(place.literal, str):
        return replace(node, uses=_with_attribute(value, place.literal, place.offset))
    return node


def _with_attribute(value: Node, wanted: str, offset: int) -> tuple[Use, ...]:
    if len(value.uses) == 1 and value.uses[0].attribute is None and value.depth == 1:
        return (Use(value.uses[0].name, wanted, offset),)
    return value.uses


def call(function: Function, arguments: Sequence[Node], offset: int) -> Node:
    runs = [argument.run for argument in arguments]
    work = function.run
    if function.dated or function.in_town:
        fact = _run_date if function.dated else _open_days
        node = made(
            lambda names: _bounded(work(fact(names), *(run(names) for run in runs))),
            arguments,
            offset,
            function.ja,
        )
        return replace(node, uses=(*node.uses, Use("run", "date", offset)))
    if len(runs) == 1:
        only = runs[0]
        return made(lambda names: _bounded(work(only(names))), arguments, offset, function.ja)
    return made(lambda names: _bounded(work(*(run(names) for run in runs))), arguments, offset, function.ja)


def _run_date(names: Names) -> date:
    return cast("date", operations.attribute(names.get("run"), "date", "run"))


def _open_days(names: Names) -> OpenDays:
    return cast("OpenDays", operations.attribute(names.get("run"), "open_days", "run"))


def _bounded(value: Value) -> Value:
    if isinstance(value, str) and len(value) > operations.MAX_TEXT:
        raise BusinessError(
            "文字が長くなりすぎました。", mend=f"{operations.MAX_TEXT:,} 文字以内になるようにしてください。"
        )
    return value


def condition(node: Node) -> Callable[[Names], bool]:
    """The node as a yes or no."""
    run = node.run
    return lambda names: truth_of(run(names))


def any_of(parts: Sequence[Node], offset: int) -> Node:
    tests = [condition(part) for part in parts]
    return made(lambda names: any(test(names) for test in tests), parts, offset)


def all_of(parts: Sequence[Node], offset: int) -> Node:
    tests = [condition(part) for part in parts]
    return made(lambda names: all(test(names) for test in tests), parts, offset)


def chain(first: Node, rest: Sequence[tuple[Callable[[Value, Value], Value], Node]]) -> Node:
    """first op value op value ..., from the left."""
    start, steps = first.run, [(work, node.run) for work, node in rest]

    def run(names: Names) -> Value:
        value = start(names)
        for work, other in steps:
            value = work(value, other(names))
        return value

    return made(run, (first, *(node for _, node in rest)), first.offset)


def number(written: str, offset: int) -> Node:
    if len(written) > 100:
        raise ExpressionError(offset, "数値が長すぎます（100 桁まで）。", "数値を確かめてください。")
    return constant(whole_if_so(Decimal(written)), offset, written)
