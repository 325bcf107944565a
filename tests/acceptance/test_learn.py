"""The practice course: each exercise can be solved with what the course has said so far, and its check knows."""

from __future__ import annotations

import json
import re
import socket
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from robots.all_steps import STEPS
from robots.course.all_exercises import EXERCISES
from robots.course.exercise import Exercise
from robots.course.layout import FORM, lay_out, text_of
from robots.course.progress import Progress, keep_progress, load_progress
from robots.params import Params
from robots.registry.digest import read_folder
from robots.scenario.all_functions import FUNCTIONS
from robots.scenario.model import Scenario
from robots.scenario.shape import parameters
from robots.scenario.validate import read_scenario
from tests.conftest import ROOT, Done, banken_here

SOLUTIONS = Path(__file__).parent / "course_solutions"
WRITTEN = "127.0.0.1:8720"
NUMBERS = [one.number for one in EXERCISES]
MISSING = {
    1: "「課」の列がまだありません",
    2: "「鈴木一郎.xlsx」",
    3: "「佐藤花子.xlsx」",
    4: "1行目（R8-001）の「配当先」がまだ入力されていません",
    5: "「4月9日 1年」がまだ入力されていません",
    6: "1行目（S-101）の「摘要」がまだ入力されていません",
    7: "1行目（R8-11）が対象になっていません",
    8: "2行目（R8-22）は、配当元と配当先が同じです",
    9: "1行目（1）の「氏名」がまだ入力されていません",
    10: "対象」がありません",
    11: "まだ、どの件も登録されません",
    12: "手順が一つもありません",
}
"""What the check says of each starting file."""
WORDS = {
    "名称",
    "利用",
    "サイト",
    "資格情報",
    "フォルダ",
    "帳票",
    "準備",
    "対象",
    "元",
    "キー",
    "確認",
    "各件",
    "後始末",
}
MODELS: list[type[Params]] = [kind.params for kind in STEPS]
WORDS |= {"条件", "保存名", "さもなくば"} | {name for model in MODELS for name in parameters(model)}
WORDS -= {"理由"}
"""The keys of the language; 理由 is a field of the town's screens here."""


@dataclass(frozen=True)
class Learner:
    """A person at the course, with a folder and a record of their own."""

    where: Path
    record: Path
    port: int

    @property
    def folder(self) -> Path:
        return self.where / "banken-learn"

    def learn(self, *words: str) -> Done:
        return banken_here(self.where, "learn", *words)

    def file(self, exercise: Exercise) -> Path:
        return self.folder / "scenarios" / exercise.scenario / "scenario.yaml"

    def write(self, exercise: Exercise, text: str) -> None:
        self.file(exercise).write_text(text.replace(WRITTEN, f"127.0.0.1:{self.port}"), encoding="utf-8")

    def approve(self, exercise: Exercise) -> None:
        for scenario in exercise.scenarios:
            done = banken_here(self.folder, "approve", scenario, "--as", "d0001", "--yes")
            assert done.code == 0, done.err


@pytest.fixture
def learner(tmp_path: Path, port: int, monkeypatch: pytest.MonkeyPatch) -> Learner:
    record = tmp_path / "data" / "learn.json"
    monkeypatch.setattr("robots.cli.learn.progress_file", lambda: record)
    one = Learner(tmp_path, record, port)
    keep_progress(record, Progress(folder=one.folder, port=one.port))
    return one


def solution(number: int) -> str:
    return (SOLUTIONS / f"{number:02}.yaml").read_text(encoding="utf-8")


def answer_review(learner: Learner, exercise: Exercise) -> None:
    """Settles every doubt as the paper says."""
    pages = json.loads((ROOT / "scenarios" / FORM / "sample" / "truth.json").read_text(encoding="utf-8"))["pages"]
    truth = {one["file"]: one["fields"] for one in pages}
    tasks = banken_here(learner.folder, "review", exercise.scenario, "--json").json()
    assert isinstance(tasks, list) and tasks
    for task in tasks:
        meant = truth[task["origin"].split()[0]][task["field"]]
        done = banken_here(learner.folder, "review", "--task", str(task["id"]), "--answer", meant, "--as", "s0001")
        assert done.code == 0, done.err


@pytest.mark.parametrize("number", NUMBERS)
def test_the_starting_file_lacks_something_and_the_solution_does_not(learner: Learner, number: int) -> None:
    exercise = EXERCISES[number - 1]
    assert learner.learn(str(number)).code == 0
    started = learner.file(exercise).read_text(encoding="utf-8")
    first = learner.learn("check", str(number))
    assert first.code == 1, first.out + first.err
    assert MISSING[number] in first.out, first.out
    for line in new_lines(started, solution(number)):
        assert line not in first.out, "the answer is not given away"
    learner.write(exercise, solution(number))
    if exercise.entered is not None:
        learner.approve(exercise)
    done = learner.learn("check", str(number))
    if exercise.papers and exercise.entered is not None:
        assert "人の確認を待っています" in done.out, done.out
        answer_review(learner, exercise)
        done = learner.learn("check", str(number))
    assert done.code == 0, done.out + done.err
    progress = load_progress(learner.record)
    assert progress is not None and set(progress.passed) == {number}


