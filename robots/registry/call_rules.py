"""The rules of a call: what a sub-procedure may hold where it is called, and that it touches nothing beyond its caller's uses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath, PureWindowsPath
from urllib.parse import urlsplit

from robots.scenario.model import Input, Scenario, Uses, all_steps, deferred_in
from robots.scenario.names import FIXED
from robots.scenario.shape import parameter_list
from robots.scenario.template import Template
from robots.step import Step

Fault = tuple[str, str]
"""What is wrong, and how to mend it."""
_SECTIONS = {"prepare": "準備", "each": "各件", "finish": "後始末"}
_NOT_IN_COMMIT = frozenset({"flow.try", "flow.skip", "flow.stop", "human.ask", "human.review"})


def call_faults(caller: Scenario, step: Step, callee: Scenario, reached: Mapping[str, Scenario]) -> Iterator[Fault]:
    """Everything that stands against one call; reached: the scenarios that the called one may call, by id."""
    if not callee.each:
        yield "「各件」がありません。", "呼び出せるのは、各件のあるシナリオです。"
        return
    steps = list(_reached(callee, reached))
    yield from _place_faults(caller, step, steps)
    yield from _name_faults(step, callee)
    yield from _uses_faults(caller.uses, callee)


def _reached(callee: Scenario, others: Mapping[str, Scenario]) -> Iterator[Step]:
    """The steps of its `each`, and of those that it calls."""
    for step in all_steps(callee.each):
        yield step
        if step.kind.name == "flow.call" and isinstance(step.raw, dict):
            inner = others.get(str(step.raw["scenario"]))
            if inner is not None:
                yield from _reached(inner, others)


def _place_faults(caller: Scenario, call: Step, steps: Sequence[Step]) -> Iterator[Fault]:
    section = call.path.split("[")[0]
    kinds = {step.kind.name: step.kind.ja for step in steps}
    if "commit" in kinds:
        yield "「確定する」を含んでいます。", "確定は呼び出す側の各件に書き、呼び出されるシナリオから除いてください。"
        return
    misplaced = {step.kind.ja for step in steps if section not in step.kind.sections}
    if misplaced:
        yield (
            f"「{'・'.join(sorted(misplaced))}」を含んでいて、「{_SECTIONS[section]}」では使えません。",
            "各件の中で呼び出すか、その手順を除いたシナリオを呼び出してください。",
        )
    if _is_inside_commit(call):
        bad = {ja for name, ja in kinds.items() if name in _NOT_IN_COMMIT}
        bad |= {"再試行" for step in steps if step.retry_times} | {
            "いずれか" for step in steps if _has_any_of(step.raw)
        }
        if bad:
            yield (
                f"「{'・'.join(sorted(bad))}」を含んでいて、「確定する」の中では使えません。",
                "確定の中で呼び出すシナリオには、必ず行う手順だけを書いてください。",
            )
    elif {"human.ask", "human.review"} & kinds.keys():
        if caller.items is None or caller.items.key is None:
            yield "人に尋ねる手順を含んでいます。", "このシナリオの対象に「キー」を書いてください。"
        commit = caller.commit
        if commit is not None and commit.position.line < call.position.line:
            yield "人に尋ねる手順を含んでいます。", "「確定する」より前で呼び出してください。"


def _is_inside_commit(step: Step) -> bool:
    return ".commit." in step.path


def _has_any_of(raw: object) -> bool:
    if isinstance(raw, dict):
        return any(key == "any_of" or _has_any_of(value) for key, value in raw.items())
    return isinstance(raw, list) and any(_has_any_of(one) for one in raw)


def _name_faults(call: Step, callee: Scenario) -> Iterator[Fault]:
    uses = names_used(callee.each)
    foreign = sorted({name for name, _ in uses} - FIXED - set(names_made(callee.each)))
    if foreign:
        yield (
            f"各件が、準備で付けた名前「{'・'.join(foreign)}」を使っています。",
            "呼び出されるときは準備を行いません。必要な値は「値」で渡し、${対象.名前} で使うようにしてください。",
        )
    given = call.raw.get("values", {}) if isinstance(call.raw, dict) else {}
    wanted = sorted({attribute for name, attribute in uses if name == "item" and attribute is not None} - set(given))
    if wanted:
        yield (
            f"値「{'・'.join(wanted)}」が渡されていません。",
            "「値」に書き加えてください（例: 値: {氏名: ${対象.氏名}}）。",
        )
    unset = sorted(
        name for name, one in callee.inputs.items() if _is_unset(one) and {("inputs", name), ("inputs", None)} & uses
    )
    if unset:
        yield (
            f"入力値「{'・'.join(unset)}」に既定値がありません。",
            "呼び出されるシナリオの入力値に、既定値を書いてください。",
        )


def _is_unset(declared: Input) -> bool:
    return declared.required and declared.default is None


def names_used(steps: Sequence[Step]) -> set[tuple[str, str | None]]:
    """(name, attribute) of all that the steps' expressions look up; an attribute of None is the whole of it."""
    return {used for step in all_steps(steps) for used in names_of(step)}


