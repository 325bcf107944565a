"""Translating: the other language, the same meaning, and back to the byte."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from robots.scenario.meaning import meaning
from robots.scenario.model import Scenario
from robots.scenario.problem import Problems
from robots.scenario.translate import translate
from robots.scenario.translate_expression import Language, text_in
from robots.scenario.validate import read_scenario

ROOT = Path(__file__).parents[3]
FOLDERS = [
    path.parent
    for top in (ROOT / "scenarios", ROOT / "tests" / "scenarios" / "valid")
    for path in sorted(top.rglob("scenario.yaml"))
]
GALLERY = [folder for folder in FOLDERS if ROOT / "scenarios" in folder.parents]
FILE = "scenario.yaml"


def files_of(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.relative_to(folder).parts[0] not in ("sample", "expected")
    }


def into(files: dict[str, bytes], to: Language) -> bytes:
    made = translate(files, "test/one", to)
    assert isinstance(made, bytes), str(made)
    return made


@pytest.mark.parametrize("folder", GALLERY, ids=lambda folder: folder.name)
def test_the_gallery_comes_back_byte_for_byte(folder: Path) -> None:
    files = files_of(folder)
    english = into(files, "en")
    assert english != files[FILE]
    assert into({**files, FILE: english}, "ja") == files[FILE]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_mixed_file_comes_into_one_language_and_means_the_same(folder: Path) -> None:
    files = files_of(folder)
    japanese, english = into(files, "ja"), into(files, "en")
    assert into({**files, FILE: english}, "ja") == japanese
    assert into({**files, FILE: japanese}, "en") == english
    assert into({**files, FILE: japanese}, "ja") == japanese
    before, after = read_scenario(files, "test/one"), read_scenario({**files, FILE: english}, "test/one")
    assert isinstance(before, Scenario) and isinstance(after, Scenario)
    assert meaning(before) == meaning(after)


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("bom", ["", "\ufeff"])
def test_comments_line_ends_and_quoting_stay(line_end: str, bom: str) -> None:
    japanese = """\
# 名称: は、ここでは変わらない
"名称":   '例'      # 対象.受付番号
'入力値': {年: {型: "整数", 既定値: 2026}}
準備:
  - 値を決める: "${[{番号: '対象', 行: '和暦(1)'}]}"   # ${和暦(x)}
    '保存名': 一覧


  -   記録する: |
        ${ 件数( 一覧 ) }件の 対象.行
          ${入力値.年}  と $${対象.年}
対象:
    元: ${一覧}
    キー: ${対象.番号}${対象['対象']}
    確認: すべて
各件:
- 記録する: "\\"${右(対象.番号, 2)}\\" と ${ '和暦(1)' if 対象.行 == '' または 対象.1行 == '' else 対象.番号 }"
"""
    content = (bom + japanese.replace("\n", line_end)).encode()
    english = into({FILE: content}, "en")
    assert into({FILE: english}, "ja") == content
    text = english.decode().replace(line_end, "\n").removeprefix("\ufeff")
    assert text.startswith(
        "# 名称: は、ここでは変わらない\n\"name\":   '例'      # 対象.受付番号\n'inputs': {年: {type: \"integer\""
    )
    assert "\"${[{番号: '対象', 行: '和暦(1)'}]}\"   # ${和暦(x)}\n    'save_as': 一覧" in text
    assert "${ count( 一覧 ) }件の 対象.行\n          ${inputs.年}  と $${対象.年}\n" in text
    assert "from: ${一覧}\n    key: ${item.番号}${item['対象']}\n    review: all" in text
    last = "${right(item.番号, 2)}\\\" と ${ '和暦(1)' if item.行 == '' または item.1行 == '' else item.番号 }"
    assert text.splitlines()[-1] == f'- flow.log: "\\"{last}"'


def test_a_scenario_with_problems_is_refused() -> None:
    refused = translate({FILE: "名称: 例\n各権: []\n".encode()}, "test/one", "en")
    assert isinstance(refused, Problems) and "各件" in str(refused)


NAMES = st.sampled_from(["対象", "item", "行", "row", "入力値", "サイト", "氏名", "date", "件数", "1年", "if"])
EXPRESSIONS = st.lists(
    st.one_of(
        NAMES,
        st.sampled_from([".", "(", ")", "[", "]", "'", '"', "{", "}", ":", " ", "\u3000", "和暦", "half", "12", "+"]),
    ),
    max_size=12,
).map("".join)


@given(
    st.lists(
        st.one_of(EXPRESSIONS.map(lambda one: "${" + one + "}"), st.text("あ$ {}'\"", max_size=5)), max_size=4
    ).map("".join)
)
@settings(max_examples=150, deadline=None)
def test_any_text_is_translated_consistently(text: str) -> None:
    try:
        english, japanese = text_in(text, "en"), text_in(text, "ja")
    except Exception as error:  # noqa: BLE001 (only what the checker refuses may be refused)
        assert type(error).__name__ == "ExpressionError"
        return
    assert text_in(english, "ja") == japanese
    assert text_in(japanese, "en") == english
    assert text_in(english, "en") == english


@st.composite
def variations(draw: st.DrawFn) -> dict[str, bytes]:
    """A gallery scenario with comments, empty lines, spaces, line ends and quotes put in where they mean nothing."""
    files = files_of(draw(st.sampled_from(GALLERY)))
    lines = files[FILE].decode().split("\n")
    for _ in range(draw(st.integers(0, 6))):
        at = draw(st.integers(0, len(lines) - 1))
        what = draw(st.sampled_from(["comment", "empty", "behind", "spaces"]))
        if what == "comment":
            lines.insert(at, " " * draw(st.integers(0, 8)) + "# 各件: ${対象.氏名} 押す")
        elif what == "empty":
            lines.insert(at, draw(st.sampled_from(["", "  "])))
        elif what == "behind" and lines[at].strip():
            lines[at] += "   # 名称: 対象"
        elif what == "spaces" and lines[at].strip():
            lines[at] += " " * draw(st.integers(1, 3))
    newline = draw(st.sampled_from(["\n", "\r\n"]))
    return {**files, FILE: newline.join(lines).encode()}


@given(variations())
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_variation_of_the_gallery_comes_back_byte_for_byte(files: dict[str, bytes]) -> None:
    english = into(files, "en")
    assert english != files[FILE]
    assert into({**files, FILE: english}, "ja") == files[FILE]
