"""Every how-to of docs/howto, followed as its reader would, in one town with one browser: what it says comes is what comes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pytest

from practice.server import RunningTown, start_town
from robots.drivers.browser import site_of
from robots.drivers.playwright_browser import PlaywrightBrowser
from robots.ledger.known import Remembered
from robots.ledger.reviews import tasks
from robots.registry.approve import Request, approve, request_of
from robots.registry.gate import Approved, pass_gate
from robots.registry.load import Loaded, load_register
from robots.runner.order import Order, Parts
from robots.runner.report import Report
from robots.runner.run import run_scenario
from robots.runner.words import STATES
from robots.scenario.inputs import input_values
from robots.settings import Home, open_home
from robots.step import RunFacts
from robots.wiring import wired
from tests.conftest import ROOT, CityHall, banken_here
from tests.howto_pages import HowTo, read_page
from tests.mail_server import Office, mail_server
from tests.papers import Still

FOLDER = ROOT / "docs" / "howto"
PAGES = [read_page(page) for page in sorted(FOLDER.glob("*.md")) if page.name != "README.md"]
DAY = date(2026, 6, 1)
ENTRY = """\
  {id}:
    name: 手引きの例
    owner: s1001
    deputy: s1002
    runs_on: ["*"]
    stop: 止める
    data: none
    baseline: {{minutes_per_item: 5, measured: 2026-05-01, how: 実測}}
"""


class Lasting(PlaywrightBrowser):
    """One browser for all runs: a run's end signs out of everything and leaves it open."""

    def close(self) -> None:
        self._screen.main.context.clear_cookies()

    def end(self) -> None:
        super().close()


@dataclass
class City:
    """A town that holds every how-to's scenarios, approved."""

    home: Home
    parts: Parts
    town: RunningTown
    mail: Office

    def loaded(self) -> Loaded:
        loaded = load_register(self.home)
        assert isinstance(loaded, Loaded), str(loaded)
        return loaded

    def run(self, id: str, *, rehearsal: bool = False) -> Report:
        passed = pass_gate(self.home, self.loaded(), id, today=DAY, rehearsal=rehearsal, memory=Remembered())
        assert isinstance(passed, Approved), str(passed)
        facts = RunFacts(id="", date=DAY, scenario=id, rehearsal=rehearsal)
        inputs = input_values(passed.scenario, {}, facts)
        return run_scenario(Order(passed, inputs, "s1001", rehearsal=rehearsal), self.parts, Still())

    def lies(self) -> list[str]:
        """What lies in the town outside what runs write for themselves."""
        places = [*(self.home.var / "out").rglob("*"), *self.home.scenarios.rglob("*")]
        return sorted(f"{place}{place.stat().st_mtime_ns}" for place in places if place.is_file())


def prepared(root: Path, url: str, port: int) -> Home:
    """All files of all pages, in the register and approved, calls before callers."""
    head = (ROOT / "registry.yaml").read_text(encoding="utf-8").partition("\nscenarios:\n")[0]
    ids = [id for page in PAGES for id in page.scenarios]
    assert len(set(ids)) == len(ids)
    entries = "".join(ENTRY.format(id=id) for id in ids)
    (root / "registry.yaml").write_text(f"{head}\nscenarios:\n{entries}", encoding="utf-8")
    (root / "banken.toml").write_text(
        f'settle_seconds = 0.1\nretry_wait = 0.01\nstep_timeout = 8\nsmtp_host = "127.0.0.1"\nsmtp_port = {port}\n'
        'smtp_security = "none"\nsmtp_from = "banken@city.example.jp"\n',
        encoding="utf-8",
    )
    home = open_home(root, {})
    for page in PAGES:
        for file in page.first:
            replace(file, text=file.text.replace("http://127.0.0.1:8710", url)).put(root)
        for line in page.drawn:
            assert banken_here(root, *line.split()).code == 0, line
    for id in ids:
        loaded = load_register(home)
        assert isinstance(loaded, Loaded), str(loaded)
        request = request_of(home, loaded, id)
        assert isinstance(request, Request), str(request)
        approve(home, loaded, request, by="d0001", on=DAY, until=date(2099, 3, 31))
    return home


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    root = tmp_path_factory.mktemp("howto")
    with ExitStack() as stack:
        town = stack.enter_context(start_town(root / "town.sqlite"))
        port, mail = stack.enter_context(mail_server())
        (root / "city").mkdir()
        home = prepared(root / "city", town.url, port)
        parts = stack.enter_context(wired(home))
        site = site_of(town.url)
        assert site
        browser = Lasting({site})
        stack.callback(browser.end)
        yield City(home, replace(parts, open_browser=lambda sites, headed: browser), town, mail)


