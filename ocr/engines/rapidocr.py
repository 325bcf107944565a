"""Text lines by the PP-OCRv6 small recogniser that rapidocr carries in its wheel, without its detector and downloads."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from pathlib import Path

import cv2
import numpy as np
import onnxruntime
from numpy.typing import NDArray

from ocr.ask import Guess
from ocr.characters import fold, in_context, office_character
from ocr.clean import LINE_MARGIN_MM, LINE_PX_PER_MM, Writing, writing
from ocr.engine import Cut, EngineMissing
from ocr.engines.alike import alike
from ocr.page import Grey

NAME = "rapidocr"
_MODEL = Path("models", "PP-OCRv6_rec_small.onnx")
_HEIGHT = 48
_WIDEST = 3200
_STEP = 32
"""Widths are filled up with white to a multiple of this, so that a batch has one width."""
_BATCH = 8
_RANKED = 8
_PER_CHARACTER = 4

_SLIGHT = 0.01
_SPACE = "　"
_SPACE_GAP = 0.65 * _HEIGHT
_DIGIT_GAP = 0.35 * _HEIGHT
_WIDER = 2.2
"""So many times the usual gap of the line is a wide one."""
_REACH = 34
"""Pixels of the network's input to each side that a character may cover: its own height is _HEIGHT at most."""
_LEFT_OUT = 6

Probabilities = NDArray[np.float32]
_Choices = tuple[tuple[str, float], ...]
_Place = tuple[int, str, _Choices]
"""The step of the network's output, the character there ("" for none), and what else it could be."""


class RapidocrEngine:
    """The engine ``rapidocr``: about 50 ms a line on one core, whatever the batch."""

    name = NAME
    px_per_mm = LINE_PX_PER_MM
    margin_mm = LINE_MARGIN_MM

    def __init__(self, threads: int = 1) -> None:
        """Raises EngineMissing where rapidocr's model is not installed."""
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        model = model_file()
        self._session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
        self._input = self._session.get_inputs()[0].name
        characters = self._session.get_modelmeta().custom_metadata_map["character"].split("\n")
        classes = self._session.get_outputs()[0].shape[2]
        self._characters = ["", *characters[: classes - 2], " "]
        self._alphabets: dict[str, _Alphabet] = {}

    def read(self, cuts: Sequence[Cut]) -> list[Guess]:
        written = [writing(cut) for cut in cuts]
        lines = [line for one in written for line in one.lines]
        alphabets = [self._alphabet(cut.allowed) for cut, one in zip(cuts, written, strict=True) for _ in one.lines]
        decoded = iter(self._decode(lines, alphabets))
        return [_guess(one, [next(decoded) for _ in one.lines]) for one in written]

    def _alphabet(self, allowed: str) -> _Alphabet:
        if allowed not in self._alphabets:
            self._alphabets[allowed] = _Alphabet.of(self._characters, allowed)
        return self._alphabets[allowed]

    def _decode(self, lines: Sequence[Grey], alphabets: Sequence[_Alphabet]) -> list[_Line]:
        """Each line through the network, those of one width together."""
        found: list[_Line] = [_Line((), ())] * len(lines)
        pictures = [_normal(line) for line in lines]
        order = sorted(range(len(lines)), key=lambda number: pictures[number].shape[1])
        for _, same in groupby(order, key=lambda number: pictures[number].shape[1]):
            numbers = list(same)
            for start in range(0, len(numbers), _BATCH):
                batch = numbers[start : start + _BATCH]
                stack = np.stack([pictures[number] for number in batch])[:, None].repeat(3, axis=1)
                (answers,) = self._session.run(None, {self._input: stack})
                for number, answer in zip(batch, answers, strict=True):
                    found[number] = _line(alphabets[number].narrowed(answer), alphabets[number], pictures[number])
        return found


