"""Scenarios between towns: one ZIP with a manifest, made by ``packed`` and read, distrusted, by ``unpacked``."""

from __future__ import annotations

import hashlib
import io
import json
import re
import unicodedata
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import PurePosixPath
from typing import Any, Literal

from robots.errors import BusinessError
from robots.settings import SCENARIO_NAME

FORMAT = "banken-share-1"
MANIFEST = "manifest.json"
_FOLDER = "scenario/"
DataKind = Literal["none", "personal", "my_number"]
MOST_FILES = 500
LARGEST = 50_000_000
"""Bytes, unpacked, of all files together."""
_MOST_PACKED = 200
"""How many times its packed size a file may have."""
_SMALL = 100_000
_DEVICES = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d|conin\$|conout\$)(\..*)?")
_FORBIDDEN = re.compile(r'[<>:"|?*\\]')
_LINK = 0o120000
_EPOCH = (1980, 1, 1, 0, 0, 0)
_MEND = "送り主に、banken share export で作り直してもらってください。"


@dataclass(frozen=True, slots=True)
class Shared:
    """What a share holds.  digest: of its files, as the manifest says and as they are; origin: the town that made it."""

    id: str
    name: str
    data: DataKind
    minutes: str
    origin: str
    on: date
    digest: str
    files: Mapping[str, bytes]


def digest_of_files(files: Mapping[str, bytes]) -> str:
    """SHA-256 over path, length and SHA-256 of every file, in order."""
    lines = [f"{path}\t{len(data)}\t{hashlib.sha256(data).hexdigest()}" for path, data in sorted(files.items())]
    return f"sha256:{hashlib.sha256(chr(10).join([FORMAT, *lines]).encode()).hexdigest()}"


def packed(shared: Shared) -> bytes:
    """The ZIP's bytes; the same contents give the same bytes."""
    manifest = {
        "format": FORMAT,
        "id": shared.id,
        "name": shared.name,
        "data": shared.data,
        "minutes_per_item": shared.minutes,
        "origin": shared.origin,
        "exported": shared.on.isoformat(),
        "digest": digest_of_files(shared.files),
        "files": {path: hashlib.sha256(data).hexdigest() for path, data in sorted(shared.files.items())},
    }
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        text = json.dumps(manifest, ensure_ascii=False, indent=2).encode()
        for path, data in [
            (MANIFEST, text),
            *((f"{_FOLDER}{path}", data) for path, data in sorted(shared.files.items())),
        ]:
            archive.writestr(zipfile.ZipInfo(path, _EPOCH), data, zipfile.ZIP_DEFLATED)
    return made.getvalue()


def unpacked(content: bytes) -> Shared:
    """What a ZIP from another town holds, in memory; nothing is written.

    Raises: BusinessError for whatever is not as ``packed`` makes it: other files, names that lead elsewhere, links, a
    bomb, contents that the manifest does not name or that have another digest.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            files = _files(archive)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError, OSError) as error:
        raise BusinessError("ZIP として読めません。", mend=_MEND) from error
    manifest = _manifest(files.pop(MANIFEST, b""))
    inside = {path.removeprefix(_FOLDER): data for path, data in files.items()}
    told = manifest["files"]
    wrong = sorted(
        path
        for path in {*told, *inside}
        if path not in inside or told.get(path) != hashlib.sha256(inside[path]).hexdigest()
    )
    if wrong or manifest["digest"] != digest_of_files(inside):
        named = f"（{'、'.join(wrong[:5])}）" if wrong else ""
        raise BusinessError(f"中身が、送り主の目録（{MANIFEST}）と合いません{named}。", mend=_MEND)
    if SCENARIO_NAME not in inside:
        raise BusinessError(f"{SCENARIO_NAME} が入っていません。", mend=_MEND)
    return Shared(
        id=manifest["id"],
        name=manifest["name"],
        data=manifest["data"],
        minutes=manifest["minutes_per_item"],
        origin=manifest["origin"],
        on=date.fromisoformat(manifest["exported"]),
        digest=manifest["digest"],
        files=inside,
    )


def _files(archive: zipfile.ZipFile) -> dict[str, bytes]:
    infos = archive.infolist()
    if len(infos) > MOST_FILES:
        raise BusinessError(f"ファイルが {len(infos)} 個あります（{MOST_FILES} 個まで）。", mend=_MEND)
    files: dict[str, bytes] = {}
    seen: set[str] = set()
    room = LARGEST
    for info in infos:
        _check_name(info)
        key = unicodedata.normalize("NFC", info.filename).casefold()
        if key in seen:
            raise BusinessError(f"同じ名前のファイル「{info.filename}」が二つあります。", mend=_MEND)
        seen.add(key)
        allowed = min(room, max(_SMALL, info.compress_size * _MOST_PACKED))
        with archive.open(info) as stream:
            data = stream.read(allowed + 1)
        if len(data) > allowed:
            raise BusinessError(
                f"「{info.filename}」が大きすぎます（展開すると際限なくふくらむおそれがあります）。", mend=_MEND
            )
        room -= len(data)
        files[info.filename] = data
    return files


def _check_name(info: zipfile.ZipInfo) -> None:
    """A name that stays in its folder, on Windows too."""
    name, path = info.orig_filename, PurePosixPath(info.filename)
    bad = (
        name != info.filename
        or not (name == MANIFEST or name.startswith(_FOLDER))
        or name.endswith("/")
        or path.as_posix() != name
        or len(name) > 200
        or info.external_attr >> 16 & 0o170000 == _LINK
        or info.flag_bits & 0x1
        or any(
            part in (".", "..")
            or part != part.strip(" .")
            or _DEVICES.fullmatch(part)
            or _FORBIDDEN.search(part)
            or any(unicodedata.category(one) in ("Cc", "Cf", "Cs", "Zl", "Zp") for one in part)
            for part in path.parts
        )
    )
    if bad:
        raise BusinessError(f"「{name!a}」という名前のものは受け取れません。", mend=_MEND)


def _manifest(data: bytes) -> dict[str, Any]:
    """The manifest, each value of its kind."""
    texts = ("format", "id", "name", "data", "minutes_per_item", "origin", "exported", "digest")
    try:
        read = json.loads(data)
        sound = isinstance(read, dict) and all(isinstance(read.get(key), str) and len(read[key]) < 300 for key in texts)
        sound = sound and isinstance(read.get("files"), dict) and read["data"] in ("none", "personal", "my_number")
        sound = sound and re.fullmatch(r"\d{1,6}(\.\d{1,4})?", read["minutes_per_item"]) is not None
        sound = sound and bool(date.fromisoformat(read["exported"]))
    except (ValueError, RecursionError):
        sound = False
    if not sound or read["format"] != FORMAT:
        raise BusinessError(f"{MANIFEST} が、番犬の共有ファイルのものではありません。", mend=_MEND)
    return dict(read)
