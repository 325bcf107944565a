"""パスワードの変更."""

from __future__ import annotations

from starlette.responses import Response

from robots.errors import BusinessError
from robots.web.door import PASSWORD
from robots.web.page import SIGNED_IN, Context, Page, Route, see_other
from robots.web.render import render
from robots.web.security import give_cookie


def _ask(context: Context) -> Response:
    return render(context, "password.html", wrong="")


def _change(context: Context) -> Response:
    hall, person = context.hall, context.person.id
    address = context.request.client.host if context.request.client is not None else ""
    old, new, again = (context.form.get(name, "") for name in ("old", "new", "again"))
    if hall.accounts.waits_until(person, address) is not None:
        return _again(context, "失敗が続いたので、しばらく待ってから、もう一度行ってください。")
    if hall.accounts.verify(person, old) is None:
        return _again(context, "いまのパスワードが違います。")
    hall.accounts.succeeded(person, address)
    if new != again:
        return _again(context, "新しいパスワードの二つが同じではありません。")
    if new == old:
        return _again(context, "新しいパスワードが、いまのものと同じです。")
    try:
        hall.accounts.put(person, new, by=person, must_change=False)
    except BusinessError as error:
        return _again(context, str(error))
    answer = see_other("/", told="パスワードを変えました。")
    give_cookie(answer, hall.sessions.begin(person), hall.secure)
    return answer


def _again(context: Context, wrong: str) -> Response:
    return render(context, "password.html", status=422, wrong=wrong)


PAGE = Page(
    "password",
    "パスワードの変更",
    (Route(PASSWORD, _ask, SIGNED_IN), Route(PASSWORD, _change, SIGNED_IN, method="POST")),
)
