"""A book's formulas calculated anew by LibreOffice, for reading values alone: its copy loses furigana and more.

LibreOffice trusts the values that Excel left beside the formulas unless it is told to calculate always
(OOXMLRecalcMode 0), so it is told so in a profile of its own, with macros off and links left alone.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from robots.drivers.workbook_package import broken
from robots.errors import SystemFailure

_LEAST_SECONDS = 60.0
_NAMES = ("soffice.com", "soffice", "libreoffice") if os.name == "nt" else ("soffice", "libreoffice")
_WINDOWS_FOLDERS = ("PROGRAMFILES", "PROGRAMFILES(X86)")
_PROFILE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>
<item oor:path="/org.openoffice.Office.Calc/Content/Update"><prop oor:name="Link" oor:op="fuse"><value>2</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="MacroSecurityLevel" oor:op="fuse"><value>3</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="DisableMacrosExecution" oor:op="fuse"><value>true</value></prop></item>
</oor:items>
"""


def find_office() -> Path | None:
    """LibreOffice's program on this machine, if there is one."""
    found = next((place for name in _NAMES if (place := shutil.which(name))), None)
    if found:
        return Path(found)
    folders = [Path(folder) for name in _WINDOWS_FOLDERS if (folder := os.environ.get(name))]
    places = [folder / "LibreOffice" / "program" / "soffice.com" for folder in folders]
    return next((place for place in places if place.is_file()), None)


@contextmanager
def recalculated_copy(path: Path, *, seconds: float) -> Iterator[Path]:
    """A copy of the book, under its own name, with every formula calculated; it is gone when the block ends.

    Raises: SystemFailure where there is no LibreOffice, or it does not manage within the time (at least a minute).
    """
    office = find_office()
    if office is None:
        raise SystemFailure(
            f"{path.name} を計算し直すのに使う LibreOffice が、この端末にありません。",
            mend="LibreOffice を入れるか、Excel でブックを開いて上書き保存し、「Excel表を読む」で読んでください。",
        )
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        root = Path(folder)
        profile, source, made = root / "profile", root / "in" / f"book{path.suffix}", root / "out"
        (profile / "user").mkdir(parents=True)
        (profile / "user" / "registrymodifications.xcu").write_text(_PROFILE, encoding="utf-8")
        source.parent.mkdir()
        shutil.copyfile(path, source)
        options = [
            "--headless",
            "--norestore",
            "--nologo",
            "--nolockcheck",
            f"-env:UserInstallation={profile.as_uri()}",
        ]
        _run([str(office), *options, "--convert-to", "xlsx", "--outdir", str(made), str(source)], seconds, path.name)
        copy = made / "book.xlsx"
        if not copy.is_file():
            raise broken(path.name, "LibreOffice が読み取れません")
        named = made / path.name
        copy.replace(named)
        yield named


def _run(command: list[str], seconds: float, name: str) -> None:
    try:
        office = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    except OSError as error:
        raise SystemFailure(
            f"LibreOffice を始められません（{error.strerror or error}）。", mend="LibreOffice を入れ直してください。"
        ) from error
    try:
        office.wait(max(seconds, _LEAST_SECONDS))
    except subprocess.TimeoutExpired:
        raise SystemFailure(
            f"{name} の計算が時間内に終わりません。",
            mend="手順に「制限時間: 3m」のように書いて時間を延ばすか、ブックを軽くしてください。",
        ) from None
    finally:
        _end(office)


def _end(office: subprocess.Popen[bytes]) -> None:
    """LibreOffice and what it started."""
    if office.poll() is not None:
        return
    with suppress(psutil.NoSuchProcess):
        for one in psutil.Process(office.pid).children(recursive=True):
            with suppress(psutil.NoSuchProcess):
                one.kill()
    office.kill()
    office.wait()
