"""Whether the items of a run may be shared among processes (``share`` of its schedule): every mistake at its line.

A further process signs in and moves to its screen itself, and then works items off; it reads no source and writes no book.
So an item's steps may touch screens and work things out, and use nothing that only the first process has read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath, PureWindowsPath

from robots.position import Position
from robots.registry.call_rules import names_made, names_of, names_used
from robots.registry.moves import KEEPS_A_FILE, is_harmless
from robots.scenario.model import Scenario, all_steps
from robots.scenario.names import FIXED
from robots.scenario.problem import Findings
from robots.settings import SCENARIO_NAME
from robots.step import Step

_LOOKS = frozenset(
    {"csv.read", "excel.read_cells", "excel.read_table", "files.list", "pdf.text", "commit", "mail.send"}
)
_FAMILIES = ("browser.", "data.", "flow.", "human.")
_STOP = "flow.stop"


def check_sharing(
    scenario: Scenario, called: Mapping[str, Scenario], machines: Sequence[str], findings: Findings
) -> None:
    """Adds what stands against sharing.

    called: the scenarios that it may call, by id; machines: where it may run (runs_on).
    """
    first = next(iter(scenario.each), None)
    if first is None or scenario.items is None or scenario.items.key is None:
        findings.add(
            first.position if first is not None else Position(SCENARIO_NAME, 1, 1),
            "台帳の予定に手分け（share）がありますが、キーのある「対象」がありません。",
            "対象とキーを書くか、台帳から share を除いてください。",
        )
        return
    for place, step, folders in _each(scenario, called):
        name = step.kind.name
        if name == _STOP:
            what, mend = "実行全体を終えます", "業務エラーにする・除外する、を使う"
        elif name in KEEPS_A_FILE or not (name in _LOOKS or name.startswith(_FAMILIES)):
            what, mend = "ファイルに書きます", "後始末で「完了分」をまとめて書く"
        elif own := _own_folders(step, folders) if _are_many(machines) else "":
            what = f"端末ごとに違うフォルダ（{own}）を使います（動かす端末は {'、'.join(machines)}）"
            mend = "フォルダを \\\\サーバー\\共有 のような共有の場所にするか、runs_on を一台にする"
        else:
            continue
        findings.add(
            place,
            f"各件の「{step.kind.ja}」は{what}。台帳の予定に手分け（share）があるときは使えません。",
            f"{mend}か、台帳から share を除いてください。",
        )
    for step, names in _unknown_to_others(scenario, called):
        findings.add(
            step.position,
            f"準備で付けた名前「{'・'.join(names)}」を使っています。手分けするほかのプロセスは、準備で読んだものを知りません。",
            "準備の「突き合わせる」などで対象の列にして ${対象.…} で使うか、台帳から share を除いてください。",
        )


def repeated(scenario: Scenario, called: Mapping[str, Scenario]) -> list[Step]:
    """The steps of `prepare` that every process goes through."""
    return [step for step in scenario.prepare if is_harmless(step, called)]


def seen_by_all(folder: str) -> bool:
    """Whether a folder of ``uses`` is the same place on every machine: a share, not one below var, in the scenario's own
    folder or on a drive with a letter."""
    return PureWindowsPath(folder).drive.startswith("\\\\") or PurePosixPath(folder).is_absolute()


def _each(scenario: Scenario, called: Mapping[str, Scenario]) -> Iterator[tuple[Position, Step, Mapping[str, str]]]:
    """The steps of `each`, and of those that it calls at the place of the call, each with the folders of its scenario."""
    for step in all_steps(scenario.each):
        yield step.position, step, scenario.uses.folders
        if step.kind.name == "flow.call" and isinstance(step.raw, dict):
            for _, inner, folders in _each(called[str(step.raw["scenario"])], called):
                yield step.position, inner, folders


def _are_many(machines: Sequence[str]) -> bool:
    return "*" in machines or len(machines) > 1


def _own_folders(step: Step, folders: Mapping[str, str]) -> str:
    """Those that a step names and that are not the same on every machine."""
    named = {attribute for name, attribute in names_of(step) if name == "folders"}
    return "、".join(name for name, place in folders.items() if {name, None} & named and not seen_by_all(place))


def _unknown_to_others(scenario: Scenario, called: Mapping[str, Scenario]) -> Iterator[tuple[Step, list[str]]]:
    """The steps of every process that use a name which only the first one has."""
    known = FIXED | set(names_made(scenario.each)) | set(names_made(repeated(scenario, called)))
    for step in (*repeated(scenario, called), *scenario.each):
        foreign = sorted({name for name, _ in names_used([step])} - known)
        if foreign:
            yield step, foreign
