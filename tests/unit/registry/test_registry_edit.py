"""Commands write into registry.yaml without touching anything else."""

from __future__ import annotations

from datetime import date

import pytest
from ruamel.yaml import YAML

from robots.errors import BusinessError
from robots.registry.edit import edited
from robots.registry.model import Asked, Decision

DAY = date(2026, 6, 1)
WHY = Decision(by="d1", on=DAY, why='理由: "画面" # 変わった')
ASKED = Asked(by="s1", on=DAY, digest="sha256:0")

BLOCK = """\
# 頭の注
scenarios:
  a/b:   # 番号の注
    name: 名前
    request: {by: s0, on: 2026-01-01, digest: x}   # 求めの注
    rejected:
      by: d0   # 中の注
      on: 2026-01-01
      why: だめ
    stop: |
      待つ
  a/c: {name: 一行, request: {by: s0, on: 2026-01-01, digest: x}, stop: 待つ}
# 終わり
"""


def entry(text: str, scenario: str) -> dict[str, object]:
    return dict(YAML(typ="safe").load(text)["scenarios"][scenario])


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize("scenario", ["a/b", "a/c"])
def test_keys_are_put_replaced_and_taken_out(scenario: str, line_end: str) -> None:
    text = BLOCK.replace("\n", line_end)
    made = edited(text, scenario, {"request": None, "rejected": None, "suspended": WHY})
    after = entry(made, scenario)
    assert set(after) == {"name", "stop", "suspended"}
    assert after["suspended"] == {"by": "d1", "on": DAY, "why": WHY.why}
    other = "a/c" if scenario == "a/b" else "a/b"
    assert entry(made, other) == entry(text, other)
    for kept in ("# 頭の注", "# 番号の注", "# 終わり"):
        assert kept in made
    assert made.replace(line_end, "").count("\n") == 0


def test_what_is_there_is_replaced_where_it_stands() -> None:
    made = edited(BLOCK, "a/b", {"request": ASKED})
    assert '    request: {by: "s1", on: 2026-06-01, digest: "sha256:0"}   # 求めの注\n' in made
    assert edited(made, "a/b", {"request": ASKED}) == made


def test_the_first_and_the_last_key_may_go() -> None:
    flow = "scenarios: {a/b: {request: {by: s, on: 2026-01-01, digest: x}, name: 名前, rejected: {by: d, on: 2026-01-01, why: x}}}\n"
    assert entry(edited(flow, "a/b", {"request": None, "rejected": None}), "a/b") == {"name": "名前"}
    block = "scenarios:\n  a/b:\n    name: 名前\n    request: {by: s, on: 2026-01-01, digest: x}"
    assert edited(block, "a/b", {"request": None, "suspended": None}) == "scenarios:\n  a/b:\n    name: 名前\n"
    assert entry(edited(block, "a/b", {"request": None, "suspended": WHY}), "a/b")["suspended"]


def test_an_entry_that_is_not_there_is_told() -> None:
    with pytest.raises(BusinessError, match="台帳"):
        edited(BLOCK, "a/d", {"request": ASKED})
