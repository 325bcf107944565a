"""Stray robots (野良ロボット) of a town, found five ways; pure: everything that is known comes in ``Facts``.

A robot is stray where its owner is unknown or has left, it is not in the register, it was changed without approval,
where it runs is unknown, or how to stop it is undefined.  A sixth group is on the way there: nobody has looked at it for
long.  It is told by the last run that went well and never by the last edit.  An entry with a present owner or deputy is
never called orphaned.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Literal

from robots.errors import BusinessError
from robots.ledger.histories import History, Ran
from robots.nightly.rules import Town
from robots.registry.model import Entry, Register
from robots.registry.survey import Verdict

if TYPE_CHECKING:
    from robots.registry.lookalikes import Lookalike

Kind = Literal["owner", "unregistered", "changed", "place", "stop", "neglected"]
KINDS: Mapping[Kind, str] = {
    "owner": "所有者が分からない、またはいなくなった",
    "unregistered": "台帳にない、または台帳と合わない",
    "changed": "承認のないまま変わった",
    "place": "どこで動くかが分からない",
    "stop": "止め方が決まっていない",
    "neglected": "長く見直されていない（このままでは野良になる）",
}
BASELINE_YEARS = 2
BY_HAND = 260
"""Open days, a year and some weeks: what a person starts by hand may come once a year."""
_NO_WAY = re.compile(
    "(未定|未記入|未設定|検討中|調整中|確認中|後日|後で記入|なし|無し|ない|特に?(なし|無し)|不明|(分|わ)からない|要確認|要検討|仮"
    "|todo|tbd|xxx|n/a|na|none|null)?"
)
"""What stands in a field that somebody meant to fill in later."""


@dataclass(frozen=True, slots=True)
class Stray:
    """One thing to mend.  subject: the scenario's id, or the file; mend: what to do, in one sentence."""

    kind: Kind
    subject: str
    name: str
    what: str
    mend: str


@dataclass(frozen=True, slots=True)
class Facts:
    """All that is known of a town on one day."""

    today: date
    register: Register
    folders: frozenset[str]
    """The ids of the scenario folders that are there."""
    verdicts: Mapping[str, Verdict]
    """How each registered scenario with a folder stands at the gate."""
    history: History = field(default_factory=History)
    left: Mapping[str, str] = field(default_factory=dict)
    """People who are not there any more, by a list from outside, with why."""
    elsewhere: Sequence[Lookalike] = ()
    stray_days: int = 20
    """Open days without success after which a scheduled one is told."""


def strays(facts: Facts) -> list[Stray]:
    """Every stray of the town, by kind and scenario."""
    register = facts.register
    town = Town(register.open_days, register.fiscal_year_starts)
    found = [one for id, entry in register.scenarios.items() for one in _of_entry(facts, town, id, entry)]
    found += _of_folders(facts)
    found += _of_runs(facts)
    order = list(KINDS)
    return sorted(found, key=lambda one: (order.index(one.kind), one.subject, one.what))


def is_present(facts: Facts, person: str) -> bool:
    """Whether a person is there to answer for something today."""
    known = facts.register.people.get(person)
    gone = known is None or person in facts.left or (known.left is not None and known.left <= facts.today)
    return not gone and not (known and known.away_until is not None and facts.today <= known.away_until)


