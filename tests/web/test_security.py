"""Who gets in: every route against every role, no session, foreign pages and stale tokens; sessions that end at once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa

from robots.clock import now, stamp
from robots.ledger.accounts import Accounts
from robots.ledger.audit import audit_records
from robots.ledger.sessions import IDLE, LONGEST
from robots.ledger.tables import sessions, sign_in_failures
from robots.web.all_pages import check, discover
from robots.web.page import PUBLIC, Page, Route, SignedIn, allowed
from robots.web.security import local_path
from robots.wiring import records
from tests.certificate import certify
from tests.web.conftest import PASSWORD, PEOPLE, ROLE_OF, Web, csrf_in, served

ROUTES = [route for page in discover() for route in page.routes]
VISITORS = [None, *(person for person in PEOPLE if person not in ("w-checker2", "w-other"))]


@pytest.fixture(scope="module")
def clients(web: Web) -> Iterator[dict[str | None, httpx.Client]]:
    made = {person: web.client(person) for person in VISITORS}
    yield made
    for client in made.values():
        client.close()


@pytest.fixture
def clean(web: Web) -> Iterator[None]:
    """Failures of one test don't slow the next one down."""
    yield
    with records(web.home) as (ledger, _), ledger.writing() as connection:
        connection.execute(sign_in_failures.delete())


def address(route: Route) -> str:
    return re.sub(r"\{(\w+)(?::\w+)?\}", lambda found: route.examples.get(found[1], "x"), route.path)


def turned_away(answer: httpx.Response) -> bool:
    return answer.status_code in (401, 403) or answer.headers.get("location", "").startswith("/sign-in")


def with_token(web: Web, token: str) -> httpx.Response:
    with web.client() as client:
        client.cookies.set("banken", token)
        return client.get("/")


def who(person: str | None) -> SignedIn | None:
    if person is None:
        return None
    return SignedIn(person, "", PEOPLE[person][1], frozenset({ROLE_OF[person]} - {""}))


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_every_route_turns_away_whoever_has_not_its_role(clients: dict[str | None, httpx.Client], route: Route) -> None:
    for person, client in clients.items():
        if route.method == "GET":
            answer = client.get(address(route))
        elif allowed(route.roles, who(person)):
            continue
        else:
            token = csrf_in(client.get("/password").text)
            answer = client.post(address(route), data={"csrf": token}, headers={"X-CSRF-Token": token})
        if not allowed(route.roles, who(person)):
            assert turned_away(answer), f"{person}: {answer.status_code}"
        else:
            assert answer.status_code < 500, f"{person}: {answer.text[-500:]}"
            assert answer.headers["content-security-policy"].startswith("default-src 'none'")
            assert "unsafe" not in answer.headers["content-security-policy"]
            assert answer.headers["cache-control"] == "no-store"


CHANGES = [route for route in ROUTES if route.method == "POST"]


@pytest.fixture(scope="module")
def tokens(clients: dict[str | None, httpx.Client]) -> dict[str | None, str]:
    return {person: csrf_in(client.get("/password").text) for person, client in clients.items()}


@pytest.mark.parametrize("route", CHANGES, ids=lambda route: route.path)
def test_no_change_is_taken_from_a_foreign_page_or_with_a_stale_token(
    clients: dict[str | None, httpx.Client], tokens: dict[str | None, str], route: Route
) -> None:
    for person, client in clients.items():
        foreign = {"Origin": "https://evil.example", "X-CSRF-Token": tokens[person]}
        assert client.post(address(route), headers=foreign).status_code == 403, person
        if route.roles != PUBLIC:
            another = tokens["w-nothing" if person != "w-nothing" else "w-viewer"]
            assert turned_away(client.post(address(route), headers={"X-CSRF-Token": another})), person


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "null"},
        {"Origin": ""},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "http://localhost"},
        {"X-CSRF-Token": ""},
        {"X-CSRF-Token": "0" * 64},
    ],
    ids=str,
)
def test_a_change_must_come_from_our_own_page(
    clients: dict[str | None, httpx.Client], tokens: dict[str | None, str], headers: dict[str, str]
) -> None:
    answer = clients["w-admin"].post("/audit/verify", headers={"X-CSRF-Token": tokens["w-admin"], **headers})
    assert answer.status_code == 403


