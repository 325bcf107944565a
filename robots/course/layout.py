"""Laying out the course in the person's folder; what is there already is never overwritten."""

from __future__ import annotations

import csv
import io
import socket
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from openpyxl import Workbook

from robots.course.all_exercises import EXERCISES
from robots.course.exercise import DEPARTMENT, Exercise, Lines
from robots.files import write_atomically
from robots.settings import FILE_NAME, REGISTER_NAME

PORT = 8720
"""Of the checks' practice town, where it is free; `banken practice` stands elsewhere."""
_WRITTEN_PORT = "127.0.0.1:8720"
FORM = "gakumu/shugaku-enjo"
"""The gallery's scenario whose form and papers the course reads."""
_SETTINGS = """\
# 練習用の設定。ほんとうの仕事では、settle_seconds はもっと長く（既定は 40 秒）します。
settle_seconds = 1.0
retry_wait = 0.2
step_timeout = 8
"""
_REGISTER = """\
# 練習の台帳。ここにあるのは練習のシナリオだけです。
organization: 練習市
fiscal_year_starts: 4
closed_days: [sat, sun, holidays, 12/29-01/03]
departments:
  renshu: {name: 練習課}
people:
  s0001: {name: あなた, department: renshu, roles: [author]}
  s0002: {name: 練習課の同僚, department: renshu, roles: [author, checker]}
  d0001: {name: 推進室の担当, department: renshu, roles: [approver]}
scenarios:
"""
_ENTRY = """\
  {id}:
    name: {title}
    owner: s0001
    deputy: s0002
    runs_on: ["*"]
    stop: いまの対象が終わるのを待って Ctrl-C を押す
    data: none
    built_by: in_house
    baseline:
      minutes_per_item: 5
      measured: 2026-05-20
      how: 練習のための見積り
"""


def free_port() -> int:
    """The course's port, or another where a program stands on it."""
    for wanted in (PORT, 0):
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            try:
                probe.bind(("127.0.0.1", wanted))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise OSError("no free port")


def text_of(exercise: Exercise, port: int) -> str:
    """The exercise's text, as the person reads it."""
    return _material(exercise, "text.md", port)


def lay_out(exercise: Exercise, folder: Path, port: int, gallery: Path) -> list[Path]:
    """Puts what the exercise needs into the course folder; returns the files that were not there before.

    gallery: the folder that holds the gallery's scenarios/.  Raises: OSError where the folder can't be written.
    """
    wanted: dict[Path, bytes] = {folder / REGISTER_NAME: _register().encode(), folder / FILE_NAME: _SETTINGS.encode()}
    place = folder / "scenarios" / exercise.scenario
    wanted[place / "scenario.yaml"] = _material(exercise, "scenario.yaml", port).encode()
    if exercise.part:
        part = folder / "scenarios" / DEPARTMENT / exercise.part / "scenario.yaml"
        wanted[part] = _material(exercise, "part.yaml", port).encode()
    for name, lines in exercise.tables.items():
        wanted[place / "sample" / name] = _book(lines) if name.endswith(".xlsx") else _csv(lines)
    if exercise.papers:
        source = gallery / "scenarios" / FORM
        wanted |= {
            place / "sample" / "in" / name: (source / "sample" / "in" / name).read_bytes() for name in exercise.papers
        }
        wanted |= {place / "forms" / one.name: one.read_bytes() for one in sorted((source / "forms").iterdir())}
    made = [path for path in wanted if not path.exists()]
    for path in made:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, wanted[path])
    return made


def _material(exercise: Exercise, name: str, port: int) -> str:
    text = _materials(exercise).joinpath(name).read_text(encoding="utf-8")
    return text.replace(_WRITTEN_PORT, f"127.0.0.1:{port}")


def _materials(exercise: Exercise) -> Traversable:
    return files("robots.course").joinpath("materials", f"{exercise.number:02}")


def _register() -> str:
    entries = [(one, exercise.title) for exercise in EXERCISES for one in exercise.scenarios]
    return _REGISTER + "".join(_ENTRY.format(id=id, title=title) for id, title in entries)


def _csv(lines: Lines) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(lines[0]), lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(lines)
    return text.getvalue().encode("utf-8-sig")


def _book(lines: Lines) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(list(lines[0]))
    for line in lines:
        sheet.append([int(text) if text.isdecimal() and text[0] != "0" else text for text in line.values()])
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()