def model_file() -> Path:
    """The model within the installed rapidocr, which is not imported: it would load its detector and its downloader."""
    spec = importlib.util.find_spec("rapidocr")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        if (Path(folder) / _MODEL).is_file():
            return Path(folder) / _MODEL
    raise EngineMissing(
        "文字行の読み取りに使う rapidocr（3.10）がありません。管理者に rapidocr の導入を頼むか、設定の engines から rapidocr を外してください。"
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Alphabet:
    """Which outputs of the network count, and as which characters."""

    columns: NDArray[np.intp]
    """The outputs that are kept, blank first; the first of each character comes before the doubles."""
    doubles: tuple[tuple[int, int], ...]
    """(from, to) among the kept: the full-width form of the same character."""
    characters: tuple[str, ...]
    """As they are answered; "" for blank."""
    allowed: frozenset[str]
    spaced: bool
    """Whether a wide gap is a space."""

    @staticmethod
    def of(characters: Sequence[str], allowed: str) -> _Alphabet:
        answered = {fold(one): one for one in reversed(allowed)}
        first: dict[str, int] = {}
        doubles: list[tuple[int, str]] = []
        for column, character in enumerate(characters[1:], 1):
            plain = fold(character)
            if plain.isspace() or (plain not in answered if allowed else not office_character(character)):
                continue
            if plain in first:
                doubles.append((column, plain))
            else:
                first[plain] = column
        place = {plain: number for number, plain in enumerate(first, 1)}
        kept = [0, *first.values(), *(column for column, _ in doubles)]
        moves = tuple((len(first) + 1 + number, place[plain]) for number, (_, plain) in enumerate(doubles))
        answers = ("", *(answered.get(plain, plain) for plain in first))
        return _Alphabet(np.array(kept), moves, answers, frozenset(allowed), not allowed or _SPACE in allowed)

    def narrowed(self, answer: Probabilities) -> Probabilities:
        """Steps × all outputs → steps × characters, each step adding up to 1."""
        kept = answer[:, self.columns]
        for source, target in self.doubles:
            kept[:, target] += kept[:, source]
        kept = kept[:, : len(self.characters)]
        kept[:, 0] += 1e-9
        return np.asarray(kept / kept.sum(axis=1, keepdims=True), np.float32)


@dataclass(frozen=True, slots=True)
class _Line:
    """What the network makes of one line: a place for each character that is, or might be, there."""

    characters: tuple[str, ...]
    """The likeliest at each place; "" where likeliest there is none."""
    choices: tuple[_Choices, ...]
    """At each place what could stand there, best first, "" for nothing."""
    allowed: frozenset[str] = frozenset()
    left_out: bool = False
    """Whether ink stands where no character was read."""
    apart: bool = False
    """Whether two digits stand so far apart that a sign between them may be lost."""

    @property
    def text(self) -> str:
        return in_context("".join(self.characters), self.allowed).strip()

    @property
    def surest(self) -> float:
        """The probability of the least certain place."""
        return min((place[0][1] for place in self.choices), default=0.0)


def _normal(line: Grey) -> Probabilities:
    """The network's input: _HEIGHT high, -1 black to 1 white, filled up to the right with white."""
    height, width = line.shape
    wide = int(np.clip(round(width * _HEIGHT / height), 8, _WIDEST))
    sized = cv2.resize(line, (wide, _HEIGHT), interpolation=cv2.INTER_AREA if height > _HEIGHT else cv2.INTER_LINEAR)
    full = np.ones((_HEIGHT, -(-wide // _STEP) * _STEP), np.float32)
    full[:, :wide] = sized.astype(np.float32) / 127.5 - 1
    return full


def _line(steps: Probabilities, alphabet: _Alphabet, picture: Probabilities) -> _Line:
    """The best path of the CTC output, beside each of its characters what else could stand there, and wide gaps."""
    best = steps.argmax(axis=1)
    places: list[_Place] = []
    for start, end in _runs(best):
        part = steps[start:end]
        if best[start]:
            peak = int(part[:, best[start]].argmax())
        else:
            peak = int(part[:, 1:].max(axis=1).argmax())
            neighbours = {best[max(0, start - 1)], best[min(len(best) - 1, end)]}
            if int(part[peak, 1:].argmax()) + 1 in neighbours or part[peak, 1:].max() < _SLIGHT:
                continue
        places.append((start + peak, alphabet.characters[best[start]], _choices(part[peak], alphabet)))
    inked = np.asarray((picture < 0).any(axis=0), np.bool_)
    step = picture.shape[1] / len(steps)
    gaps = _gaps([place for place in places if place[1]], inked, step)
    usual = _WIDER * float(np.median(list(gaps.values()))) if gaps else 0.0
    spread = _spread(places, gaps, max(_SPACE_GAP, usual)) if alphabet.spaced else places
    middles = [round((at + 0.5) * step) for at, character, _ in places if character]
    return _Line(
        tuple(character for _, character, _ in spread),
        tuple(choices for _, _, choices in spread),
        alphabet.allowed,
        _left_out(inked, middles),
        any(
            gaps[after[0]] >= max(_DIGIT_GAP, usual) and before[1].isdigit() and after[1].isdigit()
            for before, after in pairwise(place for place in places if place[1])
        ),
    )


def _runs(best: NDArray[np.intp]) -> Iterator[tuple[int, int]]:
    edges = [0, *(np.flatnonzero(np.diff(best)) + 1).tolist(), len(best)]
    return pairwise(edges)


def _choices(at: Probabilities, alphabet: _Alphabet) -> _Choices:
    top = np.argpartition(at, -_PER_CHARACTER)[-_PER_CHARACTER:] if len(at) > _PER_CHARACTER else np.arange(len(at))
    return tuple(sorted(((alphabet.characters[one], float(at[one])) for one in top), key=lambda choice: -choice[1]))


def _gaps(written: Sequence[_Place], inked: NDArray[np.bool_], step: float) -> dict[int, int]:
    """How much white there is before each character but the first, by the character's step."""
    return {
        after[0]: _widest_gap(inked[round((before[0] + 0.5) * step) : round((after[0] + 0.5) * step)])
        for before, after in pairwise(written)
    }


def _spread(places: Sequence[_Place], gaps: Mapping[int, int], least: float) -> list[_Place]:
    """The places with a space where the gap is as wide as a character, and wider than this writer leaves elsewhere."""
    spread: list[_Place] = []
    for place in places:
        if place[1] and gaps.get(place[0], 0) >= least:
            spread.append((place[0], _SPACE, ((_SPACE, 1.0),)))
        spread.append(place)
    return spread


def _widest_gap(inked: NDArray[np.bool_]) -> int:
    edges = np.flatnonzero(np.diff(np.concatenate(([True], inked, [True])).astype(np.int8)))
    return int(np.diff(edges)[::2].max()) if len(edges) > 1 else 0


def _left_out(inked: NDArray[np.bool_], middles: Sequence[int]) -> bool:
    """Whether ink stands where no character was read: the network leaves out what it does not know."""
    rest = inked.copy()
    for middle in middles:
        rest[max(0, middle - _REACH) : middle + _REACH] = False
    return int(rest.sum()) > _LEFT_OUT


def _guess(one: Writing, lines: Sequence[_Line]) -> Guess:
    if not lines:
        return Guess("", 0.0, "unreadable", one.doubts, NAME) if one.doubts else Guess("", 1.0, "blank", (), NAME)
    text = "".join(line.text for line in lines)
    if not text:
        return Guess("", 0.0, "unreadable", ("何か書いてありますが、文字として読めません",), NAME)
    confidence = min(line.surest for line in lines)
    why = one.doubts
    if any(not line.text for line in lines):
        why = (*why, "読めない行があります")
    if any(line.left_out for line in lines):
        why = (*why, "読み飛ばした字があるかもしれません")
    if any(line.apart for line in lines):
        why = (*why, "数字と数字の間が広く空いています")
    why = (*why, *alike(text, lines[0].allowed))
    return Guess(text, confidence, "unsure" if why else "read", why, NAME, _ranked(text, lines))


def _ranked(text: str, lines: Sequence[_Line]) -> tuple[tuple[str, float], ...]:
    """The reading and those that differ from it at one place, with their probabilities."""
    whole = 1.0
    for line in lines:
        for choices in line.choices:
            whole *= choices[0][1]
    found = {text: whole}
    for number, line in enumerate(lines):
        before, after = "".join(one.text for one in lines[:number]), "".join(one.text for one in lines[number + 1 :])
        for place, choices in enumerate(line.choices):
            for character, probability in choices[1:]:
                changed = (*line.characters[:place], character, *line.characters[place + 1 :])
                other = before + in_context("".join(changed), line.allowed).strip() + after
                found[other] = max(found.get(other, 0.0), whole * probability / choices[0][1])
    return tuple(sorted(found.items(), key=lambda one: -one[1])[:_RANKED])
