"""What every reader of forms promises to the steps: the real one over scanned files, and its double in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ocr.reading import Box, FieldReading, FormReading, Refused
from robots.drivers.forms import Forms, FormSource
from robots.drivers.memory_forms import MemoryForms
from robots.drivers.ocr_forms import OcrForms
from robots.errors import Unconfirmed
from robots.ledger.seal import Sealer, new_key
from robots.values import Row, Unsure, text_of
from tests.scans import SHINSEI, TODOKE, put_form, put_pictures, scan, source_of, white

SIGNED, STAMPED = (25.0, 39.0), (103.0, 44.0)


class Pile:
    """A folder with two files: one paper, and a PDF with a paper, a page of another form and an empty page."""

    def __init__(self, folder: Path) -> None:
        self.form = source_of(put_form(folder / "forms", "todoke", TODOKE))
        self.other = source_of(put_form(folder / "forms", "shinsei", SHINSEI))
        blank, other = folder / "forms" / "todoke.pdf", folder / "forms" / "shinsei.pdf"
        self.files = [
            put_pictures(folder / "in" / "1.png", scan(blank, SIGNED)),
            put_pictures(folder / "in" / "2.pdf", scan(blank, SIGNED, STAMPED), scan(other, (25, 139)), white()),
        ]


@pytest.fixture(scope="module")
def pile(tmp_path_factory: pytest.TempPathFactory) -> Pile:
    return Pile(tmp_path_factory.mktemp("pile"))


def _ink(value: str) -> FieldReading:
    return FieldReading(value, (value,), 1.0, "read" if value else "blank", (), Box(0, 20, 30, 60, 12), "ink")


def in_memory(pile: Pile, _folder: Path) -> Forms:
    written = "記入あり"
    return MemoryForms(
        {
            "1.png": [FormReading("届", "1.png#1", {"署名": _ink(written), "印": _ink("")}, 0.0)],
            "2.pdf": [
                FormReading("届", "2.pdf#1", {"署名": _ink(written), "印": _ink(written)}, 0.0),
                FormReading("申請書", "2.pdf#2", {"氏名": _ink(written), "番号": _ink("")}, 0.0)
                if _folder.name == "sort"
                else Refused("2.pdf#2", "other_form", "この帳票ではありません。"),
                Refused("2.pdf#3", "blank", "白紙です。"),
            ],
        }
    )


def real(_pile: Pile, folder: Path) -> Forms:
    return OcrForms(folder, folder / "var", Sealer([new_key()]))


@pytest.fixture(params=[in_memory, real], ids=["memory", "ocr"], scope="module")
def forms(request: pytest.FixtureRequest, pile: Pile, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forms]:
    make: Callable[[Pile, Path], Forms] = request.param
    yield make(pile, tmp_path_factory.mktemp("town"))


@pytest.fixture(scope="module")
def rows(forms: Forms, pile: Pile) -> list[Row]:
    return forms.read(pile.files, pile.form)


def test_every_paper_is_a_row_in_the_order_of_files_and_pages(rows: list[Row]) -> None:
    assert [row.origin for row in rows] == ["1.png 1ページ目", "2.pdf 1ページ目", "2.pdf 2ページ目", "2.pdf 3ページ目"]
    assert [tuple(row) for row in rows] == [("署名", "印")] * 4


def test_what_is_certain_is_a_value_and_what_is_blank_is_empty_text(rows: list[Row]) -> None:
    assert dict(rows[0]) == {"署名": "記入あり", "印": ""}
    assert dict(rows[1]) == {"署名": "記入あり", "印": "記入あり"}


def test_a_page_that_was_refused_is_a_row_of_which_nothing_is_a_value(rows: list[Row]) -> None:
    for row in rows[2:]:
        for value in row.values():
            assert isinstance(value, Unsure)
            assert (value.field, value.form.rpartition("/")[2]) == ("", "todoke.yaml")
            assert value.why[0].endswith("。")
            with pytest.raises(Unconfirmed, match="読み取れていません"):
                text_of(value)


def test_a_paper_is_known_by_what_it_is_whatever_its_file_is_called(
    forms: Forms, pile: Pile, rows: list[Row], tmp_path: Path
) -> None:
    sources = [row.source for row in rows]
    assert len(set(sources)) == 4
    assert [source.partition("#")[2] for source in sources] == ["1", "1", "2", "3"]
    again = forms.read(pile.files, pile.form)
    assert [(row.source, dict(row)) for row in again] == [(row.source, dict(row)) for row in rows]


def test_everything_may_be_asked_for(forms: Forms, pile: Pile) -> None:
    (row,) = forms.read(pile.files[:1], pile.form, everything=True)
    assert [one.proposed for one in row.values() if isinstance(one, Unsure)] == ["記入あり", ""]
    assert [one.field for one in row.values() if isinstance(one, Unsure)] == ["署名", "印"]


def test_progress_ends_with_everything_done(forms: Forms, pile: Pile) -> None:
    told: list[tuple[int, int]] = []
    forms.read(pile.files, pile.form, progress=lambda done, total: told.append((done, total)))
    assert told and told[-1][0] == told[-1][1]


def test_no_files_are_no_rows(forms: Forms, pile: Pile) -> None:
    assert forms.read([], pile.form) == []
    assert forms.sort([], [pile.form]) == []


@pytest.mark.parametrize("make", [in_memory, real], ids=["memory", "ocr"])
def test_pages_are_sorted_by_their_form(make: Callable[[Pile, Path], Forms], pile: Pile, tmp_path: Path) -> None:
    folder = tmp_path / "sort"
    found = make(pile, folder).sort(pile.files, [pile.form, pile.other])
    told = [(one.file.name, title(one.form), one.pages) for one in found]
    assert told == [("1.png", "届", (1,)), ("2.pdf", "届", (1,)), ("2.pdf", "申請書", (2,)), ("2.pdf", "不明", (3,))]
    assert [bool(one.why) for one in found] == [False, False, False, True]


def title(form: FormSource | None) -> str:
    return "不明" if form is None else str(form.data["form"])
