"""Rules of the language that concern more than one value: what is declared, where paths lead, where commit may stand."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set
from urllib.parse import urlsplit

from robots.params import Params
from robots.position import Position
from robots.scenario.guess import nearest
from robots.scenario.model import ItemSource, Uses, all_steps
from robots.scenario.problem import Findings
from robots.scenario.scope import Declared
from robots.scenario.shape import parameter_list
from robots.scenario.source import Path, Source
from robots.scenario.template import Template
from robots.scenario.where import Where
from robots.step import Step, StepKind

_SECTIONS = {"prepare": "prepare／準備", "each": "each／各件", "finish": "finish／後始末"}
PATHS = frozenset({"book", "file", "folder", "from", "template", "to"})
_ABSOLUTE = re.compile(r"^(?:[/\\]|[A-Za-z]:)")
_UP = re.compile(r"(?:^|[/\\])\.\.(?:[/\\]|$)")
_LISTS_OF_PATHS = frozenset({"files", "attachments"})
_LITERALS = PATHS | _LISTS_OF_PATHS | {"site", "credential", "form", "forms", "recipients", "cc", "url"}
_DOMAIN = re.compile(r"[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_NOT_IN_COMMIT = frozenset({"flow.try", "flow.skip", "flow.stop", "human.ask", "human.review"})
_ONE_OF = frozenset({"any_of", "いずれか"})


def check_place(kind: StepKind[Params], at: Position, where: Where, findings: Findings) -> None:
    """Whether this kind may stand here."""
    title = f"{kind.name}／{kind.ja}"
    if where.section not in kind.sections:
        allowed = "、".join(_SECTIONS[one] for one in _SECTIONS if one in kind.sections)
        findings.add(
            at, f"「{title}」は「{_SECTIONS[where.section]}」には書けません。", f"{allowed} の中に書いてください。"
        )
    if kind.final and where.section == "each" and not where.committing:
        findings.add(
            at,
            f"「{title}」は取り消せないので、各件では「確定する」の中だけに書けます。",
            "「確定する」の「手順」の中へ移してください。",
        )
    if where.committing and kind.name in _NOT_IN_COMMIT:
        findings.add(
            at,
            f"「{title}」は「確定する」の中には書けません（登録されたかどうかが、分からなくなるため）。",
            "「確定する」より前へ移してください。",
        )
    if kind.name != "commit":
        return
    if where.tried:
        findings.add(
            at,
            "「試みる」の中に「確定する」は書けません（登録の失敗を見逃さないため）。",
            "「確定する」を「試みる」の外へ移してください。",
        )
    if where.committing:
        findings.add(at, "「確定する」の中に「確定する」は書けません。", "中の手順だけを残してください。")
    elif where.looped:
        findings.add(
            at,
            "「確定する」をくり返しの中に書くことはできません（一件の対象で確定は一度だけです）。",
            "くり返す一つ一つを、対象にしてください。",
        )
    if where.retried:
        findings.add(
            at,
            "再試行する手順の中に「確定する」は書けません（二重登録を防ぐため）。",
            "外側の手順の「再試行」の行を消してください。",
        )


def check_literals(
    kind: StepKind[Params],
    compiled: object,
    path: Path,
    source: Source,
    declared: Declared,
    where: Where,
    findings: Findings,
) -> None:
    """Sites, credentials, forms and paths that are written out in a step."""
    if where.committing and not kind.params.free:
        for place in _keys_in(source.data_at(path), path, _ONE_OF):
            findings.add(
                source.key(place),
                "「確定する」の中では any_of／いずれか を使えません。",
                "押すもの・確かめるものを一つに決めてください。",
            )
    if not isinstance(compiled, dict):
        return
    for parameter in parameter_list(kind.params):
        value = compiled.get(parameter.english)
        if value is None or parameter.english not in _LITERALS:
            continue
        at = source.at(source.below(path, (parameter.english, parameter.ja)))
        if parameter.english in ("site", "credential", "form") and isinstance(value, str):
            _check_declared(parameter.english, value, at, declared, findings)
        elif parameter.english == "forms" and isinstance(value, list):
            for number, one in enumerate(value):
                if isinstance(one, str):
                    place = source.below(path, (parameter.english, parameter.ja))
                    _check_declared("form", one, source.at((*place, number)), declared, findings)
        elif parameter.english in PATHS | _LISTS_OF_PATHS:
            for one in value if isinstance(value, list) else [value]:
                if isinstance(one, str | Template):
                    _check_path(one, at, findings)
        elif parameter.english in ("recipients", "cc"):
            _check_addresses(value, at, declared, findings)
        elif parameter.english == "url" and isinstance(value, str):
            _check_url(value, at, declared, findings)


def _check_declared(kind: str, value: str, at: Position, declared: Declared, findings: Findings) -> None:
    known, ja = {
        "site": (declared.sites, "sites／サイト"),
        "credential": (declared.credentials, "credentials／資格情報"),
        "form": (declared.forms, "forms／帳票"),
    }[kind]
    if value not in known:
        findings.add(
            at,
            f"「{value}」は「uses／利用」の「{ja}」にありません。",
            f"「{ja}」に書き加えるか、名前を直してください。",
            nearest(value, known),
        )


def _check_addresses(value: object, at: Position, declared: Declared, findings: Findings) -> None:
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, str) and (domain := one.rpartition("@")[2].lower()) not in declared.mail:
            findings.add(
                at,
                f"宛先「{one}」のドメインは「uses／利用」の「mail／メール」にありません。",
                f"「mail／メール」に {domain or one} を書き加えるか、宛先を直してください。",
                nearest(domain, declared.mail),
            )


def _check_path(value: str | Template, at: Position, findings: Findings) -> None:
    texts = (value,) if isinstance(value, str) else value.texts
    absolute = bool(_ABSOLUTE.match(value.source if isinstance(value, Template) else value))
    if absolute or any(_UP.search(text) for text in texts):
        findings.add(
            at,
            "シナリオのフォルダの外を指すパスは使えません。",
            "「uses／利用」の「folders／フォルダ」に場所を書き、${フォルダ.名前}/ファイル名 のように書いてください。",
        )


def _check_url(value: str, at: Position, declared: Declared, findings: Findings) -> None:
    if value.startswith(("http://", "https://")):
        where = urlsplit(value)
        if f"{where.scheme}://{where.netloc}" not in declared.addresses:
            findings.add(
                at,
                f"「{value}」は「uses／利用」の「sites／サイト」にありません。",
                "サイトに書き加え、${サイト.名前}/… のように書いてください。",
            )
    elif "://" in value or value.lower().startswith(("file:", "data:", "javascript:")):
        findings.add(at, f"「{value}」は開けません。", "http:// か https:// で始まるアドレスにしてください。")


def _keys_in(raw: object, path: Path, keys: Set[str]) -> Iterator[Path]:
    if isinstance(raw, dict):
        for key, value in raw.items():
            if key in keys:
                yield (*path, key)
            yield from _keys_in(value, (*path, key), keys)
    elif isinstance(raw, list):
        for number, value in enumerate(raw):
            yield from _keys_in(value, (*path, number), keys)


def check_commit(each: Sequence[Step], items: ItemSource | None, items_at: Position, findings: Findings) -> None:
    """At most one commit, and a key where there is one or where people are asked."""
    commits = [step for step in all_steps(each) if step.kind.name == "commit"]
    for extra in commits[1:]:
        findings.add(
            extra.position,
            f"「確定する」が二つ以上あります（最初は {commits[0].position.line} 行目）。",
            "一件の対象で確定は一度だけです。一つにまとめるか、シナリオを分けてください。",
        )
    if commits and items is not None and items.key is None:
        findings.add(
            items_at,
            "「確定する」があるのに、対象に「key／キー」がありません。",
            "対象ごとに違う値を キー: ${対象.受付番号} のように書いてください。二重登録を防ぐために使います。",
        )
    for step in all_steps(each):
        if not step.kind.name.startswith("human."):
            continue
        if items is not None and items.key is None:
            findings.add(
                items_at,
                f"「{step.kind.ja}」があるのに、対象に「key／キー」がありません。",
                "対象ごとに違う値を キー: ${対象.受付番号} のように書いてください。答えを次の実行で見つけるために使います。",
            )
        if commits and commits[0].position.line < step.position.line and ".commit." not in step.path:
            findings.add(
                step.position,
                f"「{step.kind.ja}」は「確定する」より前に書きます（登録のあとで待つことはできません）。",
                "「確定する」の前へ移してください。",
            )


def check_uses(uses: Uses, path: Path, source: Source, files: Set[str], findings: Findings) -> None:
    """Addresses, folders and forms of ``uses``."""
    sites = source.below(path, ("sites", "サイト"))
    for name, address in uses.sites.items():
        where = _split(address)
        if where is None:
            findings.add(
                source.at((*sites, name)),
                f"「{address}」はサイトのアドレスではありません。",
                "http:// か https:// から始まるアドレスにしてください。",
            )
    folders = source.below(path, ("folders", "フォルダ"))
    for name, folder in uses.folders.items():
        if not folder or _UP.search(folder):
            findings.add(
                source.at((*folders, name)),
                f"「{folder}」はフォルダの場所にできません。",
                "「..」を使わずに、フォルダの場所を書いてください。",
            )
    domains = source.below(path, ("mail", "メール"))
    for number, domain in enumerate(uses.mail):
        if not _DOMAIN.fullmatch(domain):
            findings.add(
                source.at((*domains, number)),
                f"「{domain}」はメールの宛先のドメインではありません。",
                "アドレスの @ より後（city.example.jp など）を書いてください。",
            )
    forms = source.below(path, ("forms", "帳票"))
    for number, form in enumerate(uses.forms):
        if form not in files:
            known = sorted(one for one in files if one.startswith("forms/"))
            listed = f"あるのは {'、'.join(known)} です。" if known else "forms フォルダに帳票の定義がありません。"
            findings.add(
                source.at((*forms, number)), f"帳票の定義「{form}」がありません。", listed, nearest(form, known)
            )


def site_address(address: str) -> str | None:
    """http://host:port of a site, or None where it is no address of one."""
    where = _split(address)
    return f"{where[0]}://{where[1]}" if where else None


def _split(address: str) -> tuple[str, str] | None:
    try:
        where = urlsplit(address)
        _ = where.port
    except ValueError:
        return None
    plain = not (where.username or where.password or where.query or where.fragment)
    return (where.scheme, where.netloc) if where.scheme in ("http", "https") and where.hostname and plain else None
