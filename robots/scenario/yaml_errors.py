"""What YAML's own parser says, in words for department staff, at the line where the mistake really is."""

from __future__ import annotations

import re

from ruamel.yaml.error import MarkedYAMLError

Explained = tuple[int, int, str, str]
"""Line and column (from 0), what is wrong, how to mend it."""

_QUOTE_VALUE = '値を引用符で囲んでください（例: 項目: "値: あり"）。'
_INDENT = "同じ並びの行は、行の先頭の空白の数をそろえてください。"
_NO_SPACE_AFTER_DASH = ("「-」のあとに空白がありません。", "「-」のあとに半角の空白を入れてください。")
_KEY_WITHOUT_SPACE = re.compile(r"^[^:\"'#{\[]+:[^\s/]")


def explain(error: MarkedYAMLError, text: str) -> Explained:
    """Where and why YAML could not be read."""
    lines = text.split("\n")
    problem = str(error.problem or "")
    mark = error.problem_mark or error.context_mark
    at = (mark.line, mark.column) if mark else (0, 0)
    context = (error.context_mark.line, error.context_mark.column) if error.context_mark else at
    if "mapping values are not allowed" in problem:
        return _unexpected_colon(at[0], at[1], lines)
    if "could not find expected ':'" in problem:
        return _missing_colon(context[0], context[1], lines)
    if "flow" in str(error.context or ""):
        return _flow(at, context, problem, lines)
    if "quoted scalar" in str(error.context or ""):
        return _quoted(at, context, problem)
    if "cannot start any token" in problem:
        sign = _character(lines, *at)
        return *at, f"値を「{sign}」で始めることはできません。", f'値を引用符で囲んでください（例: "{sign}…"）。'
    if "block scalar" in str(error.context or ""):
        return (
            *at,
            "| や > のあとに余分な文字があります。",
            "| の行には何も書かず、本文は次の行から字下げして書いてください。",
        )
    return _structure(at, problem, lines)


def _structure(at: tuple[int, int], problem: str, lines: list[str]) -> Explained:
    """Tokens where none may stand: mostly indentation."""
    if "'<scalar>'" in problem or "expected the node content" in problem:
        return (
            *at,
            "余分な文字があります。",
            "引用符やかっこを閉じたあとの文字を消すか、値の全体を引用符で囲んでください。",
        )
    if "']'" in problem or "'}'" in problem:
        return *at, "閉じかっこが余っています。", "対になる開きかっこがあるか確かめてください。"
    if "sequence entries are not allowed" in problem:
        return *at, "「- 」をここに書くことはできません。", "「- 」は次の行に、字下げして書いてください。"
    line = lines[at[0]] if at[0] < len(lines) else ""
    if re.match(r" *-[^ -]", line):
        return at[0], _depth(line), *_NO_SPACE_AFTER_DASH
    if line.lstrip().startswith("\u3000") or line.startswith("\u3000"):
        return at[0], 0, "全角の空白で字下げされています。", "行の先頭の空白を半角にしてください。"
    if "block end" in problem or "document start" in problem or "mapping keys" in problem:
        return *at, "字下げ（行の先頭の空白）がそろっていません。", _INDENT
    return *at, "YAML の書き方に誤りがあります。", "この行と前の行の、字下げ・「:」・引用符・かっこを確かめてください。"


def _unexpected_colon(line: int, column: int, lines: list[str]) -> Explained:
    before = _line_before(line, lines)
    if before is not None:
        written = _item(lines[before])
        same_depth = _depth(lines[before]) == _depth(lines[line])
        if same_depth and ": " not in written and not written.endswith(":"):
            return _missing_colon(before, _depth(lines[before]), lines)
        if _depth(lines[line]) > _depth(lines[before]) and ": " not in lines[line][: column + 1].strip():
            return line, _depth(lines[line]), "字下げ（行の先頭の空白）が深すぎます。", _INDENT
    return line, column, "一つの行に「: 」が二つあります。", _QUOTE_VALUE


def _missing_colon(line: int, column: int, lines: list[str]) -> Explained:
    written = _item(lines[line])
    if "：" in written:
        found = lines[line].index("：")
        return line, found, "コロンが全角の「：」です。", "半角の「:」と空白に直してください（例: 名称: テスト）。"
    if _KEY_WITHOUT_SPACE.match(written):
        found = lines[line].index(":")
        return (
            line,
            found,
            "「:」のあとに空白がありません。",
            "「:」のあとに半角の空白を入れてください（例: 名称: テスト）。",
        )
    if written.startswith("-") and not written.startswith("- "):
        return line, column, *_NO_SPACE_AFTER_DASH
    return line, column, "「名前: 値」の「:」がありません。", "名前のあとに「:」と半角の空白を入れてください。"


def _flow(at: tuple[int, int], context: tuple[int, int], problem: str, lines: list[str]) -> Explained:
    """Inside [ ] or { }."""
    line, column = at
    if line < len(lines) and column > 0 and lines[line][column - 1 : column + 1] == "${":
        return (
            line,
            column - 1,
            "[ ] や { } の中の ${…} が引用符で囲まれていません。",
            '"${…}" のように囲んでください。',
        )
    opened = _character(lines, *context)
    if line > context[0] or "stream end" in problem:
        closing = {"[": "]", "{": "}"}.get(opened, "] や }")
        return *context, f"「{opened}」が閉じられていません。", f"行の終わりに「{closing}」があるか確かめてください。"
    return (
        *at,
        f"「{opened}」の中の書き方に誤りがあります。",
        "値と値のあいだは「, 」で区切り、記号を含む値は引用符で囲んでください。",
    )


def _quoted(at: tuple[int, int], context: tuple[int, int], problem: str) -> Explained:
    if "escape" in problem:
        return *at, '引用符 " の中で「\\」が使われています。', "「\\」を含む値は ' で囲んでください（例: '\\d{7}'）。"
    return *context, "引用符が閉じられていません。", "値の終わりに同じ引用符を書いてください。"


def _line_before(line: int, lines: list[str]) -> int | None:
    for number in range(line - 1, -1, -1):
        if lines[number].strip() and not lines[number].lstrip().startswith("#"):
            return number
    return None


def _item(line: str) -> str:
    """A line without its indentation and its list mark."""
    return line.strip().removeprefix("- ").split(" #")[0].strip()


def _depth(line: str) -> int:
    """How far what the line says is indented, a list mark counted as indentation."""
    inner = line.lstrip(" ")
    depth = len(line) - len(inner)
    while inner.startswith("- "):
        trimmed = inner[2:].lstrip(" ")
        depth += len(inner) - len(trimmed)
        inner = trimmed
    return depth


def _character(lines: list[str], line: int, column: int) -> str:
    return lines[line][column] if line < len(lines) and column < len(lines[line]) else ""
