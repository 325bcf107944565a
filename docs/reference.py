"""Writes the reference pages from the values that check and run scenarios: steps.md, functions.md and commands.md.

python docs/reference.py            writes them
(tests/unit/test_docs.py            says when they are out of date)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import typer.main
from ruamel.yaml import YAML

from robots.__main__ import build
from robots.all_steps import STEPS
from robots.params import Params
from robots.scenario.all_functions import FUNCTIONS
from robots.scenario.model import Input, ItemSource, ScenarioFile, StepOptions, Uses
from robots.scenario.shape import parameters
from robots.step import StepKind

HERE = Path(__file__).parent
_FAMILIES = {
    "browser": "画面",
    "excel": "Excel",
    "csv": "CSV",
    "files": "ファイル",
    "pdf": "PDF",
    "mail": "メール",
    "form": "帳票",
    "data": "データ",
    "human": "人の確認",
    "flow": "流れ",
    "commit": "確定",
}
_SECTIONS = {"prepare": "準備", "each": "各件", "finish": "後始末"}
_FUNCTION_FAMILIES = {
    "dates": "日付",
    "text": "文字",
    "numbers": "数値",
    "lists": "一覧と表",
    "japan": "番号と住所",
}
_PARTS: Mapping[str, type[Params]] = {
    "シナリオ全体": ScenarioFile,
    "入力値（一つごと）": Input,
    "利用": Uses,
    "対象": ItemSource,
    "手順に添えるもの": StepOptions,
}
_SCENES = YAML(typ="safe").load((HERE / "scenes.yaml").read_text(encoding="utf-8"))
"""What the pictures show (see pictures.py), by the name of the step."""
_MADE = "<!-- docs/reference.py が作るページです。直すときは、元になる手順・関数・コマンドの説明を直します。 -->"


def steps_page() -> str:
    """The reference of the file and of every step kind."""
    lines = [
        "# シナリオに書けるもの",
        "",
        _MADE,
        "",
        "名前は日本語でも英語でも書けます。端末では `banken steps 手順の名前` で見られます。",
        "書き方の例は[使い方](guide.md)に、式 `${…}` の書き方は[使い方](guide.md#式の書き方)に、関数は[関数の一覧](functions.md)にあります。",
        "",
        "## ファイルの項目",
        "",
    ]
    for heading, model in _PARTS.items():
        lines += [f"### {heading}", "", *_table(model), ""]
    for family, heading in _FAMILIES.items():
        lines += [f"## {heading}の手順", ""]
        for kind in STEPS:
            if kind.name.split(".")[0] == family:
                lines += list(_step(kind))
    return _text(lines)


def _table(model: type[Params]) -> Iterator[str]:
    yield "| 項目 | 英語名 | 必須 | 説明 |"
    yield "|---|---|---|---|"
    for one in dict.fromkeys(parameters(model).values()):
        must = "必須" if model.model_fields[one.field].is_required() else ""
        yield f"| {one.ja} | `{one.english}` | {must} | {one.doc} |"


def _step(kind: StepKind[Any]) -> Iterator[str]:
    yield f"### {kind.ja}（`{kind.name}`）"
    yield ""
    yield kind.summary
    yield ""
    model: type[Params] = kind.params
    if model.free is None:
        yield from _table(model)
    else:
        yield from (f"{model.model_fields[model.free].description}を、手順の下に「名前: 値」で並べます。",)
    yield ""
    if model.bare is not None:
        yield f"「{parameters(model)[model.bare].ja}」だけなら、`{kind.ja}: …` と短く書けます。"
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
    if kind.name in _SCENES:
        yield f"![{kind.ja}](images/town/{kind.name}.png)"
        yield ""
        yield f"練習市で: {_SCENES[kind.name]['caption']}"
        yield ""


def functions_page() -> str:
    """The reference of every function of ${...}."""
    lines = [
        "# 関数の一覧",
        "",
        _MADE,
        "",
        "式 `${…}` の中で使える関数です。名前は日本語でも英語でも書けます。端末では `banken steps 関数の名前` で見られます。",
        "式そのものの書き方は[使い方](guide.md#式の書き方)にあります。",
        "",
    ]
    for family, heading in _FUNCTION_FAMILIES.items():
        lines += [f"## {heading}", "", "| 書き方 | 英語名 | すること | 例 | 結果 |", "|---|---|---|---|---|"]
        for one in dict.fromkeys(FUNCTIONS.values()):
            if one.run.__module__.rpartition(".")[2] == family:
                lines.append(f"| `{one.usage}` | `{one.name}` | {one.doc} | `${{{one.example}}}` | {one.result} |")
        lines.append("")
    return _text(lines)


def commands_page() -> str:
    """The reference of every command."""
    root = typer.main.get_command(build())
    lines = [
        "# コマンドの一覧",
        "",
        _MADE,
        "",
        "`banken コマンド --help` でも見られます。`--json` を付けると、標準出力には JSON 一つだけが出ます。",
        "",
        "| 終わり方 | 意味 |",
        "|---|---|",
        "| 0 | できた |",
        "| 1 | 直すところがある、または業務エラー・失敗・不明・確認待ちの対象が残った |",
        "| 2 | 使い方の間違い |",
        "| 3 | 実行を断った（未登録・未承認・承認のあとの変更・期限切れ） |",
        "| 4 | システムエラー |",
        "",
    ]
    for path, command in sorted(commands(root, "banken"), key=lambda one: one[0]):
        arguments = [one for one in command.params if one.param_type_name == "argument"]
        options = [
            one for one in command.params if one.param_type_name == "option" and one.name != "help" and not one.hidden
        ]
        lines += [f"## `{' '.join([path, *(_argument(one) for one in arguments)])}`", ""]
        lines += [(command.help or "").strip(), ""]
        if arguments or options:
            lines += ["| | 必須 | 説明 |", "|---|---|---|"]
            lines += [f"| `{_argument(one)}` | {_must(one)} | {one.help or ''} |" for one in arguments]
            lines += [f"| `{'`、`'.join(one.opts)}` | {_must(one)} | {one.help or ''} |" for one in options]
            lines += [""]
    return _text(lines)


def _argument(one: Any) -> str:
    return f"<{one.name}>" if one.required else f"[{one.name}]"


def _must(one: Any) -> str:
    return "必須" if one.required else ""


def commands(command: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Every command that may be typed, with its words."""
    children = getattr(command, "commands", {})
    if path != "banken" and (not children or command.invoke_without_command):
        yield path, command
    for name, child in children.items():
        yield from commands(child, f"{path} {name}")


def _text(lines: list[str]) -> str:
    return "\n".join(lines).rstrip("\n") + "\n"


def pages() -> dict[Path, str]:
    """Every generated page by its place."""
    return {
        HERE / "steps.md": steps_page(),
        HERE / "functions.md": functions_page(),
        HERE / "commands.md": commands_page(),
    }


if __name__ == "__main__":
    for place, text in pages().items():
        place.write_text(text, encoding="utf-8", newline="\n")
