"""Formatting: one style, nothing lost, nothing changed in meaning, and a second time nothing at all."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from robots.scenario.format import formatted
from robots.scenario.problem import Findings, Problems
from robots.scenario.source import SCENARIO, read_source

ROOT = Path(__file__).parents[3]
GALLERY = sorted((ROOT / "scenarios").rglob("scenario.yaml"))
SAMPLES = sorted((ROOT / "tests" / "scenarios").rglob("scenario.yaml"))


def fmt(text: str) -> str:
    made = formatted("scenario.yaml", text.encode())
    assert isinstance(made, bytes), str(made)
    assert formatted("scenario.yaml", made) == made, "a second time changes something"
    return made.decode()


def data_of(content: bytes) -> object:
    source = read_source("x", content, Findings(), SCENARIO)
    return source.data if source is not None else None


@pytest.mark.parametrize("path", GALLERY, ids=lambda path: path.parent.name)
def test_the_gallery_is_in_the_style(path: Path) -> None:
    assert formatted("x", path.read_bytes()) == path.read_bytes()


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.parent.name)
def test_a_second_time_changes_nothing(path: Path) -> None:
    content = path.read_bytes()
    made = formatted("x", content)
    if isinstance(made, Problems):
        findings = Findings()
        assert read_source("x", content, findings, SCENARIO) is None or len(findings)
        return
    assert data_of(made) == data_of(content)
    assert formatted("x", made) == made


def test_the_style() -> None:
    assert (
        fmt(
            """\


# この行は先頭に残る

各件:
- 押す:   { ボタン: "登録" ,何番目:  1 }   # 右のメモ
  保存名:  "結果"
  # 次の手順のこと
- もし:
          条件: ${a}   \t
""".replace("\t", "")
            + """\
          # ならばのこと
          ならば:
          -   記録する: |
                 一行目
                   深い行   

                 最後の行
          -
             記録する: "a: b"



- 一括入力する: {'氏 名': 'あ',
     c: d,   # 中のメモ
     e: f}
  # 最後のメモ
名称: "テスト"
# 利用のこと
利用:
    サイト: {"学務":  "http://127.0.0.1"}
    資格情報:
    - a
    - "011"
    - '日本'"""
        )
        == """\
# この行は先頭に残る

名称: テスト

# 利用のこと
利用:
  サイト: {学務: "http://127.0.0.1"}
  資格情報:
    - a
    - "011"
    - 日本

各件:
  - 押す: {ボタン: 登録, 何番目: 1}          # 右のメモ
    保存名: 結果
    # 次の手順のこと
  - もし:
      条件: ${a}
      # ならばのこと
      ならば:
        - 記録する: |
             一行目
               深い行   

             最後の行
        -
          記録する: "a: b"

  - 一括入力する: {氏 名: あ,
       c: d,   # 中のメモ
       e: f}
    # 最後のメモ