def counted(report: Report) -> str:
    """The closing words of a run, as the command line says them."""
    return "　".join(f"{STATES[state]} {count} 件" for state, count in report.items.items() if count) or "対象なし"


def mend(city: City, page: HowTo) -> None:
    for file in page.mended:
        file.put(city.home.root)


def answer(city: City, page: HowTo) -> None:
    """Answers the page's one question with what the page types."""
    (task,) = tasks(city.parts.ledger, page.scenarios[0])
    hall = CityHall(city.home, city.town)
    assert hall.banken("review", "--task", str(task["id"]), "--answer", "継続", "--as", "s4001").code == 0


def fall_over(city: City, page: HowTo) -> None:
    city.town.faults.set("GET /zaimu/transfers/new", "error500", times=1)


BEFORE: Mapping[str, Callable[[City, HowTo], None]] = {"slow-screen": fall_over}
BETWEEN: Mapping[str, Callable[[City, HowTo], None]] = {"rejected": mend, "ask-a-person": answer}


def nothing(city: City, page: HowTo) -> None:
    """Most pages need nothing done between two runs."""


def in_order() -> list[HowTo]:
    """The page that skips what another page has entered comes after it."""
    return sorted(PAGES, key=lambda page: (page.page.stem == "skip-done", page.page.name))


@pytest.mark.parametrize("howto", in_order(), ids=lambda howto: howto.page.stem)
def test_a_how_to_comes_to_what_it_says(howto: HowTo, city: City) -> None:
    name = howto.page.stem
    ids = [id for id in howto.scenarios if id != "shimin/atena-sagasu"]  # that one is only called
    before = city.lies(), city.town.entries("zaimu"), city.town.entries("zei")
    for id in ids:
        planned = city.run(id, rehearsal=True)
        assert planned.state == "ended" and not planned.items["failed"], planned.message
    assert (city.lies(), city.town.entries("zaimu"), city.town.entries("zei")) == before

    BEFORE.get(name, nothing)(city, howto)
    outcomes = list(howto.outcomes)
    assert outcomes, "a page says how its run ends"
    for id in ids:
        report = city.run(id)
        assert report.state == "ended" and counted(report) == outcomes.pop(0), report.message
    for told in outcomes:
        BETWEEN.get(name, nothing)(city, howto)
        assert counted(city.run(ids[0])) == told
    assert howto.results or name in ("rejected", "skip-done", "mail", "slow-screen", "popup-frame-confirm")
    assert "".join(shown.wrong(city.home.root) for shown in howto.results) == ""


def test_what_the_how_tos_entered_stands_there_once(city: City) -> None:
    arrived = [str(entry["key"]) for entry in city.town.entries("zaimu")]
    assert sorted(arrived) == ["A-001", "A-002", "D-001", "M-001", "M-002", "N-001", "N-002", "O-001", "W-001"]
    ((recipients, message),) = city.mail.taken
    assert recipients == ["zaisei@city.example.jp", "kaikei@city.example.jp"]
    assert message["subject"] == "予算再配当を登録しました（2 件）"
    assert [part.get_filename() for part in message.iter_attachments()]


def test_the_list_of_how_tos_names_every_page() -> None:
    listed = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert len(PAGES) >= 20
    for page in PAGES:
        title = page.page.read_text(encoding="utf-8").partition("\n")[0]
        assert title.startswith("# ") and f"]({page.page.name})" in listed
