"""The .xlsx package as a zip of XML parts, opened with bounds: a hostile file is refused before it is parsed."""

from __future__ import annotations

import io
import posixpath
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lxml import etree

from robots.errors import SystemFailure

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
_DOCUMENT_RELATIONS = (
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    "http://purl.oclc.org/ooxml/officeDocument/relationships",
)
_MAX_FILE = 300_000_000
_MAX_PARTS = 20_000
_MAX_PART = 1_000_000_000
_MAX_TOTAL = 1_500_000_000
_FREE_SIZE = 50_000_000
_MAX_RATIO = 200
_CHUNK = 1 << 20
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@dataclass(frozen=True, slots=True)
class SheetPart:
    """A worksheet: its name, whether it is shown, and the part that holds it."""

    name: str
    visible: bool
    part: str


def parse_xml(data: bytes, name: str) -> etree._Element:
    """A part as a tree; no entity is resolved, nothing is fetched, a document type is refused.

    Raises: SystemFailure naming the part.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise broken(name, "中身のXMLが壊れています") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise broken(name, "中身のXMLに使えない宣言（DOCTYPE）があります")
    return root


def broken(name: str, why: str) -> SystemFailure:
    """A book that can't be read, by name."""
    return SystemFailure(
        f"{name} は Excel のブックとして読めません（{why}）。",
        mend="Excel で開けるか確かめ、開けるなら「Excelブック（*.xlsx）」として保存し直してください。",
    )


class Package:
    """A book's parts.  name: what messages call it."""

    def __init__(self, data: bytes, name: str) -> None:
        """Raises: SystemFailure for what is no .xlsx, is encrypted, or would grow beyond the bounds."""
        self.name = name
        self.data = data
        _refuse_other_kinds(data, name)
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
            raise broken(name, "ファイルが壊れているか、Excel のブックではありません") from error
        self.infos = self._zip.infolist()
        self._check_bounds()
        self._names = {info.filename.replace("\\", "/").lower(): info.filename for info in self.infos}
        if len(self._names) != len(self.infos):
            raise broken(name, "同じ名前の部品が二つあります")
        self.workbook_part = self._find_workbook()

    def _check_bounds(self) -> None:
        total = sum(info.file_size for info in self.infos)
        biggest = max((info.file_size for info in self.infos), default=0)
        ratio = total / max(1, len(self.data))
        if (
            len(self.infos) > _MAX_PARTS
            or biggest > _MAX_PART
            or total > _MAX_TOTAL
            or (total > _FREE_SIZE and ratio > _MAX_RATIO)
        ):
            raise broken(self.name, f"展開すると {total // 1_000_000} MB になり、大きすぎます")
        if any(info.flag_bits & 0x1 for info in self.infos):
            raise _encrypted(self.name)

    def _find_workbook(self) -> str:
        for kind, target in self.relations(""):
            if kind == "officeDocument":
                if target.lower().endswith(".bin"):
                    raise broken(self.name, "バイナリブック（.xlsb）です")
                return target
        raise broken(self.name, "Excel のブックではありません")

    def has(self, part: str) -> bool:
        """Whether there is such a part."""
        return part.lower() in self._names

    def parts(self) -> list[str]:
        """All parts by name."""
        return [info.filename for info in self.infos]

    def chunks(self, part: str) -> Iterator[bytes]:
        """A part's bytes, piece by piece.

        Raises: SystemFailure where the part is damaged or absent, or holds more than it declares.
        """
        stored = self._names.get(part.lower())
        if stored is None:
            raise broken(self.name, f"部品 {part} がありません")
        try:
            with self._zip.open(stored) as stream:
                while chunk := stream.read(_CHUNK):
                    yield chunk
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
            raise broken(self.name, f"部品 {part} が壊れています") from error

    def read(self, part: str) -> bytes:
        """A part's bytes."""
        return b"".join(self.chunks(part))

    def xml(self, part: str) -> etree._Element:
        """A part as a tree."""
        return parse_xml(self.read(part), self.name)

    def relations(self, part: str) -> list[tuple[str, str]]:
        """What a part refers to inside the package: (kind, part); the package itself is the part ""."""
        return [(kind, target) for _, kind, target in self.related(part)]

    def related(self, part: str) -> list[tuple[str, str, str]]:
        """What a part refers to inside the package: (id, kind, part)."""
        folder, file = posixpath.split(part)
        rels = posixpath.join(folder, "_rels", f"{file}.rels")
        if not self.has(rels):
            return []
        found: list[tuple[str, str, str]] = []
        for element in self.xml(rels):
            if not isinstance(element.tag, str) or element.get("TargetMode") == "External":
                continue
            target = element.get("Target", "").replace("\\", "/")
            full = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
            found.append((element.get("Id", ""), element.get("Type", "").rpartition("/")[2], full))
        return found

    def sheets(self) -> list[SheetPart]:
        """The worksheets in the order of the book (no chart sheets)."""
        targets = {id_: target for id_, kind, target in self.related(self.workbook_part) if kind == "worksheet"}
        found: list[SheetPart] = []
        for element in self.xml(self.workbook_part).iter("{*}sheet"):
            id_ = next((id_ for space in _DOCUMENT_RELATIONS if (id_ := element.get(f"{{{space}}}id"))), "")
            if id_ in targets:
                found.append(
                    SheetPart(
                        element.get("name", ""),
                        "state" not in element.attrib or element.get("state") == "visible",
                        targets[id_],
                    )
                )
        return found

    def one_of_kind(self, kind: str) -> str | None:
        """The part of a kind that the workbook refers to (styles, sharedStrings)."""
        return next((target for found, target in self.relations(self.workbook_part) if found == kind), None)


def open_package(path: Path) -> Package:
    """The package of a file on disk, read once.

    Raises: SystemFailure (absent, unreadable, no .xlsx).
    """
    try:
        if path.stat().st_size > _MAX_FILE:
            raise broken(path.name, f"{_MAX_FILE // 1_000_000} MB を超える大きさです")
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise SystemFailure(
            f"{path.name} がありません。", mend=f"ファイルが {path.parent} に置かれているか確かめてください。"
        ) from error
    except OSError as error:
        raise SystemFailure(
            f"{path.name} を読めません（{error.strerror or error}）。",
            mend="ほかの人やソフトが開いていれば閉じ、読む権限があるか確かめてください。",
        ) from error
    return Package(data, path.name)


def _encrypted(name: str) -> SystemFailure:
    return SystemFailure(
        f"{name} はパスワードで保護されていて読めません。",
        mend="Excel で開き、パスワードを外して保存したものを使ってください。",
    )


def _refuse_other_kinds(data: bytes, name: str) -> None:
    if data.startswith(_OLE):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise _encrypted(name)
        raise broken(name, "古い形式（.xls）です")
    if not data.startswith(b"PK"):
        why = "空のファイルです" if not data else "ファイルが壊れているか、Excel のブックではありません"
        raise broken(name, why)
