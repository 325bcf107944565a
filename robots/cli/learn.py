"""banken learn: the practice course — its list, an exercise's text and files, and the check of what the person made."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from robots.cli.common import Code, Stop, out, say
from robots.cli.demo import gallery_folder
from robots.cli.progress import Watcher
from robots.clock import today
from robots.course.all_exercises import EXERCISES
from robots.course.exercise import LEVELS, Exercise
from robots.course.grade import grade
from robots.course.layout import free_port, lay_out, text_of
from robots.course.progress import Progress, keep_progress, load_progress, progress_file
from robots.errors import SystemFailure
from robots.runner.order import Order, Parts
from robots.runner.report import Report
from robots.runner.run import run_scenario
from robots.settings import REGISTER_NAME

FOLDER = "banken-learn"
_CHECK = "check"


def learn(
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="EXERCISE", help="問の番号。確かめるときは check 番号。省くと一覧"),
    ] = None,
    headed: Annotated[bool, typer.Option("--headed", help="確かめるとき、ブラウザを画面に出す")] = False,
) -> None:
    """練習問題の一覧と進みぐあい。番号を書くと問題を出し、check 番号 で確かめる。"""
    given = list(words or [])
    checking = given[:1] == [_CHECK]
    number = given[1:] if checking else given
    progress = load_progress(progress_file())
    if not number and not checking:
        _list(progress)
        return
    exercise = _chosen(number, progress)
    if checking:
        _check(exercise, _begun(progress), headed=headed)
    else:
        _show(exercise, _begun(progress))


def _begun(progress: Progress | None) -> Progress:
    """The progress, with the course's folder where the person stands if there is none yet, or it is gone or was moved."""
    if progress is not None and progress.folder.is_dir():
        return progress
    here = Path.cwd().resolve()
    folder = here if here.name == FOLDER and (here / REGISTER_NAME).is_file() else here / FOLDER
    return (
        Progress(folder=folder, port=free_port())
        if progress is None
        else progress.model_copy(update={"folder": folder})
    )


def _next(progress: Progress | None) -> Exercise | None:
    passed = progress.passed if progress is not None else {}
    return next((one for one in EXERCISES if one.number not in passed), None)


def _chosen(given: list[str], progress: Progress | None) -> Exercise:
    if not given:
        return _next(progress) or EXERCISES[-1]
    if len(given) == 1 and given[0].isascii() and given[0].isdecimal() and 1 <= int(given[0]) <= len(EXERCISES):
        return EXERCISES[int(given[0]) - 1]
    say(
        f"「{' '.join(given)}」という問はありません。banken learn 1 から {len(EXERCISES)} のように、番号で書いてください。"
    )
    raise Stop(Code.USAGE)


def _list(progress: Progress | None) -> None:
    passed = progress.passed if progress is not None else {}
    out.print(f"番犬の練習（{len(EXERCISES)} 問のうち {len(passed)} 問ができました）", markup=False)
    upcoming = _next(progress)
    for level, title in LEVELS.items():
        out.print(f"\n第{level}段 {title}", markup=False)
        for one in (exercise for exercise in EXERCISES if exercise.level == level):
            state = f"できた {passed[one.number]}" if one.number in passed else "次はここ" if one is upcoming else ""
            out.print(f"  {one.number:>2}. {one.title}{f'（{state}）' if state else ''}", markup=False)
    if upcoming is None:
        out.print("\nすべてできました。おめでとうございます。自分の仕事は banken new で始められます。", markup=False)
    else:
        out.print(f"\n次: banken learn {upcoming.number}", markup=False)


def _show(exercise: Exercise, progress: Progress) -> None:
    try:
        made = lay_out(exercise, progress.folder, progress.port, gallery_folder())
    except OSError as error:
        raise SystemFailure(
            f"{progress.folder} に問題のファイルを置けません（{error.strerror or error}）。",
            mend="書き込めるフォルダで、もう一度実行してください。",
        ) from error
    keep_progress(progress_file(), progress)
    out.print(text_of(exercise, progress.port).rstrip(), markup=False)
    out.print(f"\n■ フォルダ: {progress.folder}", markup=False)
    out.print(f"  書くファイル: scenarios/{exercise.scenario}/scenario.yaml", markup=False)
    if not made:
        out.print("  ファイルは前に置いたままです（書いたものは上書きしません）。", markup=False)
    out.print("  上のフォルダの中で、コマンドを実行します。", markup=False)
    out.print(f"  できたら: banken learn check {exercise.number}", markup=False)


def _check(exercise: Exercise, progress: Progress, *, headed: bool) -> None:
    def perform(order: Order, parts: Parts) -> Report:
        say("リハーサルをします。" if order.rehearsal else "実行します。")
        with closing(Watcher(name=order.approved.scenario.name, rehearsal=order.rehearsal)) as watcher:
            return run_scenario(order, parts, watcher)

    missing = grade(exercise, progress, gallery_folder(), perform, headed=headed)
    out.print(f"問{exercise.number} {exercise.title}", markup=False)
    if missing:
        for line in missing:
            out.print(f"  {line}", markup=False)
        out.print(
            f"直したら、もう一度 banken learn check {exercise.number}（問題文は banken learn {exercise.number}）",
            markup=False,
        )
        raise Stop(Code.PROBLEMS)
    passed = {**progress.passed, exercise.number: progress.passed.get(exercise.number, today())}
    after = progress.model_copy(update={"passed": passed})
    keep_progress(progress_file(), after)
    out.print("  できました。", markup=False)
    upcoming = _next(after)
    out.print(
        f"次: banken learn {upcoming.number}" if upcoming else "これで全部です。おめでとうございます。", markup=False
    )