def test_the_same_change_is_taken_from_it(
    clients: dict[str | None, httpx.Client], tokens: dict[str | None, str]
) -> None:
    answer = clients["w-admin"].post("/audit/verify", data={"csrf": tokens["w-admin"]})
    assert answer.status_code == 200 and "書き換え・削除・書き直しはありません" in answer.text


def test_a_route_that_names_no_role_is_an_error_at_start() -> None:
    open_door = Page("x", "x", (Route("/x", lambda _: None, frozenset()),))  # type: ignore[arg-type,return-value]
    with pytest.raises(RuntimeError, match="/x"):
        check([open_door])


@pytest.mark.usefixtures("clean")
def test_the_session_cookie_is_for_the_server_alone_and_new_at_each_sign_in(web: Web) -> None:
    with web.client() as client:
        first = client.post("/sign-in", data={"id": "w-viewer", "password": PASSWORD})
        cookie = first.headers["set-cookie"]
        assert "HttpOnly" in cookie and "SameSite=strict" in cookie
        old = client.cookies["banken"]
        client.post("/sign-in", data={"id": "w-viewer", "password": PASSWORD})
        assert client.cookies["banken"] != old
        assert turned_away(with_token(web, old))
    with records(web.home) as (ledger, _), ledger.reading() as connection:
        kept = connection.execute(sa.select(sessions.c.token)).scalars().all()
    assert old not in kept and all(re.fullmatch("[0-9a-f]{64}", token) for token in kept)


def test_a_session_ends_with_signing_out(web: Web) -> None:
    with web.client("w-viewer") as client:
        token = client.cookies["banken"]
        assert client.post("/sign-out", data={"csrf": csrf_in(client.get("/").text)}).status_code == 303
        assert turned_away(with_token(web, token))


@pytest.mark.parametrize("how", ["disabled", "reset", "idle", "twelve hours", "left", "removed"])
def test_a_session_ends_at_once(web: Web, how: str) -> None:
    before = web.home.register.read_text(encoding="utf-8")
    with web.client("w-other") as client:
        assert client.get("/").status_code == 200
        with records(web.home) as (ledger, audit):
            accounts = Accounts(ledger, audit)
            mine = sessions.c.person == "w-other"
            if how == "disabled":
                accounts.disable("w-other", by="tests")
            elif how == "reset":
                accounts.put("w-other", PASSWORD, by="tests", must_change=False)
            elif how in ("idle", "twelve hours"):
                column, limit = ("seen_at", IDLE) if how == "idle" else ("began_at", LONGEST)
                with ledger.writing() as connection:
                    connection.execute(sessions.update().where(mine).values({column: stamp(now() - limit)}))
            else:
                mine_there = next(line for line in before.splitlines(True) if line.startswith("  w-other:"))
                gone = mine_there.replace("roles:", "left: 2020-04-01, roles:") if how == "left" else ""
                web.home.register.write_text(before.replace(mine_there, gone), encoding="utf-8")
            try:
                assert turned_away(client.get("/"))
                if how == "disabled":
                    answer = client.post("/sign-in", data={"id": "w-other", "password": PASSWORD})
                    assert answer.status_code == 401
            finally:
                web.home.register.write_text(before, encoding="utf-8")
                accounts.put("w-other", PASSWORD, by="tests", must_change=False)


def test_a_role_that_is_taken_away_is_gone_at_the_next_request(web: Web) -> None:
    before = web.home.register.read_text(encoding="utf-8")
    with web.client("w-admin") as client:
        assert client.get("/audit").status_code == 200
        web.home.register.write_text(before.replace("roles: [admin]", "roles: [viewer]"), encoding="utf-8")
        try:
            assert client.get("/audit").status_code == 403
        finally:
            web.home.register.write_text(before, encoding="utf-8")


