"""Every page of the web on a ledger that lies on a server."""

from __future__ import annotations

from pathlib import Path

from robots.clock import now
from robots.ledger.firings import NewFiring, fire
from robots.ledger.leases import Busy, Holder, take
from robots.processes import this_process
from robots.web.all_pages import discover
from robots.wiring import records
from tests.postgres.server import Postgres
from tests.web.conftest import csrf_in, make_town, served
from tests.web.seed import past

SCENARIO = "gakumu/shugaku-enjo"
HERE = f"/scenarios/{SCENARIO}"
NIGHT = Holder("x", "夜間実行", "robot-1", this_process())


def test_every_page_opens_with_a_past_on_a_server(tmp_path: Path, postgres: Postgres) -> None:
    root = tmp_path / "city"
    root.mkdir()
    (root / "banken.toml").write_text(f'database = "{postgres.database()}"\n', encoding="utf-8")
    home = make_town(root)
    register = home.register.read_text(encoding="utf-8")
    every = register.replace("roles: [admin]", "roles: [viewer, author, checker, approver, admin]")
    home.register.write_text(every, encoding="utf-8")
    with records(home) as (ledger, _):
        run = past(home, ledger, SCENARIO)
        lead = take(ledger, {"nightly": 1}, NIGHT, moment=now(), seconds=90, gone=lambda *_: False)
        assert not isinstance(lead, Busy)
        fire(ledger, lead[0], [NewFiring(SCENARIO, now(), 5)], {})
    routes = {route.path for page in discover() for route in page.routes if route.method == "GET"}
    addresses = {one for one in routes if "{" not in one} - {"/forms-of"} | {
        HERE, f"{HERE}/approval", f"{HERE}/items", f"{HERE}/handover.xlsx",
        f"/runs/{run}", f"/runs/{run}/progress", f"/runs/{run}/watch", "/items/1",
        "/savings/charts/months", "/savings/export/csv", "/audit/export/csv", f"/plan/{now():%Y-%m-%d}",
    }  # fmt: skip
    with served(home) as web, web.client("w-admin") as client:
        answers = {address: client.get(address) for address in sorted(addresses)}
        token = csrf_in(answers["/audit"].text)
        verified = client.post("/audit/verify", data={"csrf": token}, follow_redirects=True)
    wrong = {one: answer.status_code for one, answer in answers.items() if answer.status_code != 200}
    assert wrong == {} and verified.status_code == 200, (wrong, verified.text[:2000])
    assert run in answers["/runs"].text and SCENARIO in answers["/register"].text
