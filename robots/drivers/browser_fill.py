"""Filling in: one call of the page's script for a whole form, real typing for what that does not reach."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from playwright.sync_api import Error as PlaywrightError

from robots.drivers.browser import Locator
from robots.drivers.browser_deadline import Deadline
from robots.drivers.browser_problems import failure
from robots.drivers.browser_screen import Screen
from robots.drivers.browser_values import wanted
from robots.errors import SystemFailure
from robots.values import Value

Entry = tuple[str, Locator, Value]
"""What the field is called in messages and evidence, where it is, and what goes in."""
COVERED = "（秘密）"


def fill_entries(
    screen: Screen, entries: Sequence[Entry], timeout: float, *, secret: bool, only: str = ""
) -> dict[str, str]:
    """Sets every field and reads it back.  only: 'tick' or 'choice' where no other kind of field will do.

    Gives name → text as it stands in the field.  Raises: SystemFailure before anything is sent.
    """
    deadline = Deadline(timeout)
    given = [{"locator": locator.plain(), "want": {**wanted(value), "only": only}} for _, locator, value in entries]
    result = screen.ask("fill", {"entries": given, "secret": secret}, deadline, again=False)
    if "problem" in result:
        raise failure(_named(entries[result["index"]]), _quiet(result) if secret else result)
    for one in result["wrong"]:
        _type(screen, one, deadline)
    if result["wrong"]:
        result = screen.ask("reportAgain", {}, deadline, again=False)
        _refuse_difference(entries, result["wrong"], secret)
    names = [name for name, _, _ in entries]
    return {name: COVERED if secret else text for name, text in zip(names, result["texts"], strict=True)}


def _named(entry: Entry) -> str:
    name, locator, _ = entry
    return f"項目「{name}」" if locator.called is not None or locator.label is not None else f"項目{locator}"


def _quiet(problem: Mapping[str, Any]) -> dict[str, Any]:
    return {**problem, "wanted": COVERED}


def _type(screen: Screen, wrong: Mapping[str, Any], deadline: Deadline) -> None:
    """Types one field as a person does: click, clear, key by key, leave.

    Raises: the driver's own error without its log, which repeats what was typed.
    """
    element = screen.element("atomElement", {"i": wrong["i"]}, deadline, "入力していた項目")
    problem: PlaywrightError | None = None
    try:
        if wrong["kind"] == "tick":
            element.set_checked(wrong["want"] == "はい", timeout=deadline.ms)
        elif wrong["kind"] == "select":
            element.select_option(label=wrong["want"].split("、"), timeout=deadline.ms)
        else:
            element.click(timeout=deadline.ms)
            element.fill("", timeout=deadline.ms)
            element.type(wrong["want"], timeout=deadline.ms)
            element.press("Tab", timeout=deadline.ms)
    except PlaywrightError as error:
        problem = type(error)(error.message.partition("\n")[0])
    if problem is not None:  # raised out here: nothing leads back to the error with the log
        raise problem


def _refuse_difference(entries: Sequence[Entry], wrong: Sequence[Mapping[str, Any]], secret: bool) -> None:
    if not wrong:
        return
    said = [
        _named(entries[one["index"]])
        + ("" if secret else f"{one['unit']}（入れたい値: {one['want']}、画面に入った値: {one['got'] or '空欄'}）")
        for one in wrong
    ]
    raise SystemFailure(
        f"入力した値が画面に正しく入りませんでした: {'、'.join(said)}。",
        mend="項目の文字数や書き方の決まりを確かめ、値をそれに合わせてください。登録はしていません。",
    )
