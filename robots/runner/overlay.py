"""What a rehearsal writes: beside the real folders, and read there again as if it stood in its place."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterable
from pathlib import Path

from robots.files import replace_file


class Overlay:
    """Stands over the folders that a rehearsal's scenarios (the called ones too) may write into; those stay as they are.

    Below ``folder`` each of them has its like.  A file is copied there when it is first written (or moved away), a
    folder as a whole when it is read after something in it was written.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._roots: list[Path] = []
        self._taken: set[Path] = set()
        """Places that stand in the overlay now; one that is not there has been moved away."""

    def stand_over(self, folders: Iterable[Path]) -> None:
        """Adds folders; before anything is read or written."""
        self._roots = sorted({*self._roots, *(one.resolve() for one in folders)}, key=lambda one: len(one.parts))

    def written(self, place: Path) -> Path:
        """Where a file is written (or moved away from) in place of ``place``.  Raises: OSError."""
        like = self._like(place)
        (like if place.is_dir() else like.parent).mkdir(parents=True, exist_ok=True)
        if place not in self._taken and not place.is_dir():
            self._copy(place, like)
            self._taken.add(place)
        return like

    def read(self, place: Path) -> Path:
        """Where a file or a folder is read in place of ``place``.  Raises: OSError."""
        if not any(place.is_relative_to(root) for root in self._roots):
            return place
        like = self._like(place)
        if like.is_dir() and any(one.is_relative_to(place) for one in self._taken):
            self._fill(place, like)
            return like
        return like if place in self._taken else place

    def _like(self, place: Path) -> Path:
        """The outermost folder counts, so that a file has one place whichever folder it is named by."""
        root = next(one for one in self._roots if place.is_relative_to(one))
        mark = hashlib.sha256(str(root).encode()).hexdigest()[:6]
        return self._folder / f"{root.name}-{mark}" / place.relative_to(root)

    def _fill(self, place: Path, like: Path) -> None:
        for one in place.iterdir() if place.is_dir() else ():
            if one.is_symlink():
                continue
            if one.is_dir():
                self._fill(one, like / one.name)
            elif one not in self._taken:
                self._copy(one, like / one.name)
                self._taken.add(one)

    def _copy(self, place: Path, like: Path) -> None:
        if place.is_file():
            replace_file(like, lambda temporary: _copied(place, temporary))


def _copied(source: Path, target: Path) -> None:
    shutil.copyfile(source, target)
    shutil.copystat(source, target)