def names_of(step: Step) -> Iterator[tuple[str, str | None]]:
    """The same for one step, those of the steps inside it left out."""
    for one in (*deferred_in(step.raw), *((step.if_,) if step.if_ is not None else ())):
        if isinstance(one, Template):
            yield from ((use.name, use.attribute) for use in one.uses)


def names_made(steps: Sequence[Step]) -> Iterator[str]:
    """The names that the steps make: by save_as, and for their own blocks."""
    for step in all_steps(steps):
        if step.save_as is not None:
            yield step.save_as
        for one in parameter_list(step.kind.params):
            value = step.raw.get(one.english) if isinstance(step.raw, dict) else None
            if "new_name" in one.shape.marks and isinstance(value, str):
                yield value


def _uses_faults(own: Uses, callee: Scenario) -> Iterator[Fault]:
    """What the called one touches and the caller does not declare: an approver of the caller must see it there."""
    add = "このシナリオの利用（uses）の「{}」にも書き加え、承認を受けてください。"
    sites = [
        f"{name}: {address}"
        for name, address in callee.uses.sites.items()
        if not any(_covers(one, address) for one in own.sites.values())
    ]
    if sites:
        yield f"このシナリオの利用にないサイト「{'、'.join(sites)}」に触れます。", add.format("サイト")
    for what, ja, wanted, there in (
        ("資格情報", "資格情報", callee.uses.credentials, own.credentials),
        ("メールのドメイン", "メール", callee.uses.mail, own.mail),
    ):
        if beyond := [one for one in wanted if one not in there]:
            yield f"このシナリオの利用にない{what}「{'、'.join(beyond)}」を使います。", add.format(ja)
    for name, place in _folders(callee):
        if _parts(place) is None:
            yield (
                f"フォルダ「{name}」（{place}）は、呼び出されるシナリオの中のフォルダです。",
                "呼び出されるシナリオの利用のフォルダを var/… の場所にし、このシナリオの利用にも書いてください。",
            )
        elif not any(_is_below(place, one) for one in own.folders.values()):
            yield f"このシナリオの利用にないフォルダ「{name}: {place}」に触れます。", add.format("フォルダ")


def _covers(site: str, address: str) -> bool:
    one, other = urlsplit(site), urlsplit(address)
    same = (one.scheme, one.hostname, one.port) == (other.scheme, other.hostname, other.port)
    return same and (other.path == one.path or other.path.startswith(one.path.rstrip("/") + "/"))


def _folders(callee: Scenario) -> Iterator[tuple[str, str]]:
    """The folders that its `each` uses."""
    used = {attribute for name, attribute in names_used(callee.each) if name == "folders"}
    for name, place in callee.uses.folders.items():
        if name in used or None in used:
            yield name, place


def _parts(place: str) -> tuple[str, ...] | None:
    """A folder of `uses` as its parts; None where it stands below its scenario's own folder."""
    if PureWindowsPath(place).is_absolute():
        return PureWindowsPath(place.lower()).parts
    parts = PurePosixPath(place.replace("\\", "/")).parts
    return parts if parts[:1] in (("var",), ("/",)) else None


def _is_below(place: str, folder: str) -> bool:
    inner, outer = _parts(place), _parts(folder)
    return inner is not None and outer is not None and inner[: len(outer)] == outer
