"""banken steps: the reference of step kinds and functions, from the same values that check and run them."""

from __future__ import annotations

from typing import Annotated, cast

import typer
from rich.table import Column, Table

from robots.all_steps import STEPS
from robots.cli.common import Code, Stop, out, say
from robots.params import Params, words_of
from robots.scenario.all_functions import FUNCTIONS
from robots.scenario.function import Function
from robots.scenario.guess import nearest
from robots.scenario.shape import models_in, parameter_list, parameters
from robots.scenario.translate import step_in
from robots.scenario.translate_expression import Language
from robots.step import StepKind


def steps(name: Annotated[str | None, typer.Argument(help="手順か関数の名前（日本語でも英語でも）")] = None) -> None:
    """手順と、式で使える関数の一覧と使い方。"""
    if name is None:
        _list()
    elif (kind := STEPS.get(name)) is not None:
        _explain_step(kind)
    elif (function := FUNCTIONS.get(name)) is not None:
        _explain_function(function)
    else:
        guess = nearest(name, [*STEPS.names, *FUNCTIONS])
        say(
            f"「{name}」という手順や関数はありません{f'（もしかして: {guess}）' if guess else ''}。"
            "一覧は banken steps で見られます。"
        )
        raise Stop(Code.PROBLEMS)


def _list() -> None:
    table = Table("手順", "英語名", Column("すること", overflow="fold"), box=None)
    for kind in STEPS:
        table.add_row(kind.ja, kind.name, kind.summary)
    out.print(table)
    out.print()
    table = Table("関数", "英語名", Column("返すもの", overflow="fold"), box=None)
    for function in dict.fromkeys(FUNCTIONS.values()):
        table.add_row(function.usage, function.name, function.doc)
    out.print(table)
    out.print("\nくわしくは banken steps 名前（例: banken steps 一括入力する、banken steps 和暦）", markup=False)


def _explain_step(kind: StepKind[Params]) -> None:
    out.print(f"{kind.ja}（{kind.name}）\n  {kind.summary}\n", markup=False)
    _explain_parameters(kind.params, "  ", {kind.params})
    if kind.params.bare is not None:
        bare = parameters(kind.params)[kind.params.bare]
        out.print(f"\n「{bare.ja}」だけなら、「{kind.ja}: …」と短く書けます。", markup=False)
    for heading, language in (("例", "ja"), ("英語の名前では", "en")):
        out.print(f"\n{heading}:\n{step_in(kind.example, cast('Language', language))}", markup=False)


def _explain_parameters(model: type[Params], indent: str, seen: set[type[Params]]) -> None:
    """Each parameter of a mapping, and below it those of the mappings that it holds."""
    for one in parameter_list(model):
        must = "必須" if model.model_fields[one.field].is_required() else "任意"
        words = words_of(model, one.field)
        choice = f"（{'・'.join(words.ja)}）" if words else ""
        out.print(f"{indent}{one.ja}（{one.english}）{must}: {one.doc}{choice}", markup=False)
        for inner in dict.fromkeys(models_in(one.shape)):
            if not any(issubclass(outer, inner) for outer in seen):
                _explain_parameters(inner, f"{indent}  ", {*seen, inner})


def _explain_function(function: Function) -> None:
    out.print(f"{function.usage}（{function.name}）\n  {function.doc}", markup=False)
    left_out = "、".join(name.removesuffix("…") for name in function.params[function.required :])
    if left_out:
        out.print(f"  省けるもの: {left_out}", markup=False)
    out.print(f"\n例:\n${{{function.example}}} → {function.result}", markup=False)
