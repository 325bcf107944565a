"""Whether the items of a run may be shared among processes (``share`` of its schedule): every mistake at its line.

A further process signs in and moves to its screen itself, and then works items off; it reads no source and writes no book.
So an item's steps may touch screens and work things out, and use nothing that only the first process has read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from robots.position import Position
from robots.registry.call_rules import names_made, names_used, reached_by
from robots.registry.moves import KEEPS_A_FILE, is_harmless
from robots.scenario.model import Scenario
from robots.scenario.names import FIXED
from robots.scenario.problem import Findings
from robots.settings import SCENARIO_NAME
from robots.step import Step

_LOOKS = frozenset(
    {"csv.read", "excel.read_cells", "excel.read_table", "files.list", "pdf.text", "commit", "mail.send"}
)
_FAMILIES = ("browser.", "data.", "flow.", "human.")
_STOP = "flow.stop"


def check_sharing(scenario: Scenario, called: Mapping[str, Scenario], findings: Findings) -> None:
    """Adds what stands against sharing.  called: the scenarios that it may call, by id."""
    first = next(iter(scenario.each), None)
    if first is None or scenario.items is None or scenario.items.key is None:
        findings.add(
            first.position if first is not None else Position(SCENARIO_NAME, 1, 1),
            "台帳の予定に手分け（share）がありますが、キーのある「対象」がありません。",
            "対象とキーを書くか、台帳から share を除いてください。",
        )
        return
    for step in reached_by(scenario, called):
        name = step.kind.name
        if name == _STOP:
            what, mend = "実行全体を終えます", "業務エラーにする・除外する、を使う"
        elif name in KEEPS_A_FILE or not (name in _LOOKS or name.startswith(_FAMILIES)):
            what, mend = "ファイルに書きます", "後始末で「完了分」をまとめて書く"
        else:
            continue
        findings.add(
            step.position,
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


def _unknown_to_others(scenario: Scenario, called: Mapping[str, Scenario]) -> Iterator[tuple[Step, list[str]]]:
    """The steps of every process that use a name which only the first one has."""
    known = FIXED | set(names_made(scenario.each)) | set(names_made(repeated(scenario, called)))
    for step in (*repeated(scenario, called), *scenario.each):
        foreign = sorted({name for name, _ in names_used([step])} - known)
        if foreign:
            yield step, foreign
