"""What the form commands share: a form from a file, and the files that were named."""

from __future__ import annotations

from pathlib import Path

import ocr
from robots.cli.common import Code, Stop, say, tell
from robots.drivers.forms import FormSource, scans_in
from robots.scenario.forms import read_definition, read_form
from robots.scenario.problem import Findings


def form_at(path: Path) -> FormSource:
    """A form with its empty pages; problems are said, at their lines, and end the command."""
    findings = Findings()
    _must_exist(path)
    form = read_form(path.as_posix(), lambda name: Path(name).read_bytes(), findings)
    if form is None:
        tell(findings.problems())
        raise Stop(Code.PROBLEMS)
    return form


def definition_at(path: Path) -> tuple[ocr.Definition, tuple[ocr.FormField, ...]]:
    """A definition whose empty form may not have been drawn yet."""
    findings = Findings()
    _must_exist(path)
    found = read_definition(path.as_posix(), path.read_bytes(), findings)
    if found is None:
        tell(findings.problems())
        raise Stop(Code.PROBLEMS)
    return found


def scans_of(paths: list[Path]) -> list[Path]:
    """The files that were named, and the scans of folders among them; none at all ends the command."""
    for path in paths:
        _must_exist(path)
    files = [file for path in paths for file in (scans_in(path) if path.is_dir() else [path])]
    if not files:
        say("読むファイル（PDF、TIFF、PNG、JPEG）がありません。")
        raise Stop(Code.USAGE)
    return files


def _must_exist(path: Path) -> None:
    if not path.exists():
        say(f"{path} がありません。ファイルの名前と、いまのフォルダを確かめてください。")
        raise Stop(Code.USAGE)
