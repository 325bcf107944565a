"""Every exercise, found in robots/course/exercises/, in the course's order."""

from __future__ import annotations

import importlib
import pkgutil

from robots.course import exercises
from robots.course.exercise import Exercise


def discover() -> tuple[Exercise, ...]:
    """The exercises by number.  Raises: RuntimeError for a module without EXERCISE, and for a gap in the numbers."""
    found: list[Exercise] = []
    for module in sorted(one.name for one in pkgutil.iter_modules(exercises.__path__)):
        exercise = getattr(importlib.import_module(f"{exercises.__name__}.{module}"), "EXERCISE", None)
        if not isinstance(exercise, Exercise):
            raise RuntimeError(f"robots/course/exercises/{module}.py exports no EXERCISE")
        found.append(exercise)
    found.sort(key=lambda one: one.number)
    if [one.number for one in found] != list(range(1, len(found) + 1)):
        raise RuntimeError("the exercises are not numbered from 1 on")
    return tuple(found)


EXERCISES = discover()
