"""What the acts were for: the sign-in, what is done for each row, the click that can't be taken back, and what was looked at afterwards."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from robots.recorder.bind import Asker
from robots.recorder.model import Act, Recording, Scopes, Seen
from robots.recorder.sheet import flat
from robots.recorder.words import said

_FINAL = re.compile(r"登録|確定|送信|保存|申請|提出|申込|更新|決定|実行|完了")
_NOT_FINAL = re.compile(r"済|表示|一覧|検索|照会|取消|取り消|キャンセル|戻る|開く|確認画面|入力画面|新規")
_NO_COMMIT = "ない（何も登録しない作業）"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What said that it was done, and where."""

    scopes: Scopes
    text: str


@dataclass(slots=True)
class Story:
    """The acts of one row, in parts."""

    login: str | None
    """The address of the sign-in screen."""
    start: str
    """Where each row begins."""
    before: list[Act] = field(default_factory=list)
    commit: list[Act] = field(default_factory=list)
    """The answer to the browser's question, if it asked one, and the click."""
    after: list[Act] = field(default_factory=list)
    """What belongs to the work after the click: files that were fetched."""
    outcome: Outcome | None = None
    looked: list[Act] = field(default_factory=list)
    """What the person did afterwards, to see what had been entered."""
    looked_from: int = 0
    """How many acts there were before them."""
    screens: list[Seen] = field(default_factory=list)
    """The screens from the click on."""
    shown: list[Seen] = field(default_factory=list)
    """The screens before it."""


def story_of(recording: Recording, ask: Asker) -> Story:
    """Takes the acts apart; asks which click is the final one."""
    acts, seen = _without_refused(recording)
    login = next((act.text for act in acts if act.kind == "login"), None)
    begin = max((at + 1 for at, act in enumerate(acts) if act.kind == "login"), default=0)
    start, begin = _start(acts, seen, begin)
    story = Story(login, start)
    at = _commit(acts, begin, ask)
    if at is None:
        story.before = acts[begin:]
        return story
    first = at
    while first > begin and acts[first - 1].kind == "answer":
        first -= 1
    story.before, story.commit = acts[begin:first], acts[first : at + 1]
    later = acts[at + 1 :]
    kept = max((number + 1 for number, act in enumerate(later) if act.kind == "download"), default=0)
    story.after, story.looked, story.looked_from = later[:kept], later[kept:], at + 1 + kept
    story.screens = [one for one in seen if one.after > at]
    story.shown = [one for one in seen if one.after <= at]
    typed = [act.entry.given for act in story.before if act.entry and isinstance(act.entry.given, str)]
    story.outcome = _outcome(story, [text for text in typed if len(text) > 1])
    return story


def _start(acts: Sequence[Act], seen: Sequence[Seen], begin: int) -> tuple[str, int]:
    """The address that each row begins with, and the first act after it."""
    if begin < len(acts) and acts[begin].kind == "open":
        while begin + 1 < len(acts) and acts[begin + 1].kind == "open":
            begin += 1
        return acts[begin].text, begin + 1
    return next((one.url for one in seen if one.after == begin and not one.scopes), acts[0].text), begin


def _commit(acts: Sequence[Act], begin: int, ask: Asker) -> int | None:
    pressed = [
        at
        for at in range(begin, len(acts))
        if acts[at].kind in ("click", "press") and (acts[at].button or acts[at].kind == "press")
    ]
    likely = [at for at in pressed if _is_final(acts[at])]
    if likely and ask.confirm(
        f"「{said(acts[likely[-1]])}」を、取り消せない登録（確定）とします。よいですか", default=True
    ):
        return next(at for at in likely if at == likely[-1] or _another_row(acts, at, likely[-1]))
    if not pressed:
        return None
    options = [*(said(acts[at]) for at in reversed(pressed)), _NO_COMMIT]
    chosen = ask.choose("取り消せない登録（確定）はどの操作ですか", options)
    return None if chosen == len(pressed) else pressed[-1 - chosen]


def _another_row(acts: Sequence[Act], at: int, last: int) -> bool:
    """Whether the same form was filled in and sent once more: the entry of a second row."""
    if acts[at].place != acts[last].place:
        return False
    first = {act.entry.place for act in acts[:at] if act.entry}
    return any(act.entry.place in first for act in acts[at + 1 : last] if act.entry)


def _is_final(act: Act) -> bool:
    name = act.place.name if act.place and act.kind == "click" else ""
    return bool(_FINAL.search(name)) and not _NOT_FINAL.search(name)


def _without_refused(recording: Recording) -> tuple[list[Act], list[Seen]]:
    """The acts without presses that the screen refused (it showed an error, and the same button was pressed again)."""
    acts, seen = list(recording.acts), list(recording.seen)
    at = 0
    while at < len(acts):
        again = _pressed_again(acts, at)
        if again is None or not any(one.alerts and at < one.after <= again for one in seen):
            at += 1
            continue
        first = at
        while first and acts[first - 1].kind == "answer":
            first -= 1
        gone = set(range(first, at + 1))
        for later in range(at + 1, again):
            earlier = next((one for one in range(first) if _same_field(acts[one], acts[later])), None)
            if earlier is not None:
                acts[earlier] = acts[later]
                gone.add(later)
        seen = [
            replace(one, after=one.after - sum(1 for number in gone if number < one.after))
            for one in seen
            if not first < one.after <= again
        ]
        acts = [act for number, act in enumerate(acts) if number not in gone]
        at = first
    return acts, seen


def _pressed_again(acts: Sequence[Act], at: int) -> int | None:
    """Where the same button is pressed again, with nothing but fields and questions between."""
    if acts[at].kind != "click":
        return None
    for later in range(at + 1, len(acts)):
        if acts[later] == acts[at]:
            return later
        if acts[later].kind not in ("fill", "upload", "answer"):
            return None
    return None


def _same_field(one: Act, other: Act) -> bool:
    return one.entry is not None and other.entry is not None and one.entry.place == other.entry.place


def _outcome(story: Story, typed: Sequence[str]) -> Outcome | None:
    """The shortest text that only the screens after the click show; a window that it opened knows best."""
    before = {(one.scopes, text) for one in story.shown for text in one.messages}
    fresh = [
        Outcome(one.scopes, text)
        for one in story.screens
        if not one.alerts
        for text in one.messages
        if (one.scopes, text) not in before and not any(flat(value) in flat(text) for value in typed)
    ]
    popups = [one for one in fresh if one.scopes and one.scopes[0][0] == "popup"]
    return min(popups or fresh, key=lambda one: len(one.text), default=None)
