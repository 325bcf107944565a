"""Two readers of a line: what they are asked, and what may go on unseen where they differ."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pytest

import ocr.lines
from ocr.ask import Guess
from ocr.characters import composed, fold, variant_doubts
from ocr.engine import Cut
from ocr.field import Rules
from ocr.fields.text import FIELD, TextParams
from ocr.line_words import names_same
from ocr.lines import read_lines

PARAMS = TextParams(kind="text", at=(30, 100, 60, 9))
NAMES = ("井上　浩二", "橋本　葵", "橋本　茂", "佐藤　花子")


@dataclass
class Reader:
    """An engine that answers what it was told, and keeps what it was asked."""

    name: str
    answers: list[Guess]
    px_per_mm: float = 8.0
    margin_mm: float = 1.5
    asked: list[int] = field(default_factory=list)

    def read(self, cuts: Sequence[Cut]) -> list[Guess]:
        self.asked.append(len(cuts))
        return [self.answers.pop(0) for _ in cuts]


def said(text: str, confidence: float = 0.999, why: tuple[str, ...] = ()) -> Guess:
    state = "blank" if not text else "unsure" if why else "read"
    return Guess(text, confidence, state, why, "rapidocr")  # type: ignore[arg-type]


def read(
    monkeypatch: pytest.MonkeyPatch, pairs: Sequence[tuple[Guess, Guess]], words: tuple[str, ...] = ()
) -> tuple[list[Guess], Reader]:
    second = Reader("tesseract", [other for one, other in pairs if one.text and (words or not one.why)])
    readers: Mapping[str, Reader] = {"rapidocr": Reader("rapidocr", [one for one, _ in pairs]), "tesseract": second}
    monkeypatch.setattr(ocr.lines, "engine_named", readers.__getitem__)
    white = np.full((10, 10), 255, np.uint8)
    return read_lines([Cut(white, white, 8.0, (1, 1, 8, 8), "", words) for _ in pairs]), second


def accepted(guess: Guess, promise: float = 0.001) -> bool:
    return FIELD.read(PARAMS, [guess], Rules(promise)).certain


def test_nothing_goes_on_at_one_in_a_thousand_where_the_readers_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    (differ, agree), _ = read(monkeypatch, [(said("山田一郎方"), said("山出一郎方")), (said("山田方"), said("山田方"))])
    assert not accepted(differ)
    assert accepted(agree)


def test_a_list_does_not_hide_that_the_readers_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    pairs = [(said("橋本葵"), said("橋本壮")), (said("橋本葵"), said("橋本茂")), (said("橋本葵"), said("橋本葵"))]
    (garbled, another, same), _ = read(monkeypatch, pairs, NAMES)
    assert not accepted(garbled)
    assert not accepted(another)
    assert "2 つの読み取りが違います（「葵」と「茂」）" in another.why
    assert accepted(same)
    assert same.text == "橋本　葵"


def test_signs_of_one_shape_are_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    pairs = [(said("エコー旭1-2"), said("工コ一旭１ー２")), (said("ハイツ川口"), said("八イツ川ロ"))]
    guesses, _ = read(monkeypatch, pairs)
    assert [guess.text for guess in guesses] == ["エコー旭1-2", "ハイツ川口"]
    assert all(accepted(guess) for guess in guesses)


def test_a_sign_that_the_second_reader_does_not_have_is_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    pairs = [(said("旭町～桜台駅"), said(other)) for other in ("旭町桜台駅", "旭町て桜台駅", "旭町一桜合駅")]
    (left_out, taken, different), _ = read(monkeypatch, pairs)
    assert accepted(left_out)
    assert accepted(taken)
    assert not accepted(different)


def test_a_second_reader_that_could_not_make_it_out_does_not_contradict(monkeypatch: pytest.MonkeyPatch) -> None:
    pairs = [(said("橋本葵"), said("価木売", 0.01)), (said("橋本葵"), said("価木売", 0.999))]
    (lost, contradicted), _ = read(monkeypatch, pairs, NAMES)
    assert (lost.text, lost.state) == ("橋本　葵", "read")
    assert lost.confidence > contradicted.confidence
    assert not accepted(contradicted)


def test_a_list_settles_a_sign_of_one_shape(monkeypatch: pytest.MonkeyPatch) -> None:
    (one,), _ = read(monkeypatch, [(said("森工リ"), said("森エリ"))], ("森　エリ", "佐藤　花子"))
    assert (one.text, one.state) == ("森　エリ", "read")
    (several,), _ = read(monkeypatch, [(said("林二ナ"), said("林ニナ"))], ("林　ニナ", "林　二ナ"))
    assert several.state == "unsure"


def test_a_second_reading_that_can_only_be_the_same_name_backs_the_first() -> None:
    assert names_same("井上浩二", "井上洗二", NAMES)
    assert not names_same("橋本葵", "橋本壮", NAMES)
    assert not names_same("佐藤花子", "鈴木花代", NAMES)
    assert not names_same("井上浩一", "井上浩一", NAMES)


def test_a_listed_name_with_ink_left_unread_is_a_persons(monkeypatch: pytest.MonkeyPatch) -> None:
    why = ("読み飛ばした字があるかもしれません",)
    (guess,), _ = read(monkeypatch, [(said("橋本葵", why=why), said("橋本あおい子"))], NAMES)
    assert guess.state == "unsure"
    assert why[0] in guess.why


def test_the_second_reader_is_asked_only_what_it_can_decide(monkeypatch: pytest.MonkeyPatch) -> None:
    pairs = [(said(""), said("")), (said("山田方", why=("うすい",)), said("山田方")), (said("山田方"), said("山田方"))]
    guesses, second = read(monkeypatch, pairs)
    assert [guess.state for guess in guesses] == ["blank", "unsure", "read"]
    assert second.asked == [1]


@pytest.mark.parametrize("name", ["都築守", "山田太郎", "佐藤隆", "鈴木靖", "小林晴子", "清水一", "山内昇", "神谷彦一"])
def test_a_name_with_a_variant_is_settled_by_a_person_or_a_list(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    (alone,), _ = read(monkeypatch, [(said(name), said(name))])
    (listed,), _ = read(monkeypatch, [(said(name), said(name))], (name, "佐藤花子"))
    assert not accepted(alone)
    assert accepted(listed)


def test_every_compatibility_form_that_an_office_can_enter_is_doubted() -> None:
    forms = [chr(code) for code in range(0xF900, 0xFB00)]
    held = [
        form for form in forms if len(form.encode("cp932", "ignore")) and unicodedata.normalize("NFC", form) != form
    ]
    assert {"\ufa26", "\uf9dc", "\ufa1c", "\ufa12"} <= set(held)
    for form in held:
        usual = unicodedata.normalize("NFC", form)
        assert variant_doubts(usual), usual
        assert variant_doubts(form), form


def test_a_person_may_type_an_old_form_and_keeps_it() -> None:
    assert FIELD.typed(PARAMS, "\ufa26築　\uf9dc") == "\ufa26築　\uf9dc"
    assert composed("か\u3099\ufa26") == "が\ufa26"


def test_a_wave_between_places_is_one_sign_however_it_is_encoded() -> None:
    assert {fold(f"山際{wave}旭町") for wave in "~〜～∼"} == {"山際～旭町"}
