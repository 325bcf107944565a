"""Reading lines of text: characters wrong, lines accepted and wrong among accepted, and the time a line takes.

    python -m bench.lines [--count 40] [--printed FONT…] [--hand FONT…] [--calibrate] [--variants] [--json]

Names and addresses in printed and handwriting-like fonts, scanned at 200 dpi and sent by fax; by rapidocr with and without
leaving out what an office never writes, by tesseract, and by both together as forms are read.  The peer of tesseract's one
process for all lines is one process a line.  --calibrate writes ocr/models/lines.json: how often each score was right.
--variants says of every form of a variant character (異体字) how often it came back as another form, and how surely at most.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import onnxruntime
from rapidfuzz.distance import Levenshtein

import ocr
from bench.line_scans import QUALITIES, Scanned, lines_with, scanned_lines
from ocr.all_engines import engine_named
from ocr.ask import Guess
from ocr.characters import fold, variant_classes, without_variants
from ocr.engine import Engine
from ocr.engines.rapidocr import model_file
from ocr.lines import read_lines

TABLE = Path(ocr.__file__).parent / "models" / "lines.json"
PRINTED = (
    "BIZUDGothic-Regular",
    "NotoSansCJK-Regular",
    "NotoSerifCJK-Regular",
    "VL-Gothic-Regular",
    "ipaexm",
    "ipaexg",
)
HAND = ("kiloji", "KleeOne-Regular", "YuseiMagic-Regular", "setofont", "yomogi-japanese-400-normal")
_FONT_FOLDERS = (Path(ocr.__file__).parent / "fonts", Path("/usr/share/fonts"), Path("C:/Windows/Fonts"))
PROMISES = (0.01, 0.001)
_STEPS = (0.0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995)
_ALIKE = 0.98
"""From this score on, steps that were right equally often are one step: the more lines in it, the surer its share."""
_PER_LINE = 8


@dataclass(frozen=True, slots=True)
class Read:
    """One line as one reader made it out."""

    line: Scanned
    guess: Guess

    @property
    def right(self) -> bool:
        return plain(self.guess.text) == plain(self.line.text)


def plain(text: str) -> str:
    """A text as it is compared: variant characters are a doubt of their own, and no blank counts."""
    return "".join(without_variants(fold(text)).split())


def errors(reads: Sequence[Read]) -> dict[str, float]:
    """Shares of wrong characters and of right lines."""
    wrong = sum(Levenshtein.distance(plain(one.guess.text), plain(one.line.text)) for one in reads)
    return {
        "character_error": wrong / max(1, sum(len(plain(one.line.text)) for one in reads)),
        "lines_right": sum(one.right for one in reads) / max(1, len(reads)),
    }


def accepted(reads: Sequence[Read], promise: float) -> dict[str, float]:
    """What goes on unseen at a promise, and how much of that is wrong (exactly, variant characters and all)."""
    taken = [one for one in reads if one.guess.state == "read" and one.guess.confidence >= 1 - promise]
    wrong = [one for one in taken if _exact(one.guess.text) != _exact(one.line.text)]
    return {"accepted": len(taken) / max(1, len(reads)), "wrong_among_accepted": len(wrong) / max(1, len(taken))}


def _exact(text: str) -> str:
    return "".join(fold(text).split())


def timed(read: Callable[[], list[Guess]], lines: Sequence[Scanned]) -> tuple[list[Read], float]:
    """The lines as read, and ms a line."""
    began = time.perf_counter()
    guesses = read()
    took = (time.perf_counter() - began) * 1000 / max(1, len(lines))
    return [Read(line, guess) for line, guess in zip(lines, guesses, strict=True)], took


def measure(lines: Sequence[Scanned]) -> dict[str, Any]:
    """All readers over the same lines."""
    cuts = [line.cut for line in lines]
    every = "".join(_all_characters())
    rapid, tesseract = engine_named("rapidocr"), engine_named("tesseract")
    masked, rapid_ms = timed(lambda: rapid.read(cuts), lines)
    bare, _ = timed(lambda: rapid.read([replace(cut, allowed=every) for cut in cuts]), lines)
    second, tesseract_ms = timed(lambda: tesseract.read(cuts), lines)
    both, both_ms = timed(lambda: read_lines(cuts), lines)
    alone, _ = timed(lambda: read_lines(cuts, ("rapidocr",)), lines)
    return {
        "lines": len(lines),
        "rapidocr": {**errors(masked), "ms_a_line": rapid_ms},
        "rapidocr_unmasked": errors(bare),
        "tesseract": {**errors(second), "ms_a_line": tesseract_ms},
        "combined": {**errors(both), "ms_a_line": both_ms, **{f"at_{one:g}": accepted(both, one) for one in PROMISES}},
        "rapidocr_alone": {f"at_{one:g}": accepted(alone, one) for one in PROMISES},
    }


def _all_characters() -> Iterable[str]:
    session = onnxruntime.InferenceSession(str(model_file()), providers=["CPUExecutionProvider"])
    return str(session.get_modelmeta().custom_metadata_map["character"]).split("\n")


def one_process_a_line(engine: Engine, lines: Sequence[Scanned]) -> float:
    """Times as long as all lines in one call, when each line is a call of its own."""
    cuts = [line.cut for line in lines]
    _, together = timed(lambda: engine.read(cuts), lines)
    _, apart = timed(lambda: [engine.read([cut])[0] for cut in cuts], lines)
    return apart / together


def calibrate(lines: Sequence[Scanned]) -> dict[str, Any]:
    """How often a line was right, by who read it and by the score; see ocr.lines.Scales."""
    cuts = [line.cut for line in lines]
    first, second = engine_named("rapidocr").read(cuts), engine_named("tesseract").read(cuts)
    trials: dict[str, list[tuple[float, bool]]] = {
        how: [] for how in ("agree", "differ", "rapidocr", "tesseract", "words")
    }
    for line, one, other in zip(lines, first, second, strict=True):
        if one.text and not one.why:
            right = plain(one.text) == plain(line.text)
            trials["rapidocr"].append((one.confidence, right))
            trials["agree" if plain(one.text) == plain(other.text) else "differ"].append((one.confidence, right))
        if other.text and not other.why:
            trials["tesseract"].append((other.confidence, plain(other.text) == plain(line.text)))
    names = {plain(line.text) for line in lines if line.kind == "name"}
    for line, one in zip(lines, first, strict=True):
        # A reading that is a listed name: it is the right one but where it was misread into another listed one.
        if line.kind == "name" and plain(one.text) in names:
            trials["words"].append((one.confidence, plain(one.text) == plain(line.text)))
    return {
        "measured": f"{len(lines)} lines of bench/lines.py: names and addresses, printed and handwriting-like fonts, scans "
        "and fax; share right (variant characters and spaces aside) by the first reader's score, as (right + ½) / (lines + 1) "
        "of all lines of that score or, where that is less, of a higher one",
        "counts": {how: len(tried) for how, tried in trials.items()},
        "scales": {how: _rising(tried) for how, tried in trials.items()},
    }


def _rising(tried: Sequence[tuple[float, bool]]) -> list[tuple[float, float]]:
    """(from this score on, share right), never falling with the score."""
    groups = [[0, 0, start] for start in _STEPS]
    for score, right in tried:
        place = max(number for number, start in enumerate(_STEPS) if score >= start)
        groups[place][0] += right
        groups[place][1] += 1
    merged: list[list[float]] = []
    for good, count, start in groups:
        merged.append([good, count, start])
        while len(merged) > 1 and _belong(merged[-2], merged[-1]):
            last = merged.pop()
            merged[-1] = [merged[-1][0] + last[0], merged[-1][1] + last[1], merged[-1][2]]
    return [(start, round(_share([good, count, start]), 5)) for good, count, start in merged]


def _belong(lower: Sequence[float], upper: Sequence[float]) -> bool:
    alike = lower[2] >= _ALIKE and lower[0] * upper[1] == upper[0] * lower[1]
    return alike or _share(upper) <= _share(lower)


def _share(group: Sequence[float]) -> float:
    return (group[0] + 0.5) / (group[1] + 1)


def variants_taken(fonts: Sequence[Path], count: int, seed: int) -> list[dict[str, Any]]:
    """Of every form of a variant character: how many of ``count`` printed names came back with another form of it."""
    found = []
    for form, group in variant_classes().items():
        lines = lines_with(form, fonts, count, seed)
        guesses = engine_named("rapidocr").read([line.cut for line in lines])
        taken = [
            one.confidence for one in guesses if form not in one.text and any(other in one.text for other in group)
        ]
        found.append(
            {"form": form, "of": group, "lines": len(lines), "taken": len(taken), "surest": max(taken, default=0.0)}
        )
    return found


def fonts_named(names: Sequence[str]) -> list[Path]:
    """The font files of those names on this machine; a name may be a path."""
    installed = {path.stem: path for folder in _FONT_FOLDERS if folder.is_dir() for path in sorted(folder.rglob("*.*"))}
    given = (Path(name) if Path(name).suffix else installed.get(name) for name in names)
    return [path for path in given if path is not None]


def main() -> None:
    """Prints the measurement; it never fails on a figure."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--count", type=int, default=40, help="lines of each sort")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--printed", nargs="*", default=PRINTED, help="names or files of printed fonts")
    parser.add_argument("--hand", nargs="*", default=HAND, help="names or files of handwriting-like fonts")
    parser.add_argument("--calibrate", action="store_true")
    parser.add_argument("--variants", action="store_true")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    cv2.setNumThreads(1)
    if given.variants:
        for one in variants_taken(fonts_named(given.printed), given.count, given.seed):
            print(json.dumps(one, ensure_ascii=False))
        return
    sorts = {
        f"{name}, {quality}": scanned_lines(fonts, hand, quality, given.count, given.seed)
        for name, hand, fonts in (
            ("printed", False, fonts_named(given.printed)),
            ("hand", True, fonts_named(given.hand)),
        )
        if fonts
        for quality in QUALITIES
    }
    if given.calibrate:
        table = calibrate([line for lines in sorts.values() for line in lines])
        TABLE.write_text(json.dumps(table, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        return
    some = [line for lines in sorts.values() for line in lines[:_PER_LINE]]
    measured = {name: measure(lines) for name, lines in sorts.items()}
    times = one_process_a_line(engine_named("tesseract"), some)
    if given.json:
        found = {"bench": "lines", "sorts": measured, "tesseract_one_process_a_line": times}
        print(json.dumps(found, ensure_ascii=False))
        return
    for name, figures in measured.items():
        print(name)
        for reader, values in figures.items():
            print(f"  {reader}: {json.dumps(values)}")
    print(f"tesseract, one process a line: {times:.1f} times as long")


if __name__ == "__main__":
    main()
