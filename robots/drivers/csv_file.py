"""CSV files as Japanese offices exchange them: UTF-8 or cp932, read strictly and written whole.

cp932 and Unicode: five characters of JIS have two Unicode forms each (〜 U+301C and ～ U+FF5E, − and －, ‖ and ∥,
— and ―, ¢ £ ¬ and their full-width forms).  Reading gives Microsoft's form, as Windows does.  Writing cp932 takes
either form to the one JIS character; the reader sees the same character.  Anything else that cp932 lacks is refused.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from rapidfuzz import process

from robots.drivers.workbook_header import column_name
from robots.errors import BusinessError, SystemFailure
from robots.files import write_atomically
from robots.values import Row, Value, text_of

_MAX_FILE = 300_000_000
_BOM = b"\xef\xbb\xbf"
_TO_CP932 = str.maketrans("〜−‖—¢£¬", "～－∥―￠￡￢")
_FORMULA = "=+-@＝＋－＠\t\r"
_LOST = re.compile(r"[\x00\x80-\x9f\ue000-\uf8ff\ufffd\U000f0000-\U0010ffff]")
_NUMBER = re.compile(r"[+-]?\d[\d,]*(\.\d+)?")
_SHOWN = {"utf-8": "UTF-8", "cp932": "cp932（Shift_JIS）"}


def read_csv(path: Path, *, encoding: str, delimiter: str, columns: Sequence[str]) -> list[Row]:
    """The rows of a CSV file under the names of its first line; every value is text; blank lines are passed over.

    encoding: auto, utf-8 or cp932.  columns: names that must be there.
    Raises: SystemFailure (can't be read), BusinessError (undecodable, or a row that does not fit the headings).
    """
    text = _decoded(path.name, _bytes(path), encoding)
    if _LOST.search(text):
        _refuse_lost(path.name, text, delimiter)
    lines = _lines(path.name, text, delimiter)
    first = next(lines, None)
    if first is None:
        raise BusinessError(f"{path.name} に何も書かれていません。", mend="正しいファイルか確かめてください。")
    names = _names(first[1])
    _require(path.name, names, columns)
    rows: list[Row] = []
    for line, cells in lines:
        if len(cells) != len(names):
            raise BusinessError(
                f"{path.name} の{line}行目は{len(cells)}項目で、見出しの{len(names)}項目と合いません。",
                mend='項目の中の「,」や改行が「"」で囲まれているか、区切りの文字が正しいか確かめてください。',
            )
        if any(cells):
            rows.append(Row(zip(names, cells, strict=True), origin=f"{path.name} {line}行目"))
    return rows


def write_csv(path: Path, rows: Sequence[Mapping[str, Value]], *, columns: Sequence[str] | None, encoding: str) -> None:
    """Writes rows under headings, in place of the file at once; utf-8 carries a BOM, so that Excel reads it.

    A text that a spreadsheet would take for a formula is written with ' before it (numbers such as -5 are not).
    Raises: BusinessError (an unknown column, a character that the encoding lacks), SystemFailure (can't be written).
    """
    there = list(dict.fromkeys(name for row in rows for name in row))
    names = there if columns is None else list(columns)
    if rows:
        _require("書く行", there, names)
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow([_checked(name, 0, name, encoding) for name in names])
    for number, row in enumerate(rows, 1):
        writer.writerow([_checked(_guarded(row.get(name)), number, name, encoding) for name in names])
    data = stream.getvalue().encode("utf-8-sig" if encoding == "utf-8" else encoding)
    try:
        write_atomically(path, data)
    except OSError as error:
        raise SystemFailure(
            f"{path.name} に書き込めません（{error.strerror or error}）。",
            mend="ほかのソフトで開いていれば閉じ、書き込む権限と、ディスクの空きを確かめてください。",
        ) from error


def _bytes(path: Path) -> bytes:
    try:
        if path.stat().st_size > _MAX_FILE:
            raise SystemFailure(
                f"{path.name} は{_MAX_FILE // 1_000_000} MB を超えていて読めません。", mend="ファイルを分けてください。"
            )
        return path.read_bytes()
    except FileNotFoundError as error:
        raise SystemFailure(
            f"{path.name} がありません。", mend=f"ファイルが {path.parent} に置かれているか確かめてください。"
        ) from error
    except OSError as error:
        raise SystemFailure(
            f"{path.name} を読めません（{error.strerror or error}）。",
            mend="ほかのソフトで開いていれば閉じ、読む権限があるか確かめてください。",
        ) from error


def _decoded(name: str, data: bytes, encoding: str) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise BusinessError(
            f"{name} の文字コードは UTF-16 で、読めません。", mend="UTF-8 か Shift_JIS で保存し直してください。"
        )
    body = data.removeprefix(_BOM)
    candidates = ["utf-8"] if len(body) < len(data) else ["utf-8", "cp932"] if encoding == "auto" else [encoding]
    failures: list[tuple[int, str]] = []
    for candidate in candidates:
        try:
            return body.decode(candidate)
        except UnicodeDecodeError as error:
            failures.append((error.start, candidate))
    at, tried = max(failures)
    line = body.count(b"\n", 0, at) + 1
    start = body.rfind(b"\n", 0, at) + 1
    raise BusinessError(
        f"{name} の{line}行目、行の先頭から{at - start + 1}バイト目（{body[at]:02X}）が {_SHOWN[tried]} の文字として読めません。",
        mend="外字が使われていないか、「文字コード」が正しいか確かめ、UTF-8 で保存し直してください。",
    )


def _refuse_lost(name: str, text: str, delimiter: str) -> None:
    """Raises: BusinessError for 外字 (which mean something on one machine only) or what is left of a lost character."""
    names: list[str] = []
    for line, cells in _lines(name, text, delimiter):
        names = names or _names(cells)
        for number, cell in enumerate(cells):
            found = _LOST.search(cell)
            if found is not None:
                column = names[number] if number < len(names) else f"{number + 1}列目"
                before = cell[max(0, found.start() - 10) : found.start()]
                where = f"の「{before}」の次" if before else "のはじめ"
                raise BusinessError(
                    f"{name} の{line}行目、列「{column}」{where}に、外字か壊れた文字（U+{ord(found[0]):04X}）があります。",
                    mend="その文字を、ふつうの文字に置きかえて保存し直してください。",
                )


def _lines(name: str, text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Each record that is not blank, with the line where it begins."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    start = 1
    try:
        for cells in reader:
            if cells:
                yield start, cells
            start = reader.line_num + 1
    except csv.Error as error:
        raise BusinessError(
            f"{name} の{start}行目からの記録が、CSVとして読めません。",
            mend='「"」で囲んだ項目が閉じられているか、項目の中の「"」が「""」と書かれているか確かめてください。',
        ) from error


def _names(cells: Sequence[str]) -> list[str]:
    names = [column_name(cell) for cell in cells]
    times = Counter(names)
    return [name if name and times[name] == 1 else f"{name}（{number}列目）" for number, name in enumerate(names, 1)]


def _require(where: str, names: Sequence[str], wanted: Sequence[str]) -> None:
    missing = [name for name in wanted if name not in names]
    if missing:
        near = [match[0] for name in missing if (match := process.extractOne(name, names, score_cutoff=50))]
        raise BusinessError(
            f"{where}に列{'、'.join(f'「{name}」' for name in missing)}がありません（ある列: {'、'.join(names)}）。",
            mend="見出しか、シナリオに書いた列の名前を直してください。",
            guess="、".join(near) or None,
        )


def _guarded(value: Value) -> str:
    text = text_of(value)
    dangerous = isinstance(value, str) and text[:1] in _FORMULA and text and not _NUMBER.fullmatch(text)
    return f"'{text}" if dangerous else text


def _checked(text: str, number: int, column: str, encoding: str) -> str:
    """The text as the encoding holds it."""
    if encoding == "cp932":
        text = text.translate(_TO_CP932)
    place = f"{number}行目の列「{column}」" if number else f"見出し「{column}」"
    lost = _LOST.search(text)
    if lost is not None:  # cp932 has bytes for 外字 too, which another machine shows as another letter
        raise BusinessError(
            f"{place}の「{text[max(0, lost.start() - 10) : lost.start()]}」の次に、外字か壊れた文字"
            f"（U+{ord(lost[0]):04X}）があり、書けません。",
            mend="その文字を、ふつうの文字に直してください。",
        )
    try:
        text.encode(encoding)
    except UnicodeEncodeError as error:
        letter = text[error.start]
        raise BusinessError(
            f"{place}の文字「{letter}」（U+{ord(letter):04X}）は {_SHOWN[encoding]} では書けません。",
            mend="その文字を別の字に直すか、「文字コード」を utf-8 にしてください。",
        ) from error
    return text
