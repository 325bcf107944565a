"""The gallery's papers that the course reads, and what stands on them."""

from __future__ import annotations

import json
from pathlib import Path

from robots.course.exercise import Exercise, Lines
from robots.course.layout import FORM


def truth_of(exercise: Exercise, gallery: Path) -> Lines:
    """What stands on each paper of the exercise, by field; 元データ is the paper's file."""
    if not exercise.papers:
        return ()
    pages = json.loads((gallery / "scenarios" / FORM / "sample" / "truth.json").read_text(encoding="utf-8"))["pages"]
    return [{"元データ": one["file"], **one["fields"]} for one in pages if one["file"] in exercise.papers]
