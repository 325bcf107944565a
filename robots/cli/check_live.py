"""banken check --live: the screens as they are now against what a scenario names on them."""

from __future__ import annotations

from collections.abc import Iterator

from robots.cli.common import Code, Stop, here, out, registered, say, show_json, who
from robots.cli.run import cleared, inputs_of
from robots.registry.gate import Approved
from robots.registry.load import Loaded
from robots.runner.changed import Changed
from robots.runner.impact import Touch, sharing
from robots.runner.live import Gone, Live
from robots.runner.mend import Mender, Proposal
from robots.runner.named import KINDS
from robots.runner.order import Order
from robots.runner.outlines import read_kept
from robots.runner.report import Report
from robots.runner.run import run_scenario
from robots.scenario.problem import Problem
from robots.settings import SCENARIO_NAME, Home
from robots.wiring import wired

_CHANGES = {"moved": "「{name}」の場所が変わりました", "column": "列「{name}」が増えました"}


def check_live(scenario: str, *, as_json: bool) -> None:
    """Walks the screens of a scenario and says what it names that is gone; nothing is committed and nothing changed."""
    home = here()
    loaded = registered(home)
    approved = cleared(home, loaded, scenario, rehearsal=True)
    live = Live(read_kept(home.var, scenario))
    values = inputs_of(approved, {}, rehearsal=True)
    with wired(home) as parts:
        report = run_scenario(Order(approved, values, who(), rehearsal=True, beside=(live,)), parts, live)
    found = list(_found(approved, live))
    touches = _others(home, loaded, approved, live)
    whole = report.state != "failed" and not live.blocked and (live.reached or approved.scenario.items is None)
    if as_json:
        show_json(_document(scenario, report, live, found, touches, whole=whole))
    else:
        _tell(scenario, report, live, found, touches, whole=whole)
    if found or not whole:
        raise Stop(Code.SYSTEM if report.system_failure and not found else Code.PROBLEMS)


Found = tuple[Problem, Gone, Proposal | None]


def _found(approved: Approved, live: Live) -> Iterator[Found]:
    for gone in live.gone.values():
        callee = approved.callees.get(gone.scenario)
        mender = Mender(approved.files if callee is None else callee.files, gone.scenario)
        path = f"scenarios/{gone.scenario}/{SCENARIO_NAME}"
        if gone.name.kind == "column":
            for at, proposal in mender.column(gone.name.text, gone.now or ""):
                yield Problem(path, at.line, at.column, _what(gone), _mend(proposal), gone.now), gone, proposal
            continue
        at = mender.place(gone.step, gone.name)
        proposal = mender.proposal(gone.step, gone.name, gone.now) if gone.now else None
        yield Problem(path, at.line, at.column, _what(gone), _mend(proposal), gone.now), gone, proposal


def _what(gone: Gone) -> str:
    where = f"画面（{gone.screen}）"
    if gone.column is not None:
        return f"CSS「{gone.name.text}」は、{where}の列「{gone.column}」ではない列を指すようになりました"
    if gone.moved is not None:
        part = f"「{gone.moved}」" if gone.moved else "別のところ"
        return f"{KINDS[gone.name.kind]}「{gone.name.text}」は、{where}の中で{part}へ移りました"
    return f"{KINDS[gone.name.kind]}「{gone.name.text}」が{where}にありません"


def _mend(proposal: Proposal | None) -> str:
    if proposal is None:
        return "画面を見て、この行を画面のとおりに直してください。"
    return "次のように直すことを提案します（自動では直しません）。画面を見て確かめてください。"


def _others(home: Home, loaded: Loaded, approved: Approved, live: Live) -> dict[str, list[Touch]]:
    """The other scenarios that name what is gone, by that name."""
    texts = dict.fromkeys(gone.name.text for gone in live.gone.values())
    found = {text: sharing(home, loaded, approved.scenario, text) for text in texts}
    return {text: touches for text, touches in found.items() if touches}


def _stopped(live: Live, report: Report) -> list[str]:
    told = [f"{step.position}: {what}" if step is not None else what for step, what in live.blocked]
    if report.state == "failed" and report.message:
        told.append(report.message)
    return told


def _changed(one: Changed) -> str:
    return f"{one.screen}: {_CHANGES[one.kind].format(name=one.name)}（シナリオはそのまま動きます）"


def _document(
    scenario: str, report: Report, live: Live, found: list[Found], touches: dict[str, list[Touch]], *, whole: bool
) -> dict[str, object]:
    return {
        "scenario": scenario,
        "run": report.run,
        "whole": whole,
        "problems": [
            {
                **problem.to_dict(),
                "kind": gone.name.kind,
                "screen": gone.screen,
                "old": proposal.old if proposal else None,
                "new": proposal.new if proposal else None,
                "diff": proposal.diff(problem.path) if proposal else None,
            }
            for problem, gone, proposal in found
        ],
        "changed": [{"kind": one.kind, "screen": one.screen, "name": one.name} for one in live.changed],
        "stopped": _stopped(live, report),
        "concerned": [
            {"name": text, "scenario": one.scenario, "line": one.line, "what": one.what}
            for text, places in touches.items()
            for one in places
        ],
    }


def _tell(
    scenario: str, report: Report, live: Live, found: list[Found], touches: dict[str, list[Touch]], *, whole: bool
) -> None:
    for problem, _, proposal in found:
        say(str(problem))
        if proposal is not None:
            out.print(proposal.diff(problem.path) + "\n", markup=False)
    for one in live.changed:
        out.print(f"お知らせ: {_changed(one)}", markup=False)
    for told in _stopped(live, report):
        say(f"ここから先は調べられませんでした: {told}")
    for text, places in touches.items():
        out.print(f"「{text}」は、ほかのシナリオにも書かれています:", markup=False)
        for touch in places:
            out.print(
                f"  scenarios/{touch.scenario}/{SCENARIO_NAME}:{touch.line} {touch.name}　{touch.what}", markup=False
            )
    if not whole and not live.blocked and report.state != "failed":
        say(
            "確定の手前まで進める対象がなかったため、画面のすべてを調べてはいません。banken run --rehearse で確かめてください。"
        )
    ending = f"{len(found)} か所を直してください。" if found else "なくなったものはありません。" if whole else ""
    out.print(f"{scenario} の画面を調べました（登録はしていません）。{ending}", markup=False)
