"""Evidence of a failed item: the screen, and a plain account that a clerk can act on."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from robots.errors import BankenError
from robots.ledger.items import Item
from robots.ledger.runs import Failure
from robots.mask import mask_value
from robots.runner.session import Session
from robots.step import Step
from robots.values import text_of

_STANDING = {
    "failed": "登録はしていません。次の実行でもう一度試みます。",
    "rejected": "登録はしていません。元データを直すと、次の実行で登録します。",
    "in_doubt": "登録されたかどうか分かりません。業務システムの画面で確かめてください。二重登録を防ぐため、自動ではやり直しません。",
    "done": "登録は済んでいます。登録のあとの手順だけが終わっていません。",
}


def failure_of(session: Session, error: BankenError, *, item: Item | None, state: str, folder: Path) -> Failure:
    """What failed, for the ledger; where a browser is in use and the item is not simply rejected, with evidence.

    folder: the run's evidence folder.
    """
    step = session.failed[1] if session.failed is not None else None
    place = str(step.position) if step is not None else ""
    path = step.path if step is not None else ""
    evidence = ""
    if state != "rejected":
        target = folder / (f"item-{item.id}" if item is not None else "run")
        target.mkdir(parents=True, exist_ok=True)
        if (browser := session.browser_started) is not None:
            browser.evidence(target, session.mask.hidden)
        (target / "説明.txt").write_text(_account(session, error, step, item, state), encoding="utf-8")
        evidence = str(target)
    return Failure(
        step=path,
        place=place,
        what=session.mask.text(error.told),
        mend=session.mask.text(error.mend),
        evidence=evidence,
    )


def _account(session: Session, error: BankenError, step: Step | None, item: Item | None, state: str) -> str:
    lines = [f"実行: {session.run.id}", f"シナリオ: {session.scenario.name}"]
    if item is not None:
        lines += [f"対象: {item.key}（{item.origin}）"]
    lines += ["", "■ 何が起きたか", error.told]
    if step is not None:
        lines += [
            f"手順: {step.position}  {step.kind.ja}（{step.path}）" + (f"  メモ: {step.note}" if step.note else "")
        ]
    lines += ["", "■ 画面に入力したもの", *_shown(session.on_screen)]
    if step is not None and item is not None:
        lines += ["", "■ 行っていない手順", *_left(session, step)]
    if item is not None:
        lines += ["", "■ 登録", _STANDING.get(state, "")]
        lines += [
            "",
            "■ 対象の値（伏せてあります）",
            *_shown({name: text_of(value) for name, value in _flat(item.values)}),
        ]
    lines += ["", "■ どうすればよいか", error.mend, ""]
    return session.mask.public("\n".join(lines))


def _shown(values: Mapping[str, str]) -> list[str]:
    return [f"  {label}: {mask_value(text)}" for label, text in values.items()] or ["  （なし）"]


def _flat(values: Mapping[str, object]) -> list[tuple[str, object]]:
    return [(name, value) for name, value in values.items() if not isinstance(value, list | tuple | Mapping)]


def _left(session: Session, failed: Step) -> list[str]:
    steps = session.scenario.each
    reached = next((n for n, step in enumerate(steps) if failed.path.startswith(step.path)), len(steps))
    return [f"  {step.kind.ja}（{step.position}）" for step in steps[reached + 1 :]] or ["  （なし）"]
