"""The parts of one step as the author wrote it: which kind it is, what stands beside it, which names it makes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set

from robots.all_steps import Steps
from robots.params import Params
from robots.position import Position
from robots.scenario.guess import nearest
from robots.scenario.model import StepOptions
from robots.scenario.names import FIXED, canonical, is_name
from robots.scenario.problem import Findings
from robots.scenario.shape import parameters
from robots.scenario.source import Path, Source
from robots.scenario.where import Where
from robots.step import StepKind

OPTIONS = parameters(StepOptions)
SAVE_KEYS = ("save_as", "保存名")
_SECRET_KEYS = ("secret", "秘密")
_RETRY_KEYS = ("retry", "再試行")
_HELP = "手順の名前を確かめてください。一覧は banken steps で見られます。"


def find_kind(
    raw: object, path: Path, steps: Steps, source: Source, findings: Findings
) -> tuple[str, StepKind[Params]] | None:
    """The key that names the step, and its kind; None with the problem noted."""
    if not isinstance(raw, dict):
        what = f"「{raw}」のあとに「:」がありません。" if isinstance(raw, str) and raw else "手順がありません。"
        findings.add(source.at(path), what, "「- 手順の名前: …」と書いてください。")
        return None
    keys = [key for key in raw if key in steps.names]
    unknown = [key for key in raw if key not in steps.names and key not in OPTIONS]
    for key in unknown:
        _note_unknown(key, source.key((*path, key)), steps, findings, has_step=bool(keys))
    if len(keys) > 1:
        findings.add(
            source.key((*path, keys[1])),
            f"一つの手順に「{keys[0]}」と「{keys[1]}」の二つが書かれています。",
            f"「- {keys[1]}: …」と、行の先頭に「- 」を付けて分けてください。",
        )
    if not keys:
        if not unknown:
            findings.add(source.at(path), "手順の名前がありません。", _HELP)
        return None
    return keys[0], steps.names[keys[0]]


def _note_unknown(key: str, at: Position, steps: Steps, findings: Findings, *, has_step: bool) -> None:
    guess = nearest(key, [*steps.names, *OPTIONS])
    kind = steps.get(guess or "")
    if kind:
        guess = f"{kind.name}／{kind.ja}"
    elif guess is not None and guess in OPTIONS:
        guess = OPTIONS[guess].label
    if not has_step:
        findings.add(at, f"「{key}」という手順はありません。", _HELP, guess)
        return
    labels = "、".join(dict.fromkeys(one.label for one in OPTIONS.values()))
    mend = f"手順の中身なら字下げを深くします。手順に添えられるのは {labels} です。"
    findings.add(at, f"「{key}」は手順に書けません。", mend, guess)


def check_options(
    options: StepOptions,
    written: Mapping[str, object],
    path: Path,
    kind: StepKind[Params],
    where: Where,
    source: Source,
    findings: Findings,
) -> None:
    """Options that do not go with this kind or this place."""
    save_key = _first(SAVE_KEYS, written)
    if options.save_as is not None and save_key:
        at = source.at((*path, save_key))
        if not kind.saves:
            what = f"「{kind.name}／{kind.ja}」には保存する結果がありません。"
            findings.add(at, what, f"「{save_key}」の行を消してください。")
        _check_new_name(options.save_as, at, findings)
    if options.secret and kind.name.startswith("human."):
        what = f"「{kind.ja}」の値は人に見せるものなので、秘密にできません。"
        findings.add(
            source.key((*path, _first(_SECRET_KEYS, written) or "secret")), what, "「秘密」の行を消してください。"
        )
    retry_key = _first(_RETRY_KEYS, written)
    if retry_key and (where.committing or kind.name == "commit"):
        findings.add(
            source.key((*path, retry_key)),
            "確定する手順と、その中の手順は再試行できません（二重登録を防ぐため）。",
            f"「{retry_key}」の行を消してください。中断したときは「登録済みの確認」が調べます。",
        )


def new_names(
    raw: object, path: Path, kind: StepKind[Params], taken: Set[str], source: Source, findings: Findings
) -> frozenset[str]:
    """The names that the step's NewName parameters introduce."""
    names: set[str] = set()
    for key, value in raw.items() if isinstance(raw, dict) else ():
        parameter = parameters(kind.params).get(key)
        if parameter and "new_name" in parameter.shape.marks and isinstance(value, str):
            at = source.at((*path, key))
            _check_new_name(value, at, findings)
            if value in taken:
                findings.add(at, f"「{value}」という名前は、ここではもう使われています。", "別の名前にしてください。")
            names.add(value)
    return frozenset(names)


def saved_names(raw: object) -> frozenset[str]:
    """The name under which the step saves its result, if it is one."""
    if not isinstance(raw, dict):
        return frozenset()
    return frozenset(name for key in SAVE_KEYS if isinstance(name := raw.get(key), str) and is_name(name))


def _check_new_name(name: str, at: Position, findings: Findings) -> None:
    if canonical(name) in FIXED:
        findings.add(at, f"「{name}」は決まった意味のある名前なので付けられません。", "別の名前にしてください。")
    elif not is_name(name):
        mend = "空白や記号を含まず、数字で始まらない名前にしてください（例: 申請一覧）。"
        findings.add(at, f"「{name}」は名前にできません。", mend)


def _first(keys: Iterable[str], written: Mapping[str, object]) -> str | None:
    return next((key for key in keys if key in written), None)
