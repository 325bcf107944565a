"""banken check: every problem of scenarios and the register, with its place and how to mend it."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from robots.cli.common import AsJson, Code, Stop, here, out, say, show_json
from robots.cli.targets import folders_of, id_of, shown
from robots.clock import today
from robots.errors import SystemFailure
from robots.registry.index import Index, open_index
from robots.registry.survey import Place, Town, problems_of_all
from robots.scenario.problem import Problem, Problems
from robots.settings import Home

BEGINS, ENDS = "番犬: 調べています", "番犬: 調べました"
"""What a watching check prints before and after each look; an editor's problem matcher waits for them."""
_BETWEEN_LOOKS = 0.5


class Form(StrEnum):
    """How problems are printed: for a person, or as an editor reads them."""

    text = "text"
    editor = "editor"


def check(
    targets: Annotated[
        list[str] | None,
        typer.Argument(metavar="[PATHS]...", help="シナリオの番号・フォルダ・ファイル。省くと台帳とすべてのシナリオ"),
    ] = None,
    as_json: AsJson = False,
    form: Annotated[
        Form, typer.Option("--format", help="text（読みやすく）か editor（エディターの「問題」の欄のために）")
    ] = Form.text,
    watch: Annotated[bool, typer.Option("--watch", help="保存されるたびに調べ直す（Ctrl-C で終わる）")] = False,
    live: Annotated[
        str | None, typer.Option("--live", help="このシナリオの画面をいま開いて、なくなった項目を探す（登録はしない）")
    ] = None,
) -> None:
    """シナリオと台帳を調べ、直すところを示す。"""
    if live is not None:
        if targets or watch:
            say("--live は、シナリオの番号一つだけを指定して使います（例: banken check --live shimin/jutogai-jusho）。")
            raise Stop(Code.USAGE)
        from robots.cli.check_live import check_live  # the browser and the runner: a second that --live alone needs

        check_live(live, as_json=as_json)
        return
    home = here()
    if watch and as_json:
        say("--watch と --json は一緒に使えません。")
        raise Stop(Code.USAGE)
    if watch:
        _watch(home, targets or [], form)
        return
    folders = folders_of(home, targets or [])
    with open_index(home) as index:
        found = _problems(home, folders, index)
        if not targets:
            found += _of_register(home, index)
    if as_json:
        show_json({"checked": len(folders), "problems": [problem.to_dict() for problem in found]})
    else:
        _tell(found, form)
        counted = f"シナリオ {len(folders)} 件{'' if targets else '・台帳'}"
        out.print(f"{counted}を調べました。{_summary(found)}")
    if found:
        raise Stop(Code.PROBLEMS)


def _summary(found: list[Problem]) -> str:
    return f"{len(found)} か所を直してください。" if found else "問題はありません。"


def _tell(found: list[Problem], form: Form) -> None:
    for problem in found:
        if form is Form.editor:
            place = f"{problem.path}:{problem.line}:{problem.column}: "
            out.print(f"{place}error: {str(problem).removeprefix(place)}", markup=False)
        else:
            say(str(problem))


def _problems(home: Home, folders: Sequence[Path], index: Index) -> list[Problem]:
    places = [Place(id_of(home, folder), folder) for folder in folders]
    found = problems_of_all(Town(home, today()), index, places)
    return [replace(problem, path=f"{shown(folder)}/{problem.path}") for folder in folders for problem in found[folder]]


def _of_register(home: Home, index: Index) -> list[Problem]:
    written = index.written(home.register.read_bytes())
    return list(written) if isinstance(written, Problems) else []


def _watch(home: Home, targets: list[str], form: Form) -> None:
    """Looks again whenever something was saved, at what was saved only; ends with Ctrl-C."""
    seen: dict[Path, Mapping[str, tuple[int, int]]] = {}
    found: dict[Path, list[Problem]] = {}
    try:
        while True:
            with open_index(home) as index:
                _look(home, targets, form, index, seen, found)
            time.sleep(_BETWEEN_LOOKS)
    except KeyboardInterrupt:
        say("見張りを終わりました。")


def _look(
    home: Home,
    targets: list[str],
    form: Form,
    index: Index,
    seen: dict[Path, Mapping[str, tuple[int, int]]],
    found: dict[Path, list[Problem]],
) -> None:
    """One look; says something only where something has changed."""
    places = [*folders_of(home, targets), *([] if targets else [home.register])]
    stamps = {place: _stamps(place) for place in places}
    changed = [place for place in places if stamps[place] != seen.get(place)]
    gone = seen.keys() - stamps.keys()
    if not changed and not gone:
        return
    if form is Form.text and out.is_terminal:
        out.clear()
    out.print(f"{BEGINS}（{'、'.join(map(shown, changed)) or 'なくなったもの'}）", markup=False)
    for place in gone:
        del seen[place], found[place]
    for place in changed:
        try:
            found[place] = _of_register(home, index) if place == home.register else _problems(home, [place], index)
        except (SystemFailure, OSError):
            continue  # it is being saved at this moment: the next look will see it whole
        seen[place] = stamps[place]
    problems = [problem for place in places for problem in found.get(place, [])]
    _tell(problems, form)
    out.print(f"{ENDS}。{_summary(problems)}")
    sys.stdout.flush()


def _stamps(place: Path) -> dict[str, tuple[int, int]]:
    """When each file of a scenario (or the register) was saved, and its length."""
    stamps = {}
    for path in [place] if place.is_file() else sorted(place.rglob("*")):
        try:
            state = path.stat()
        except OSError:
            continue  # gone between two looks
        stamps[str(path)] = (state.st_mtime_ns, state.st_size)
    return stamps
