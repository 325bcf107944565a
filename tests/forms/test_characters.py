"""The character engine on cells that are printed, filled in and scanned: what is read, and what never is."""

from __future__ import annotations

import hashlib
import io
import json
from collections import Counter
from dataclasses import replace
from itertools import product
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from bench.grids import Figures, file_of, grid_form, measure, read_into, sheets
from ocr.ask import DIGITS, KATAKANA, LATIN
from ocr.draw.font import font_data
from ocr.engine import Cut
from ocr.engines.cells import CellsEngine
from ocr.engines.networks import CARD, load_model
from ocr.page import Grey
from practice.paper.sources import Digits
from train.classes import CLASSES, INDEX, LOOKS
from train.glyphs import Bank, digit_bank
from train.sheets import Desk
from train.spoil import quality

DATA = Path(__file__).parent / "data" / "digits.npz"


@pytest.fixture(scope="module")
def engine() -> CellsEngine:
    return CellsEngine()


@pytest.fixture(scope="module")
def digits() -> Bank:
    """Real handwritten digits that the network never saw."""
    with np.load(DATA) as file:
        return digit_bank(file["pictures"], file["labels"])


def test_handwritten_digits_are_read_and_the_accepted_ones_are_right(engine: CellsEngine, digits: Bank) -> None:
    """On the sheets that the network was trained on: careless and faint writing, stains, cells laid beside their place.

    Each digit is written on twelve sheets: two in a thousand can't be told from one another in fewer cells.
    """
    right, cells, accepted, wrong = Counter[str](), Counter[str](), 0, list[str]()
    for seed, how in product(range(11, 15), ("clean", "scan", "fax")):
        desk = Desk(digits, {"digits": 1.0}, seed, in_order=True)
        while desk.waiting:
            _, written, cuts = desk.sheet(quality(how, desk.rng), rejects=0, empty=0.0)
            for one, guess in zip(written, engine.read(cuts), strict=True):
                if one.label == INDEX["blank"]:
                    continue
                truth = CLASSES[one.label]
                cells[how] += 1
                right[how] += guess.text == truth
                sure = guess.state == "read" and guess.confidence >= 0.999
                accepted += sure
                if sure and guess.text != truth:
                    wrong.append(f"{how} {seed}: {truth} → {guess.text} ({guess.confidence})")
    assert set(cells.values()) == {4 * len(digits.label)}
    assert min(right.values()) >= 0.975 * 4 * len(digits.label)
    assert right.total() >= 0.98 * cells.total()
    assert accepted >= 0.84 * cells.total()
    assert len(wrong) <= 0.002 * accepted, wrong


def test_digits_on_a_printed_form_scanned_by_another_hand_keep_the_promise(tmp_path: Path) -> None:
    """The paper and the scanner of practice.paper, which drew nothing of the training; laid, cut and read as in a run."""
    with np.load(DATA) as file:
        known = Digits({digit: file["pictures"][file["labels"] == digit] for digit in range(10)}, {})
    form = grid_form()
    found = measure(form, sheets(form, known, 3, 20), tmp_path)["scan"]
    assert (found.pages, found.refused) == (3, 0)
    assert found.right >= 0.99 * found.cells
    assert found.accepted >= 0.9 * found.cells
    assert found.wrong <= 1, found.wrong_cells
    assert (found.invented, found.boxes_wrong) == (0, 0)


def test_what_shines_through_from_the_other_side_is_no_value(tmp_path: Path) -> None:
    """Another sheet mirrored in the first one's empty cells, as thin paper shows it."""
    with np.load(DATA) as file:
        known = Digits({digit: file["pictures"][file["labels"] == digit] for digit in range(10)}, {})
    form, found = grid_form(), Figures()
    fronts, backs = sheets(form, known, 3, 36), sheets(form, known, 3, 37)
    for (how, values, data), (_, _, behind) in zip(fronts, backs, strict=True):
        front, back = (np.asarray(Image.open(io.BytesIO(one)).convert("L"), np.float32) for one in (data, behind))
        through = cv2.GaussianBlur(cv2.resize(np.ascontiguousarray(back[:, ::-1]), front.shape[::-1]), (0, 0), 0.7)
        page = np.clip(front - (through.max() - through) * 0.18, 0, 255).astype(np.uint8)
        (tmp_path / "page.jpg").write_bytes(file_of(page, how))
        read_into(found, form, tmp_path / "page.jpg", values)
    assert (found.refused, found.invented, found.wrong, found.boxes_wrong) == (0, 0, 0, 0)
    assert found.empty >= 50 and found.accepted >= 0.85 * found.cells