def _of_entry(facts: Facts, town: Town, id: str, entry: Entry) -> Iterator[Stray]:
    if entry.retired is not None:  # it runs no more, and is kept for its history
        return
    if id not in facts.folders:
        what = f"台帳にありますが、scenarios/{id} に scenario.yaml がありません"
        yield Stray(
            "unregistered", id, entry.name, what, "フォルダを戻すか、banken approve --revoke で廃止してください。"
        )
    yield from _of_people(facts, id, entry)
    verdict = facts.verdicts.get(id)
    if verdict is not None and verdict.code == "changed":
        yield Stray("changed", id, entry.name, verdict.what.removesuffix("。"), verdict.mend)
    if not [one for one in entry.runs_on if one.strip() and not _is_blank(one)]:
        what = "動かす端末（runs_on）が書かれていません"
        yield Stray("place", id, entry.name, what, "台帳の runs_on に端末の名前を書き、承認を受けてください。")
    if _is_blank(entry.stop):
        what = (
            f"安全な止め方（stop）が「{entry.stop.strip()}」のままです"
            if entry.stop.strip()
            else "安全な止め方（stop）が空です"
        )
        yield Stray(
            "stop", id, entry.name, what, "誰が、どこで、何をして止め、どこへ連絡するかを台帳の stop に書いてください。"
        )
    if entry.suspended is None:
        yield from _of_neglect(facts, town, id, entry)


def _of_people(facts: Facts, id: str, entry: Entry) -> Iterator[Stray]:
    owner, deputy = is_present(facts, entry.owner), is_present(facts, entry.deputy)
    if not owner and not deputy:
        what = f"所有者（{_who(facts, entry.owner)}）も副担当（{_who(facts, entry.deputy)}）もいません"
        mend = "新しい所有者と副担当を決め、台帳の owner と deputy を改めて承認を受けてください。"
        yield Stray("owner", id, entry.name, what, mend)
    elif owner and (not deputy or entry.owner == entry.deputy) and not _is_away(facts, entry.deputy):
        what = f"副担当（{_who(facts, entry.deputy)}）がいません"
        yield Stray("owner", id, entry.name, what, "次の担当になる人を台帳の deputy に書き、承認を受けてください。")


def _is_away(facts: Facts, person: str) -> bool:
    """On leave, and will be back."""
    known = facts.register.people.get(person)
    return known is not None and known.left is None and person not in facts.left and not is_present(facts, person)


def _who(facts: Facts, person: str) -> str:
    known = facts.register.people.get(person)
    if known is None:
        return f"{person}、台帳の people にいない"
    why = facts.left.get(person) or (f"{known.left} に離れた" if known.left is not None else "")
    if not why and known.away_until is not None and facts.today <= known.away_until:
        why = f"{known.away_until} まで不在"
    return f"{person} {known.name}{f'、{why}' if why else ''}"


def _is_blank(text: str) -> bool:
    folded = unicodedata.normalize("NFKC", text).strip().strip("。.…・-ー―—?！!〜~（）()【】[]「」 　").lower()
    return _NO_WAY.fullmatch(folded) is not None


def _of_folders(facts: Facts) -> Iterator[Stray]:
    for id in sorted(facts.folders - facts.register.scenarios.keys()):
        what = f"scenarios/{id} にシナリオがありますが、台帳に登録されていません"
        yield Stray(
            "unregistered", id, "", what, "台帳に加えて承認を受けるか、使わないならフォルダを片付けてください。"
        )
    for one in facts.elsewhere:
        what = f"台帳の外に、シナリオ「{one.name}」のように見えるファイルがあります"
        mend = "使っているなら scenarios に移して台帳に加え、使っていないなら片付けてください。"
        yield Stray("unregistered", str(one.file), one.name, what, mend)


def _of_runs(facts: Facts) -> Iterator[Stray]:
    """Runs that the ledger has and that nobody approved, and machines where a scenario was not to run."""
    told: set[tuple[Kind, str, str]] = set()
    for ran in reversed(facts.history.ran):  # the latest first
        entry = facts.register.scenarios.get(ran.scenario)
        for one in _of_run(facts, ran, entry):
            key = (one.kind, one.subject, ran.machine if one.kind == "place" else "")
            if key not in told:
                told.add(key)
                yield one


