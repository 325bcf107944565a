"""The form definitions of a scenario: read and checked with the scenario, every problem at its line."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import PurePosixPath
from typing import TypeVar, cast

import ocr
from robots.drivers.forms import FormSource
from robots.position import Position
from robots.scenario.guess import nearest
from robots.scenario.model import ItemSource
from robots.scenario.problem import Findings
from robots.scenario.source import Bounds, Path, Source, read_source
from robots.step import Step

T = TypeVar("T")

_BOUNDS = Bounds(
    1024 * 1024, 10_000, "帳票の定義を、ページごとに分けてください。", "form: と blank: と fields: を書いてください。"
)


def read_forms(paths: Sequence[str], files: Mapping[str, bytes], findings: Findings) -> dict[str, FormSource]:
    """The forms by path and by short name; those that have problems are left out, with the problems noted."""
    found: dict[str, FormSource] = {}
    for path in paths:
        form = read_form(path, files.__getitem__, findings) if path in files else None
        if form is not None:
            found[path] = found[PurePosixPath(path).stem] = form
    return found


def read_form(path: str, read: Callable[[str], bytes], findings: Findings) -> FormSource | None:
    """One form with all that its definition names beside it.

    read: the bytes of a path with / (KeyError or OSError where there is none), asked for ``path`` and its neighbours.
    """
    kept: dict[str, bytes] = {}

    def beside(name: str) -> bytes:
        try:
            kept[name] = read((PurePosixPath(path).parent / name).as_posix())
        except KeyError as error:
            raise FileNotFoundError(name) from error
        return kept[name]

    def load(data: Mapping[str, object]) -> FormSource:
        ocr.load_form(data, beside)
        return FormSource(path, data, kept)

    return _checked(path, read(path), load, findings)


def read_definition(
    path: str, content: bytes, findings: Findings
) -> tuple[ocr.Definition, tuple[ocr.FormField, ...]] | None:
    """The definition alone, whose empty form may not be there yet."""
    return _checked(path, content, ocr.check_definition, findings)


def loaded(form: FormSource) -> ocr.Form:
    """The form with its empty pages, from the bytes that were approved."""
    return ocr.load_form(form.data, form.files.__getitem__)


def _checked(path: str, content: bytes, check: Callable[[Mapping[str, object]], T], findings: Findings) -> T | None:
    source = read_source(path, content, findings, _BOUNDS)
    if source is None:
        return None
    if not isinstance(source.data, dict):
        findings.add(
            source.at(()), "帳票の定義になっていません。", "「form: …」のように、名前: 値 の並びで書いてください。"
        )
        return None
    try:
        return check(cast("Mapping[str, object]", source.data))
    except ocr.FormProblems as error:
        said: set[Position] = set()
        for problem in error.problems:
            at = _place(problem, source)
            if at not in said:  # several ways to read one value: the first says enough
                findings.add(at, _sentence(problem.what), _sentence(problem.mend))
            said.add(at)
        return None


def check_reading(
    prepare: Sequence[Step],
    items: ItemSource | None,
    items_path: Path,
    columns: Mapping[str, tuple[Position, ...]],
    forms: Mapping[str, FormSource],
    source: Source,
    findings: Findings,
) -> None:
    """What is read from paper goes through a person where it is not certain, and has the columns that are used."""
    for step in prepare:
        if step.kind.name != "form.read":
            continue
        if items is None:
            findings.add(
                step.position,
                "帳票を読む手順があるのに「items／対象」がありません。",
                "読み取った結果を対象（元: ${保存名}）にし、確認: 不確かなもの と書いてください。",
            )
            continue
        if items.review == "none":
            findings.add(
                source.key(source.below(items_path, ("review", "確認"))),
                "帳票から読んだ対象は、「確認: なし」にできません（不確かな欄を、人が見ずに登録しないため）。",
                "対象に 確認: 不確かなもの（または すべて）と書いてください。",
            )
        form = forms.get(step.raw["form"]) if isinstance(step.raw, dict) else None
        fields = form.data.get("fields") if form is not None else None
        if isinstance(fields, Mapping) and items.from_.source == f"${{{step.save_as}}}":
            for name, places in columns.items():
                if name not in fields:
                    for at in places:
                        findings.add(
                            at,
                            f"帳票に「{name}」という欄はありません。",
                            f"ある欄は {'、'.join(fields)} です。",
                            nearest(name, fields),
                        )


def _place(problem: ocr.FormProblem, source: Source) -> Position:
    path: Path = tuple(problem.path)
    return source.key(path) if problem.what.endswith("という項目はありません") else source.at(path)


def _sentence(text: str) -> str:
    return text if text.endswith(("。", "）")) else f"{text}。"
