"""A past for a town: runs with items in every state, failures, and open review tasks, by the ledger's own doors."""

from __future__ import annotations

from collections.abc import Sequence

from robots.ledger.adopt import adopt_items
from robots.ledger.items import NewItem, Outcome, claim_next, intend_commit, settle_item
from robots.ledger.reviews import Question
from robots.ledger.runs import Failure, RunStart, begin_run, end_run, finish_run
from robots.ledger.store import Ledger
from robots.registry.load import load_register
from robots.scenario.problem import Problems
from robots.settings import Home


def start_of(home: Home, scenario: str, *, rehearsal: bool = False) -> RunStart:
    """What the runner would record of this scenario."""
    loaded = load_register(home)
    assert not isinstance(loaded, Problems)
    entry = loaded.register.scenarios[scenario]
    key, department = loaded.register.department_of(scenario)
    return RunStart(
        scenario=scenario,
        scenario_name=entry.name,
        department=key,
        department_name=department.name,
        division=department.division,
        rehearsal=rehearsal,
        inputs={},
        digest=entry.approval.digest if entry.approval is not None else "",
        minutes_per_item=str(entry.baseline.minutes_per_item),
        minutes_per_run=str(entry.baseline.minutes_per_run),
        built_by=entry.built_by,
        hourly_cost="2800",
        version="0",
        machine="robot-1",
        who="w-author",
        measured=str(entry.baseline.measured),
    )


def past(home: Home, ledger: Ledger, scenario: str, texts: Sequence[str] = ("氏名が空欄です。",), done: int = 3) -> str:
    """One run: some items done, one rejected, one failed with a failed step, one in doubt, one waiting; its id.

    texts: what stands wherever text of the outside stands (keys, reasons, values, file names, what failed), in turn.
    """
    run = begin_run(ledger, start_of(home, scenario))

    def text(number: int) -> str:
        return texts[number % len(texts)]

    rows = [NewItem(f"{run[-6:]}-{n}", f"{text(n)} {n}", {"氏名": text(n), "番号": n}) for n in range(done + 3)]
    question = Question(
        f"{run}:1", "氏名", "text", text(1), (text(2),), form="f", confidence=0.6, place=text(3), picture=""
    )
    rows.append(NewItem(f"{run[-6:]}-w", text(4), {"氏名": text(4)}, questions=(question,)))
    items = [item for item in adopt_items(ledger, run, scenario, rows) if item.state == "ready"]
    for number, item in enumerate(items):
        claim_next(ledger, run)
        if number < done + 1:
            intend_commit(ledger, run, item.id, {})
        state = "done" if number < done else ("in_doubt", "rejected", "failed")[(number - done) % 3]
        failure = Failure("each[1]", text(1), text(2), text(3), "") if state == "failed" else None
        settle_item(
            ledger,
            run,
            item.id,
            Outcome(state, "" if state == "done" else text(5), {"受理番号": text(6)}, 1.5, failure),
        )
    finish_run(ledger, run, "ended", [item.id for item in items[:done]])
    broken = begin_run(ledger, start_of(home, scenario))
    end_run(ledger, broken, "failed", text(7))
    return run
