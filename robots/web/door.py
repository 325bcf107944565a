"""The door that every request goes through: who it is, whether they may, what they sent; then the page's handler."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from loguru import logger
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from robots.clock import now
from robots.errors import BankenError, SystemFailure
from robots.registry.approve import NotAllowed
from robots.registry.load import Loaded
from robots.web.hall import Hall
from robots.web.page import Context, Forbidden, NotFound, Route, SignedIn, Upload, allowed, see_other
from robots.web.render import render
from robots.web.security import TooLarge, bounded, cookie_name, csrf_of, own_origin, same, take_cookie

SIGN_IN, SIGN_OUT, PASSWORD = "/sign-in", "/sign-out", "/password"
_MOST_FIELDS, _MOST_FILES = 5000, 50


@dataclass(frozen=True, slots=True)
class _Sent:
    """What a form sent."""

    form: Mapping[str, str] = field(default_factory=dict)
    lists: Mapping[str, list[str]] = field(default_factory=dict)
    files: Mapping[str, Upload] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Entered:
    """Who came in, with the register of that moment."""

    who: SignedIn | None = None
    csrf: str = ""
    loaded: Loaded | None = None


class _Turned(Exception):
    """The request ends here with this answer."""

    def __init__(self, answer: Response) -> None:
        super().__init__()
        self.answer = answer


@dataclass(frozen=True, slots=True)
class Door:
    """The door of one route."""

    route: Route

    async def open(self, request: Request) -> Response:
        """Lets a request in, or says why not."""
        hall: Hall = request.app.state.hall
        entered = _Entered()
        try:
            if self.route.method == "POST" and not own_origin(request):
                raise Forbidden("この操作は、番犬の画面から行ってください。")
            entered = await run_in_threadpool(self._enter, hall, request)
            sent = await self._sent(request) if self.route.method == "POST" else _Sent()
            self._check_csrf(request, entered, sent)
            context = self._context(request, hall, entered, sent)
            return await run_in_threadpool(self.route.handler, context)
        except _Turned as turned:
            return turned.answer
        except Exception as error:  # noqa: BLE001 (every error becomes a page that says what to do)
            context = self._context(request, hall, entered, _Sent())
            return await run_in_threadpool(explain, context, error)

    def _context(self, request: Request, hall: Hall, entered: _Entered, sent: _Sent) -> Context:
        return Context(
            request,
            hall,
            self.route,
            entered.who,
            entered.csrf,
            now(),
            entered.loaded,
            sent.form,
            sent.lists,
            sent.files,
        )

    def _enter(self, hall: Hall, request: Request) -> _Entered:
        if "public" in self.route.roles:
            return _Entered()
        token = request.cookies.get(cookie_name(hall.secure), "")
        session = hall.sessions.find(token, used=not self.route.quiet) if token else None
        person = hall.person(session.person) if session is not None else None
        if session is None or person is None:
            if session is not None:
                hall.sessions.end(token)
            raise _Turned(self._to_sign_in(hall, request, expired=bool(token)))
        who = SignedIn(session.person, person.name, person.department, frozenset(person.roles))
        if session.must_change and self.route.path not in (PASSWORD, SIGN_OUT):
            raise _Turned(see_other(PASSWORD))
        if not allowed(self.route.roles, who):
            raise Forbidden("この画面を開く権限がありません。")
        return _Entered(who, csrf_of(token), hall.register.now)

    def _to_sign_in(self, hall: Hall, request: Request, *, expired: bool) -> Response:
        if self.route.method == "POST" or self.route.quiet:
            context = self._context(request, hall, _Entered(), _Sent())
            return render(
                context,
                "message.html",
                status=401,
                title="サインインしていません",
                what="サインインしていないか、時間がたってサインアウトしました。",
                mend="サインインしてから、もう一度行ってください。",
            )
        url = request.url
        wanted = f"{url.path}?{url.query}" if url.query else url.path
        answer = RedirectResponse(
            SIGN_IN if wanted == "/" else f"{SIGN_IN}?next={quote(wanted, safe='')}", status_code=303
        )
        if expired:
            take_cookie(answer, hall.secure)
        return answer

    async def _sent(self, request: Request) -> _Sent:
        limit = self.route.limit
        told = request.headers.get("content-length", "0")
        if told.isdecimal() and int(told) > limit:
            raise TooLarge
        reading = Request(request.scope, bounded(request.receive, limit))
        form: dict[str, str] = {}
        lists: dict[str, list[str]] = {}
        files: dict[str, Upload] = {}
        async with reading.form(max_files=_MOST_FILES, max_fields=_MOST_FIELDS, max_part_size=limit) as fields:
            for name, value in fields.multi_items():
                if isinstance(value, UploadFile):
                    files[name] = Upload(value.filename or "", await value.read())
                else:
                    form[name] = value
                    lists.setdefault(name, []).append(value)
        return _Sent(form, lists, files)

    def _check_csrf(self, request: Request, entered: _Entered, sent: _Sent) -> None:
        if self.route.method == "GET" or entered.who is None:
            return
        token = request.headers.get("x-csrf-token") or sent.form.get("csrf", "")
        if not same(token, entered.csrf):
            raise Forbidden("画面が古くなっています。前の画面に戻り、読み込み直してから、もう一度行ってください。")


def explain(context: Context, error: Exception) -> Response:
    """An error as a page: what is wrong and what to do next."""
    if isinstance(error, NotFound) or (isinstance(error, HTTPException) and error.status_code == 404):
        told = (404, "ページがありません", "お探しのものはありません。", "番号や住所（URL）を確かめてください。")
    elif isinstance(error, Forbidden):
        told = (403, "できません", error.what, "必要なときは、推進室に相談してください。")
    elif isinstance(error, TooLarge):
        told = (413, "大きすぎます", "送られたものが大きすぎます。", "ファイルを小さく分けてください。")
    elif isinstance(error, SystemFailure):
        told = (503, "システムエラー", error.told, error.mend)
    elif isinstance(error, NotAllowed):
        told = (403, "できません", error.told, error.mend)
    elif isinstance(error, BankenError):
        told = (422, "できませんでした", error.told, error.mend)
    elif isinstance(error, HTTPException):
        told = (
            error.status_code,
            "できませんでした",
            "この求め方はできません。",
            "前の画面に戻ってやり直してください。",
        )
    else:
        logger.opt(exception=error).error("画面 {} の不具合", context.route.path)
        told = (
            500,
            "番犬の不具合です",
            "番犬の不具合で、この画面を出せません。",
            "時刻を添えて、推進室に知らせてください。",
        )
    status, title, what, mend = told
    return render(context, "message.html", status=status, title=title, what=what, mend=mend)
