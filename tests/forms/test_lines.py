"""Lines of text, from a scanned box to a field: read, blank, or honestly doubtful."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

import ocr
from ocr.addresses import compare_address, known_place, misspelt_place
from ocr.all_engines import LINE_ENGINES, engine_named
from ocr.ask import DIGITS, Guess, LineAsk
from ocr.characters import beyond_cp932, fold, variant_doubts
from ocr.engine import Cut, EngineMissing
from ocr.field import Rules
from ocr.fields.text import FIELD, TextParams
from ocr.line_words import Readings, by_words
from ocr.lines import LINE_MARGIN_MM, LINE_PX_PER_MM, read_lines
from ocr.page import Grey
from ocr.reading import Box, FieldReading

FONT = Path(ocr.__file__).parent / "fonts" / "BIZUDGothic-Regular.ttf"
MARGIN = round(LINE_MARGIN_MM * LINE_PX_PER_MM)


@pytest.fixture
def fresh_engines() -> Iterator[None]:
    engine_named.cache_clear()
    yield
    engine_named.cache_clear()


def box(
    *lines: str,
    width: float = 90,
    height: float = 9,
    size: float = 4.5,
    ink: int = 30,
    words: tuple[str, ...] = (),
    allowed: str = "",
) -> Cut:
    """Printed lines in a ruled box, scanned with a little blur and noise, the rules a little off their place."""
    scale = LINE_PX_PER_MM
    inner = (MARGIN, MARGIN, round(width * scale), round(height * scale))
    corner = (MARGIN + inner[2], MARGIN + inner[3])
    blank: Grey = np.full((inner[3] + 2 * MARGIN, inner[2] + 2 * MARGIN), 255, np.uint8)
    ruled = blank.copy()
    cv2.rectangle(blank, (MARGIN, MARGIN), corner, 0, 2)
    cv2.rectangle(ruled, (MARGIN + 1, MARGIN - 1), (corner[0] + 1, corner[1] - 1), 20, 2)
    picture = Image.fromarray(ruled)
    font = ImageFont.truetype(FONT, round(size * scale))
    for number, line in enumerate(lines):
        middle = MARGIN + inner[3] * (2 * number + 1) / (2 * len(lines))
        ImageDraw.Draw(picture).text((MARGIN + 1.5 * scale, middle), line, ink, font, anchor="lm")
    noise = np.random.default_rng(len("".join(lines))).normal(0, 4, ruled.shape)
    scanned = cv2.GaussianBlur(np.asarray(picture), (0, 0), 0.8).astype(np.float32) * 0.9 + 12 + noise
    return Cut(np.clip(scanned, 0, 255).astype(np.uint8), blank, scale, inner, allowed, words)


def read(cut: Cut) -> Guess:
    (guess,) = read_lines([cut])
    return guess


def test_names_and_addresses_are_read_in_order() -> None:
    texts = ["佐藤花子", "", "東京都千代田区千代田1-1", "コーポさくら203号室", "鈴木一郎"]
    guesses = read_lines([box(*([text] if text else [])) for text in texts])
    assert [guess.text for guess in guesses] == texts
    assert guesses[1].state == "blank"
    assert guesses[1].confidence > 0.999


def test_two_readers_that_agree_are_surer_than_one() -> None:
    both, alone = read(box("佐藤花子")), read_lines([box("佐藤花子")], ("rapidocr",))[0]
    if both.reader == "rapidocr":
        pytest.skip("no tesseract here")
    assert (both.text, both.state, both.reader) == ("佐藤花子", "read", "rapidocr+tesseract")
    assert alone.reader == "rapidocr"
    assert both.confidence > 0.99
    assert both.confidence >= alone.confidence


def test_readers_that_differ_are_told_with_what_differs() -> None:
    # The second reader does not know this writing: katakana in a name between kanji, faint and small.
    cuts = [box(text, size=2.6, ink=120) for text in ("中野陽葵", "轟琉偉", "御手洗紬", "小鳥遊凪", "四十八願律")]
    guesses = [guess for guess in read_lines(cuts) if guess.reader != "rapidocr"]
    if not guesses:
        pytest.skip("no tesseract here")
    different = [guess for guess in guesses if any("2 つの読み取りが違います" in why for why in guess.why)]
    assert different
    field = TextParams(kind="text", at=(30, 100, 150, 10))
    assert {FIELD.read(field, [guess], Rules(0.001)).state for guess in different} == {"unsure"}


def test_without_tesseract_rapidocr_reads_alone(fresh_engines: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(EngineMissing, match="tesseract がありません"):
        engine_named("tesseract")
    guess = read(box("佐藤花子"))
    assert (guess.text, guess.reader) == ("佐藤花子", "rapidocr")
    with pytest.raises(EngineMissing):
        read_lines([box("佐藤花子")], ("tesseract",))


def test_tesseract_can_be_the_only_reader() -> None:
    try:
        engine_named("tesseract")
    except EngineMissing as missing:
        pytest.skip(str(missing))
    guess = read_lines([box("佐藤花子")], ("tesseract",))[0]
    assert (guess.text, guess.reader) == ("佐藤花子", "tesseract")
    assert guess.confidence < 0.999


def test_two_lines_in_one_box_are_joined() -> None:
    assert (
        read(box("長野県長野市大字鶴賀", "緑町1613番地", height=14, size=4)).text == "長野県長野市大字鶴賀緑町1613番地"
    )


def test_the_neighbours_writing_is_not_read() -> None:
    one = box("佐藤花子")
    image = one.image.copy()
    image[-10:, 40:300:7] = 20  # strokes of the box below reach into the margin
    assert read(Cut(image, one.blank, one.px_per_mm, one.inner)).text == "佐藤花子"
    empty = box()
    image = empty.image.copy()
    image[-10:, 40:300:7] = 20
    assert read(Cut(image, empty.blank, empty.px_per_mm, empty.inner)).state == "blank"


def test_the_forms_own_print_is_not_read() -> None:
    printed = box("フリガナ")
    guess = read(
        Cut(printed.image, np.where(printed.image < 150, 0, 255).astype(np.uint8), printed.px_per_mm, printed.inner)
    )
    assert (guess.text, guess.state) == ("", "blank")


def test_letters_torn_to_dust_are_a_persons() -> None:
    one = box("山口律")
    image = one.image.copy()
    pepper = np.random.default_rng(2).random(image.shape) < 0.3
    inside = (slice(MARGIN + 8, -MARGIN - 8), slice(MARGIN + 8, MARGIN + 90))
    image[inside] = np.where((image[inside] < 120) & pepper[inside], 20, 240)
    guess = read(Cut(image, one.blank, one.px_per_mm, one.inner))
    assert guess.state in ("unsure", "unreadable")


def test_only_allowed_characters_are_answered() -> None:
    assert read(box("O12-3456", allowed=DIGITS + "-")).text.replace("0", "", 1) == "12-3456"


def test_a_variant_character_is_never_certain_by_itself() -> None:
    for name in ("高橋花子", "髙橋花子", "山崎一郎", "渡邉花子"):
        guess = read(box(name))
        assert guess.state == "unsure", name
        assert any("かを確かめてください" in why for why in guess.why), name
    assert any("「髙」" in why for why in read(box("高橋花子")).why)


@pytest.mark.parametrize(("text", "other"), [("黑田碧", "黒"), ("八ロ9番地", "口")])
def test_a_sign_that_the_recogniser_takes_for_its_twin_is_a_persons(text: str, other: str) -> None:
    (guess,) = engine_named("rapidocr").read([box(text)])
    if guess.text == text:
        assert guess.state == "unsure"
        assert any(f"か「{other}」かを確かめてください" in why for why in guess.why)


def test_the_post_offices_place_names_settle_variant_characters() -> None:
    assert not variant_doubts("高知県高知市本町", range(known_place("高知県高知市本町")))
    guess = read(box("高知県高知市本町5丁目1番45号"))
    assert guess.text == "高知県高知市本町5丁目1番45号"
    assert not any("確かめてください" in why for why in guess.why)


def test_a_city_that_is_none_was_read_wrongly() -> None:
    (guess,) = read_lines([box("兵庫県加占川市東神吉町25番地")])
    assert guess.state == "unsure"
    assert any("市区町村の名前として一覧にありません" in why for why in guess.why)
    for text in ("兵庫県加古川市東神吉町25番地", "茨城県龍ヶ崎市1番地", "青森県板柳町2番地", "見本県手本市旭町1番地"):
        assert not misspelt_place(text), text


def test_the_word_list_settles_variant_characters_and_spaces() -> None:
    words = ("髙橋　花子", "佐藤　一郎", "鈴木　次郎")
    guess = read(box("高橋花子", words=words))
    assert (guess.text, guess.state) == ("髙橋　花子", "read")
    both = read(box("高橋花子", words=(*words, "高橋　花子")))
    assert both.state == "unsure"
    assert "「髙橋　花子」か「高橋　花子」" in both.why[0]


def test_a_word_that_is_not_listed_is_not_made_one() -> None:
    guess = read(box("佐藤花子", words=("佐藤花代", "鈴木一郎")))
    assert (guess.text, guess.state) == ("佐藤花子", "unsure")
    assert "佐藤花代" in guess.why[0]


def test_the_list_decides_where_the_reader_could_not() -> None:
    weak = Readings("田中沙紀", 0.4, False, ("田中沙紀", "田中沙織"), "田申沙織")
    assert by_words(weak, ("田中沙織", "山本太郎"), 0.999, "rapidocr").text == "田中沙織"
    near = by_words(weak, ("田中沙織", "田中沙羅"), 0.999, "rapidocr")
    assert near.text == "田中沙織"
    far = Readings("田中沙紀", 0.4, False, ("田中沙紀",), "")
    assert by_words(far, ("田中沙織", "田中沙羅"), 0.999, "rapidocr").state == "unsure"


def test_ranked_begins_with_the_reading() -> None:
    guess = read(box("佐藤花子"))
    assert guess.ranked[0] == (guess.text, guess.confidence)
    assert sum(chance for _, chance in guess.ranked) <= 1.0001


def test_texts_compare_in_their_plain_form() -> None:
    assert fold("東京都　１－２−３ ｶﾅ") == "東京都 1-2-3 カナ"
    assert beyond_cp932("𠮷田髙﨑") == "𠮷"


@pytest.mark.parametrize(
    ("code", "address", "verdict"),
    [
        ("1000001", "東京都千代田区千代田1-1", "agrees"),
        ("1000001", "千代田区千代田1番1号", "agrees"),
        ("1000001", "東京都港区芝1-1", "differs"),
        ("1000001", "東京都千代田区", "differs"),
        ("0640941", "札幌市中央区旭ヶ丘4丁目", "agrees"),
        ("9999999", "東京都千代田区千代田1-1", "unknown_code"),
    ],
)
def test_an_address_is_compared_with_its_postal_code(code: str, address: str, verdict: str) -> None:
    assert compare_address(code, address).verdict == verdict


PARAMS = TextParams(kind="text", at=(30, 100, 150, 10), agrees_with="郵便番号")
RULES = Rules(0.001)


def address(text: str, confidence: float = 0.9995, why: tuple[str, ...] = ()) -> FieldReading:
    guess = Guess(text, confidence, "unsure" if why else "read", why, "rapidocr+tesseract")
    return FIELD.read(PARAMS, [guess], RULES)


def postal(value: str, state: str = "read") -> dict[str, FieldReading]:
    return {"郵便番号": FieldReading(value, tuple(value), 0.9999, state, (), Box(0, 0, 0, 9, 9), "cells")}  # type: ignore[arg-type]


def related(reading: FieldReading, others: dict[str, FieldReading]) -> FieldReading:
    assert FIELD.relate is not None
    return FIELD.relate(PARAMS, reading, others)


def test_the_field_asks_for_a_line_with_its_words_and_its_postal_code() -> None:
    params = TextParams(kind="text", at=(30, 100, 150, 10), words="names.txt")
    (ask,) = FIELD.asks(params, Rules(0.001, {"names.txt": ("佐藤花子",)}))
    assert ask == LineAsk(Box(0, 30, 100, 150, 10), "", ("佐藤花子",))
    assert FIELD.needs(PARAMS) == ("郵便番号",)


def test_an_address_that_goes_against_its_postal_code_is_a_conflict() -> None:
    found = related(address("東京都港区芝1-1"), postal("1000001"))
    assert found.state == "conflict"
    assert "100-0001" in found.why[-1]
    assert "東京都千代田区千代田" in found.why[-1]


def test_an_uncertain_postal_code_accuses_nobody() -> None:
    assert related(address("東京都港区芝1-1"), postal("1000001", "unsure")).state == "read"
    assert related(address("東京都港区芝1-1"), postal("")).state == "read"


def test_a_postal_code_that_agrees_settles_place_names_and_raises_the_confidence() -> None:
    doubt = variant_doubts("富山市桜町1-1")
    sure = related(address("富山市桜町1-1", why=doubt), postal("9300003"))
    assert (sure.state, sure.why) == ("read", ())
    assert sure.confidence > 0.9995
    house = "富山市桜町1-1高橋方"
    assert related(address(house, why=variant_doubts(house)), postal("9300003")).state == "unsure"


def test_a_reading_below_the_promise_is_a_persons() -> None:
    assert address("東京都港区芝1-1", 0.99).state == "unsure"
    assert FIELD.read(PARAMS, [Guess("港区芝", 0.99, "read", (), "rapidocr")], Rules(0.02)).state == "read"
    assert "外字" in address("𠮷田花子").why[0]


def test_what_a_person_types_is_kept_but_for_what_cant_be() -> None:
    assert FIELD.typed(PARAMS, " か\u3099くえん町　１ ") == "がくえん町　１"
    assert FIELD.typed(PARAMS, "") == ""
    digits = TextParams(kind="text", at=(30, 100, 150, 10), allowed=DIGITS)
    with pytest.raises(ValueError, match="この欄に書けません"):
        FIELD.typed(digits, "12A")
    with pytest.raises(ValueError, match="改行"):
        FIELD.typed(PARAMS, "一行目\n二行目")


def test_the_usual_engines_are_two() -> None:
    assert LINE_ENGINES == ("rapidocr", "tesseract")
