"""The field kinds: what answers come to, what is doubted, and what a person may type."""

from __future__ import annotations

from typing import Any

import pytest

from ocr.all_fields import all_fields
from ocr.ask import Answer, CharacterAsk, Guess, LineAsk, Mark
from ocr.field import Rules
from ocr.reading import FieldReading

RULES = Rules(promise=0.001)


def sign(text: str, confidence: float = 0.9999, **more: Any) -> Guess:
    state = more.pop("state", "read" if text else "blank")
    return Guess(text, confidence, state, more.pop("why", ()), "cells", **more)


def read(params: dict[str, object], answers: list[Answer], rules: Rules = RULES) -> FieldReading:
    kind = all_fields()[str(params["kind"])]
    checked = kind.params.model_validate(params)
    assert len(kind.asks(checked, rules)) == len(answers)
    return kind.read(checked, answers, rules)


def typed(params: dict[str, object], text: str) -> str:
    kind = all_fields()[str(params["kind"])]
    return kind.typed(kind.params.model_validate(params), text)


DIGITS: dict[str, object] = {"kind": "digits", "at": [10, 10, 40, 8], "cells": 4}


def test_digits_of_a_full_grid_are_read() -> None:
    reading = read(DIGITS, [sign(one) for one in "0123"])
    assert (reading.value, reading.state, reading.cells) == ("0123", "read", ("0", "1", "2", "3"))
    assert reading.confidence == pytest.approx(0.9999**4)
    assert reading.box == (0, 10, 10, 40, 8)


def test_an_empty_grid_is_blank_and_has_no_value() -> None:
    reading = read(DIGITS, [sign("") for _ in range(4)])
    assert (reading.value, reading.state, reading.certain) == ("", "blank", True)


def test_one_uncertain_cell_makes_the_field_a_persons_and_names_the_cell() -> None:
    answers: list[Answer] = [sign("0"), sign("1", 0.9, ranked=(("1", 0.9), ("7", 0.1))), sign("2"), sign("3")]
    reading = read(DIGITS, answers)
    assert reading.state == "unsure"
    assert reading.why == ("2 ます目: 「1」か「7」か決められません",)


def test_a_missing_digit_is_doubted_unless_the_number_may_be_short() -> None:
    answers: list[Answer] = [sign(""), sign("1"), sign("2"), sign("3")]
    assert read(DIGITS, answers).why == ("4 桁のうち 3 桁しか書かれていません",)
    short = read({**DIGITS, "short": True}, answers)
    assert (short.value, short.state) == ("123", "read")
    gap = read({**DIGITS, "short": True}, [sign("1"), sign(""), sign("2"), sign("3")])
    assert (gap.state, gap.why) == ("unsure", ("途中のますが空いています",))


def test_a_check_digit_that_fails_is_a_conflict() -> None:
    params = {**DIGITS, "check": "mod10"}
    assert read(params, [sign(one) for one in "1236"]).state == "read"
    wrong = read(params, [sign(one) for one in "1238"])
    assert (wrong.state, wrong.why) == ("conflict", ("検査数字が合いません",))


def test_a_check_digit_that_holds_vouches_for_cells_that_alone_are_not_sure_enough() -> None:
    answers: list[Answer] = [sign(one, 0.995) for one in "1236"]
    assert read({**DIGITS, "check": "mod10"}, answers).state == "read"
    assert read(DIGITS, answers).state == "unsure"
    assert read({**DIGITS, "check": "mod10"}, [sign(one, 0.98) for one in "1236"]).state == "unsure"


def test_a_field_may_promise_less_than_its_form() -> None:
    answers: list[Answer] = [sign(one, 0.995) for one in "0123"]
    assert read(DIGITS, answers).state == "unsure"
    assert read(DIGITS, answers, Rules(promise=0.01)).state == "read"


def test_digits_without_cells_are_one_line_of_digits() -> None:
    kind = all_fields()["digits"]
    params = kind.params.model_validate({"kind": "digits", "at": [10, 10, 40, 8]})
    (ask,) = kind.asks(params, RULES)
    assert isinstance(ask, LineAsk)
    assert ask.allowed == "0123456789"
    assert kind.read(params, [sign("20500")], RULES).value == "20500"


