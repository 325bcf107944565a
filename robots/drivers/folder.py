"""Files as they are: listed, copied, moved and packed, whole or not at all, and never over another one unasked."""

from __future__ import annotations

import filecmp
import fnmatch
import shutil
import unicodedata
import zipfile
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from robots.clock import JST
from robots.errors import BusinessError, SystemFailure
from robots.files import replace_file, sync_folder

_HIDDEN = (".", "~$")
_MOST_FILES = 100_000
_OLDEST, _NEWEST = datetime(1980, 1, 1, tzinfo=JST), datetime(2107, 12, 31, tzinfo=JST)


def files_in(folder: Path, pattern: str, *, deep: bool) -> list[Path]:
    """The files of a folder whose name fits the pattern (* and ?; large and small letters are one), sorted by name.

    Hidden files, Excel's owner files and symbolic links are left out.  Raises: SystemFailure, BusinessError.
    """
    if not folder.is_dir():
        raise BusinessError(f"フォルダ「{folder.name}」がありません。", mend="フォルダの場所を確かめてください。")
    wanted = unicodedata.normalize("NFC", pattern).lower()
    found: list[Path] = []
    try:
        for path in _walk(folder, deep=deep):
            if fnmatch.fnmatchcase(unicodedata.normalize("NFC", path.name).lower(), wanted):
                found.append(path)
                if len(found) > _MOST_FILES:
                    raise BusinessError(
                        f"フォルダ「{folder.name}」のファイルが {_MOST_FILES:,} 個を超えています。",
                        mend="名前の形で絞り込むか、フォルダを分けてください。",
                    )
    except OSError as error:
        raise _unreadable(folder, error) from error
    return sorted(found, key=lambda path: path.relative_to(folder).as_posix())


def _walk(folder: Path, *, deep: bool) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.name.startswith(_HIDDEN) or path.is_symlink():
            continue
        if path.is_file():
            yield path
        elif deep and path.is_dir():
            yield from _walk(path, deep=True)


def modified(path: Path) -> datetime:
    """When a file was last written, in JST to the second."""
    return datetime.fromtimestamp(int(path.stat().st_mtime), JST)


def copy_file(source: Path, target: Path, *, overwrite: bool) -> bool:
    """Copies a file, its time with it; False where the same file stands there already.

    Raises: BusinessError where another file stands there, SystemFailure where it can't be read or written.
    """
    if not source.is_file():
        raise BusinessError(
            f"ファイル「{source.name}」がありません。",
            mend="ファイルの名前と、置かれているフォルダを確かめてください。",
        )
    try:
        if target.is_file() and filecmp.cmp(source, target, shallow=False):
            return False
        _refuse_other(target, overwrite=overwrite)
        replace_file(target, lambda temporary: _copied(source, temporary))
    except OSError as error:
        raise _unwritable(target, error) from error
    return True


def _copied(source: Path, target: Path) -> None:
    shutil.copyfile(source, target)
    shutil.copystat(source, target)


def move_file(source: Path, target: Path, *, overwrite: bool) -> None:
    """Moves a file: it stands in its new place, whole and synced, before it leaves the old one.

    Raises: as copy_file.
    """
    copy_file(source, target, overwrite=overwrite)
    try:
        if not target.samefile(source):
            source.unlink()
            sync_folder(source.parent)
    except OSError as error:
        raise SystemFailure(
            f"{target.name} を写しましたが、元のファイルを消せません（{error.strerror or error}）。",
            mend="ほかのソフトで開いていれば閉じてから、もう一度実行してください。",
        ) from error


def put_file(target: Path, data: bytes, *, overwrite: bool) -> bool:
    """Writes a file that a step made; False where the very same stands there already.  Raises: as copy_file."""
    try:
        if target.is_file() and target.read_bytes() == data:
            return False
        _refuse_other(target, overwrite=overwrite)
        replace_file(target, lambda temporary: _written(temporary, data))
    except OSError as error:
        raise _unwritable(target, error) from error
    return True


def _written(path: Path, data: bytes) -> None:
    path.write_bytes(data)


def _refuse_other(target: Path, *, overwrite: bool) -> None:
    if target.is_dir():
        raise BusinessError(f"「{target.name}」はフォルダです。", mend="ファイルの名前まで書いてください。")
    if target.exists() and not overwrite:
        raise BusinessError(
            f"{target.name} は、内容の違うファイルがもうあるので、書きませんでした。",
            mend="別の名前にするか、書き換えてよければ手順に「上書き: はい」と書いてください。",
        )


def pack(files: Sequence[Path], target: Path, *, overwrite: bool) -> None:
    """A zip of files under their own names, which are written in UTF-8; the same files give the same bytes.

    Raises: BusinessError (two of one name, another file in its place), SystemFailure.
    """
    names: dict[str, str] = {}
    for path in files:
        name = unicodedata.normalize("NFC", path.name)
        if not path.is_file():
            raise BusinessError(f"ファイル「{name}」がありません。", mend="ファイルの名前を確かめてください。")
        if name.lower() in names:
            raise BusinessError(
                f"「{name}」という名前のファイルが二つあります。", mend="名前が重ならないようにしてください。"
            )
        names[name.lower()] = name
    try:
        if target.is_file() and not overwrite:
            fresh = target.with_name(f".banken-{target.name}")
            try:
                _pack(files, list(names.values()), fresh)
                if filecmp.cmp(fresh, target, shallow=False):
                    return
            finally:
                fresh.unlink(missing_ok=True)
        _refuse_other(target, overwrite=overwrite)
        replace_file(target, lambda temporary: _pack(files, list(names.values()), temporary))
    except OSError as error:
        raise _unwritable(target, error) from error


def _pack(files: Sequence[Path], names: Sequence[str], target: Path) -> None:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        for path, name in zip(files, names, strict=True):
            moment = min(max(modified(path), _OLDEST), _NEWEST)
            info = zipfile.ZipInfo(name, moment.timetuple()[:6])
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            with path.open("rb") as source, packed.open(info, "w", force_zip64=path.stat().st_size > 2**31) as sink:
                shutil.copyfileobj(source, sink, 1 << 20)


def _unreadable(path: Path, error: OSError) -> SystemFailure:
    return SystemFailure(
        f"{path.name} を読めません（{error.strerror or error}）。",
        mend="置かれている場所と、読む権限があるかを確かめてください。",
    )


def _unwritable(path: Path, error: OSError) -> SystemFailure:
    return SystemFailure(
        f"{path.name} に書き込めません（{error.strerror or error}）。",
        mend="ほかのソフトで開いていれば閉じ、名前に使えない文字がないか、書き込む権限とディスクの空きを確かめてください。",
    )