def test_specks_all_over_a_scan_send_no_empty_cell_to_a_person(tmp_path: Path) -> None:
    """Each five-hundredth pixel black or white, so that nearly every second empty cell holds specks."""
    with np.load(DATA) as file:
        known = Digits({digit: file["pictures"][file["labels"] == digit] for digit in range(10)}, {})
    form = grid_form()
    found = measure(form, sheets(form, known, 4, 20, specks=0.002), tmp_path)
    for told in found.values():
        assert (told.refused, told.invented) == (0, 0)
        assert told.doubted <= 0.04 * told.empty
        assert told.right >= 0.97 * told.cells


@pytest.mark.parametrize("how", ["clean", "scan", "fax", "bilevel"])
def test_an_empty_cell_never_becomes_a_digit(engine: CellsEngine, digits: Bank, how: str) -> None:
    desk = Desk(digits, {"digits": 1.0}, 12)
    for empty in (1.0, 0.5):
        _, written, cuts = desk.sheet(quality(how, desk.rng), rejects=0, empty=empty)
        for one, guess in zip(written, engine.read(cuts), strict=True):
            if one.label == INDEX["blank"]:
                assert guess.state in ("blank", "unsure")
                assert guess.state == "blank" or guess.confidence < 0.999


def test_a_digit_that_was_struck_out_is_not_accepted(engine: CellsEngine, digits: Bank) -> None:
    desk = Desk(digits, {"digits": 1.0}, 13)
    struck = told = 0
    for _ in range(2):
        _, written, cuts = desk.sheet(quality("clean", desk.rng), rejects=0.6)
        for one, guess in zip(written, engine.read(cuts), strict=True):
            if CLASSES[one.label] == "struck":
                struck += 1
                assert guess.state != "blank"
                assert guess.state == "unsure" or guess.confidence < 0.999
                told += "線で消されています" in guess.why
    assert struck > 50
    assert told > 0.7 * struck


def test_a_line_of_the_form_through_the_cell_is_no_ink(engine: CellsEngine) -> None:
    """Print that lies 0.4 mm off, bolder or fainter than in the blank form, is still the form's."""
    for off in (-3, 0, 3):
        for thick, dark in ((1, 160), (2, 0), (4, 0)):
            blank, scan = _paper(), _paper()
            cv2.rectangle(blank, (10, 10), (57, 65), 0, 2)
            cv2.rectangle(scan, (10 + off, 10 - off), (57 + off, 65 - off), dark, thick)
            (guess,) = engine.read([Cut(scan, blank, 8.0, (10, 10, 48, 56), DIGITS)])
            assert (guess.text, guess.state) == ("", "blank")


@pytest.mark.parametrize(("left", "empty"), [(11, True), (24, False)])
def test_the_rest_of_a_grey_rule_leaves_the_cell_empty(engine: CellsEngine, left: int, empty: bool) -> None:
    """Beside dark digits; as pale a stroke amid the cell is not said to be nothing."""
    blank = _paper()
    blank[10:66, 9:11] = 200
    cuts = []
    with np.load(DATA) as file:
        for picture in file["pictures"][:5]:
            scan = blank.copy()
            scan[18:58, 14:54] = np.minimum(scan[18:58, 14:54], 255 - cv2.resize(picture, (40, 40)))
            cuts.append(Cut(scan, blank, 8.0, (10, 10, 48, 56), DIGITS))
    scan = blank.copy()
    scan[28:44, left : left + 4] = 221
    *written, last = engine.read([*cuts, Cut(scan, blank, 8.0, (10, 10, 48, 56), DIGITS)])
    assert all(one.state == "read" for one in written)
    assert ((last.state, last.text) == ("blank", "") and last.confidence >= 0.999) == empty


