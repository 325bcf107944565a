"""Step kinds are found, and what is wrong with the folder is said loudly."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from robots import steps
from robots.all_steps import STEPS, Steps, discover
from robots.steps.flow_log import STEP as LOG


def test_a_kind_is_known_by_both_names() -> None:
    assert STEPS.get("flow.log") is STEPS.get("記録する") is LOG
    assert STEPS.get("flow.lgo") is None


def test_kinds_come_in_the_order_of_their_files() -> None:
    names = [kind.name.replace(".", "_") for kind in STEPS]
    assert names == sorted(names)


def test_two_kinds_of_one_name_are_refused() -> None:
    with pytest.raises(RuntimeError, match=r"flow\.log"):
        Steps([LOG, LOG])


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    steps.__path__.append(str(tmp_path))
    yield tmp_path
    steps.__path__.remove(str(tmp_path))


def test_a_module_without_a_step_is_refused(folder: Path) -> None:
    (folder / "zz_empty.py").write_text("", encoding="utf-8")
    with pytest.raises(RuntimeError, match="zz_empty"):
        discover()
