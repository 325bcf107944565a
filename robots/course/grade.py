"""Checking an exercise: the person's scenario is rehearsed, then run, against a practice town of the check's own, and what
came of it is looked at."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from practice.server import RunningTown, start_town
from robots.clock import today
from robots.course.exercise import Exercise, Outcome, planned_of
from robots.course.papers import truth_of
from robots.course.progress import Progress
from robots.errors import BusinessError, SystemFailure
from robots.ledger.approvals import ApprovalMemory
from robots.ledger.known import Remembered
from robots.ledger.lookup import items_of_run
from robots.registry.gate import Approved, Memory, Refused, pass_gate
from robots.registry.load import load_register
from robots.runner.order import Order, Parts
from robots.runner.report import Report
from robots.runner.words import STATES
from robots.scenario.inputs import input_values
from robots.scenario.problem import Problems
from robots.settings import Home, open_home
from robots.step import RunFacts
from robots.wiring import wired

APPROVER, LEARNER = "d0001", "s0001"
_SYSTEMS = ("gakumu", "jumin", "zei", "zaimu", "kyushoku", "practice")
_MARK = "learn-check.txt"

Perform = Callable[[Order, Parts], Report]
"""Carries a run out, showing it to the person."""


def grade(exercise: Exercise, progress: Progress, gallery: Path, perform: Perform, *, headed: bool) -> list[str]:
    """What is still missing, in words; nothing where the exercise is done.

    The results of the check before are thrown away, unless people's answers are waited for and nothing was changed since.
    Raises: BusinessError where the exercise is not laid out; SystemFailure where the town or the ledger can't be started.
    """
    home = course_home(progress.folder)
    if not (home.scenarios / exercise.scenario / "scenario.yaml").is_file():
        raise BusinessError(
            f"問{exercise.number}のファイルがまだありません。",
            mend=f"先に banken learn {exercise.number} を実行してください。",
        )
    draft = _let_through(home, exercise, rehearsal=True, memory=Remembered())
    if not isinstance(draft, Approved):
        return draft
    goes_on = _mark_of(exercise, draft) == _kept_mark(home)
    if not goes_on:
        _begin_anew(home)
    with _town(home, progress.port) as town, wired(home) as parts:
        grading = _Grading(exercise, home, town, parts, perform, headed, gallery)
        missing = [] if goes_on else grading.rehearse(draft)
        if missing or exercise.entered is None:
            return missing
        approved = _let_through(home, exercise, rehearsal=False, memory=ApprovalMemory(parts.ledger))
        if not isinstance(approved, Approved):
            return ["リハーサルは、ここまで正しくできています。次は承認です。", *approved, *_how_to_approve(exercise)]
        return grading.enter(approved, goes_on=goes_on)


def course_home(folder: Path) -> Home:
    """The course's town: its results always lie in its own var, whatever the machine's settings say of others."""
    home = open_home(folder, {})
    return Home(root=home.root, settings=home.settings.model_copy(update={"var": "var", "database": ""}))


class _Grading:
    """One check, while its practice town stands."""

    def __init__(
        self,
        exercise: Exercise,
        home: Home,
        town: RunningTown,
        parts: Parts,
        perform: Perform,
        headed: bool,
        gallery: Path,
    ) -> None:
        self._exercise = exercise
        self._home = home
        self._town = town
        self._parts = parts
        self._perform = perform
        self._headed = headed
        self._truth = truth_of(exercise, gallery)

    def rehearse(self, draft: Approved) -> list[str]:
        report = self._perform(self._order(draft, rehearsal=True), self._parts)
        if report.state == "failed":
            return [f"リハーサルが途中で止まりました。{report.message}"]
        if any(self._town.entries(system) for system in _SYSTEMS):
            return [
                "リハーサルなのに、練習市に登録されてしまいました。登録のボタンを押す手順の場所を見直してください。"
            ]
        folder = self._home.var / "runs" / report.run / "rehearsal"
        missing = self._exercise.rehearsed(self._outcome(report, folder, planned=planned_of(report)))
        if not missing and self._exercise.commits and draft.scenario.commit is None:
            return ["画面への入力はできています。まだ、どの件も登録されません。登録は取り消せない操作です（問4）。"]
        return missing

    def enter(self, approved: Approved, *, goes_on: bool) -> list[str]:
        assert self._exercise.entered is not None
        if self._exercise.lost_answer and not goes_on:
            self._town.faults.set(self._exercise.lost_answer, "drop_after", times=1)
        mark = self._home.var / _MARK
        mark.unlink(missing_ok=True)
        report = self._perform(self._order(approved, rehearsal=False), self._parts)
        if report.state == "failed":
            return [f"実行が途中で止まりました。{report.message}"]
        outcome = self._outcome(report, self._home.var / "out", planned=[])
        left = [
            f"{one['origin']} が「{STATES[one['state']]}」になりました。{one['reason']}"
            for one in outcome.items
            if one["state"] in ("failed", "in_doubt", "committing")
        ]
        if left:
            return left
        if report.items["waiting"]:
            mark.write_text(_mark_of(self._exercise, approved), encoding="utf-8")
            return [
                f"{report.items['waiting']} 枚が人の確認を待っています。",
                f"banken review {self._exercise.scenario} --as {LEARNER} で確かめてから、"
                f"もう一度 banken learn check {self._exercise.number} を実行してください。",
            ]
        return self._exercise.entered(outcome)

    def _order(self, approved: Approved, *, rehearsal: bool) -> Order:
        facts = RunFacts("", today(), approved.id, rehearsal, approved.register.open_days)
        values = input_values(approved.scenario, {}, facts)
        return Order(approved, values, LEARNER, rehearsal=rehearsal, headed=self._headed)

    def _outcome(self, report: Report, folder: Path, *, planned: list[dict[str, str]]) -> Outcome:
        items: list[Mapping[str, str]] = [
            {name: str(row[name]) for name in ("key", "origin", "state", "reason")}
            for row in items_of_run(self._parts.ledger, report.run)
        ]
        return Outcome(report, planned, items, self._entries, folder, self._truth)

    def _entries(self, system: str) -> list[Mapping[str, object]]:
        return list(self._town.entries(system))


def _let_through(home: Home, exercise: Exercise, *, rehearsal: bool, memory: Memory) -> Approved | list[str]:
    loaded = load_register(home)
    if isinstance(loaded, Problems):
        return [str(problem) for problem in loaded]
    answer = pass_gate(home, loaded, exercise.scenario, today=today(), rehearsal=rehearsal, memory=memory)
    if isinstance(answer, Refused):
        return [str(answer)]
    if isinstance(answer, Problems):
        return [str(problem) for problem in answer.under(f"scenarios/{exercise.scenario}")]
    return answer


def _how_to_approve(exercise: Exercise) -> list[str]:
    return [f"  banken approve {one} --as {APPROVER}" for one in exercise.scenarios]


def _mark_of(exercise: Exercise, approved: Approved) -> str:
    return f"{exercise.number} {approved.digest}"


def _kept_mark(home: Home) -> str:
    mark = home.var / _MARK
    return mark.read_text(encoding="utf-8") if mark.is_file() else ""


def _begin_anew(home: Home) -> None:
    try:
        if home.var.exists():
            shutil.rmtree(home.var)
        home.var.mkdir(parents=True)
    except OSError as error:
        raise SystemFailure(
            f"前の結果（{home.var}）を片付けられません（{error.strerror}）。",
            mend="Excel などで開いていれば閉じて、もう一度実行してください。",
        ) from error


@contextmanager
def _town(home: Home, port: int) -> Iterator[RunningTown]:
    try:
        running = start_town(home.var / "practice.sqlite", port=port)
    except OSError as error:
        raise SystemFailure(
            f"確かめるための練習市を始められません（{error.strerror or error}）。",
            mend=f"ポート {port} を使っているほかの番犬やプログラムを終えて、もう一度実行してください。",
        ) from error
    with running:
        yield running