@pytest.mark.usefixtures("clean")
def test_guessing_is_slowed_down_and_recorded(web: Web) -> None:
    with web.client() as client:
        answers = [client.post("/sign-in", data={"id": "w-author", "password": f"guess {n}"}) for n in range(6)]
        assert [answer.status_code for answer in answers] == [401] * 5 + [429]
        assert "待って" in answers[-1].text
        right = client.post("/sign-in", data={"id": "w-author", "password": PASSWORD})
        assert right.status_code == 429, "the right password waits too, or guessing would go on"
    with records(web.home) as (ledger, _):
        failed = audit_records(ledger, action="sign_in_failed", who="w-author")
    assert len(failed) == 5


@pytest.mark.usefixtures("clean")
def test_nobody_learns_whether_an_account_is_there(web: Web) -> None:
    with web.client() as client:
        wrong, unknown = (
            client.post("/sign-in", data={"id": id, "password": "guess"}).text.replace(id, "ID")
            for id in ("w-viewer", "x-nobody")
        )
    assert wrong == unknown


def test_a_password_that_somebody_else_gave_is_changed_first(web: Web) -> None:
    with records(web.home) as (ledger, audit):
        Accounts(ledger, audit).put("w-checker2", PASSWORD, by="tests", must_change=True)
    with web.client("w-checker2") as client:
        assert client.get("/register").headers["location"] == "/password"
        token = csrf_in(client.get("/password").text)
        new = {"csrf": token, "old": PASSWORD, "new": "short", "again": "short"}
        assert client.post("/password", data=new).status_code == 422
        new |= {"new": "inu mo arukeba bo", "again": "inu mo arukeba bo"}
        assert client.post("/password", data=new).status_code == 303
        assert client.get("/register").status_code == 200


def test_another_host_name_is_refused(web: Web) -> None:
    for host in ("evil.example", "127.0.0.1.evil.example", ""):
        assert web.client().get("/sign-in", headers={"Host": host}).status_code in (400, 421)


def test_more_than_a_form_is_refused(web: Web) -> None:
    with web.client("w-viewer") as client:
        token = csrf_in(client.get("/").text)
        assert client.post("/password", data={"csrf": token, "old": "x" * 300_000}).status_code == 413
        many = {f"f{n}": "" for n in range(6000)}
        assert client.post("/password", data={"csrf": token, **many}).status_code in (400, 413)


def test_signing_in_leads_to_our_own_pages_alone(web: Web) -> None:
    for wanted in ("https://evil.example/", "//evil.example", "/\\evil.example", "/a\r\nX: 1", "javascript:1", "/\t/x"):
        assert local_path(wanted) == "/"
    with web.client() as client:
        sent = {"id": "w-viewer", "password": PASSWORD, "next": "//evil.example"}
        assert client.post("/sign-in", data=sent).headers["location"] == "/"
        sent["next"] = "/register?q=1"
        assert client.post("/sign-in", data=sent).headers["location"] == "/register?q=1"


def test_a_broken_register_opens_nothing(web: Web) -> None:
    before = web.home.register.read_text(encoding="utf-8")
    with web.client("w-admin") as client:
        web.home.register.write_text("people: [", encoding="utf-8")
        try:
            answer = client.get("/register")
        finally:
            web.home.register.write_text(before, encoding="utf-8")
        assert answer.status_code == 503 and "banken check" in answer.text
        assert client.get("/register").status_code == 200


def test_with_tls_the_cookie_goes_by_tls_alone(web: Web, tmp_path: Path) -> None:
    cert, key = tmp_path / "banken.pem", tmp_path / "banken.key"
    certify(cert, key, "127.0.0.1")
    settings = web.home.settings.model_copy(update={"web_cert": str(cert), "web_key": str(key)})
    with served(web.home.model_copy(update={"settings": settings})) as secure, secure.client() as client:
        answer = client.post("/sign-in", data={"id": "w-viewer", "password": PASSWORD})
        assert answer.headers["set-cookie"].startswith("__Host-banken=") and "Secure" in answer.headers["set-cookie"]
        assert answer.headers["strict-transport-security"]
        assert client.get("/register").status_code == 200
        plain = client.post("/sign-in", headers={"Origin": secure.url.replace("https", "http")})
        assert plain.status_code == 403
