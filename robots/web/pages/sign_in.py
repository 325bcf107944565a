"""サインイン・サインアウト."""

from __future__ import annotations

from starlette.responses import Response

from robots.clock import now
from robots.web.door import PASSWORD, SIGN_IN, SIGN_OUT
from robots.web.page import PUBLIC, SIGNED_IN, Context, Page, Route, see_other
from robots.web.render import render
from robots.web.security import cookie_name, give_cookie, local_path, take_cookie

_WRONG = "職員番号かパスワードが違います。"


def _ask(context: Context) -> Response:
    return render(context, "sign_in.html", next=local_path(context.query.get("next", "/")), wrong="", id="")


def _enter(context: Context) -> Response:
    hall, request = context.hall, context.request
    id, password = context.form.get("id", "").strip(), context.form.get("password", "")
    address = request.client.host if request.client is not None else ""
    wanted = local_path(context.form.get("next", "/"))
    until = hall.accounts.waits_until(id, address)
    if until is not None:
        seconds = max(1, round((until - now()).total_seconds()))
        wait = f"{-(-seconds // 60)} 分" if seconds > 90 else f"{seconds} 秒"
        wrong = f"失敗が続いたので、いまはサインインできません。{wait}ほど待ってから、もう一度行ってください。"
        return render(context, "sign_in.html", status=429, next=wanted, wrong=wrong, id=id)
    account = hall.accounts.verify(id, password)
    if account is None or hall.person(id) is None:
        # Somebody may have typed a password in the wrong field: what is nobody's number is not recorded.
        known = id if hall.person(id) is not None else "unknown"
        context.audit.record("sign_in_failed", who=known, detail={"address": address})
        return render(context, "sign_in.html", status=401, next=wanted, wrong=_WRONG, id=id)
    hall.accounts.succeeded(id, address)
    context.audit.record("signed_in", who=id, detail={"address": address})
    token = hall.sessions.begin(id, instead=request.cookies.get(cookie_name(hall.secure)))
    answer = see_other(PASSWORD if account.must_change else wanted)
    give_cookie(answer, token, hall.secure)
    return answer


def _leave(context: Context) -> Response:
    hall = context.hall
    hall.sessions.end(context.request.cookies.get(cookie_name(hall.secure), ""))
    context.audit.record("signed_out", who=context.person.id)
    answer = see_other(SIGN_IN, told="サインアウトしました。", tone="info")
    take_cookie(answer, hall.secure)
    return answer


PAGE = Page(
    "sign_in",
    "サインイン",
    (
        Route(SIGN_IN, _ask, PUBLIC),
        Route(SIGN_IN, _enter, PUBLIC, method="POST"),
        Route(SIGN_OUT, _leave, SIGNED_IN, method="POST"),
    ),
)
