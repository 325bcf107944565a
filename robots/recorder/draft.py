"""The whole scenario as YAML, from the story, the sheet and the answers."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import combinations
from urllib.parse import urlsplit

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq

from robots.recorder.bind import Bound, telling_columns
from robots.recorder.lookup import Lookup, address_of
from robots.recorder.sheet import Sheet, item, literal, quoted
from robots.recorder.steps import Step, Writer
from robots.recorder.story import Outcome, Story
from robots.values import text_of

_SITE, _LOGIN = "業務システム", "ログイン画面"
_SHORT = 90
_PAPER = re.compile(r"受付|受理|申請|届出|依頼|請求|伝票|整理|管理|案件|文書")
_NUMBERED = re.compile(r"番号|コード|ID|No", re.IGNORECASE)
_OF_A_PERSON = re.compile(r"宛名|氏名|個人|住民|世帯|口座|電話|郵便|債権者|職員|生年月日")
_BLANK_BEFORE = ("利用", "準備", "対象", "各件", "後始末")


@dataclass(frozen=True, slots=True)
class Choices:
    """What the person decided."""

    name: str
    summary: str
    credential: str
    folder: str
    """Where the sheet lies, as `uses.folders` writes it."""
    output: str
    skip_first: bool
    """Whether the recorded row has really been entered and must not be entered again."""


def sites_of(story: Story) -> dict[str, str]:
    """The sites that are touched, by the name that the scenario gives them; the sign-in screen under a name of its own."""
    urls = [story.start, *(act.text for act in (*story.before, *story.after) if act.kind == "open")]
    addresses = dict.fromkeys(_origin(url) for url in urls)
    sites = {_SITE if number == 1 else f"{_SITE}{number}": one for number, one in enumerate(addresses, 1)}
    if story.login is not None:
        parts = urlsplit(story.login)
        address = f"{parts.scheme}://{parts.netloc}{parts.path}".rstrip("/")
        if address not in sites.values():
            sites[_LOGIN] = address
    return sites


def key_columns(bound: Bound, sheet: Sheet, looked_for: Sequence[str]) -> list[str]:
    """The column, or the few columns together, that no two rows share; empty where there are none.

    looked_for: the columns by which the person searched for what had been entered.
    """
    texts = {column: [text_of(value) for value in sheet.values(column)] for column in bound.used}
    likely = sorted(texts, key=lambda column: -_key_like(column, looked_for, bound))
    for count in (1, 2, 3):
        for columns in combinations(likely, count):
            rows = list(zip(*(texts[column] for column in columns), strict=True))
            if len(set(rows)) == len(rows) and all(all(row) for row in rows):
                return list(columns)
    return []


def _key_like(column: str, looked_for: Sequence[str], bound: Bound) -> int:
    """A paper's own number is a key; the number of a person is not: he may come again."""
    return (
        8 * (column in looked_for)
        + 4 * (column in bound.in_labels)
        + 2 * bool(_PAPER.search(column))
        + 1 * bool(_NUMBERED.search(column))
        - 4 * bool(_OF_A_PERSON.search(column))
    )


def key_expressions(keys: Sequence[str], bound: Bound) -> list[str]:
    """The key's columns as they are read for the screen."""
    by_column = {
        column: bound.expressions[entry] for entry, column in bound.columns.items() if isinstance(entry.given, str)
    }
    read = {column: by_column.get(column, item(column)) for column in keys}
    return [item(column) if one.startswith("日付(") else one for column, one in read.items()]


def draft(
    story: Story, sheet: Sheet, bound: Bound, keys: Sequence[str], lookup: Lookup | None, choices: Choices
) -> str:
    """scenario.yaml."""
    sites = sites_of(story)
    telling = telling_columns(bound, sheet)
    writer = Writer(sheet, bound, lambda url: _address(address_of(url, sheet, telling), sites), telling)
    expressions = key_expressions(keys, bound)
    top: Step = {"名称": choices.name, "概要": choices.summary}
    credential = [choices.credential] if story.login is not None else []
    folders = {"受付": choices.folder, "出力": choices.output}
    top["利用"] = {"サイト": sites, **({"資格情報": credential} if credential else {}), "フォルダ": folders}
    top["準備"] = [_reading(sheet, bound, keys)]
    if credential:
        top["準備"].append(
            {"ログインする": {"サイト": _LOGIN if _LOGIN in sites else _SITE, "資格情報": choices.credential}}
        )
    top["対象"] = {"元": "${一覧}", "キー": " ".join("${" + one + "}" for one in expressions)}
    if choices.skip_first:
        first = " or ".join(_differs(column, sheet) for column in keys)
        top["対象"]["条件"] = "${" + first + "}"
    steps = [{"画面を開く": writer.address(story.start)}, *writer.steps(story.before)]
    if story.commit:
        steps.append(_commit(story, writer, lookup, expressions, sites))
    top["各件"] = [*steps, *writer.steps(story.after)]
    if story.commit:
        top["後始末"] = [_result(keys)]
    return _yaml(top)


