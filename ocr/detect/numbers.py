"""Numbers in a row to be circled, with the words after them: 1 2 3, 1.新規 2.変更, ア 国民年金 イ 厚生年金, 10 20 30."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ocr.detect.layout import BOXED
from ocr.detect.lines import far, gap, wide
from ocr.detect.words import Run, Sign, beside, hull
from ocr.reading import Box

_SEQUENCES = ("①②③④⑤⑥⑦⑧⑨", "アイウエオカキクケコ")
_LOOKS = str.maketrans("工才力", "エオカ")
"""What OCR makes of katakana."""
_LEAST = 3
"""Fewer are no row."""
_PITCH = 3.5
"""Digits nearer to each other, from left to left, are one number, mm."""
_ROOM = 0.8
"""A number that counts stands at least this far from what is before it, mm."""
_LONGEST = 12
"""More characters than these are a sentence."""
_SENTENCE = re.compile("[。、]")
_OPEN, _CLOSE = "（(", "）)"
_POINTS = ("", ".", "．", ")", "）")
"""What stands right after a number, or nothing."""
_AROUND = " 　・·/／、,"
_GROWN = 1.0
"""How much larger than the print its place is, on each side, mm."""
_NARROWEST = 4.5
"""No place is narrower: the circle round a thin 1 is as wide as another, mm."""


@dataclass(frozen=True, slots=True)
class _Count:
    """A number (or letter) that counts: 1 is 1, ア is 1; where it stands among the line's characters."""

    value: int
    script: int
    """Which of the sequences; -1 for digits."""
    first: int
    last: int
    starts: bool
    """Whether it stands apart from what is before it."""


@dataclass(frozen=True, slots=True)
class NumberRow:
    """Numbers one after the other on a line."""

    options: tuple[tuple[str, Box], ...]
    doubt: str
    """Japanese: what may be missing; "" where nothing is."""


def find_rows(runs: Sequence[Run]) -> list[NumberRow]:
    """Every row of numbers, however far apart they stand, with the words up to the next."""
    found = []
    for line in _lines(runs):
        counts = list(_counts(line))
        while row := _sequence(counts):
            row_found = _read(line, row, counts)
            counts = [one for one in counts if one.first > row[-1].last]
            found += [row_found] if row_found else []
    return found


def _lines(runs: Sequence[Run]) -> list[list[Sign]]:
    """The characters by the line they stand on, from the left."""
    lines: list[list[Run]] = []
    for run in runs:
        line = next((one for one in lines if beside(one[0].box, run.box)), None)
        if line is None:
            lines.append([run])
        else:
            line.append(run)
    return [sorted((sign for run in line for sign in run.signs), key=lambda one: one.box.left) for line in lines]


def _counts(line: Sequence[Sign]) -> Iterator[_Count]:
    """What on a line could count."""
    at = 0
    while at < len(line):
        last = at
        text = line[at].text.translate(_LOOKS)
        script = next((number for number, signs in enumerate(_SEQUENCES) if text in signs), -1)
        if script >= 0:
            yield _Count(_SEQUENCES[script].index(text) + 1, script, at, at, _starts(line, at))
        elif text.isdecimal():
            while last + 1 < len(line) and line[last + 1].text.isdecimal() and _one_number(line[last], line[last + 1]):
                last += 1
            value = int("".join(sign.text for sign in line[at : last + 1]))
            yield _Count(value, -1, at, last, _starts(line, at))
        at = last + 1


def _one_number(before: Sign, sign: Sign) -> bool:
    return sign.box.left - before.box.left <= _PITCH


def _starts(line: Sequence[Sign], at: int) -> bool:
    """Whether a character stands apart from those before it; (1) does where its bracket does."""
    if at and line[at - 1].text in _OPEN and at + 1 < len(line) and line[at + 1].text in _CLOSE:
        at -= 1
    return at == 0 or gap(line[at - 1].box, line[at].box) > _ROOM


def _sequence(counts: Sequence[_Count]) -> list[_Count]:
    """The first row that counts on from 0 or 1, or from 10 by tens; [] where there is none."""
    starts = [one for one in counts if one.starts]
    for place, first in enumerate(starts):
        step = 10 if first.value == 10 else 1
        row = [first]
        for one in starts[place + 1 :]:
            if one.script == first.script and one.value == row[-1].value + step:
                row.append(one)
        if first.value in (0, 1, 10) and len(row) >= _LEAST:
            return row
    return []


def _read(line: Sequence[Sign], row: Sequence[_Count], counts: Sequence[_Count]) -> NumberRow | None:
    """The row's options; None where it is a sentence or an explanation in brackets."""
    opened = row[0].first and line[row[0].first - 1].text in _OPEN and line[row[0].last + 1].text not in _CLOSE
    ends = [one.first for one in row[1:]]
    words = [_word(line, one.last + 1, end) for one, end in zip(row, ends, strict=False)]
    words.append(_last_word(line, row[-1].last + 1) if any(words) else [])
    texts = ["".join(sign.text for sign in word) for word in words]
    if opened or any(len(text) > _LONGEST or _SENTENCE.search(text) or BOXED.search(text) for text in texts):
        return None
    counted = len(set(texts)) == 1  # 1年 2年 3年
    options = []
    for one, word, text in zip(row, words, texts, strict=True):
        number = line[one.first : one.last + 1]
        name = "".join(sign.text for sign in number).translate(_LOOKS)
        apart = "" if counted or text[:1] in _POINTS else " "
        options.append((name + apart + text, _grown(hull([sign.box for sign in [*number, *word]]))))
    return NumberRow(tuple(options), _doubt(row, counts, words, options))


def _word(line: Sequence[Sign], first: int, end: int) -> list[Sign]:
    """What stands from one place on a line up to another, or up to an explanation in brackets."""
    word = [sign for sign in line[first:end] if sign.text not in _AROUND]
    while word and word[-1].text in _OPEN:  # the next number's
        word.pop()
    bracket = next((place for place, sign in enumerate(word) if place and sign.text in _OPEN), len(word))
    return word[:bracket]


def _last_word(line: Sequence[Sign], first: int) -> list[Sign]:
    """The word after the last number: as far as no wide gap parts it from what follows."""
    end = first
    while end < len(line) and not far(line[end - 1].box, line[end].box) and (end == first or not _gap_at(line, end)):
        end += 1
    return _word(line, first, end)


def _gap_at(line: Sequence[Sign], place: int) -> bool:
    return wide(line[place - 1].box, line[place].box)


def _doubt(
    row: Sequence[_Count],
    counts: Sequence[_Count],
    words: Sequence[Sequence[Sign]],
    options: Sequence[tuple[str, Box]],
) -> str:
    """What a person must look at: further numbers on the line, and words so far apart that a number may be missing."""
    last, step = row[-1].value, row[1].value - row[0].value
    reach = range(last + step, last + 4 * step, step)
    further = [one.value for one in counts if one not in row and one.script == row[0].script and one.value in reach]
    told = [f"同じ行に「{value}」もありますが、選択肢に入れていません" for value in further]
    for (name, _), word in zip(options, words, strict=True):
        if any(wide(before.box, sign.box) for before, sign in pairwise(word)):
            told.append(f"「{name}」の途中が空いていて、番号を見落としたかもしれません")
    return "。".join(told)


def _grown(box: Box) -> Box:
    wider = max(_GROWN, (_NARROWEST - box.width) / 2)
    left, top = max(0.0, box.left - wider), max(0.0, box.top - _GROWN)
    return Box(box.page, left, top, box.width + 2 * wider, box.height + 2 * _GROWN)
