"""The plan of a night against what then happens, and the figures that docs/scale.md rests on, small."""

from __future__ import annotations

from bench import plan, scale


def test_the_plan_tells_when_runs_end_and_announces_every_overrun() -> None:
    found = plan.simulate(nights=2, scenarios=8, history=40, seed=3)
    assert found["runs"] == 16
    assert float(str(found["run_end_error_p50"])) < 0.15
    assert found["overruns"] == 0 or int(str(found["announced"])) > 0
    assert found["overruns_unannounced"] == 0


def test_the_sizes_are_measured() -> None:
    found = scale.measure(20)
    assert found["bytes_a_item"] > 100 and found["bytes_a_audit_record"] > 100