def _reading(sheet: Sheet, bound: Bound, keys: Sequence[str]) -> Step:
    place = "${フォルダ.受付}/" + literal(sheet.path.name)
    columns = [literal(one) for one in dict.fromkeys([*keys, *bound.used])]
    if sheet.is_csv:
        return {"CSVを読む": {"ファイル": place, "列": columns}, "保存名": "一覧"}
    return {"Excel表を読む": {"ブック": place, "列": columns}, "保存名": "一覧"}


def _commit(story: Story, writer: Writer, lookup: Lookup | None, keys: Sequence[str], sites: dict[str, str]) -> Step:
    do = writer.steps(story.commit)
    if story.outcome is not None:
        _expect(do, story.outcome)
    parts: Step = {"手順": do}
    if lookup is not None:
        parts["登録済みの確認"] = [
            {"画面を開く": _address(lookup.url, sites)},
            *writer.steps(lookup.acts),
            *_wrapped(lookup, keys),
        ]
    return {"確定する": parts}


def _wrapped(lookup: Lookup, keys: Sequence[str]) -> list[Step]:
    key = "${" + keys[0] + "}"
    return [
        {"画面から読む": {"文字": literal(lookup.heading)}},
        {"画面を確かめる": {"要素": {"役割": "cell", "名前": key}, "件数": 1}},
    ]


def _expect(do: list[Step], outcome: Outcome) -> None:
    """Puts what must be shown where it is shown: in the frame of the click, or in the window that it opened."""
    step: Step = {"画面を確かめる": {"文字": literal(outcome.text)}}
    names = {"frame": "フレーム", "popup": "別ウィンドウ"}
    block = do
    for kind, text in outcome.scopes:
        scope = block[-1].get("範囲を絞る") if block else None
        if scope is None or scope.get(names[kind]) != text:
            scope = {names[kind]: literal(text) or "はい", "手順": []}
            block.append({"範囲を絞る": scope})
        block = scope["手順"]
    block.append(step)


def _result(keys: Sequence[str]) -> Step:
    columns = {literal(key): "${" + item(key).replace("対象", "行", 1) + "}" for key in keys}
    key = {"キー": literal(keys[0])} if len(keys) == 1 else {}
    rows = {"行": "${完了分}", "列": {**columns, "登録日時": "${行.登録日時}"}}
    return {"行を追加する": {"ブック": "${フォルダ.出力}/登録結果.xlsx", "シート": "登録結果", **key, **rows}}


def _differs(column: str, sheet: Sheet) -> str:
    value = sheet.rows[0][column]
    if isinstance(value, int | Decimal):
        return f"{item(column)} != {text_of(value)}"
    text = quoted(text_of(value))
    return f"日付({item(column)}) != 日付({text})" if isinstance(value, date) else f"{item(column)} != {text}"


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _address(url: str, sites: dict[str, str]) -> str:
    name = next((name for name, address in sites.items() if address == _origin(url) and name != _LOGIN), None)
    return url if name is None else "${サイト." + name + "}" + url.removeprefix(_origin(url))


def _yaml(top: Step) -> str:
    yaml = YAML()
    yaml.width = 4096
    yaml.indent(mapping=2, sequence=4, offset=2)
    document = CommentedMap()
    for key, value in top.items():
        document[key] = [_styled(one) for one in value] if isinstance(value, list) else _styled(value, deep=True)
        if key in _BLANK_BEFORE:
            document.yaml_set_comment_before_after_key(key, before="\n")
    out = io.StringIO()
    yaml.dump(document, out)
    return out.getvalue()


def _styled(value: object, *, deep: bool = False) -> object:
    """Small mappings on one line, as people write them; steps and forms on lines of their own."""
    if isinstance(value, list):
        made_list = CommentedSeq(_styled(one) for one in value)
        if all(isinstance(one, str) for one in value) and len(str(value)) <= _SHORT:
            made_list.fa.set_flow_style()
        return made_list
    if not isinstance(value, dict):
        return value
    made = CommentedMap((key, _styled(one)) for key, one in value.items())
    for key, inner in made.items():
        if isinstance(inner, CommentedMap) and key != "一括入力する" and _is_short(value[key]):
            inner.fa.set_flow_style()
    return made


def _is_short(value: dict[str, object]) -> bool:
    nested = any(isinstance(one, list) and any(isinstance(part, dict) for part in one) for one in value.values())
    return not nested and len(str(value)) <= _SHORT
