"""What the tests of the night's care share: a town with its care, whose clock, mail server and browser are in hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from robots.clock import JST
from robots.drivers.mail import Mail
from robots.drivers.memory_mail import MemoryMailer
from robots.errors import SystemFailure
from robots.ledger.audit import AuditLog
from robots.nightly.care import Care, CareParts
from robots.nightly.post import Post
from robots.settings import Home, open_home
from tests.empty_ledger import empty_ledger
from tests.flow_town import HEAD, ITEMS, TOP, FlowTown, enter

EVENING = datetime(2026, 12, 1, 17, 0, tzinfo=JST)


class Moody(MemoryMailer):
    """A mail server that may be out of order."""

    failure: SystemFailure | None = None

    def send(self, mail: Mail, *, identity: str, timeout: float) -> None:
        if self.failure is not None:
            raise self.failure
        super().send(mail, identity=identity, timeout=timeout)


@dataclass
class Leader:
    leads: bool = True
    trouble: str = ""


@dataclass
class Launched:
    """Remembers what it was told to carry on."""

    resumed: list[str] = field(default_factory=list)

    def resume(self, run: str, scenario: str) -> None:
        self.resumed.append(run)


@dataclass
class Watched:
    """A town, its care, and a clock in hand."""

    town: FlowTown
    mailer: Moody
    moment: datetime = EVENING
    launched: Launched = field(default_factory=Launched)
    browser: Callable[[], None] = lambda: None

    @property
    def home(self) -> Home:
        return self.town.home

    def settle(self, **settings: object) -> None:
        """Other settings, as banken.toml would give them."""
        home = self.home
        self.town.home = home.model_copy(update={"settings": home.settings.model_copy(update=settings)})

    def care(self) -> Care:
        audit = AuditLog(self.town.ledger, self.home.audit_heads, "robot-1")
        post = Post(self.town.ledger, self.home.settings, self.mailer, lambda _: None)
        parts = CareParts(self.home, self.town.ledger, audit, post, self.launched, self.browser, lambda: self.moment)  # type: ignore[arg-type]
        return Care(parts)


@contextmanager
def nightly_town(root: Path, settings: str = "") -> Iterator[FlowTown]:
    """A town whose one scenario runs every night at seven; ``settings`` are further lines of its banken.toml."""
    root.mkdir()
    (root / "registry.yaml").write_text(HEAD, encoding="utf-8")
    (root / "banken.toml").write_text(
        'machine = "robot-1"\nvault = "file"\nsettle_seconds = 0.1\nretry_wait = 0.01\n' + settings, encoding="utf-8"
    )
    home = open_home(root, {})
    home.audit_heads[0].parent.mkdir(parents=True, exist_ok=True)
    town = FlowTown(home, empty_ledger(home.var / "ledger.sqlite"), home.audit_heads)
    town.rows("1,甲野花子,10", "2,乙,20")
    town.write(TOP + ITEMS + "各件:\n" + enter("${対象.氏名}"), accept=False)
    text = home.register.read_text(encoding="utf-8")
    schedule = '    schedule: {on: 毎日, at: "19:00", finish_by: "06:00"}\n'
    home.register.write_text(text.replace("    data: none\n", f"    data: none\n{schedule}"), encoding="utf-8")
    town.accept()
    yield town
    town.ledger.close()


@contextmanager
def watched_town(root: Path) -> Iterator[Watched]:
    """Such a town with its care."""
    with nightly_town(root, 'notify_mail = ["dx@city.example.jp"]\n') as town:
        yield Watched(town, Moody())


def subjects(watched: Watched) -> list[str]:
    return [one.subject for one in watched.mailer.sent]
