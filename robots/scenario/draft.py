"""The first scenario of a clerk: a sheet read, each row entered into a screen, the result written to a book."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from robots.scenario.format_quotes import can_be_plain

_ATTRIBUTE = re.compile(r"[\w・]+")


@dataclass(frozen=True, slots=True)
class Screen:
    """Where the rows are entered."""

    site: str
    """Its name in ``uses``: 財務."""
    address: str
    """http://host:port."""
    page: str
    """The page with the fields, below the address: /zaimu/transfers/new."""
    button: str
    """The button that cannot be taken back."""
    credential: str
    """The vault's name for its user and password; empty where there is no signing in."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a person has said of the work."""

    short: str
    """The id's last part; the results go to var/out/<short>."""
    name: str
    sheet: str
    """The file's name in the folder sample: 依頼.csv."""
    columns: tuple[str, ...]
    key: str
    """The column that tells the rows apart."""
    screen: Screen | None


def draft(plan: Plan) -> str:
    """scenario.yaml in Japanese keys, with a comment where a person has to look."""
    parts = [_head(plan), _prepare(plan), _items(plan), _each(plan), _finish(plan)]
    return "\n\n".join("\n".join(part) for part in parts) + "\n"


def _head(plan: Plan) -> list[str]:
    into = f"、{plan.screen.site}へ一件ずつ入力する" if plan.screen else "、一件ずつ調べる"
    lines = [
        f"名称: {_written(plan.name)}",
        f"概要: {_written(f'{plan.sheet} を読み{into}。')}",
        "",
        "利用:                                  # このシナリオが触れてよいもの。書いていないものには触れられない",
    ]
    if plan.screen:
        lines.append(f"  サイト: {{{_flow(plan.screen.site)}: {json.dumps(plan.screen.address)}}}")
        if plan.screen.credential:
            lines.append(f"  資格情報: [{_flow(plan.screen.credential)}]")
    return [*lines, f"  フォルダ: {{受付: sample, 出力: {_flow(f'var/out/{plan.short}')}}}"]


def _prepare(plan: Plan) -> list[str]:
    step, file = ("CSVを読む", "ファイル") if plan.sheet.lower().endswith(".csv") else ("Excel表を読む", "ブック")
    lines = [
        "準備:                                  # はじめに一度だけ",
        f"  - {step}:",
        f"      {file}: {_written('${フォルダ.受付}/' + _literal(plan.sheet))}",
        f"      列: [{', '.join(_flow(_literal(one)) for one in plan.columns)}]",
        "    保存名: 一覧",
    ]
    if plan.screen and plan.screen.credential:
        lines.append(
            f"  - ログインする: {{サイト: {_flow(plan.screen.site)}, 資格情報: {_flow(plan.screen.credential)}}}"
        )
    return lines


def _items(plan: Plan) -> list[str]:
    return [
        "対象:                                  # 一件ずつ処理するもの",
        "  元: ${一覧}",
        f"  キー: {_written(_cell('対象', plan.key))}  # 同じキーは、二度と登録されない",
    ]


def _each(plan: Plan) -> list[str]:
    key = _cell("対象", plan.key)
    filled = f"${{空白除去({key[2:-1]}) != ''}}"
    lines = [
        "各件:                                  # 一件ごとに",
        "  - 審査する:",
        f"      - 条件: {_condition(filled)}",
        f"        さもなくば: {_written(_literal(plan.key) + 'が空欄です')}",
    ]
    if plan.screen is None:
        return lines
    screen = plan.screen
    site = _cell("サイト", screen.site)
    return [
        *lines,
        f"  - 画面を開く: {_written(site + _literal(screen.page))}",
        "  - 一括入力する:                       # 左が画面の項目の名前、右が入れる値。画面にない行は消す",
        *(f"      {_written(one)}: {_written(_cell('対象', one))}" for one in plan.columns),
        "  - 確定する:",
        "      手順:                            # ここから先は取り消せない",
        f"        - 押す: {{ボタン: {_flow(_literal(screen.button))}}}",
        "        - 画面を確かめる: {文字: 登録しました}  # 登録のあとに出る文字に直す",
        "      # 途中で止まったときに、もう登録されているかを調べる手順。登録の一覧の画面に合わせて書き、行頭の # を消す。",
        "      # 書かないうちは、途中で止まった対象は「不明」になり、職員が画面を見て決める。",
        "      # 登録済みの確認:",
        f"      #   - 画面を開く: {site}/一覧の画面?no={key}",
        "      #   - 画面から読む: {文字: 一覧の見出し}   # その画面にだけある見出し。違う画面を「登録なし」と取り違えないため",
        f'      #   - 画面を確かめる: {{文字: "{key}"}}',
    ]


def _finish(plan: Plan) -> list[str]:
    return [
        "後始末:                                # 終わりに一度だけ",
        "  - 行を追加する:",
        f"      ブック: {_written('${フォルダ.出力}/' + file_name(plan.name) + 'の結果.xlsx')}",
        "      シート: 結果",
        f"      キー: {_written(_literal(plan.key))}",
        "      行: ${完了分}",
    ]


def file_name(title: str) -> str:
    """A title as a name that a file may have everywhere."""
    return re.sub(r'[\\/:*?"<>|\s$]+', "_", title) or "一覧"


def _cell(name: str, attribute: str) -> str:
    """${対象.氏名}, or ${対象['1 年']} where the column's name is no word."""
    if _ATTRIBUTE.fullmatch(attribute):
        return f"${{{name}.{attribute}}}"
    quote = '"' if "'" in attribute else "'"
    return f"${{{name}[{quote}{attribute}{quote}]}}"


def _literal(text: str) -> str:
    """A text in which ${ stays what it is."""
    return text.replace("${", "$${")


def _condition(text: str) -> str:
    return text if ": " not in text and " #" not in text else json.dumps(text, ensure_ascii=False)


def _written(text: str) -> str:
    return text if can_be_plain(text, flow=False) else json.dumps(text, ensure_ascii=False)


def _flow(text: str) -> str:
    return text if can_be_plain(text, flow=True) else json.dumps(text, ensure_ascii=False)