def _of_run(facts: Facts, ran: Ran, entry: Entry | None) -> Iterator[Stray]:
    name = entry.name if entry is not None else ""
    digests = facts.history.approved.get(ran.scenario, frozenset())
    if entry is not None and entry.approval is not None:
        digests |= {entry.approval.digest}
    since = facts.history.remembers_since
    if ran.digest not in digests and since is not None and ran.day >= since:
        if entry is None:
            what = f"台帳にないシナリオが {ran.day} に動いています（実行 {ran.run}）"
            yield Stray(
                "unregistered", ran.scenario, name, what, "誰が何のために動かしたかを確かめ、台帳に加えてください。"
            )
        else:
            what = f"承認の記録のない内容で {ran.day} に動いています（実行 {ran.run}）"
            mend = f"banken show {ran.run} で何をしたかを確かめ、いまの内容で承認を受け直してください。"
            yield Stray("changed", ran.scenario, name, what, mend)
    if entry is None or entry.retired is not None:
        return
    if not ran.machine.strip():
        what = f"どの端末で動いたか分からない実行があります（{ran.run}）"
        yield Stray("place", ran.scenario, name, what, "端末の設定 machine に名前を付けてください。")
    elif "*" not in entry.runs_on and ran.machine not in entry.runs_on and ran.day > _entered(entry):
        named = "、".join(entry.runs_on)
        what = f"台帳の runs_on（{named}）にない端末「{ran.machine}」で {ran.day} に動いています（実行 {ran.run}）"
        mend = "その端末で動かしてよいなら runs_on に加えて承認を受け、よくないなら端末から取り除いてください。"
        yield Stray("place", ran.scenario, name, what, mend)


def _entered(entry: Entry) -> date:
    """The day since which the entry says where it may run: its approval's; runs before that may have been elsewhere."""
    return entry.approval.on if entry.approval is not None else date.min


def _of_neglect(facts: Facts, town: Town, id: str, entry: Entry) -> Iterator[Stray]:
    old = _years_before(facts.today, BASELINE_YEARS)
    if entry.baseline.measured < old:
        what = f"基準時間は {entry.baseline.measured} に測ったもので、{BASELINE_YEARS} 年を過ぎています"
        yield Stray(
            "neglected", id, entry.name, what, "手での時間を測り直し、台帳の baseline を改めて承認を受けてください。"
        )
    if entry.approval is None:
        return
    last = facts.history.successes.get(id)
    waited = _waited(facts, town, entry, max(last or date.min, entry.approval.on))
    if waited is not None:
        since = (
            f"最後に成功したのは {last} で"
            if last is not None
            else f"{entry.approval.on} に承認されてから一度も成功せず"
        )
        what = f"{since}、{waited}"
        mend = "いまも要る仕事なら動かない訳を直し、要らないなら banken approve --revoke で廃止してください。"
        yield Stray("neglected", id, entry.name, what, mend)


def _waited(facts: Facts, town: Town, entry: Entry, last: date) -> str | None:
    """In words, for how long it should have gone well since and has not; None where it is not yet too long."""
    schedule, days = entry.schedule, town.open_days
    day, today = timedelta(days=1), facts.today
    try:
        if schedule is None or schedule.on is None:
            limit = BY_HAND if schedule is None else facts.stray_days
            first = last if schedule is None else _followed(facts, schedule.after, last)
            count = 0 if first is None else days.count(first + day, today)
            return f"{count} 開庁日がたちました" if count > limit else None
        if days.count(last + day, today) <= facts.stray_days:
            return None
        turns = schedule.on.turns(last + day, today - day, town, schedule.season)
        if not turns or days.count(turns[0].day + day, today) <= facts.stray_days:
            return None
        return f"予定の日（{turns[0].day} から {len(turns)} 回）に一度も成功していません"
    except BusinessError:
        return None  # so old that the holidays are not known; the baseline's age tells of it


def _followed(facts: Facts, others: Sequence[str], last: date) -> date | None:
    """The first day known after ``last`` on which all that it follows had gone well."""
    found = [facts.history.successes.get(one) for one in others]
    days = [one for one in found if one is not None and one > last]
    return max(days) if len(days) == len(others) else None


def _years_before(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year - years)
    except ValueError:  # 29 February
        return day.replace(year=day.year - years, day=28)