def test_a_stroke_across_the_frame_is_kept_and_told(engine: CellsEngine, digits: Bank) -> None:
    blank, scan = _paper(), _paper()
    cv2.rectangle(blank, (10, 10), (57, 65), 0, 2)
    cv2.rectangle(scan, (10, 10), (57, 65), 0, 2)
    cv2.line(scan, (34, 36), (34, 75), 40, 4, cv2.LINE_AA)
    (guess,) = engine.read([Cut(scan, blank, 8.0, (10, 10, 48, 56), DIGITS)])
    assert guess.state == "unsure"
    assert "文字が枠からはみ出しています" in guess.why


def test_a_long_stroke_that_is_nearly_all_in_its_cell_is_read(engine: CellsEngine) -> None:
    scan = _paper()
    cv2.line(scan, (36, 14), (33, 75), 40, 4, cv2.LINE_AA)
    (guess,) = engine.read([Cut(scan, _paper(), 8.0, (10, 10, 48, 56), DIGITS)])
    assert (guess.text, guess.state) == ("1", "read")


@pytest.mark.parametrize("pen", [4, 8])
@pytest.mark.parametrize("beyond", [2, 5, 8])
def test_a_digit_larger_than_its_cell_is_not_taken_for_nothing(engine: CellsEngine, beyond: int, pen: int) -> None:
    """Most of a 0 that goes around the cell lies outside of it, as a neighbour's does."""
    scan = _paper()
    cv2.ellipse(scan, (34, 38), (22 + beyond, 26 + beyond), 0, 0, 360, 40, pen, cv2.LINE_AA)
    cv2.line(scan, (30 + beyond, 0), (30 + beyond, 60), 40, pen, cv2.LINE_AA)
    (guess,) = engine.read([Cut(scan, _paper(), 8.0, (10, 10, 48, 56), DIGITS)])
    assert guess.state in ("read", "unsure")
    assert guess.state == "unsure" or guess.text == "0"


@pytest.mark.parametrize("lean", [0, 4])
def test_a_digit_between_two_cells_is_in_neither_for_nothing(engine: CellsEngine, lean: int) -> None:
    between = np.full((76, 116), 245, np.uint8)
    cv2.line(between, (58 + lean, 18), (58 - lean, 58), 40, 4, cv2.LINE_AA)
    both = [between[:, :68], between[:, 48:]]
    guesses = engine.read([Cut(np.ascontiguousarray(one), _paper(), 8.0, (10, 10, 48, 56), DIGITS) for one in both])
    assert all(one.state != "blank" or one.confidence < 0.999 for one in guesses)
    assert any(one.why for one in guesses)


@pytest.mark.parametrize("gap", [1, 2, 3])
def test_a_neighbours_stroke_that_ends_at_the_rule_is_not_taken_for_the_digits(engine: CellsEngine, gap: int) -> None:
    """Both come close to the printed line between them, neither crosses it."""
    blank, scan = _paper(), _paper()
    for one in (blank, scan):
        cv2.rectangle(one, (10, 10), (57, 65), 0, 2)
    cv2.ellipse(scan, (42 - gap, 38), (13, 18), 0, 0, 360, 30, 4, cv2.LINE_AA)
    cv2.line(scan, (60 + gap, 36), (67, 40), 30, 4)
    (guess,) = engine.read([Cut(scan, blank, 8.0, (10, 10, 48, 56), DIGITS)])
    assert (guess.text, guess.state, guess.why) == ("0", "read", ())


