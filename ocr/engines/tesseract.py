"""Text lines by tesseract: one process for all lines of a batch, each a page of its own."""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
from pytesseract.pytesseract import subprocess_args, tesseract_cmd

from ocr.ask import Guess
from ocr.characters import fold, in_context, office_character
from ocr.clean import LINE_MARGIN_MM, LINE_PX_PER_MM, Writing, writing
from ocr.engine import Cut, EngineMissing
from ocr.page import Grey

NAME = "tesseract"
_LANGUAGE = "jpn"
_USUAL_FOLDERS = ("C:\\Program Files\\Tesseract-OCR", "C:\\Program Files (x86)\\Tesseract-OCR")
"""Where its Windows installer puts it, without adding it to PATH."""
_HEIGHT = 48
_SECONDS_TO_START = 30
_SECONDS_A_LINE = 3
_LEVEL_WORD = "5"


class TesseractEngine:
    """The engine ``tesseract``."""

    name = NAME
    px_per_mm = LINE_PX_PER_MM
    margin_mm = LINE_MARGIN_MM

    def __init__(self) -> None:
        """Raises EngineMissing where the program or its Japanese data is not installed."""
        self._program = _program()
        listed = _run([self._program, "--list-langs"], Path.cwd(), _SECONDS_TO_START)
        if listed is None or _LANGUAGE not in listed.split():
            raise EngineMissing(
                "tesseract の日本語データ（jpn）がありません。管理者に日本語データの導入を頼んでください。"
            )

    def read(self, cuts: Sequence[Cut]) -> list[Guess]:
        written = [writing(cut) for cut in cuts]
        lines = [line for one in written for line in one.lines]
        texts = _read_all(self._program, lines) if lines else []
        if texts is None:
            why = ("tesseract が時間内に読み終えませんでした",)
            return [Guess("", 0.0, "unreadable", why, NAME) if one.lines else _guess(one, (), "") for one in written]
        rest = iter(texts)
        return [
            _guess(one, [next(rest) for _ in one.lines], cut.allowed) for cut, one in zip(cuts, written, strict=True)
        ]


@dataclass(frozen=True, slots=True)
class _Text:
    text: str = ""
    confidence: float = 0.0
    """0 to 1, of the least certain word."""


def _program() -> str:
    found = shutil.which(tesseract_cmd) or shutil.which(tesseract_cmd, path=os.pathsep.join(_USUAL_FOLDERS))
    if found is None:
        raise EngineMissing(
            "文字行の 2 人目の読み手 tesseract がありません。管理者に Tesseract OCR（日本語データ付き）の導入を頼むか、"
            "設定の engines から tesseract を外してください。"
        )
    return str(found)


def _read_all(program: str, lines: Sequence[Grey]) -> list[_Text] | None:
    """One text a line, in order; None where tesseract fails or does not end in time."""
    with tempfile.TemporaryDirectory(prefix="banken-", ignore_cleanup_errors=True) as made:
        folder = Path(made)
        names = [f"{number:05}.png" for number in range(len(lines))]
        for name, line in zip(names, lines, strict=True):
            good, png = cv2.imencode(".png", _normal(line), [cv2.IMWRITE_PNG_COMPRESSION, 1])
            if not good:
                return None
            (folder / name).write_bytes(png.tobytes())
        (folder / "list.txt").write_text("".join(f"{name}\n" for name in names), encoding="ascii", newline="\n")
        # Names relative to the folder: tesseract on Windows can't open a path with Japanese in it.
        command = [program, "list.txt", "out", "-l", _LANGUAGE, "--psm", "7", "--dpi", "300", "tsv"]
        if _run(command, folder, _SECONDS_TO_START + _SECONDS_A_LINE * len(lines)) is None:
            return None
        try:
            table = (folder / "out.tsv").read_text(encoding="utf-8")
        except OSError:
            return None
    return _by_page(table, len(lines))


def _run(command: Sequence[str], folder: Path, seconds: float) -> str | None:
    """What a command prints, run on one core; None where it fails or takes longer."""
    how = subprocess_args(include_stdout=True)
    how["env"] = {**os.environ, "OMP_THREAD_LIMIT": "1"}
    how["stdin"] = subprocess.DEVNULL
    try:
        done = subprocess.run(list(command), cwd=folder, timeout=seconds, check=True, **how)
    except (subprocess.SubprocessError, OSError):
        return None
    return bytes(done.stdout).decode("utf-8", "replace")


def _normal(line: Grey) -> Grey:
    """As high as tesseract reads best, with white around it."""
    height, width = line.shape
    wide = max(1, min(8000, round(width * _HEIGHT / height)))
    sized = cv2.resize(line, (wide, _HEIGHT), interpolation=cv2.INTER_AREA if height > _HEIGHT else cv2.INTER_CUBIC)
    return cv2.copyMakeBorder(sized, 10, 10, 10, 10, cv2.BORDER_CONSTANT, value=255).astype("uint8")


def _by_page(table: str, count: int) -> list[_Text]:
    """Tesseract's table of words → one text a page; a page without words has none."""
    texts = [_Text()] * count
    for row in _rows(table):
        page = int(row["page_num"]) - 1
        word = row["text"].strip()
        if row["level"] != _LEVEL_WORD or not word or not 0 <= page < count:
            continue
        sure = max(0.0, min(1.0, float(row["conf"]) / 100))
        before = texts[page]
        texts[page] = _Text(before.text + word, min(before.confidence, sure) if before.text else sure)
    return texts


def _rows(table: str) -> Iterator[dict[str, str]]:
    for row in csv.DictReader(table.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE):
        if row["text"] is not None:
            yield row


def _guess(one: Writing, texts: Sequence[_Text], allowed: str) -> Guess:
    if not one.lines:
        return Guess("", 0.0, "unreadable", one.doubts, NAME) if one.doubts else Guess("", 1.0, "blank", (), NAME)
    may = {fold(character): character for character in reversed(allowed)}
    whole = in_context(fold("".join(line.text for line in texts)), frozenset(may))
    known = (may.get(character, "") if allowed else character for character in whole)
    text = "".join(character for character in known if character and office_character(character))
    if not text:
        return Guess("", 0.0, "unreadable", ("何か書いてありますが、文字として読めません",), NAME)
    confidence = min(line.confidence for line in texts)
    if len(text) != len(whole):
        return Guess(text, 0.0, "unsure", ("この欄に書けない文字が読み取られました",), NAME, ((text, 0.0),))
    return Guess(text, confidence, "read", (), NAME, ((text, confidence),))