"""
    )


@pytest.mark.parametrize(
    "value",
    [
        *('"no"', '"011002"', '"2026-04-01"', '"19:00"', '"null"', '""', "' a'", '"a: b"', '"a #b"', '"- a"'),
        *('"{a}"', "'[a]'", '"it\'s"', '"&a"', '"*a"', '"!a"', '"|"', '">"', '"%a"', '"@a"', '"`a`"', '"a:"', '"~"'),
        *('"\\u3042\\t"', '"\\u3000あ"', '"?"', '"a\\nb"', '"--- a"', '"=+1"', '"<<"'),
    ],
)
def test_quotes_that_are_needed_stay(value: str) -> None:
    text = f"名称: {value}\n入力値: {{a: {{既定値: {value}}}}}\n"
    assert fmt(text) == text


@pytest.mark.parametrize("value", ["登録", "a:b", "${対象.氏名}", "３月 分", "http://127.0.0.1/a?b=c", "a{b}", "1 件"])
def test_quotes_that_nobody_needs_go(value: str) -> None:
    assert fmt(f"名称: \"{value}\"\n概要: '{value}'\n") == f"名称: {value}\n概要: {value}\n"


def test_line_ends_bom_and_long_lines_stay() -> None:
    long = "あ" * 500 + " " + "い" * 500
    made = formatted("x", f"\ufeff名称:  例\r\n概要: {long}\r\n各件: [ a,  b ]  # 全角　のメモ".encode())
    assert made == f"\ufeff名称: 例\r\n概要: {long}\r\n各件: [a, b]  # 全角　のメモ\r\n".encode()


def test_a_text_that_keeps_its_empty_lines_keeps_them() -> None:
    for text in ("概要: |+\n  a\n\n\n", "概要: >-\n  a\n\n\n  b\n名称: 例\n", "概要: |\n  a\n      \n\n名称: 例\n"):
        content = text.encode()
        made = formatted("x", content)
        assert isinstance(made, bytes)
        assert data_of(made) == data_of(content)


def test_what_is_no_yaml_is_refused_with_its_place() -> None:
    refused = formatted("scenario.yaml", "名称: 例\n概要: [a\n".encode())
    assert isinstance(refused, Problems) and str(refused).startswith("scenario.yaml:")
    assert isinstance(formatted("x", "名称: 例\n名称: 例\n".encode()), Problems)


KEYS = st.sampled_from(["名称", "概要", "各件", "準備", "利用", "a b", "x:y", "011", "対象", "氏名"])
PLAIN = st.text("あa1 :#-,[]{}'\"\\${}|>%&*!?~\n\u3000", max_size=8)
DATA = st.recursive(
    PLAIN,
    lambda inner: st.lists(inner, min_size=1, max_size=3) | st.dictionaries(KEYS, inner, min_size=1, max_size=3),
    max_leaves=8,
)


def written(data: object, draw: st.DrawFn, indent: int) -> str:
    """YAML of the data in any of the ways that somebody may write it."""
    if isinstance(data, str):
        return _scalar(data, draw, indent)
    deeper = indent + draw(st.integers(1, 5))
    pad, comment = " " * deeper, draw(st.sampled_from(["", "   # メモ", " # x: [y"]))
    lines = []
    for entry in data.items() if isinstance(data, dict) else data:  # type: ignore[attr-defined]
        if draw(st.integers(0, 5)) == 0:
            lines.append(draw(st.sampled_from(["", "# 行のメモ", pad + "# - メモ: x", pad + "  # 深い", "  "])))
        if isinstance(data, dict):
            key, value = entry
            lines.append(f'{pad}"{key}":{written(value, draw, deeper)}')
        else:
            lines.append(f"{pad}-{written(entry, draw, deeper)}")
    return comment + "\n" + "\n".join(lines)


def _scalar(text: str, draw: st.DrawFn, indent: int) -> str:
    quoted = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    way = draw(st.sampled_from(["double", "single", "block"]))
    if way == "single" and "\n" not in text:
        return " " * draw(st.integers(1, 3)) + "'" + text.replace("'", "''") + "'"
    if way == "block" and text.strip() and not text.startswith((" ", "\n")) and "\n" not in text.rstrip("\n"):
        pad = " " * (indent + draw(st.integers(1, 4)))
        return f" |{draw(st.sampled_from(['', '-', '+']))}\n" + "\n".join(pad + line for line in text.split("\n"))
    return " " * draw(st.integers(1, 3)) + f'"{quoted}"' + draw(st.sampled_from(["", "  # 右", " #"]))


@st.composite
def files(draw: st.DrawFn) -> str:
    data = draw(st.dictionaries(KEYS, DATA, min_size=1, max_size=4))
    lines = [f'"{key}":{written(value, draw, 0)}' for key, value in data.items()]
    if draw(st.booleans()):
        lines.insert(0, "# はじめのメモ")
    return "\n".join(lines) + draw(st.sampled_from(["", "\n", "\n\n# おわり\n"]))


@given(files())
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_file_keeps_its_data_and_its_comments(text: str) -> None:
    findings = Findings()
    before = read_source("x", text.encode(), findings, SCENARIO)
    assume(before is not None and not len(findings))
    made = fmt(text)
    assert data_of(made.encode()) == data_of(text.encode())
    for comment in ("# はじめのメモ", "# 行のメモ", "# - メモ: x", "# 右", "# おわり", "# メモ", "# 深い"):
        assert made.count(comment) == text.count(comment)
