"""Reading lines of text: characters wrong, lines accepted and wrong among accepted, and the time a line takes.

    python -m bench.lines [--count 40] [--seed 1] [--peers] [--json]
    python -m bench.lines --calibrate [--count 1500] [--seed 1]
    python -m bench.lines --variants [--count 40]

Names, addresses and remarks in printed and handwriting-like fonts, scanned at 200 dpi and sent by fax, read by both readers
as forms are; ``listed`` are the names once more, read with a list of 200.  --peers adds rapidocr with and without leaving out what
an office never writes, tesseract, and tesseract as one process a line.  --calibrate writes ocr/models/lines.json: how often
each score was right, from fonts that the measurement does not use.  --variants says of every form of a variant character
(異体字) how often it came back as another form, and how surely at most.  Most fonts lie where ``./run train data`` puts them.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

import cv2
import onnxruntime
from rapidfuzz.distance import Levenshtein

import ocr
from bench.line_scans import QUALITIES, Scanned, lines_with, scanned_lines
from bench.line_table import Trial, plain, table_of, tried
from bench.line_texts import names
from ocr.all_engines import engine_named
from ocr.ask import Guess
from ocr.characters import fold, variant_classes, variant_doubts
from ocr.engine import Cut
from ocr.engines.rapidocr import model_file
from ocr.lines import read_lines
from train.fetch import FILES

TABLE = Path(ocr.__file__).parent / "models" / "lines.json"
CALIBRATION = {
    False: (
        "NotoSansCJK-Regular",
        "NotoSerifCJK-Regular",
        "zen-maru-gothic-japanese-400-normal",
        "kosugi-maru-japanese-400-normal",
        "m-plus-rounded-1c-japanese-400-normal",
        "zen-antique-soft-japanese-400-normal",
        "MTLmr3m",
        "Konatu",
    ),
    True: (
        "kiloji",
        "KleeOne-Regular",
        "YuseiMagic-Regular",
        "YOzRA_",
        "YOzRC_",
        "YOzRE_",
        "hachi-maru-pop-japanese-400-normal",
        "stick-japanese-400-normal",
        "new-tegomin-japanese-400-normal",
        "yuji-boku-japanese-400-normal",
        "aoyagi-soseki",
    ),
}
"""Printed and handwriting-like fonts that the scores are calibrated on."""
MEASURE = {
    False: ("BIZUDGothic-Regular", "kaisei-opti-japanese-400-normal", "kiwi-maru-japanese-400-normal"),
    True: ("setofont", "yomogi-japanese-400-normal", "zen-kurenaido-japanese-400-normal"),
}
"""Fonts that nothing is calibrated on; the handwriting-like ones are those that nothing at all learns from (train/fetch.py)."""
_FONT_FOLDERS = (Path(ocr.__file__).parent / "fonts", Path("/usr/share/fonts"), Path("C:/Windows/Fonts"), FILES)
PROMISES = (0.01, 0.001)
_BATCH = 20
_LISTED = 200


@dataclass(slots=True)
class Reads:
    """The lines of one sort as one reader made them out, and how long that took."""

    lines: list[tuple[str, str, Guess]] = field(default_factory=list)
    """Kind, text, guess."""
    seconds: float = 0.0

    def add(self, lines: Sequence[Scanned], cuts: Sequence[Cut], read: Callable[[Sequence[Cut]], list[Guess]]) -> None:
        began = time.perf_counter()
        guesses = read(cuts)
        self.seconds += time.perf_counter() - began
        self.lines += [(line.kind, line.text, guess) for line, guess in zip(lines, guesses, strict=True)]

    def errors(self) -> dict[str, float]:
        """Shares of wrong characters and of right lines, and ms a line."""
        pairs = [(plain(guess.text), plain(text)) for _, text, guess in self.lines]
        return {
            "character_error": sum(Levenshtein.distance(*pair) for pair in pairs)
            / max(1, sum(len(one[1]) for one in pairs)),
            "lines_right": sum(ours == true for ours, true in pairs) / max(1, len(pairs)),
            "ms_a_line": 1000 * self.seconds / max(1, len(pairs)),
        }

    def accepted(self, kind: str = "") -> dict[str, float]:
        """What goes on unseen at each promise, and how many of that are wrong (exactly, variant characters and all)."""
        own = [(text, guess) for one, text, guess in self.lines if kind in ("", one)]
        found: dict[str, float] = {"lines": len(own)}
        found["variants"] = sum(bool(variant_doubts(text)) for text, _ in own)
        for promise in PROMISES:
            taken = [one for one in own if one[1].state == "read" and one[1].confidence >= 1 - promise]
            found[f"accepted_at_{promise:g}"] = len(taken)
            found[f"wrong_at_{promise:g}"] = sum(_exact(guess.text) != _exact(text) for text, guess in taken)
        return found


def _exact(text: str) -> str:
    return "".join(fold(text).split())


def measure(lines: Iterator[Scanned], *, peers: bool) -> dict[str, Any]:
    """Lines of one sort, read as forms are; by every reader alone too, where asked for."""
    both, listed, apart = Reads(), Reads(), Reads()
    alone = {name: Reads() for name in ("rapidocr", "rapidocr_unmasked", "tesseract")} if peers else {}
    for batch in _batches(lines):
        cuts = [line.cut for line in batch]
        both.add(batch, cuts, read_lines)
        named = [line for line in batch if line.kind == "name"]
        listed.add(named, [replace(line.cut, words=_list_with(line.text)) for line in named], read_lines)
        for name, reads in alone.items():
            every = _all_characters() if name.endswith("unmasked") else ""
            reads.add(batch, [replace(cut, allowed=every) for cut in cuts], engine_named(name.split("_")[0]).read)
        if peers:
            apart.add(batch, cuts, lambda cuts: [engine_named("tesseract").read([cut])[0] for cut in cuts])
    found: dict[str, Any] = {"combined": both.errors()}
    found |= {kind or "all": both.accepted(kind) for kind in ("", "name", "address", "note")}
    found["listed"] = listed.accepted()
    found |= {name: reads.errors() for name, reads in alone.items()}
    if peers:
        found["tesseract_one_process_a_line"] = apart.seconds / alone["tesseract"].seconds
    return found


def _batches(lines: Iterator[Scanned]) -> Iterator[list[Scanned]]:
    """A few at a time: the pictures of all would not fit into memory."""
    return iter(lambda: list(islice(lines, _BATCH)), [])


@cache
def _all_characters() -> str:
    session = onnxruntime.InferenceSession(str(model_file()), providers=["CPUExecutionProvider"])
    return "".join(str(session.get_modelmeta().custom_metadata_map["character"]).split("\n"))


def _list_with(name: str) -> tuple[str, ...]:
    """A list of names that holds this one, in whatever way it sets the space."""
    return (name, *(one for one in _known() if plain(one) != plain(name)))


@cache
def _known() -> tuple[str, ...]:
    return tuple(islice(names(random.Random(0)), _LISTED - 1))


def trials(lines: Iterator[Scanned]) -> Iterator[Trial]:
    """What both readers made of each line, for the calibration."""
    for batch in _batches(lines):
        yield from tried(batch)


def variants_taken(fonts: Sequence[Path], count: int, seed: int) -> Iterator[dict[str, Any]]:
    """Of every form of a variant character: how many of ``count`` printed names came back with another form of it."""
    for form, group in variant_classes().items():
        lines = lines_with(form, fonts, count, seed)
        guesses = engine_named("rapidocr").read([line.cut for line in lines])
        taken = [
            one.confidence for one in guesses if form not in one.text and any(other in one.text for other in group)
        ]
        yield {"form": form, "of": group, "lines": len(lines), "taken": len(taken), "surest": max(taken, default=0.0)}


def fonts_named(names: Iterable[str]) -> list[Path]:
    """The font files of those names on this machine."""
    installed = {path.stem: path for folder in _FONT_FOLDERS if folder.is_dir() for path in sorted(folder.rglob("*.*"))}
    return [installed[name] for name in names if name in installed]


def sorts(fonts: Mapping[bool, tuple[str, ...]], count: int, seed: int) -> Iterator[tuple[str, Iterator[Scanned]]]:
    """Printed and by hand, scanned and faxed, ``count`` lines each."""
    for hand, named in fonts.items():
        found = fonts_named(named)
        for quality in QUALITIES if found else ():
            lines = scanned_lines(found, hand, quality, seed)
            yield f"{'hand' if hand else 'printed'}, {quality}", islice(lines, count)


def main() -> None:
    """Prints the measurement; it never fails on a figure."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--count", type=int, default=40, help="lines of each sort")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--peers", action="store_true")
    parser.add_argument("--calibrate", action="store_true")
    parser.add_argument("--variants", action="store_true")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    cv2.setNumThreads(1)
    if given.variants:
        for one in variants_taken(fonts_named(CALIBRATION[False]), given.count, given.seed):
            print(json.dumps(one, ensure_ascii=False))
    elif given.calibrate:
        table = table_of([one for _, lines in sorts(CALIBRATION, given.count, given.seed) for one in trials(lines)])
        TABLE.write_text(json.dumps(table, ensure_ascii=False, indent=1) + "\n", encoding="utf-8", newline="\n")
    else:
        measured = {name: measure(lines, peers=given.peers) for name, lines in sorts(MEASURE, given.count, given.seed)}
        if given.json:
            print(json.dumps({"bench": "lines", "sorts": measured}, ensure_ascii=False))
            return
        for name, figures in measured.items():
            print(name)
            for reader, values in figures.items():
                print(f"  {reader}: {json.dumps(values)}")


if __name__ == "__main__":
    main()
