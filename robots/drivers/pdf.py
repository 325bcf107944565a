"""PDF files merged, split, read and stamped.  Each is done in a process of its own, bounded in time and memory: whatever
is in a file from outside, the run goes on.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from robots.drivers.folder import put_file
from robots.errors import BusinessError, SystemFailure

_MOST_BYTES = 500_000_000
_MOST_MEMORY = 2_000_000_000
_LOOK = 0.1


@dataclass(frozen=True, slots=True)
class Stamp:
    """What is printed on a page: lines of text at a place in mm from the left and the top of the page as it is seen."""

    lines: tuple[str, ...]
    left: float
    top: float
    points: float
    red: bool
    frame: bool


def merge_pdfs(files: Sequence[Path], target: Path, *, overwrite: bool, seconds: float) -> int:
    """All pages of the files in one, in their order.  Gives how many pages it has.

    Raises: BusinessError (a file that is no PDF, broken, protected, too large; another file in the target's place),
    SystemFailure (it takes too long; can't be written).
    """
    with _made() as made:
        pages = _ask("merge", files, seconds, target=str(made))
        _put(made, target, overwrite=overwrite)
    return int(str(pages))


def split_pdf(
    file: Path, targets: Sequence[Path], ranges: Sequence[tuple[int, int]], *, overwrite: bool, seconds: float
) -> None:
    """The pages of each range (first and last, from 1) as a file of its own.  Raises: as merge_pdfs."""
    with tempfile.TemporaryDirectory() as folder:
        made = [Path(folder) / f"{number}.pdf" for number in range(len(targets))]
        told = [[str(path), first, last] for path, (first, last) in zip(made, ranges, strict=True)]
        _ask("split", [file], seconds, parts=told)
        for path, target in zip(made, targets, strict=True):
            _put(path, target, overwrite=overwrite)


def count_pages(file: Path, *, seconds: float) -> int:
    """How many pages a PDF has.  Raises: as merge_pdfs."""
    return int(str(_ask("count", [file], seconds)))


def text_of_pages(file: Path, *, seconds: float) -> list[str]:
    """The text of each page; "" where it holds none (a scanned picture).  Raises: as merge_pdfs."""
    found = _ask("text", [file], seconds)
    assert isinstance(found, list)
    return [str(one) for one in found]


def stamp_pdf(
    file: Path, target: Path, stamp: Stamp, pages: Sequence[int] | None, *, overwrite: bool, seconds: float
) -> int:
    """A copy with the stamp on these pages (from 1; None: on all).  Gives how many were stamped.  Raises: as merge_pdfs."""
    with _made() as made:
        done = _ask(
            "stamp", [file], seconds, target=str(made), stamp=asdict(stamp), pages=list(pages) if pages else None
        )
        _put(made, target, overwrite=overwrite)
    return int(str(done))


@contextmanager
def _made() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder) / "made.pdf"


def _put(made: Path, target: Path, *, overwrite: bool) -> None:
    put_file(target, made.read_bytes(), overwrite=overwrite)


def _ask(task: str, files: Sequence[Path], seconds: float, **more: object) -> object:
    """What the child answers."""
    for file in files:
        _check(file)
    question = json.dumps({"task": task, "files": [str(file.resolve()) for file in files], **more})
    named = "、".join(file.name for file in files[:3])
    code, answer, said = _run_child(question, seconds, named)
    if code != 0:
        last = (said.strip().splitlines() or ["?"])[-1].partition(":")[0].rpartition(".")[2]
        raise BusinessError(
            f"{named} を PDF として扱えません。壊れているようです（{last}）。",
            mend="PDF を開けるか確かめ、開けるなら「PDF に印刷」で作り直したものを使ってください。",
        )
    told = json.loads(answer)
    if "refused" in told:
        raise BusinessError(str(told["refused"]), mend=str(told["mend"]))
    return told["done"]


def _check(file: Path) -> None:
    if not file.is_file():
        raise BusinessError(
            f"ファイル「{file.name}」がありません。", mend="ファイルの名前と、置かれているフォルダを確かめてください。"
        )
    if file.stat().st_size > _MOST_BYTES:
        raise BusinessError(
            f"{file.name} は {_MOST_BYTES // 1_000_000} MB を超えていて扱えません。", mend="ファイルを分けてください。"
        )


def _run_child(question: str, seconds: float, named: str) -> tuple[int, str, str]:
    command = [sys.executable, "-X", "utf8", "-m", "robots.drivers.pdf_child"]
    until = time.monotonic() + seconds
    with (
        tempfile.TemporaryFile("w+", encoding="utf-8") as out,
        tempfile.TemporaryFile("w+", encoding="utf-8") as err,
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=out, stderr=err, encoding="utf-8") as child,
    ):
        try:
            child.communicate(question, timeout=_LOOK)
        except subprocess.TimeoutExpired:
            _watch(child, until, named)
        out.seek(0)
        err.seek(0)
        return child.returncode, out.read(), err.read()


def _watch(child: subprocess.Popen[str], until: float, named: str) -> None:
    """Until the child has ended.  Raises: SystemFailure (too long), BusinessError (too large); then it is ended."""
    try:
        process = psutil.Process(child.pid)
        while child.poll() is None:
            if time.monotonic() > until:
                raise SystemFailure(
                    f"{named} の処理が時間内に終わりません。",
                    mend="手順に「制限時間: 2m」のように書いて時間を延ばすか、ファイルを分けてください。",
                )
            if process.memory_info().rss > _MOST_MEMORY:
                raise BusinessError(
                    f"{named} を開くのに使うメモリが多すぎます。", mend="ファイルを分けるか、作り直してください。"
                )
            time.sleep(_LOOK / 5)
    except psutil.NoSuchProcess:
        child.wait()
    finally:
        if child.poll() is None:
            child.kill()
            child.wait()
