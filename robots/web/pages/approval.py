"""承認: what has changed, and asking for, giving, refusing and withdrawing an approval.

What is shown is what is signed: the form carries the digest that was shown, and a scenario that has changed since is
shown again.  The approver's key stays closed: it is opened by the passphrase for this one signature.
"""

from __future__ import annotations

from datetime import date, timedelta

from starlette.responses import Response

from robots.errors import BusinessError
from robots.registry.approve import NotAllowed, Request, check_approver, entry_of, request_of
from robots.registry.decisions import Decisions, Withdrawal
from robots.registry.differences import difference_of
from robots.registry.keys import key_file, open_key, opened
from robots.registry.model import state_of
from robots.registry.signature import Signer, trusted_keys
from robots.scenario.problem import Problems
from robots.web.page import EVERY_ROLE, Context, Page, Role, Route, see_other
from robots.web.render import render

_APPROVERS: frozenset[Role] = frozenset({"approver"})
_AUTHORS: frozenset[Role] = frozenset({"author"})
_STOPPERS: frozenset[Role] = frozenset({"author", "approver"})
_A_YEAR = timedelta(days=365)
_EXAMPLE = {"department": "shimin", "name": "jutogai-jusho"}
_KEY_BYTES = 64 * 1024


def _show(context: Context) -> Response:
    return _page(context)


def _page(context: Context, *, wrong: str = "") -> Response:
    id, person = context.scenario, context.person
    entry = entry_of(context.read, id)
    request = request_of(context.home, context.read, id)
    problems = [str(one) for one in request] if isinstance(request, Problems) else []
    asked, day = None, context.now.date()
    refusal = ""
    if isinstance(request, Request):
        asked = entry.request
        refusal = _refusal(context, request) if person.has("approver") else ""
    return render(
        context,
        "approval.html",
        status=422 if wrong else 200,
        id=id,
        entry=entry,
        state=state_of(entry, day),
        problems=problems,
        request=None if isinstance(request, Problems) else request,
        difference=None if isinstance(request, Problems) else difference_of(context.home, request, entry.approval),
        asked=asked,
        asked_same=asked is not None and isinstance(request, Request) and asked.digest == request.digest,
        refusal=refusal,
        keyed=key_file(person.id).is_file(),
        until=day + _A_YEAR,
        may_ask=person.has("author"),
        may_approve=person.has("approver"),
        may_stop=person.has("approver") or person.id in (entry.owner, entry.deputy),
        people=context.register.people,
        wrong=wrong,
    )


def _refusal(context: Context, request: Request) -> str:
    """Why this person may not approve these bytes; empty where they may."""
    try:
        check_approver(context.read, request, context.person.id, keyed=True)
    except NotAllowed as error:
        return str(error)
    return ""


def _seen(context: Context) -> Request:
    """What the person has looked at.  Raises: BusinessError where it has changed since."""
    request = request_of(context.home, context.read, context.scenario)
    if isinstance(request, Problems):
        raise BusinessError("シナリオに直すところがあります。", mend="この画面を開き直して、誤りを確かめてください。")
    if request.digest != context.form.get("digest", ""):
        raise BusinessError(
            "表示したあとで、内容が変わりました。", mend="変わったところをもう一度確かめてから、行ってください。"
        )
    return request


def _decide(context: Context) -> Decisions:
    return Decisions(context.home, context.ledger, context.audit, f"web:{context.person.id}")


def _ask(context: Context) -> Response:
    try:
        _decide(context).request(context.read, _seen(context), by=context.person.id, on=context.now.date())
    except BusinessError as error:
        return _told(context, error)
    return see_other(_back(context), told="承認を求めました。承認者の画面に出ます。")


def _approve(context: Context) -> Response:
    try:
        request = _seen(context)
        approval = _decide(context).approve(
            context.read,
            request,
            by=context.person.id,
            on=context.now.date(),
            until=_until(context.form.get("until", "")),
            signer=(signer := _signer(context, request)),
        )
    except BusinessError as error:
        return _told(context, error)
    told = f"承認しました（{approval.number} 番、{approval.until} まで）。"
    organization = context.register.organization
    if signer is None:
        told += "練習市の鍵で署名しました（練習市に触れるだけのシナリオに限って有効です）。"
    elif signer.public not in trusted_keys(context.home, organization).get(context.person.id, []):
        told += f"この鍵はまだ信頼されていません。端末の管理者に、信頼する鍵へ {context.person.id} {signer.public} {organization} を加えてもらってください。"
    return see_other(_back(context), told=told)


def _signer(context: Context, request: Request) -> Signer | None:
    """The approver's own key, opened for this signature alone; None for the practice town's.

    Raises: BusinessError where the passphrase is wrong, or where there is no key though one is needed.
    """
    place, passphrase, sent = key_file(context.person.id), context.form.get("passphrase", ""), context.files.get("key")
    if sent is not None and sent.data:
        try:
            return opened(sent.data, passphrase)
        except ValueError as error:
            raise BusinessError(
                "送られたファイルは鍵ではありません。", mend="banken key new で作った鍵のファイルを選んでください。"
            ) from error
    if place.is_file():
        return open_key(place, passphrase)
    check_approver(context.read, request, context.person.id, keyed=False)
    return None


def _until(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BusinessError(
            f"承認の期限「{text}」は日付ではありません。", mend="2027-03-31 のように入れてください。"
        ) from None


def _reject(context: Context) -> Response:
    try:
        why = context.field("why", "理由")
        _decide(context).reject(context.read, context.scenario, by=context.person.id, on=context.now.date(), why=why)
    except BusinessError as error:
        return _told(context, error)
    return see_other(_back(context), told="差し戻しました。")


def _suspend(context: Context) -> Response:
    return _withdraw(context, "suspended", "一時停止にしました。もう一度動かすには、新しい承認が要ります。")


def _revoke(context: Context) -> Response:
    return _withdraw(context, "retired", "廃止にしました。もう一度動かすには、新しい承認が要ります。")


def _withdraw(context: Context, state: Withdrawal, told: str) -> Response:
    try:
        why = context.field("why", "理由")
        _decide(context).withdraw(
            context.read, context.scenario, state, by=context.person.id, on=context.now.date(), why=why
        )
    except BusinessError as error:
        return _told(context, error)
    return see_other(_back(context), told=told, tone="warning")


def _told(context: Context, error: BusinessError) -> Response:
    """The page again with what is wrong; a person who may not is refused."""
    if isinstance(error, NotAllowed):
        raise error
    return _page(context, wrong=str(error))


def _back(context: Context) -> str:
    return f"/scenarios/{context.scenario}/approval"


_HERE = "/scenarios/{department}/{name}"
PAGE = Page(
    "approval",
    "承認",
    (
        Route(f"{_HERE}/approval", _show, EVERY_ROLE, examples=_EXAMPLE),
        Route(f"{_HERE}/request", _ask, _AUTHORS, method="POST", examples=_EXAMPLE),
        Route(f"{_HERE}/approve", _approve, _APPROVERS, method="POST", examples=_EXAMPLE, limit=_KEY_BYTES),
        Route(f"{_HERE}/reject", _reject, _APPROVERS, method="POST", examples=_EXAMPLE),
        Route(f"{_HERE}/suspend", _suspend, _STOPPERS, method="POST", examples=_EXAMPLE),
        Route(f"{_HERE}/revoke", _revoke, _STOPPERS, method="POST", examples=_EXAMPLE),
    ),
)