def test_groups_have_boxes_of_their_own() -> None:
    kind = all_fields()["digits"]
    at = [[10, 10, 15, 8], [30, 10, 20, 8]]
    params = kind.params.model_validate({"kind": "digits", "at": at, "cells": [3, 4]})
    boxes = [ask.box for ask in kind.asks(params, RULES) if isinstance(ask, CharacterAsk)]
    assert [box.left for box in boxes] == [10, 15, 20, 30, 35, 40, 45]
    with pytest.raises(ValueError, match="at の枠が 2 個、cells の組が 3 個"):
        kind.params.model_validate({"kind": "digits", "at": at, "cells": [1, 2, 4]})


@pytest.mark.parametrize(("text", "value"), [("０１２３", "0123"), ("01-23", "0123"), ("", ""), (" 0 1 2 3 ", "0123")])
def test_typed_digits_are_taken_in_any_width(text: str, value: str) -> None:
    assert typed(DIGITS, text) == value


@pytest.mark.parametrize(("text", "message"), [("12a4", "数字だけで"), ("123", "4 桁で書いてください（3 桁でした）")])
def test_typed_digits_that_cannot_be_are_refused(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        typed(DIGITS, text)


KANA: dict[str, object] = {"kind": "kana", "at": [10, 10, 80, 8], "cells": 8, "words": "names.txt"}
NAMES = Rules(promise=0.01, words={"names.txt": ("ヤマダ　ハナコ", "ヤマタ　ハナコ", "サトウ　ケン", "カトウ　ケン")})


def kana(text: str, **weak: tuple[tuple[str, float], ...]) -> list[Answer]:
    laid = text.replace("　", " ").ljust(8)
    answers: list[Answer] = []
    for place, one in enumerate(laid):
        ranked = weak.get(f"at{place}", ((one.strip(), 0.999), ("ソ", 0.001)))
        answers.append(sign(ranked[0][0], ranked[0][1], ranked=ranked))
    return answers


def test_kana_keeps_the_gap_between_the_names() -> None:
    plain = {key: value for key, value in KANA.items() if key != "words"}
    assert read(plain, kana("ヤマダ　ハナコ"), Rules(promise=0.01)).value == "ヤマダ　ハナコ"


def test_a_name_list_settles_a_doubtful_cell() -> None:
    reading = read(KANA, kana("サトウ　ケン", at5=(("ソ", 0.6), ("ン", 0.4))), NAMES)
    assert (reading.value, reading.state, reading.why) == ("サトウ　ケン", "read", ())


def test_two_listed_names_that_both_fit_are_not_chosen_between() -> None:
    reading = read(KANA, kana("ヤマダ　ハナコ", at2=(("ダ", 0.6), ("タ", 0.4))), NAMES)
    assert reading.state == "unsure"
    assert reading.why[-1] == "「ヤマダ　ハナコ」か「ヤマタ　ハナコ」か決められません"


def test_a_name_that_is_not_listed_is_never_bent_into_one_that_is() -> None:
    firm = read(KANA, kana("サトウ　ジン"), NAMES)
    assert firm.state == "unsure"
    assert firm.value == "サトウ　ジン"
    far = read(KANA, kana("スズキ　イチロ"), NAMES)
    assert far.state == "unsure"
    assert far.value == "スズキ　イチロ"


def test_one_cell_read_wrongly_for_certain_does_not_defeat_the_list() -> None:
    """The listed name is proposed, and a person is asked: it may be another's."""
    wrong = read(KANA, kana("サトウ　ケン", at5=(("ソ", 0.995), ("ン", 0.005))), NAMES)
    assert (wrong.value, wrong.state) == ("サトウ　ケン", "unsure")
    assert wrong.why[-1] == "読めた「サトウ　ケソ」は一覧の「サトウ　ケン」と 6 ます目が違います"


def test_several_doubtful_cells_leave_the_likely_name_to_a_person() -> None:
    weak = {"at0": (("ウ", 0.7), ("サ", 0.3)), "at1": (("ド", 0.6), ("ト", 0.4)), "at5": (("ソ", 0.6), ("ン", 0.4))}
    reading = read(KANA, kana("サトウ　ケン", **weak), NAMES)
    assert (reading.value, reading.state) == ("サトウ　ケン", "unsure")
    assert reading.why[-1] == "読めた「ウドウ　ケソ」は一覧の「サトウ　ケン」と 3 字が違います"


def test_cells_that_hardly_allow_the_nearest_listed_name_leave_it_to_a_person() -> None:
    """イシカワ ルリオ, not listed, written so that no cell is sure: ノリコ fits, but far worse than what was read."""
    listed = Rules(promise=0.001, words={"names.txt": ("イシカワ　ノリコ", "サトウ　ケン")})
    doubtful = {"at5": (("ル", 0.9), ("ノ", 0.001)), "at7": (("オ", 0.9), ("コ", 0.01))}
    reading = read(KANA, kana("イシカワ　ルリオ", **doubtful), listed)
    assert (reading.value, reading.state) == ("イシカワ　ルリオ", "unsure")
    assert reading.why[-1] == "一覧にない名前かもしれません（近いもの: イシカワ　ノリコ）"


def test_typed_kana_becomes_full_width_katakana() -> None:
    assert typed(KANA, "やまだ ﾊﾅｺ") == "ヤマダ　ハナコ"
    with pytest.raises(ValueError, match="カタカナではありません"):
        typed(KANA, "山田")


def test_alnum_takes_only_what_the_field_allows() -> None:
    params: dict[str, object] = {"kind": "alnum", "at": [10, 10, 30, 8], "cells": 3, "allowed": "AB12"}
    assert read(params, [sign("A"), sign("1"), sign("")]).value == "A1"
    assert typed(params, "ａ1") == "A1"
    with pytest.raises(ValueError, match="「C」はこの欄に書けません"):
        typed(params, "C1")


DATE: dict[str, object] = {"kind": "date", "at": [70, 60, 48, 8], "era": "元号"}


def era(value: str, state: Any = "read") -> FieldReading:
    return FieldReading(value, (value,), 0.9999, state, (), all_fields()["ink"].boxes(_INK)[0][1], "marks")


_INK = all_fields()["ink"].params.model_validate({"kind": "ink", "at": [1, 1, 5, 5]})


def dated(signs: str, circled: FieldReading | None, params: dict[str, object] = DATE) -> FieldReading:
    kind = all_fields()["date"]
    checked = kind.params.model_validate(params)
    own = kind.read(checked, [sign(one.strip()) for one in signs], RULES)
    assert kind.relate is not None
    return kind.relate(checked, own, {"元号": circled} if circled else {})


def test_a_date_with_its_circled_era() -> None:
    assert dated(" 8 4 1", era("R")).value == "2026-04-01"
    assert dated("300405", era("平成")).value == "2018-04-05"
    assert dated("300405", era("平成")).state == "read"


def test_a_date_that_the_era_does_not_have_is_a_conflict() -> None:
    reading = dated("320405", era("平成"))
    assert reading.state == "conflict"
    assert "平成にない日付" in reading.why[0]
    assert dated("300230", era("平成")).why == ("「平成 30.02.30」は暦にない日付です。",)


def test_a_date_waits_for_its_era() -> None:
    assert dated("300405", era("", "blank")).why == ("元号が選ばれていません",)
    assert dated("300405", era("", "conflict")).why == ("元号が確かに読めません",)
    assert dated("      ", era("平成")).why == ("元号だけが選ばれ、日付が書かれていません",)
    assert dated("      ", era("", "blank")).state == "blank"


def test_a_date_with_a_part_missing_is_doubted() -> None:
    reading = dated("30  05", era("平成"))
    assert reading.state == "unsure"
    assert reading.why[0] == "月が書かれていません"


def test_a_printed_era_and_a_western_year_need_no_other_field() -> None:
    assert dated("080401", None, {**DATE, "era": "令和"}).value == "2026-04-01"
    western: dict[str, object] = {"kind": "date", "at": [70, 60, 48, 8], "cells": {"年": 4, "月": 2, "日": 2}}
    assert dated("20260401", None, western).value == "2026-04-01"


def test_typed_dates() -> None:
    assert typed(DATE, "R8.4.1") == "2026-04-01"
    assert typed(DATE, "") == ""
    with pytest.raises(ValueError, match="暦にない日付"):
        typed(DATE, "令和8年2月30日")


TABLE: dict[str, object] = {
    "kind": "table",
    "at": [20, 100, 100, 20],
    "rows": 2,
    "columns": {
        "品目": {"kind": "text", "width": 60},
        "数量": {"kind": "digits", "cells": 3, "short": True},
        "選択": "check",
    },
}


def test_a_table_reads_its_columns_row_by_row() -> None:
    empty, marked = (Mark("empty", 1.0, ()),), (Mark("marked", 1.0, ()),)
    row: list[Answer] = [sign("チョーク"), sign(""), sign("1"), sign("2"), marked]
    blank: list[Answer] = [sign(""), sign(""), sign(""), sign(""), empty]
    reading = read(TABLE, [*row, *blank])
    assert [{name: one.value for name, one in each.items()} for each in reading.rows] == [
        {"品目": "チョーク", "数量": "12", "選択": "選択"},
        {"品目": "", "数量": "", "選択": ""},
    ]
    assert reading.certain


def test_a_doubt_in_a_table_names_its_row_and_column() -> None:
    empty = (Mark("empty", 1.0, ()),)
    row: list[Answer] = [
        sign("チョーク", 0.5, why=("二つの読み取りが違います",)),
        sign("1"),
        sign("1"),
        sign("2"),
        empty,
    ]
    reading = read(TABLE, [*row, sign(""), sign(""), sign(""), sign(""), empty])
    assert (reading.state, reading.why[0]) == ("unsure", "1 行目の品目: 二つの読み取りが違います")


def test_a_column_of_an_unknown_kind_is_told() -> None:
    with pytest.raises(ValueError, match="列「数量」に「数」という種類は使えません"):
        all_fields()["table"].params.model_validate({**TABLE, "columns": {"数量": "数"}})


CHECK: dict[str, object] = {
    "kind": "check",
    "options": {"新規": [30, 40, 4, 4], "継続": [50, 40, 4, 4], "再申請": [70, 40, 4, 4]},
}


def marked(*states: str, confidence: float = 0.9999) -> list[Answer]:
    whys = {"cancelled": ("二重線で消されています",), "unclear": ("印が薄く、はっきりしません",)}
    return [tuple(Mark(state, confidence, whys.get(state, ())) for state in states)]  # type: ignore[arg-type]


def test_a_choice() -> None:
    reading = read(CHECK, marked("empty", "marked", "empty"))
    assert (reading.value, reading.cells, reading.state) == ("継続", ("", "継続", ""), "read")


def test_a_row_left_blank_stays_blank() -> None:
    reading = read(CHECK, marked("empty", "empty", "empty"))
    assert (reading.value, reading.state) == ("", "blank")


def test_two_marks_where_one_is_wanted_are_a_conflict_that_names_them() -> None:
    reading = read(CHECK, marked("marked", "marked", "empty"))
    assert reading.state == "conflict"
    assert reading.why[0] == "1 つだけ選ぶ欄に「新規」「継続」の 2 つの印があります"
    many = read({**CHECK, "pick": "any"}, marked("marked", "marked", "empty"))
    assert (many.value, many.state) == ("新規、継続", "read")


def test_cancelled_and_unclear_marks_are_a_persons() -> None:
    cancelled = read(CHECK, marked("cancelled", "marked", "empty"))
    assert (cancelled.value, cancelled.state, cancelled.why) == ("継続", "unsure", ("新規: 二重線で消されています",))
    assert read(CHECK, marked("empty", "unclear", "empty")).state == "unsure"
    assert read(CHECK, marked("empty", "marked", "empty", confidence=0.99)).state == "unsure"


def test_typed_choices() -> None:
    assert typed(CHECK, "継続") == "継続"
    assert typed({**CHECK, "pick": "any"}, "再申請 新規") == "新規、再申請"
    assert typed({**CHECK, "pick": "any"}, "") == ""
    with pytest.raises(ValueError, match="もしかして: 再申請"):
        typed(CHECK, "再申込")
    with pytest.raises(ValueError, match="選べるのは 1 つだけ"):
        typed(CHECK, "新規、継続")
