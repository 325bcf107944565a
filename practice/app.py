"""The town as one web application."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from practice import hostile
from practice.desk import Desk
from practice.exercises import Exercises
from practice.faults import Faults
from practice.misbehave import FaultMiddleware, SlowMiddleware
from practice.sessions import COOKIE, Sessions, SignInMiddleware, session_of
from practice.store import Store
from practice.systems.gakumu import Gakumu
from practice.systems.jumin import Jumin
from practice.systems.kyushoku import Kyushoku
from practice.systems.zaimu import Zaimu
from practice.systems.zei import Zei

TOWN = "練習市"
_LOOPBACK = ("127.0.0.1", "::1")
_LOGIN_MESSAGES = {
    "timeout": "一定時間操作がなかったため、自動的にログアウトしました。もう一度ログインしてください。",
    "first": "ログインしてください。",
    "out": "ログアウトしました。",
}
_ERRORS = {
    403: "画面の有効期限が切れています。前の画面からやり直してください。",
    404: "指定された画面はありません。メニューから選び直してください。",
}


def build_app(store: Store, faults: Faults, *, session_minutes: float, slow: bool) -> Starlette:
    """The application; `slow` makes every seventh page take two seconds."""
    sessions = Sessions(session_minutes * 60)
    desk = Desk(store, sessions)
    door = Door(desk)
    backdoor = Backdoor(store, faults)
    counters = (Gakumu(desk), Jumin(desk), Zei(desk), Zaimu(desk), Kyushoku(desk), Exercises(desk))
    routes = [
        *door.routes(),
        *backdoor.routes(),
        *hostile.routes(),
        *(route for counter in counters for route in counter.routes()),
        Mount("/static", StaticFiles(directory=Path(__file__).parent / "static")),
    ]
    middleware = [Middleware(FaultMiddleware, faults=faults, sessions=sessions)]
    if slow:
        middleware.append(Middleware(SlowMiddleware))
    middleware.append(Middleware(SignInMiddleware, sessions=sessions))
    return Starlette(routes=routes, middleware=middleware, exception_handlers={HTTPException: door.refuse})


@dataclass(frozen=True)
class Door:
    """Sign-in, the menu, and what is said when something is wrong."""

    desk: Desk

    def routes(self) -> list[Route]:
        return [
            Route("/", self.home),
            Route("/login", self.login, methods=["GET", "POST"]),
            Route("/logout", self.logout, methods=["POST"]),
            Route("/menu", self.menu),
        ]

    async def home(self, request: Request) -> Response:
        return RedirectResponse("/menu", status_code=303)

    async def login(self, request: Request) -> Response:
        if request.method == "GET":
            message = _LOGIN_MESSAGES.get(request.query_params.get("reason", ""), "")
            return self.desk.page(request, "login.html", message=message, error="", user="")
        form = await self.desk.sent(request)
        user = str(form.get("user", ""))
        session = self.desk.sessions.sign_in(user, str(form.get("password", "")))
        if session is None:
            error = "ユーザーIDまたはパスワードが違います。"
            return self.desk.page(request, "login.html", message="", error=error, user=user)
        answer = RedirectResponse("/menu", status_code=303)
        answer.set_cookie(COOKIE, session, httponly=True, samesite="lax")
        return answer

    async def logout(self, request: Request) -> Response:
        await self.desk.sent(request)
        self.desk.sessions.end(session_of(request.scope))
        answer = RedirectResponse("/login?reason=out", status_code=303)
        answer.delete_cookie(COOKIE)
        return answer

    async def menu(self, request: Request) -> Response:
        return self.desk.page(request, "menu.html")

    async def refuse(self, request: Request, error: Exception) -> Response:
        """A page that says what is wrong and what to do."""
        status = error.status_code if isinstance(error, HTTPException) else 500
        detail = str(error.detail) if isinstance(error, HTTPException) else ""
        # Starlette's own detail is the English name of the status.
        message = _ERRORS.get(status, _ERRORS[404]) if detail.isascii() else detail
        return self.desk.page(request, "message.html", status, message=message)


@dataclass(frozen=True)
class Backdoor:
    """For tests and the command line, from this machine only: what arrived, and the fault switch."""

    store: Store
    faults: Faults

    def routes(self) -> list[Route]:
        return [
            Route("/_practice/health", self.health),
            Route("/_practice/entries/{system}", self.entries),
            Route("/_practice/faults", self.switch, methods=["POST", "DELETE"]),
        ]

    async def health(self, request: Request) -> Response:
        _only_from_here(request)
        return JSONResponse({"town": TOWN, "ready": True})

    async def entries(self, request: Request) -> Response:
        _only_from_here(request)
        arrived = self.store.arrived(request.path_params["system"])
        return JSONResponse([entry.as_dict() for entry in arrived])

    async def switch(self, request: Request) -> Response:
        _only_from_here(request)
        if request.method == "DELETE":
            self.faults.clear()
            return JSONResponse({"faults": "cleared"})
        try:
            wanted = await request.json()
            self.faults.set(wanted.pop("route"), wanted.pop("kind"), **wanted)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            return JSONResponse({"error": str(error)}, status_code=400)
        return JSONResponse({"faults": "set"})


def _only_from_here(request: Request) -> None:
    if request.client is None or request.client.host not in _LOOPBACK:
        raise HTTPException(404)