def test_flecks_that_make_a_character_are_not_taken_for_nothing(engine: CellsEngine) -> None:
    """On a paper full of flecks a cell with no more of them is empty; but not where they stand in a line as those of a 1."""
    rng = np.random.default_rng(4)

    def flecked(*places: tuple[int, int]) -> Cut:
        scan = _paper()
        for x, y in places:
            scan[y : y + 2, x : x + 2] = 120
        return Cut(scan, _paper(), 8.0, (10, 10, 48, 56), DIGITS)

    def by_chance() -> Cut:
        return flecked(*((int(x), int(y)) for x, y in rng.uniform((14, 14), (52, 60), (6, 2))))

    torn = flecked(*((33, 19 + 6 * step) for step in range(6)))
    bare = [by_chance() for _ in range(30)]
    *empty, one = engine.begin([by_chance() for _ in range(20)] + [torn], lambda: bare)()
    assert sum(guess.state == "blank" for guess in empty) >= 16
    assert one.state != "blank"


@pytest.mark.parametrize("torn", [True, False])
def test_three_dots_are_dust_unless_the_scan_tears_strokes_to_dots(engine: CellsEngine, torn: bool) -> None:
    def dotted(side: int, *places: tuple[float, float]) -> Cut:
        scan = _paper()
        for x, y in places:
            scan[round(y) : round(y) + side, round(x) : round(x) + side] = 60
        return Cut(scan, _paper(), 8.0, (10, 10, 48, 56), DIGITS)

    ring = [(33 + 13 * np.cos(turn), 37 + 18 * np.sin(turn)) for turn in np.arange(0, 2 * np.pi, np.pi / 6)]
    others = [dotted(3, *ring) if torn else dotted(9, (22, 40)) for _ in range(3)]
    empty = [Cut(_paper(), _paper(), 8.0, (10, 10, 48, 56), DIGITS) for _ in range(20)]
    few = dotted(1, (40, 24), (36, 33), (28, 50))
    *_, first, last = engine.begin([*others, *empty, few], lambda: empty)()
    assert first.state == "blank"
    assert (last.state == "blank") is not torn


def test_the_print_that_is_kept_is_that_of_the_very_blank(engine: CellsEngine) -> None:
    """Read-only pieces of a form are known again; a blank that somebody drew on since is looked at anew."""
    printed, plain, scan = _paper(), _paper(), _paper()
    for one in (printed, scan):
        cv2.ellipse(one, (34, 38), (13, 18), 0, 0, 360, 30, 3, cv2.LINE_AA)
    inner = (10, 10, 48, 56)
    drawn, empty = printed.copy(), plain.copy()
    for kept in (drawn, empty):
        kept.flags.writeable = False
    for _ in range(2):
        known = [engine.read([Cut(scan, blank, 8.0, inner, DIGITS)])[0] for blank in (drawn, empty)]
        assert [one.state == "blank" for one in known] == [True, False]
        own = printed.copy()
        before = engine.read([Cut(scan, own, 8.0, inner, DIGITS)])[0]
        own[:] = plain
        after = engine.read([Cut(scan, own, 8.0, inner, DIGITS)])[0]
        assert (before, after) == (known[0], known[1])


def test_only_what_the_cell_allows_is_answered(engine: CellsEngine, digits: Bank) -> None:
    desk = Desk(digits, {"digits": 1.0}, 14)
    _, _, cuts = desk.sheet(quality("clean", desk.rng), rejects=0)
    for allowed in (LATIN, KATAKANA, "37", "-"):
        for guess in engine.read([replace(one, allowed=allowed) for one in cuts[:60]]):
            assert set(guess.text) <= set(allowed)
            assert {text for text, _ in guess.ranked} <= set(allowed)


def test_a_round_character_is_zero_where_digits_stand_and_o_where_letters_do(engine: CellsEngine) -> None:
    blank, scan = _paper(), _paper()
    cv2.ellipse(scan, (34, 38), (13, 18), 0, 0, 360, 30, 3, cv2.LINE_AA)
    inner = (10, 10, 48, 56)
    texts = [
        guess.text for guess in engine.read([Cut(scan, blank, 8.0, inner, allowed) for allowed in (DIGITS, LATIN)])
    ]
    assert texts == ["0", "O"]