def new_lines(before: str, after: str) -> list[str]:
    """The lines of the solution that the starting file has not, and that say more than a word."""
    old = {line.strip() for line in before.splitlines()}
    return [line.strip() for line in after.splitlines() if line.strip() not in old and "{" in line]


def taught(number: int) -> str:
    """What the course has said up to here."""
    return "\n".join(text_of(one, 8720) for one in EXERCISES[:number])


@pytest.mark.parametrize("number", NUMBERS)
def test_a_solution_uses_only_what_the_texts_have_said(learner: Learner, number: int) -> None:
    exercise, said = EXERCISES[number - 1], taught(number)
    lay_out(exercise, learner.folder, learner.port, ROOT)
    learner.write(exercise, solution(number))
    scenario = read_scenario(read_folder(learner.file(exercise).parent), exercise.scenario)
    assert isinstance(scenario, Scenario), str(scenario)
    used = {step.kind.ja for step in scenario.steps()}
    called = set(re.findall(r"(\w+)\(", " ".join(re.findall(r"\$\{[^}]*\}", solution(number))))) & set(FUNCTIONS)
    assert used, "a solution does something"
    assert not {name for name in used if not re.search(rf"(?m)^ *- {name}:", said)}, (
        "each step is shown as it is written"
    )
    assert not {name for name in called if f"{name}(" not in said}
    keys = {key for key in re.findall(r"(?:^|[-{,\n]) *(\w+):", solution(number)) if key in WORDS}
    assert {"名称", "利用"} <= keys
    assert not {key for key in keys if not re.search(rf"(?<!\w){key}:", said)}, "each key is shown as it is written"


def test_the_list_shows_what_is_done_and_what_is_next(learner: Learner) -> None:
    progress = load_progress(learner.record)
    assert progress is not None
    keep_progress(learner.record, progress.model_copy(update={"passed": {1: date(2026, 11, 22)}}))
    listed = learner.learn()
    assert listed.code == 0
    assert "12 問のうち 1 問" in listed.out
    assert " 1. 表を読んで、Excel にする（できた 2026-11-22）" in listed.out
    assert " 2. 画面を開いて、表を読む（次はここ）" in listed.out
    for level in ("第1段 はじめの一歩", "第2段", "第3段 自分の仕事"):
        assert level in listed.out


def test_what_a_person_wrote_is_never_overwritten(learner: Learner) -> None:
    first = learner.learn("1")
    assert first.code == 0 and "問1 表を読んで" in first.out
    learner.write(EXERCISES[0], "名称: 書きかけ\n")
    again = learner.learn("1")
    assert again.code == 0 and "上書きしません" in again.out
    assert learner.file(EXERCISES[0]).read_text(encoding="utf-8") == "名称: 書きかけ\n"


def test_wrong_use_is_answered(learner: Learner) -> None:
    for words in (("13",), ("0",), ("はじめ",), ("check", "x"), ("1", "2")):
        done = learner.learn(*words)
        assert done.code == 2 and "という問はありません" in done.err, words
    early = learner.learn("check", "3")
    assert early.code == 1 and "banken learn 3" in early.err, "nothing has been laid out yet"


def test_a_missing_approval_is_asked_for_with_the_command(learner: Learner) -> None:
    exercise = EXERCISES[3]
    learner.learn("4")
    learner.write(exercise, solution(4))
    done = learner.learn("check", "4")
    assert done.code == 1
    assert "次は承認です" in done.out and "banken approve renshu/04-toroku --as d0001" in done.out


def test_a_lost_answer_without_a_way_to_ask_does_not_pass(learner: Learner) -> None:
    exercise = EXERCISES[10]
    learner.learn("11")
    learner.write(exercise, solution(11).partition("      登録済みの確認:")[0])
    learner.approve(exercise)
    done = learner.learn("check", "11")
    assert done.code == 1
    assert "「不明」になりました" in done.out


@pytest.mark.parametrize("number", NUMBERS)
def test_the_examples_of_a_text_can_be_copied(number: int) -> None:
    lines = text_of(EXERCISES[number - 1], 8720).splitlines()
    blocks = [
        "\n".join(line[4:] for line in group)
        for indented, group in groupby(lines, lambda line: line.startswith("    "))
        if indented
    ]
    examples = [block for block in blocks if not block.startswith(("banken", "受付番号"))]
    assert examples
    for example in examples:
        assert isinstance(YAML(typ="safe").load(example), (dict, list)), example


def test_an_entry_outside_the_commit_is_noticed(learner: Learner) -> None:
    learner.learn("4")
    rash = solution(4).replace("  - 確定する:\n      手順:\n        - 押す", "  - 押す")
    assert "確定する" not in rash
    learner.write(EXERCISES[3], rash.replace("        - 画面を確かめる", "  - 画面を確かめる"))
    done = learner.learn("check", "4")
    assert done.code == 1
    assert "リハーサルなのに、練習市に登録されてしまいました" in done.out


def test_a_port_in_use_is_told(learner: Learner) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        keep_progress(learner.record, Progress(folder=learner.folder, port=port))
        learner.learn("1")
        done = learner.learn("check", "1")
    assert done.code == 4
    assert f"ポート {port}" in done.err
