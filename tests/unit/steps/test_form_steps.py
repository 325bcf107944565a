"""Reading and sorting papers as steps: which files are taken, what the rows say, where the copies go."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import pytest

from ocr.reading import Box, FieldReading, FormReading, Refused
from robots.drivers.forms import FormSource, Sorted
from robots.drivers.memory_forms import MemoryForms
from robots.errors import BusinessError
from robots.step import StepContext, StepKind
from robots.steps.form_read import STEP as READ
from robots.steps.form_sort import STEP as SORT
from robots.values import Row

TODOKE = FormSource(
    "forms/todoke.yaml",
    {"form": "届/様式1", "blank": "b.png", "fields": {"署名": {"kind": "ink", "at": [1, 1, 9, 9]}}},
    {},
)


def paper(source: str) -> FormReading:
    signed = FieldReading("記入あり", ("記入あり",), 1.0, "read", (), Box(0, 1, 1, 9, 9), "ink")
    return FormReading("届/様式1", source, {"署名": signed}, 0.0)


class PaperContext:
    """A StepContext below one folder, with forms in memory."""

    def __init__(self, folder: Path, forms: MemoryForms) -> None:
        self._folder, self._forms = folder, forms
        self.said: list[str] = []

    def file(self, text: str, *, write: bool = False) -> Path:
        return self._folder / text

    def read_form(self, form: str, files: Sequence[Path]) -> list[Row]:
        return self._forms.read(files, TODOKE)

    def sort_forms(self, forms: Sequence[str], files: Sequence[Path]) -> list[Sorted]:
        return self._forms.sort(files, [TODOKE])

    def log(self, message: str) -> None:
        self.said.append(message)


@pytest.fixture
def context(tmp_path: Path) -> StepContext:
    folder = tmp_path / "in"
    folder.mkdir()
    for name in ("b.PNG", "a.pdf", "メモ.txt", "~$a.pdf", ".c.png"):
        (folder / name).write_text(name, encoding="utf-8")
    readings: dict[str, list[FormReading | Refused]] = {
        "a.pdf": [paper("a.pdf#1")],
        "b.PNG": [Refused("b.PNG#1", "blank", "白紙です。")],
        "メモ.txt": [paper("メモ.txt#1")],
    }
    return cast("StepContext", PaperContext(tmp_path, MemoryForms(readings)))


def test_scans_are_read_in_the_order_of_their_names_and_nothing_else_is(context: StepContext) -> None:
    rows = cast("list[Row]", READ.run(READ.params.model_validate({"form": "todoke", "from": "in"}), context))
    assert [row.origin for row in rows] == ["a.pdf 1ページ目", "b.PNG 1ページ目"]
    assert cast("PaperContext", context).said == ["in の 2 ファイルから、帳票 2 枚を読みました。"]


def test_sorted_files_are_copied_into_a_folder_that_any_system_can_make(context: StepContext, tmp_path: Path) -> None:
    params = SORT.params.model_validate({"forms": ["todoke"], "from": "in", "to": "out"})
    rows = cast("list[Row]", SORT.run(params, context))
    assert [(row["ファイル"], row["帳票"], row["ページ"]) for row in rows] == [
        ("a.pdf", "届_様式1", "1"),
        ("b.PNG", "不明", "1"),
    ]
    assert rows[1]["理由"] == "白紙です。"
    assert (tmp_path / "out" / "届_様式1" / "a.pdf").read_text(encoding="utf-8") == "a.pdf"
    assert (tmp_path / "in" / "b.PNG").exists() and (tmp_path / "out" / "不明" / "b.PNG").exists()


@pytest.mark.parametrize(
    ("kind", "params"),
    [(READ, {"form": "todoke", "from": "nai"}), (SORT, {"forms": ["todoke"], "from": "nai", "to": "out"})],
    ids=["read", "sort"],
)
def test_a_folder_that_is_not_there_is_told(
    kind: StepKind[Any], params: dict[str, object], context: StepContext
) -> None:
    with pytest.raises(BusinessError, match="フォルダ「nai」がありません"):
        kind.run(kind.params.model_validate(params), context)