@pytest.mark.parametrize("name", ["ヨコヤマヨウイチ", "シバタリョウヘイ", "マツイユウヤ"])
def test_who_writes_small_writes_small_letters_smaller(engine: CellsEngine, name: str) -> None:
    """Letters of 2 mm: as large as another's small ones."""
    assert "".join(guess.text for guess in engine.read(_kana(name, 16))) == name


@pytest.mark.parametrize("shape", [(1, 1), (2, 60), (60, 2), (75, 67), (900, 700)])
@pytest.mark.parametrize("fill", [0, 127, 255])
def test_odd_pictures_are_answered_without_a_character_for_certain(
    engine: CellsEngine, shape: tuple[int, int], fill: int
) -> None:
    image: Grey = np.full(shape, fill, np.uint8)
    blank: Grey = np.full(shape, 255, np.uint8)
    (guess,) = engine.read([Cut(image, blank, 8.0, (0, 0, shape[1], shape[0]), DIGITS)])
    assert guess.state != "read" or guess.confidence < 0.999


def test_the_networks_are_those_of_their_card(tmp_path: Path) -> None:
    card = json.loads(CARD.read_text(encoding="utf-8"))
    told = [card["first"], *card["looks"]]
    files = {one["file"]: CARD.with_name(one["file"]).read_bytes() for one in told}
    assert [hashlib.sha256(files[one["file"]]).hexdigest() for one in told] == [one["sha256"] for one in told]
    assert sum(map(len, files.values())) <= 2_000_000
    assert tuple(card["first"]["classes"]) == CLASSES
    assert {one["group"]: tuple(one["classes"]) for one in card["looks"]} == LOOKS
    assert {path.name for path in CARD.parent.glob("*.onnx")} == set(files)
    (tmp_path / CARD.name).write_text(json.dumps(card), encoding="utf-8")
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    load_model(tmp_path / CARD.name)
    for name, data in files.items():
        (tmp_path / name).write_bytes(data + b"x")
        with pytest.raises(ValueError, match="入れ直して"):
            load_model(tmp_path / CARD.name)
        (tmp_path / name).write_bytes(data)


def test_spelling_settles_a_size_that_could_be_either(engine: CellsEngine) -> None:
    """ョ stands behind キ, never behind サ: of sizes between ヨ and ョ more are ヨ there; a clear ョ is read in both places."""
    (whole,) = _kana("ヨ", 28)

    def shrunk(share: float) -> Cut:
        about = np.array([[share, 0, 34 * (1 - share)], [0, share, 38 * (1 - share)]])
        return replace(whole, image=np.asarray(cv2.warpAffine(whole.image, about, (68, 76), borderValue=245)))

    def small(word: str) -> list[bool]:
        """For each size of the second letter, whether it is read as ョ."""
        fields = [[*_kana(word[0], 28), shrunk(0.7 + step / 200), *_kana(word[2:], 28)] for step in range(61)]
        return ["".join(guess.text for guess in engine.read(cuts)) == word.replace("ヨ", "ョ") for cuts in fields]

    behind_ki, behind_sa = small("キヨコナカ"), small("サヨコナカ")
    assert behind_ki[0] and behind_sa[0] and not behind_ki[-1] and not behind_sa[-1]
    assert sum(behind_sa) < sum(behind_ki)


def _paper() -> Grey:
    return np.full((76, 68), 245, np.uint8)


def _kana(text: str, high: int) -> list[Cut]:
    """The cells of one field, with letters so many px high."""
    font, cuts = ImageFont.truetype(io.BytesIO(font_data()), high), []
    for sign in text:
        scan = Image.fromarray(_paper())
        ImageDraw.Draw(scan).text((34, 38), sign, 50, font, anchor="mm")
        cuts.append(Cut(np.asarray(scan), _paper(), 8.0, (10, 10, 48, 56), KATAKANA))
    return cuts
