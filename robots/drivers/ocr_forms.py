"""Forms read by ``ocr``: every file in worker processes, bounded, over all cores; what was read once is remembered."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import ocr
from ocr.reading import FormReading, Refused
from robots.drivers.forms import FormSource, Progress, Sorted
from robots.drivers.ocr_readers import ONE_PAGE, Drawing, Telling
from robots.errors import ScenarioFault, SystemFailure
from robots.form_rows import page_file, refused_row, row_of
from robots.sealed_files import SEALED, Seal, read_sealed, write_sealed
from robots.values import Row

if TYPE_CHECKING:
    Reader = Callable[[Sequence[ocr.Page], ocr.Form], FormReading | Refused]

_WHITE_NAME = "white.pgm"
_WHITE = b"P5 2 2 255 " + bytes([255] * 4)
_SPOT: Mapping[str, object] = {"点": {"kind": "ink", "at": [1, 1, 1, 1]}}
_NOT_IN_NAMES = re.compile(r'[\\/:*?"<>|\x00-\x1f\s]+')
_MEND = "空きメモリを確かめ、もう一度実行してください。読み終えた分から続きます。"


class OcrForms:
    """The forms of a town.

    root: the town's folder; var: where readings and the pictures of doubtful places are kept; seal: what they lie
    sealed with there.
    """

    def __init__(self, root: Path, var: Path, seal: Seal) -> None:
        self._root = root
        self._seal = seal
        self._store = var / "readings"
        self._pictures = var / "review"

    def read(
        self, files: Sequence[Path], form: FormSource, *, everything: bool = False, progress: Progress | None = None
    ) -> list[Row]:
        """See Forms."""
        fields = _fields(form)
        digests: dict[Path, str] = {}
        rows: list[Row] = []
        folder = self._store / "everything" if everything else self._store  # with pictures of every field
        store = ocr.Store(folder, lambda data: self._seal.seal(data).encode("ascii"), self._opened)
        for file, one in readings(files, form, store=store, everything=everything, progress=progress):
            if file not in digests:
                digests[file] = _digest(file)
            source = f"{digests[file]}#{page_of(one.source)}"
            if isinstance(one, Refused):
                rows.append(refused_row(one, fields, form=form.path, source=source))
                continue

            def keep(field: str, picture: bytes, source: str = source) -> str:
                return self._keep(source, field, picture)

            for page, picture in one.pages.items():
                self._keep_file(self._folder(source) / f"{page_file(page)}{SEALED}", picture)
            rows.append(row_of(one, fields, form=form.path, source=source, keep=keep, everything=everything))
        return rows

    def sort(
        self, files: Sequence[Path], forms: Sequence[FormSource], *, progress: Progress | None = None
    ) -> list[Sorted]:
        """See Forms."""
        return sort_files(files, forms, progress=progress)

    def _folder(self, source: str) -> Path:
        digest, _, page = source.partition("#")
        return self._pictures / f"{digest[:12]}-p{page}"

    def _keep(self, source: str, field: str, picture: bytes) -> str:
        """The file's place, from the town's folder on where it lies below it."""
        place = self._folder(source) / f"{_NOT_IN_NAMES.sub('_', field)}.png{SEALED}"
        self._keep_file(place, picture)
        return (place.relative_to(self._root) if place.is_relative_to(self._root) else place).as_posix()

    def _keep_file(self, place: Path, picture: bytes) -> None:
        if self._kept(place) != picture:
            write_sealed(place, picture, self._seal)
        place.with_suffix("").unlink(missing_ok=True)  # as an older version kept it

    def _kept(self, place: Path) -> bytes | None:
        try:
            return read_sealed(place, self._seal)
        except (OSError, SystemFailure):
            return None

    def _opened(self, data: bytes) -> bytes:
        """Raises: ValueError for what is not sealed, or with a key that is not here: it is read anew."""
        try:
            return self._seal.open(data.decode("ascii"))
        except SystemFailure as error:
            raise ValueError(error.what) from error


def readings(
    files: Sequence[Path],
    form: FormSource,
    *,
    store: ocr.Store | None = None,
    overlay: Path | None = None,
    everything: bool = False,
    progress: Progress | None = None,
) -> Iterator[tuple[Path, FormReading | Refused]]:
    """Every copy of the form in the files, in their order, with its file.

    store: where readings are kept and found again; overlay: a folder for pictures of the pages with what was read
    (then everything is read anew); everything: every field has its picture.  Raises: SystemFailure where no worker process can be started.
    """

    plain: Reader = partial(ocr.read_form, everything=True) if everything else ocr.read_form
    reader: Reader = plain if overlay is None else Drawing(overlay)
    for one in _pile(files, _to_read(form), reader, progress, store if overlay is None else None):
        yield one.file, one.reading


def sort_files(files: Sequence[Path], forms: Sequence[FormSource], *, progress: Progress | None = None) -> list[Sorted]:
    """Which pages of the files are which form: one Sorted a file and form, in the files' order."""
    pages: dict[tuple[Path, int | None], list[int]] = {}
    why: dict[tuple[Path, int | None], list[str]] = {}
    paper = forms[0].data.get("paper", {}) if forms else {}
    stand_in = ocr.FormSource(
        {"form": ONE_PAGE, "blank": _WHITE_NAME, "paper": paper, "fields": _SPOT}, {_WHITE_NAME: _WHITE}
    )
    for one in _pile(files, stand_in, Telling([_to_read(form) for form in forms]), progress, None):
        key = (one.file, None if isinstance(one.reading, Refused) else int(one.reading.form))
        page = int(page_of(one.reading.source))
        pages.setdefault(key, []).extend([page] if page else [])
        if isinstance(one.reading, Refused):
            why.setdefault(key, []).append(one.reading.why)
    return [
        Sorted(
            file,
            None if place is None else forms[place],
            tuple(numbers),
            "".join(dict.fromkeys(why.get((file, place), []))),
        )
        for (file, place), numbers in pages.items()
    ]


def _pile(
    files: Sequence[Path], form: ocr.FormSource, reader: Reader, progress: Progress | None, store: ocr.Store | None
) -> Iterator[ocr.PileReading]:
    def told(now: ocr.Progress) -> None:
        if progress is not None:
            progress(now.done, now.copies + now.files - now.opened)

    try:
        yield from ocr.read_pile(list(files), form, store=store, on_progress=told, reader=reader)
    except ocr.WorkersFailed as error:
        raise SystemFailure(str(error), mend=_MEND) from error


def page_of(source: str) -> str:
    """申請書.pdf#3 → 3; "0" where the whole file is meant."""
    _, _, page = source.rpartition("#")
    return page if page.isdecimal() else "0"


def _to_read(form: FormSource) -> ocr.FormSource:
    return ocr.FormSource(form.data, form.files)


def _fields(form: FormSource) -> tuple[ocr.FormField, ...]:
    try:
        return form.checked[1]
    except ocr.FormProblems as error:
        raise ScenarioFault(
            f"帳票 {form.path} の定義に誤りがあります（{error}）。",
            mend="banken check で直すところを確かめてください。",
        ) from error


def _digest(file: Path) -> str:
    try:
        with file.open("rb") as content:
            return hashlib.file_digest(content, "sha256").hexdigest()
    except OSError as error:
        raise SystemFailure(
            f"スキャンしたファイル {file.name} を読めません。", mend="ほかのソフトが開いていないかを確かめてください。"
        ) from error
