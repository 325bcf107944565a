"""Tampering between the check and the start: what passes the gate is what was signed (bench/tamper.py has the big count)."""

from __future__ import annotations

from bench.tamper import measured


def test_while_files_and_entry_change_only_what_was_signed_passes() -> None:
    found = measured(100, seed=7)
    assert found["wrong"] == 0
    assert int(str(found["passed"])) > 0
    assert int(str(found["refused"])) > 0
