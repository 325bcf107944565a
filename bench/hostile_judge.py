"""How one hostile case is put to Banken, and what is wrong with the answer."""

from __future__ import annotations

import os
import traceback
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bench.hostile_cases import CANARY, EXPRESSION, FORM, NAME, REGISTER, Case, scenario_with
from robots.errors import BankenError
from robots.registry.load import read_register
from robots.runner.places import Places
from robots.scenario.format import formatted
from robots.scenario.forms import read_form
from robots.scenario.node import ExpressionError
from robots.scenario.problem import Findings, Problems
from robots.scenario.template import Template, compile_text
from robots.scenario.translate import translate
from robots.scenario.validate import read_scenario
from robots.settings import SCENARIO_NAME
from robots.values import Row

_ID = "bench/hostile"
_EXPRESSION_NAMES = {
    "item": Row({"番号": "1", "氏名": "山田"}, origin="1行目"),
    "受付": [],
    "inputs": {},
    "folders": {"受付": "sample"},
    "sites": {},
    "run": {"id": "r1"},
}
_APPROVED = {"scenario.yaml": b"name: a\n", "books/a": b"approved"}


@dataclass(frozen=True, slots=True)
class Answer:
    """outcome: refused or accepted; faults: of bench.hostile's FAULTS; said: the first problem, or the traceback's end."""

    outcome: str
    faults: tuple[str, ...] = ()
    said: str = ""


@dataclass(frozen=True, slots=True)
class Town:
    """A town on disk that names lead about in."""

    root: Path
    places: Places

    def outside(self) -> dict[str, int]:
        """All that stands outside the folders that the scenario may write to: path → size."""
        found = {}
        for folder, _, files in os.walk(self.root):
            if Path(folder).is_relative_to(self.root / "var"):
                continue
            found[folder] = 0
            found |= {str(Path(folder) / name): os.lstat(Path(folder) / name).st_size for name in files}
        return found


def prepare_town(root: Path) -> Town:
    """A scenario with links and loops in its sample folder, and a secret beside it."""
    own = root / "scenarios" / "bench" / "hostile"
    (own / "sample" / "in").mkdir(parents=True, exist_ok=True)
    (own / "sample" / "in" / "a.csv").write_bytes(b"1")
    (own / "books").mkdir(exist_ok=True)
    (root / "secret.txt").write_bytes(b"not yours")
    for folder in (own, own / "sample", own / "sample" / "in", own / "books"):
        for name, to in (("link", root), ("file.csv", root / "secret.txt"), ("loop", folder / "loop")):
            with suppress(OSError):  # this account may not make links, or it is there already
                (folder / name).symlink_to(to)
    folders = {"受付": "sample/in", "出力": "var/out"}
    private = root / "var" / "runs" / "r1"
    (root / "var" / "out").mkdir(parents=True, exist_ok=True)
    os.chdir(own)  # what an expression might make, it would make here
    return Town(root, Places(scenario=own, folders=folders, var=root / "var", files=_APPROVED, private=private))


def judge(case: Case, town: Town) -> Answer:
    """Puts one case to the readers of its kind."""
    try:
        if case.kind == EXPRESSION:
            return _of_expression(str(case.content))
        if case.kind == NAME:
            return _of_name(str(case.content), town)
        return _of_file(case)
    except Exception:  # noqa: BLE001  # counting exactly these is what this is for
        return Answer("traceback", ("traceback",), " | ".join(traceback.format_exc().strip().splitlines()[-5:]))


def _of_file(case: Case) -> Answer:
    content = case.content if isinstance(case.content, bytes) else case.content.encode()
    if case.kind == REGISTER:
        found = read_register(content)
        return _of_problems(case, content, found if isinstance(found, Problems) else None)
    if case.kind == FORM:
        findings, files = Findings(), {**case.files, case.path: content}
        read_form(case.path, files.__getitem__, findings)
        return _of_problems(case, content, findings.problems() if len(findings) else None)
    files = {**case.files, SCENARIO_NAME: content}
    if case.door == "fmt":
        made: object = formatted(SCENARIO_NAME, content)
    elif case.door == "translate":
        made = translate(files, _ID, "en")
    else:
        made = read_scenario(files, _ID)
    return _of_problems(case, content, made if isinstance(made, Problems) else None)


def _of_problems(case: Case, content: bytes, problems: Problems | None) -> Answer:
    """A refusal names a line that is there, and where the mistake is known, that line."""
    if problems is None:
        return Answer("accepted", ("wrong line",) if case.lines else (), "accepted" if case.lines else "")
    last = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n").count(b"\n") + 1
    own = [one for one in problems if one.path == case.path]
    if not own or any(not 1 <= one.line <= last or one.column < 1 or not one.what or not one.mend for one in own):
        return Answer("refused", ("no line",), str(problems))
    if case.lines and not any(one.line in case.lines for one in own):
        return Answer("refused", ("wrong line",), f"wanted {sorted(case.lines)}: {problems}")
    return Answer("refused")


def _of_expression(text: str) -> Answer:
    content = scenario_with(text)
    problems = read_scenario({SCENARIO_NAME: content}, _ID)
    if isinstance(problems, Problems):
        right = any(one.line in (10, 11) for one in problems)
        return Answer("refused", () if right else ("wrong line",), str(problems))
    try:
        made = compile_text(text)
        value = made.evaluate(_EXPRESSION_NAMES) if isinstance(made, Template) else made
    except (ExpressionError, BankenError) as error:
        return Answer("refused", ("outside",) if Path(CANARY).exists() else (), str(error))
    return Answer("accepted", ("evaluated",), f"{text} = {str(value)[:100]}")


def _of_name(text: str, town: Town) -> Answer:
    text = text.replace("BELOW", str(town.root / "var" / "out"))
    content = f"名称: 名前\n準備:\n  - CSVを読む:\n      ファイル: {_quoted(text)}\n    保存名: 表\n".encode()
    read = read_scenario({SCENARIO_NAME: content}, _ID)
    checked = _of_problems(
        Case(NAME, "", content, SCENARIO_NAME), content, read if isinstance(read, Problems) else None
    )
    before, faults, outcome = town.outside(), list(checked.faults), checked.outcome
    allowed = (town.root / "var").resolve(), (town.root / "scenarios/bench/hostile/sample/in").resolve()
    for write in (False, True):
        try:
            place = town.places.file(text, write=write)
        except BankenError:
            outcome = "refused"
            continue
        if not any(place.resolve().is_relative_to(folder) for folder in allowed):
            own = (town.root / "scenarios/bench/hostile").resolve()
            if write or not place.resolve().is_relative_to(own):
                faults.append("outside")
    own_in = str(town.root / "scenarios/bench/hostile/sample/in")
    touched = {path for path in town.outside().items() ^ before.items() if not path[0].startswith(own_in)}
    return Answer(outcome, tuple(faults + ["outside"] * bool(touched)), f"{checked.said} {sorted(touched)[:3]}")


def _quoted(text: str) -> str:
    """The name as a YAML text in double quotes, whatever it holds."""
    return '"' + "".join(one if one.isalnum() and ord(one) < 128 else f"\\U{ord(one):08x}" for one in text) + '"'
