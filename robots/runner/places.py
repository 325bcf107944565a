"""Where a scenario may read and write: below its own folder and the folders of `uses`, and nowhere else."""

from __future__ import annotations

import errno
from collections.abc import Mapping
from pathlib import Path, PurePosixPath, PureWindowsPath

from robots.errors import NotDeclared, ScenarioFault
from robots.files import write_atomically
from robots.registry.digest import OUTSIDE
from robots.runner.overlay import Overlay
from robots.runner.uses import line_to_add

_MEND = "シナリオのフォルダの中か、利用（uses）のフォルダ（folders）に書いたフォルダの中のファイルを指定してください。"
_MOST_PARTS, _LONGEST_PART = 200, 255
_NAMES_FAULT = (errno.ENAMETOOLONG, errno.EINVAL, errno.EEXIST, errno.ENOTDIR, errno.ELOOP)
_OUTSIDE = tuple((folder,) for folder in OUTSIDE)


class Places:
    """Resolves the file names of one run.

    scenario: the scenario's folder; folders: name → place as written in `uses.folders`; var: the town's var
    folder, which a folder written ``var/...`` stands below; files: the approved bytes, which are what is read
    of the scenario's own files; private: a folder of this run for copies of them; overlay: what stands over the
    folders in a rehearsal.
    """

    def __init__(
        self,
        *,
        scenario: Path,
        folders: Mapping[str, str],
        var: Path,
        files: Mapping[str, bytes],
        private: Path,
        overlay: Overlay | None = None,
    ) -> None:
        self._scenario = scenario
        self._var = var
        self._files = files
        self._private = private
        self._overlay = overlay
        self.folders: dict[str, Path] = {name: self._folder(text) for name, text in folders.items()}
        if overlay is not None:
            overlay.stand_over(self.folders.values())

    def file(self, text: str, *, write: bool) -> Path:
        """The place on disk, its folder made where it is to be written.

        Raises: ScenarioFault (NotDeclared where it would leave the folders that it may touch).
        """
        if not text.strip() or "\0" in text:
            raise ScenarioFault("ファイルの名前が空です。", mend=_MEND)
        path = self._scenario / text  # an absolute text stays as it is
        place, own = _resolved(path, text), self._scenario.resolve()
        if ".." in PurePosixPath(text.replace("\\", "/")).parts:
            raise NotDeclared(
                f"「{text}」は .. でフォルダの外に出ようとしています。",
                mend=_MEND,
                kind="folder",
                thing=str(place.parent),
            )
        if place.is_relative_to(own) and place.relative_to(own).parts[:1] not in _OUTSIDE:
            return self._approved_copy(text, place.relative_to(own).as_posix(), write=write)
        if any(place.is_relative_to(folder.resolve()) for folder in self.folders.values()):
            return self._in_folder(place, text, write=write)
        if write or not place.is_relative_to(own):
            raise _not_allowed(text, place, write=write)
        return place

    def _in_folder(self, place: Path, text: str, *, write: bool) -> Path:
        try:
            if self._overlay is not None:
                return self._overlay.written(place) if write else self._overlay.read(place)
            if write:
                place.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            if error.errno not in _NAMES_FAULT:
                raise
            raise _unusable(text) from error
        return place

    def _approved_copy(self, text: str, relative: str, *, write: bool) -> Path:
        """What runs is what was hashed: the scenario's own files are read from the bytes that were approved."""
        if write:
            raise ScenarioFault(
                f"シナリオのフォルダの中の「{text}」に書き込むことは許されていません。",
                mend="利用（uses）のフォルダ（folders）に書いたフォルダ（var/out など）に書いてください。",
            )
        if relative not in self._files:
            raise ScenarioFault(
                f"「{text}」は、承認したシナリオのファイルの中にありません。",
                mend="名前を確かめ、シナリオのフォルダにファイルを置いて承認を受けてください。",
            )
        copy, approved = self._private / relative, self._files[relative]
        if not copy.exists() or copy.read_bytes() != approved:  # a run that is carried on may find an older copy
            write_atomically(copy, approved)
        return copy

    def _folder(self, text: str) -> Path:
        if Path(text).is_absolute() or PureWindowsPath(text).is_absolute():
            if not Path(text).is_absolute():
                raise ScenarioFault(
                    f"利用のフォルダ「{text}」は、この端末では使えません。",
                    mend="この端末にあるフォルダの場所に直すか、そのフォルダのある端末で実行してください。",
                )
            return Path(text)
        parts = PurePosixPath(text.replace("\\", "/")).parts
        if ".." in parts:
            raise ScenarioFault(
                f"利用のフォルダ「{text}」に .. は使えません。", mend="フォルダの場所をそのまま書いてください。"
            )
        return self._var.joinpath(*parts[1:]) if parts[:1] == ("var",) else self._scenario.joinpath(*parts)


def _resolved(path: Path, text: str) -> Path:
    """Where the name leads, links followed."""
    try:
        text.encode()
        if len(path.parts) > _MOST_PARTS or any(len(part) > _LONGEST_PART for part in path.parts):
            raise ValueError("longer than any name")
        return path.resolve()
    except (OSError, RuntimeError, ValueError) as error:  # too long, a link to itself, half a character
        raise _unusable(text) from error


def _unusable(text: str) -> ScenarioFault:
    shown = text.encode(errors="replace").decode()
    return ScenarioFault(
        f"「{shown[:80]}{'…' if len(shown) > 80 else ''}」は、ファイルの名前として使えません。",
        mend="名前が長すぎないか、途中に同じ名前のファイルや自分を指すリンクがないかを確かめてください。",
    )


def _not_allowed(text: str, place: Path, *, write: bool) -> NotDeclared:
    what = "に書き込むこと" if write else "を読むこと"
    return NotDeclared(
        f"「{text}」{what}は許されていません。",
        mend=line_to_add("フォルダ", f"名前: {place.parent}"),
        kind="folder",
        thing=str(place.parent),
    )
