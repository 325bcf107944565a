"""Writes the reference pages from the values that check and run scenarios: docs/steps.md and docs/commands.md.

python docs/reference.py            writes them
(tests/unit/test_docs.py            says when they are out of date)
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer.main

from robots.__main__ import app
from robots.all_steps import STEPS
from robots.scenario.shape import parameters

HERE = Path(__file__).parent
_FAMILIES = {
    "browser": "画面",
    "excel": "Excel",
    "csv": "CSV",
    "data": "データ",
    "flow": "流れ",
    "commit": "確定",
}
_SECTIONS = {"prepare": "準備", "each": "各件", "finish": "後始末"}


def steps_page() -> str:
    """The reference of every step kind."""
    lines = [
        "# 手順の一覧",
        "",
        "シナリオの「準備」「各件」「後始末」に書ける手順です。名前は日本語でも英語でも書けます。",
        "どの手順にも 条件・保存名・再試行・制限時間・メモ・秘密 を添えられます。端末では `banken steps 手順の名前` で見られます。",
        "",
    ]
    for family, heading in _FAMILIES.items():
        lines += [f"## {heading}", ""]
        for kind in STEPS:
            if kind.name.split(".")[0] == family:
                lines += list(_step(kind))
    return "\n".join(lines)


def _step(kind: Any) -> Iterator[str]:
    yield f"### {kind.ja}（`{kind.name}`）"
    yield ""
    yield kind.summary
    yield ""
    named = list(dict.fromkeys(parameters(kind.params).values()))
    if named:
        yield "| 項目 | 英語名 | 必須 | 説明 |"
        yield "|---|---|---|---|"
        for one in named:
            field = kind.params.model_fields[one.field]
            yield f"| {one.ja} | `{one.english}` | {'必須' if field.is_required() else ''} | {one.doc} |"
        yield ""
    where = [ja for section, ja in _SECTIONS.items() if section in kind.sections]
    if len(where) < len(_SECTIONS):
        yield f"書けるところ: {'・'.join(where)}"
        yield ""
    yield "```yaml"
    lines = kind.example.strip().split("\n")
    yield f"- {lines[0]}"
    yield from (f"  {line}" for line in lines[1:])
    yield "```"
    yield ""


def commands_page() -> str:
    """The reference of every command."""
    root = typer.main.get_command(app)
    lines = [
        "# コマンドの一覧",
        "",
        "`banken コマンド --help` でも見られます。`--json` を付けると、標準出力には JSON 一つだけが出ます。",
        "",
        "終わり方: 0 できた　1 直すところ・残った対象がある　2 使い方の間違い　3 実行を断った（未登録・未承認・変更・期限切れ）　4 システムエラー",
        "",
    ]
    for path, command in sorted(_commands(root, "banken")):
        arguments = " ".join(
            f"<{parameter.human_readable_name}>"
            for parameter in command.params
            if parameter.param_type_name == "argument"
        )
        lines += [f"## `{path}{' ' + arguments if arguments else ''}`", "", (command.help or "").strip(), ""]
        options = [one for one in command.params if one.param_type_name == "option" and one.name != "help"]
        if options:
            lines += ["| オプション | 説明 |", "|---|---|"]
            lines += [f"| `{'`、`'.join(one.opts)}` | {one.help or ''} |" for one in options]
            lines += [""]
    return "\n".join(lines)


def _commands(command: Any, path: str) -> Iterator[tuple[str, Any]]:
    children = getattr(command, "commands", {})
    if path != "banken" and (not children or command.invoke_without_command):
        yield path, command
    for name, child in children.items():
        yield from _commands(child, f"{path} {name}")


def pages() -> dict[Path, str]:
    """Every generated page by its place."""
    return {HERE / "steps.md": steps_page(), HERE / "commands.md": commands_page()}


if __name__ == "__main__":
    for place, text in pages().items():
        place.write_text(text, encoding="utf-8")
