"""flow.call: another scenario's `each` as a sub-procedure, as approved, and nothing beyond what the caller declares."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from robots.registry.approve import Request, approve
from robots.registry.gate import Approved, Refused
from robots.scenario.problem import Problems
from tests.conftest import banken_here
from tests.flow_town import DAY, ID, ITEMS, TOP, FlowTown, enter, open_flow_town

SUB = "shimin/kubun"
SUB_TEXT = """\
名称: 区分を決める
入力値: {基準: {型: 整数, 既定値: 100}}
準備:
  - 記録する: 呼び出しでは行わない準備です
対象: {元: "${[]}", キー: "${対象.名}"}
各件:
  - 審査する:
      - {条件: "${対象.額 != ''}", さもなくば: "${対象.名}さんの額がありません"}
  - 値を決める: 大
    保存名: 区分
  - 値を決める: 小
    条件: ${対象.額 < 入力値.基準}
    保存名: 区分
"""
CALL = f"""\
{TOP}{ITEMS}各件:
  - 呼び出す:
      シナリオ: {SUB}
      値: {{名: "${{対象.氏名}}", 額: "${{対象.金額}}"}}
    保存名: 結果
{enter("${結果.区分}${対象.番号}")}"""


@pytest.fixture
def town(tmp_path: Path) -> Iterator[FlowTown]:
    opened = open_flow_town(tmp_path / "town")
    opened.write(SUB_TEXT, SUB)
    yield opened
    opened.ledger.close()


def problems(town: FlowTown, text: str, id: str = ID) -> str:
    """What stands against approving a scenario."""
    town.write(text, id, accept=False)
    found = town.request(id)
    assert isinstance(found, Problems), "nothing stands against it"
    return str(found)


def test_the_called_steps_work_on_the_given_values_and_give_what_they_save(town: FlowTown) -> None:
    town.write(CALL)
    town.rows("1,山田,500", "2,鈴木,99")
    report = town.run()
    assert (report.items["done"], report.exit_code) == (2, 0)
    assert town.entered() == {"1": "大1", "2": "小2"}


def test_a_failure_inside_names_the_scenario_and_the_line(town: FlowTown) -> None:
    town.write(CALL)
    town.rows("1,山田,")
    report = town.run()
    assert report.items["rejected"] == 1 and town.entered() == {}
    reason = town.reasons()["1"]
    assert f"呼び出した「{SUB}」の 7 行目（審査する）" in reason and "山田さんの額がありません" in reason


def test_a_rehearsal_calls_too(town: FlowTown) -> None:
    town.write(CALL)
    town.rows("1,山田,500")
    assert town.run(rehearsal=True).items["done"] == 1


def test_a_called_scenario_may_call_another(town: FlowTown) -> None:
    further = "  - 呼び出す: {シナリオ: shimin/inner, 値: {x: '${対象.額}'}}\n    保存名: 奥\n"
    town.write("名称: 奥\n対象: {元: '${[]}'}\n各件:\n  - 値を決める: ${対象.x + 1}\n    保存名: 次\n", "shimin/inner")
    town.write(SUB_TEXT + further, SUB)
    town.write(CALL.replace("${結果.区分}", "${結果.奥.次}"))
    town.rows("1,山田,500")
    town.run()
    assert town.entered() == {"1": "5011"}


def test_a_called_scenario_runs_only_as_it_was_approved(town: FlowTown) -> None:
    town.write(CALL)
    town.rows("1,山田,500")
    town.write(SUB_TEXT.replace("大", "特大"), SUB, accept=False)
    refused = town.gate()
    assert isinstance(refused, Refused) and f"呼び出すシナリオ {SUB} が変わっています" in refused.what
    town.accept(SUB)
    refused = town.gate()
    assert isinstance(refused, Refused) and f"呼び出すシナリオ {SUB} が変わっています" in refused.what
    town.accept()
    town.run()
    assert town.entered() == {"1": "特大1"}


def test_a_called_scenario_without_an_approval_of_its_own_does_not_run(town: FlowTown) -> None:
    town.write("名称: 下書き\n対象: {元: '${[]}'}\n各件:\n  - 記録する: a\n", "shimin/draft", accept=False)
    town.write(CALL.replace(f"シナリオ: {SUB}", "シナリオ: shimin/draft").replace("${結果.区分}", ""))
    refused = town.gate()
    assert isinstance(refused, Refused) and "まだ承認されていません" in refused.what and "shimin/draft" in refused.what
    assert isinstance(town.gate(rehearsal=True), Approved), "a rehearsal that reaches this machine alone may"


def test_the_approval_covers_what_is_called(town: FlowTown) -> None:
    town.write(CALL, accept=False)
    request = town.request()
    assert isinstance(request, Request)
    assert any(f"呼び出すシナリオ {SUB} が加わっています" in change for change in request.changes)
    approve(town.home, town.loaded(), request, by="d1", on=DAY, until=DAY)
    assert isinstance(town.gate(), Approved)


def test_calls_that_go_round_are_refused(town: FlowTown) -> None:
    own = CALL.replace(f"シナリオ: {SUB}", f"シナリオ: {ID}")
    assert f"呼び出しがめぐっています（{ID} → {ID}）" in problems(town, own)
    town.write(SUB_TEXT + f"  - 呼び出す: {{シナリオ: {ID}, 値: {{番号: 1}}}}\n", SUB, accept=False)
    assert f"{ID} → {SUB} → {ID}" in problems(town, CALL)


def test_what_is_called_must_be_in_the_register(town: FlowTown) -> None:
    said = problems(town, CALL.replace(f"シナリオ: {SUB}", "シナリオ: shimin/kubunn"))
    assert "台帳（registry.yaml）に登録されていません" in said and f"もしかして: {SUB}" in said
    assert said.startswith("scenario.yaml:11:5")


def changed(*pairs: tuple[str, str]) -> str:
    """The called scenario with some of its text replaced."""
    text = SUB_TEXT
    for before, after in pairs:
        assert before in text
        text = text.replace(before, after)
    return text


PREPARED = ("記録する: 呼び出しでは行わない準備です", "値を決める: 1\n    保存名: 前準備")
UNFIT = {
    "commit": (
        changed(("  - 値を決める: 大\n    保存名: 区分\n", "  - 確定する: {手順: [{記録する: x}]}\n")),
        "「確定する」を含んでいます",
    ),
    "value": (changed(("対象.名}さん", "対象.住所}さん")), "値「住所」が渡されていません"),
    "input": (changed(("型: 整数, 既定値: 100", "型: 整数")), "入力値「基準」に既定値がありません"),
    "prepared": (changed(PREPARED, (": 大", ": ${前準備}")), "準備で付けた名前「前準備」"),
    "site": (
        changed(("準備:", '利用: {サイト: {学務: "http://127.0.0.1:1/x"}}\n準備:')),
        "「学務: http://127.0.0.1:1/x」",
    ),
    "credential": (changed(("準備:", "利用: {資格情報: [jumin]}\n準備:")), "資格情報「jumin」"),
    "folder": (
        changed(("準備:", "利用: {フォルダ: {別: var/betsu}}\n準備:"), (": 大", ": ${フォルダ.別}")),
        "フォルダ「別: var/betsu」",
    ),
    "own-folder": (
        changed(("準備:", "利用: {フォルダ: {別: sample}}\n準備:"), (": 大", ": ${フォルダ.別}")),
        "呼び出されるシナリオの中のフォルダ",
    ),
    "no-each": ("名称: 準備だけ\n準備:\n  - 記録する: a\n", "「各件」がありません"),
    "unsound": (changed((": 大", ": ${まちがい}")), "直すところがあります"),
}


@pytest.mark.parametrize(("sub", "said"), UNFIT.values(), ids=UNFIT)
def test_what_may_not_be_called_is_found_before_anything_runs(town: FlowTown, sub: str, said: str) -> None:
    town.write(sub, SUB, accept=False)
    assert said in problems(town, CALL)


def test_what_the_caller_declares_the_called_may_touch(town: FlowTown) -> None:
    touching = SUB_TEXT.replace("準備:", "利用: {フォルダ: {置き場: var/out/kubun}}\n準備:")
    town.write(touching + '  - CSVを書く: {ファイル: "${フォルダ.置き場}/${対象.名}.csv", 行: "${[対象]}"}\n', SUB)
    town.write(CALL)
    town.rows("1,山田,500")
    town.run()
    assert (town.home.var / "out" / "kubun" / "山田.csv").is_file()


def test_inside_a_commit_only_what_must_happen_is_called(town: FlowTown) -> None:
    inside = f"{TOP}{ITEMS}各件:\n  - 確定する:\n      手順:\n        - 呼び出す: {{シナリオ: {SUB}, 値: {{名: a, 額: 1}}}}\n"
    town.write(SUB_TEXT + "  - 除外する: a\n", SUB)
    assert "「除外する」を含んでいて、「確定する」の中では使えません" in problems(town, inside)
    town.write(SUB_TEXT + "  - 記録する: a\n    再試行: 2\n", SUB)
    assert "「再試行」を含んでいて" in problems(town, inside)
    town.write(SUB_TEXT, SUB)
    town.write(inside)


def test_in_prepare_nothing_is_called_that_concerns_an_item(town: FlowTown) -> None:
    town.write(SUB_TEXT + "  - 業務エラーにする: a\n", SUB)
    text = f"名称: x\n準備:\n  - 呼び出す: {{シナリオ: {SUB}, 値: {{名: a, 額: 1}}}}\n"
    assert "「業務エラーにする」を含んでいて、「準備」では使えません" in problems(town, text)


def test_people_are_asked_from_within_a_call_on_the_callers_item(town: FlowTown) -> None:
    town.write(SUB_TEXT.replace("値を決める: 大", "人に尋ねる: ${対象.名}さんの区分は"), SUB)
    town.write(CALL)
    town.rows("1,山田,500", "2,鈴木,99")
    assert town.run().items["waiting"] == 2
    assert {task["field"] for task in town.tasks()} == {"山田さんの区分は", "鈴木さんの区分は"}
    town.answer("1", "特")
    assert town.run().items["done"] == 1
    assert town.entered() == {"1": "特1"}


def test_check_on_the_command_line_says_what_is_wrong_with_a_call(town: FlowTown) -> None:
    town.write(CALL.replace(f"シナリオ: {SUB}", "シナリオ: shimin/nai"), accept=False)
    done = banken_here(town.home.root, "check")
    assert done.code == 1
    assert f"scenarios/{ID}/scenario.yaml:11:5" in done.err and "「shimin/nai」は台帳" in done.err
    town.write(CALL)
    assert banken_here(town.home.root, "check").code == 0
