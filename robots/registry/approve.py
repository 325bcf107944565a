"""Approving a scenario: what an approver is asked, who may, and the signed approval in registry.yaml."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from robots.errors import BusinessError
from robots.registry.calls import links_of
from robots.registry.digest import changed_parts, digest_of, parts_of, read_folder
from robots.registry.edit import edit_entry
from robots.registry.load import Loaded
from robots.registry.model import Approval, Entry
from robots.registry.practice_town import beyond_practice
from robots.registry.signature import Signer, message_of, practice_signer
from robots.registry.versions import Version, keep_version
from robots.scenario.model import Scenario
from robots.scenario.problem import Problems
from robots.scenario.validate import read_scenario
from robots.settings import Home


class NotAllowed(BusinessError):
    """This person may not decide this (four eyes, roles, no key)."""


@dataclass(frozen=True, slots=True)
class Request:
    """What an approver is asked to approve; the bytes are those that are hashed, shown and signed."""

    scenario: str
    name: str
    digest: str
    parts: dict[str, str]
    changes: list[str]
    """In words, against the last approval; everything is new at the first."""
    model: Scenario
    version: Version
    beyond: list[str]
    """What it may touch that is not the practice town; nothing where the practice town's own key may sign it."""


def request_of(home: Home, loaded: Loaded, scenario: str) -> Request | Problems:
    """Reads a registered scenario and says what approving it would cover.

    Raises: BusinessError where it is not registered or has no folder.
    """
    entry = entry_of(loaded, scenario)
    folder = home.scenarios / scenario
    if not folder.is_dir():
        raise BusinessError(f"scenarios/{scenario} がありません。", mend="シナリオのフォルダを置いてください。")
    files, raw = read_folder(folder), loaded.raw_entries[scenario]
    model = read_scenario(files, scenario)
    if isinstance(model, Problems):
        return model
    links = links_of(home, loaded, scenario, model)
    if links.problems is not None:
        return links.problems
    parts = parts_of(files, raw, links.digests)
    before = entry.approval.parts if entry.approval is not None else {}
    return Request(
        scenario,
        entry.name,
        digest_of(scenario, files, raw, links.digests),
        parts,
        changed_parts(before, parts),
        model,
        Version(files, raw, links.digests),
        beyond_practice(loaded.register.organization, model.uses),
    )


def approve(
    home: Home,
    loaded: Loaded,
    request: Request,
    *,
    by: str,
    on: date,
    until: date,
    signer: Signer | None = None,
    after: int = 0,
) -> Approval:
    """Signs the approval and writes it into registry.yaml; everything else of the file stays as it is.

    signer: the approver's own key, or None for the practice town's; after: the highest number that is known of.
    Raises: NotAllowed where ``by`` may not approve it (see check_approver); SystemFailure where it can't be written.
    """
    entry = entry_of(loaded, request.scenario)
    check_approver(loaded, request, by, keyed=signer is not None)
    unsigned = Approval(
        digest=request.digest,
        by=by,
        on=on,
        until=until,
        number=max(last_number(entry), after) + 1,
        parts=request.parts,
    )
    message = message_of(loaded.register.organization, request.scenario, unsigned)
    approval = unsigned.with_values(signature=(signer or practice_signer()).sign(message))
    keep_version(home.var, request.digest, request.version)
    changes = {"approval": approval, "request": None, "rejected": None, "suspended": None, "retired": None}
    edit_entry(home, request.scenario, changes)
    return approval


def check_approver(loaded: Loaded, request: Request, by: str, *, keyed: bool) -> None:
    """Four eyes: an approver, who is not its owner, not its deputy, and not who asked.

    Outside the practice town somebody else must have asked for these very bytes, and the approver needs a key of their
    own (keyed: there is one).
    Raises: NotAllowed with the reason and whom to ask.
    """
    entry = entry_of(loaded, request.scenario)
    check_role(loaded, by)
    if by in (entry.owner, entry.deputy):
        raise NotAllowed(
            f"「{by}」はこのシナリオの{'所有者' if by == entry.owner else '副担当'}なので承認できません。",
            mend="ほかの承認者に頼んでください（作った人と承認する人は別の人でなければなりません）。",
        )
    asked = entry.request
    if asked is not None and asked.by == by:
        raise NotAllowed(
            f"「{by}」は承認を求めた本人なので承認できません。",
            mend="ほかの承認者に頼んでください（求めた人と承認する人は別の人でなければなりません）。",
        )
    if request.beyond and (asked is None or asked.digest != request.digest):
        raise NotAllowed(
            "いまの内容の承認は、まだ求められていません。"
            if asked is None
            else f"{asked.by} が承認を求めたあとで、内容が変わりました。",
            mend=f"作った人が banken approve {request.scenario} --request --as 職員番号 で求めてから、承認してください。",
        )
    if request.beyond and not keyed:
        raise NotAllowed(
            f"「{by}」の鍵がありません。練習市の外に関わるシナリオ（{'、'.join(request.beyond)}）は、承認者自身の鍵で承認します。",
            mend=f"banken key new --as {by} で鍵を作り、端末の管理者に、信頼する鍵に加えてもらってください。",
        )


def check_role(loaded: Loaded, by: str) -> None:
    """Raises: NotAllowed where ``by`` is no approver."""
    person = loaded.register.people.get(by)
    if person is None or "approver" not in person.roles:
        raise NotAllowed(
            f"「{by}」は承認者ではありません。", mend="people で roles に approver を持つ人が承認してください。"
        )


def last_number(entry: Entry) -> int:
    """The number of the entry's last approval, be it revoked."""
    counted = (entry.approval, entry.retired)
    return max((int(one.number) for one in counted if one is not None), default=0)


def entry_of(loaded: Loaded, scenario: str) -> Entry:
    """The scenario's entry.  Raises: BusinessError where it is not registered."""
    entry = loaded.register.scenarios.get(scenario)
    if entry is None:
        raise BusinessError(
            f"シナリオ「{scenario}」は台帳（registry.yaml）にありません。",
            mend="先に台帳の scenarios に加えてください。",
        )
    return entry
