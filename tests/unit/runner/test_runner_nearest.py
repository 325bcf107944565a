"""What a name that is gone has become, by its words and its neighbours; and columns that have shifted."""

from __future__ import annotations

import pytest

from robots.drivers.screen_outline import Outline, Thing
from robots.runner.columns import shifted
from robots.runner.nearest import nearest_name
from robots.runner.outlines import Gathered, screen_path

BEFORE = ["受付番号", "届出日", "新住所", "方書", "備考"]


@pytest.mark.parametrize(
    ("gone", "there", "before", "expected"),
    [
        ("新住所", ["受付番号", "届出日", "転入先住所", "方書", "備考"], BEFORE, "転入先住所"),
        (
            "新住所",
            ["受付番号", "届出日", "移転する場所", "方書", "備考"],
            BEFORE,
            "移転する場所",
        ),  # by its place alone
        ("新住所", ["受付番号", "届出日", "方書", "備考"], BEFORE, None),  # it is gone, and nothing came
        ("新住所", ["旧住所", "届出日", "方書", "備考"], ["旧住所", *BEFORE], None),  # that stood there beside it
        ("登録", ["登録する", "戻る"], None, "登録する"),
        ("登録", ["戻る", "検索"], None, None),
    ],
)
def test_the_nearest_name(gone: str, there: list[str], before: list[str] | None, expected: str | None) -> None:
    assert nearest_name(gone, there, before) == expected


def test_what_the_step_names_besides_is_something_else() -> None:
    assert nearest_name("届出の日", ["届出日", "異動日"], None, taken=["届出日"]) != "届出日"


@pytest.mark.parametrize(
    ("css", "there", "expected"),
    [
        ("tr td:nth-child(2)", ["番号", "区分", "氏名"], ("tr td:nth-child(3)", "氏名")),
        ("tr td:nth-child(1)", ["番号", "区分", "氏名"], None),
        ("tr td:nth-child(2)", ["番号", "氏名"], None),
        (".name", ["番号", "区分", "氏名"], None),
        ("td:nth-child(2)", ["番号", "区分", "区分", "氏名"], None),
    ],
)
def test_a_shifted_column(css: str, there: list[str], expected: tuple[str, str] | None) -> None:
    assert shifted(css, ["番号", "氏名"], there) == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/jumin/persons/00104005/address", "/jumin/persons/*/address"),
        ("/people/%E5%B1%B1%E7%94%B0/edit.php", "/people/*/edit.php"),
        ("/", "/"),
    ],
)
def test_a_screen_is_known_by_what_is_of_nobody(path: str, expected: str) -> None:
    assert screen_path(path) == expected


def test_what_is_kept_is_the_screens_and_not_the_items() -> None:
    gathered = Gathered(frozenset({"番号0001"}))
    for number, person in enumerate(("山田太郎", "鈴木花子"), 1):
        things = (
            Thing("heading", f"{person}様の情報"),
            Thing("field", "世帯員", options=("本人", person)),
            Thing("link", person, data=True),
            Thing("link", "番号 0001", data=True),
            Thing("field", "電話", inside=f"{person}様の情報"),
            Thing("button", "照会 123456"),
        )
        gathered.add(Outline("/a/1", things), number, [person])
    kept = gathered.screens()["/a/*"]
    assert [(one.role, one.name, one.inside, one.options) for one in kept] == [
        ("field", "世帯員", "", ("本人",)),
        ("link", "番号 0001", "", ()),
        ("field", "電話", "", ()),
    ]
