"""The night takes care of itself: checks, copies, notices, what died, and what those who watch are told."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from xml.etree import ElementTree as xml

import pytest
import sqlalchemy as sa

from robots.clock import JST, now, stamp
from robots.drivers.browser import Browser
from robots.drivers.mail import Mail
from robots.drivers.memory_mail import MemoryMailer
from robots.errors import SystemFailure
from robots.ledger.audit import AuditLog
from robots.ledger.firings import get_firing
from robots.ledger.purge import GONE
from robots.ledger.reviews import Question, ask
from robots.ledger.store import open_ledger
from robots.ledger.tables import audit, firings, items, runs
from robots.nightly.backup import back_up, checked, copies, ledger_file
from robots.nightly.care import Care, CareParts
from robots.nightly.children import Processes
from robots.nightly.health import night_health, read_beat
from robots.nightly.install import service_name, systemd_unit, windows_task
from robots.nightly.post import Notice, Post, checked_address, message_for
from robots.nightly.service import Night
from robots.settings import Home, Settings, open_home
from robots.vault import Credential
from tests.conftest import banken_here
from tests.flow_town import HEAD, ID, ITEMS, TOP, FlowTown, enter

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


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    root = tmp_path / "city"
    root.mkdir()
    (root / "registry.yaml").write_text(HEAD, encoding="utf-8")
    (root / "banken.toml").write_text(
        'machine = "robot-1"\nvault = "file"\nsettle_seconds = 0.1\nretry_wait = 0.01\nnotify_mail = ["dx@city.example.jp"]\n',
        encoding="utf-8",
    )
    home = open_home(root, {})
    home.audit_heads[0].parent.mkdir(parents=True, exist_ok=True)
    town = FlowTown(home, open_ledger(home.database), home.audit_heads)
    town.rows("1,甲野花子,10", "2,乙,20")
    town.write(TOP + ITEMS + "各件:\n" + enter("${対象.氏名}"), accept=False)
    text = home.register.read_text(encoding="utf-8")
    schedule = '    schedule: {on: 毎日, at: "19:00", finish_by: "06:00"}\n'
    home.register.write_text(text.replace("    data: none\n", f"    data: none\n{schedule}"), encoding="utf-8")
    town.accept()
    yield Watched(town, Moody())
    town.ledger.close()


def subjects(watched: Watched) -> list[str]:
    return [one.subject for one in watched.mailer.sent]


# --- the evening ---


def test_in_the_evening_it_checks_copies_and_tells_the_plan_once(watched: Watched) -> None:
    care = watched.care()
    watched.moment = EVENING - timedelta(minutes=1)
    care.tick(Leader())
    assert subjects(watched) == [] and copies(watched.home.backups) == []
    watched.moment = EVENING
    for _ in range(3):
        care.tick(Leader())
        watched.moment += timedelta(seconds=30)
    watched.care().tick(Leader())  # begun anew
    assert len(copies(watched.home.backups)) == 1
    (mail,) = watched.mailer.sent
    assert "今夜の計画" in mail.subject and mail.to == ("dx@city.example.jp",)
    assert "19:00" in mail.body and ID in mail.body
    beat = read_beat(watched.home)
    assert beat is not None and [one.ok for one in beat.findings] == [True] * 4 and beat.failures == {}


def test_one_that_stands_by_tells_and_copies_nothing(watched: Watched) -> None:
    watched.care().tick(Leader(leads=False))
    assert subjects(watched) == [] and copies(watched.home.backups) == []
    beat = read_beat(watched.home)
    assert beat is not None and not beat.leads and beat.checked_at


def test_what_is_wrong_before_the_night_is_told_at_once(watched: Watched) -> None:
    def broken() -> None:
        raise SystemFailure("ブラウザがありません。", mend="入れてください。")

    watched.browser = broken
    watched.care().tick(Leader())
    assert any("直すところ" in one for one in subjects(watched))
    bad = [one.name for one in night_health(watched.home, watched.town.ledger, watched.moment) if not one.ok]
    assert "ブラウザ" in bad


def test_a_notice_that_could_not_go_is_tried_again_and_goes_once(watched: Watched) -> None:
    care = watched.care()
    watched.mailer.failure = SystemFailure("サーバーが止まっています。", mend="待ってください。")
    care.tick(Leader())
    beat = read_beat(watched.home)
    assert subjects(watched) == [] and beat is not None and "計画の通知" in beat.failures
    watched.mailer.failure = None
    watched.moment += timedelta(minutes=11)
    care.tick(Leader())
    care.tick(Leader())
    assert len(subjects(watched)) == 1


# --- the morning ---


def test_the_morning_report_tells_what_failed_and_no_value_of_a_citizen(watched: Watched) -> None:
    town = watched.town
    town.write(
        TOP
        + ITEMS
        + "各件:\n"
        + "  - 審査する:\n      - {条件: \"${対象.氏名 == '乙'}\", さもなくば: 氏名が違います}\n"
    )
    report = town.run()
    with town.ledger.writing() as connection:
        connection.execute(items.update().where(items.c.state == "rejected").values(state="failed"))
        connection.execute(sa.text("UPDATE run_items SET state='failed' WHERE state='rejected'"))
        values = {"scenario": "shimin/hoka", "due": stamp(now()), "fired_at": stamp(now()), "ended_at": stamp(now())}
        connection.execute(
            firings.insert().values(
                priority=5,
                state="missed",
                reason="06:00 までに始められませんでした。",
                not_before=stamp(now()),
                claims=0,
                **values,
            )
        )
    watched.moment = now().replace(hour=7, minute=30) + timedelta(days=1 if now().hour >= 7 else 0)
    watched.care().tick(Leader())
    (mail,) = watched.mailer.sent
    assert "朝の報告" in mail.subject and "失敗・未実行 2" in mail.subject
    for told in (
        report.run,
        "完了 1",
        "失敗 1",
        "始められませんでした",
        "人を待っているもの",
        "削減時間",
        "監査記録",
        "ディスク",
    ):
        assert told in mail.body, told
    assert "甲野" not in mail.body and "氏名が違います" not in mail.body


def test_a_run_that_died_is_carried_on_at_the_start(watched: Watched) -> None:
    run = watched.town.run().run
    assert watched.care().begin() == []
    with watched.town.ledger.writing() as connection:
        connection.execute(runs.update().values(state="running", ended_at=None, finished=False, machine="robot-1"))
    assert watched.care().begin() == [run]
    assert watched.launched.resumed == [run]


def test_what_the_world_has_failed_is_tried_again_within_its_window_and_no_longer(watched: Watched) -> None:
    town = watched.town

    def unreachable() -> Browser:
        raise SystemFailure("画面が開きません。", mend="待ってください。")

    town.browser = unreachable
    town.write(
        TOP.replace("準備:", "  サイト: {市: http://127.0.0.1:9}\n準備:\n  - 画面を開く: ${サイト.市}/")
        + ITEMS
        + "各件:\n"
        + enter("${対象.氏名}")
    )
    moment = now()

    def firing(minutes: int) -> int:
        times = dict.fromkeys(("not_before", "fired_at"), stamp(moment))
        due = stamp(moment - timedelta(minutes=minutes))
        with town.ledger.writing() as connection:
            added = connection.execute(
                firings.insert().values(
                    scenario=ID,
                    due=due,
                    finish_by=stamp(moment + timedelta(minutes=minutes)),
                    priority=5,
                    state="queued",
                    reason="",
                    claims=0,
                    **times,
                )
            )
        return int(added.inserted_primary_key[0])

    def seen(number: int) -> tuple[str, float]:
        row = get_firing(town.ledger, number)
        assert row is not None
        return row["state"], (datetime.fromisoformat(row["not_before"]) - moment).total_seconds() / 60

    wide, narrow = firing(120), firing(4)
    for state, wait in (("queued", 5), ("queued", 10), ("failed", 10)):
        assert town.run(firing=wide).state == "failed"
        assert seen(wide) == (state, pytest.approx(wait, abs=0.5))
    town.run(firing=narrow)
    assert seen(narrow)[0] == "failed", "in five minutes its window is over"


# --- notices by webhook ---


class _Chat(BaseHTTPRequestHandler):
    taken: list[tuple[str, object]] = []  # noqa: RUF012

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.taken.append((self.path, json.loads(body)))
        self.send_response(302 if self.path == "/away" else 200)
        self.send_header("Location", "http://127.0.0.1:1/")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def chat() -> Iterator[int]:
    server = HTTPServer(("127.0.0.1", 0), _Chat)
    Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


def test_a_webhook_gets_the_notice_once_and_a_redirect_is_not_followed(watched: Watched, chat: int) -> None:
    _Chat.taken.clear()
    settings = Settings(webhook="lineworks", webhook_credential="chat", webhook_hosts=("127.0.0.1",))
    secret = {"path": "/in?key=abc"}
    find = lambda _: Credential("", f"http://127.0.0.1:{chat}{secret['path']}")  # noqa: E731
    post = Post(watched.town.ledger, settings, watched.mailer, find)
    notice = Notice("plan", EVENING.date(), "題", "個人番号 123456789018 の行")
    assert post.send(notice) == [] and post.send(notice) == []
    ((path, message),) = _Chat.taken
    assert path == "/in?key=abc" and message == {"title": "題", "body": {"text": message_text(message)}}
    assert "123456789018" not in message_text(message)
    secret["path"] = "/away"
    (why,) = post.send(Notice("report", EVENING.date(), "題", "本文"))
    assert "302" in why and "/away" not in why


def message_text(message: object) -> str:
    assert isinstance(message, dict)
    return str(message["body"]["text"])


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/x",
        "http://chat.example/x",
        "file:///etc/passwd",
        "https://chat.example.evil/x",
        "//",
        "https://[bad",
    ],
)
def test_only_allowed_hosts_are_called_and_by_https(address: str) -> None:
    with pytest.raises(SystemFailure) as failure:
        checked_address(address, Settings(webhook_hosts=("chat.example",)))
    assert "/x" not in str(failure.value)
    assert checked_address("https://chat.example/x", Settings(webhook_hosts=("chat.example",))).path == "/x"


def test_each_chat_gets_its_own_form() -> None:
    assert message_for("slack", "題 <a>", "文 & 文")["text"] == "*題 &lt;a&gt;*\n文 &amp; 文"
    card = message_for("teams", "題", "一行\n二行")["attachments"][0]["content"]  # type: ignore[index]
    assert [block["text"] for block in card["body"]] == ["題", "一行", "二行"]
    text = message_for("lineworks", "題", "あ" * 5000)["body"]["text"]  # type: ignore[index]
    assert len(text) < 2000


# --- copies ---


def test_a_copy_is_taken_while_somebody_writes_and_the_oldest_go(watched: Watched) -> None:
    file, folder = ledger_file(watched.home.database), watched.home.backups
    assert file is not None
    watched.town.run()
    with watched.town.ledger.writing() as connection:
        connection.execute(sa.text("UPDATE runs SET message='途中'"))
        for number in range(4):
            copy = back_up(file, folder, keep=3, moment=EVENING + timedelta(days=number))
    assert len(copies(folder)) == 3 and copies(folder)[0] == copy.path
    with sqlite3.connect(copy.path) as connection_:
        (count, message) = connection_.execute("SELECT count(*), max(message) FROM runs").fetchone()
    assert count == 1 and message != "途中", "what was not durable is not in it"
    assert checked(copy.path) == copy.audit > 0
    restored = open_ledger(f"sqlite:///{copy.path.as_posix()}", None)
    restored.close()


def test_a_damaged_copy_does_not_count_and_removes_none(watched: Watched, tmp_path: Path) -> None:
    file = ledger_file(watched.home.database)
    assert file is not None
    watched.town.run()
    good = back_up(file, tmp_path / "copies", keep=1, moment=EVENING).path
    damaged = tmp_path / "damaged.sqlite"
    damaged.write_bytes(good.read_bytes())
    with sqlite3.connect(damaged) as connection:
        connection.execute("DELETE FROM audit WHERE number = (SELECT max(number) FROM audit)")
    with pytest.raises(SystemFailure, match="監査記録の終わり"):
        back_up(damaged, tmp_path / "copies", keep=1, moment=EVENING + timedelta(days=1))
    assert copies(tmp_path / "copies") == [good]
    assert [one.name for one in (tmp_path / "copies").iterdir()] == [good.name], "no draft is left"


# --- those who watch ---


def test_doctor_night_tells_a_living_night_from_a_dead_one(watched: Watched) -> None:
    done = banken_here(watched.home.root, "doctor", "--night", "--json")
    found = {one["name"]: one["ok"] for one in json.loads(done.out)["checks"]}
    assert done.code == 1 and found["夜間実行"] is False and found["先頭の端末"] is False

    night = Night(watched.home, watched.town.ledger, Processes(watched.home))
    night.tick()
    watched.moment = now()
    settings = watched.home.root / "banken.toml"
    settings.write_text(f'{settings.read_text(encoding="utf-8")}check_at = "{now():%H:%M}"\n', encoding="utf-8")
    watched.town.home = open_home(watched.home.root, {})
    watched.care().tick(night)
    done = banken_here(watched.home.root, "doctor", "--night")
    assert done.code == 0, done.out
    beat = watched.home.var / "night.json"
    told = json.loads(beat.read_text(encoding="utf-8"))
    beat.write_text(json.dumps({**told, "at": stamp(now() - timedelta(minutes=5))}), encoding="utf-8")
    done = banken_here(watched.home.root, "doctor", "--night")
    assert done.code == 1 and "止まっています" in done.out
    night.close()


# --- the service ---


def test_the_systemd_unit_and_the_windows_task_start_the_night_in_the_town(tmp_path: Path) -> None:
    home = open_home(tmp_path, {})
    unit = systemd_unit(home, "nightly", python="/opt/banken venv/bin/python", user="robot")
    lines = unit.splitlines()
    assert 'ExecStart="/opt/banken venv/bin/python" -m robots nightly' in lines
    assert f"WorkingDirectory={home.root}" in lines
    assert {"User=robot", "Restart=always", "KillMode=process", "WantedBy=multi-user.target"} <= set(lines)
    assert "User=" not in systemd_unit(home, "nightly", python="python", user="")
    named = open_home(tmp_path, {"BANKEN_MACHINE": "学務 3号"})
    assert 'ExecStart="/py" -m robots worker --name "学務 3号"' in systemd_unit(named, "worker", python="/py", user="")
    assert service_name(home, "worker") != service_name(home, "nightly")

    written = windows_task(home, "nightly", python=r"C:\banken & co\python.exe", user=r"CITY\robot")
    assert written.startswith(b"\xff\xfe")
    task = xml.fromstring(written.decode("utf-16").split("?>", 1)[1])
    space = {"t": "http://schemas.microsoft.com/windows/2004/02/mit/task"}
    found = {name: task.findtext(f".//t:{name}", "", space) for name in ("Command", "Arguments", "UserId", "LogonType")}
    assert found == {
        "Command": r"C:\banken & co\python.exe",
        "Arguments": "-X utf8 -m robots nightly",
        "UserId": r"CITY\robot",
        "LogonType": "Password",
    }
    worker = windows_task(named, "worker", python="python", user="robot").decode("utf-16")
    assert xml.fromstring(worker.split("?>", 1)[1]).findtext(".//t:Arguments", "", space) == (
        '-X utf8 -m robots worker --name "学務 3号"'
    )
    assert task.findtext(".//t:ExecutionTimeLimit", "", space) == "PT0S"
    assert task.findtext(".//t:MultipleInstancesPolicy", "", space) == "IgnoreNew"


def test_service_print_writes_what_each_system_reads(watched: Watched) -> None:
    done = banken_here(watched.home.root, "service", "print", "--kind", "systemd")
    assert done.code == 0 and f"WorkingDirectory={watched.home.root.resolve()}" in done.out


# --- what is old ---


def _aged(place: Path, when: datetime) -> Path:
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(b"x")
    os.utime(place, (when.timestamp(),) * 2)
    return place


def test_the_night_removes_what_is_personal_and_past_its_time_but_nothing_a_person_still_has_to_look_at(
    watched: Watched,
) -> None:
    town, home = watched.town, watched.home
    watched.settle(retention_days=30)
    report = town.run()
    later, earlier = now() + timedelta(days=40), now() - timedelta(days=40)
    asked, answered = (_aged(home.var / "review" / name / "氏名.png", earlier) for name in ("asked", "answered"))
    page = _aged(asked.with_name("page-1.jpg"), earlier)
    question = Question(
        "paper#1", "氏名", "text", "甲", ("読みにくい",), picture=asked.relative_to(home.root).as_posix()
    )
    with town.ledger.writing() as connection:
        item = connection.execute(sa.select(items.c.id).order_by(items.c.id).limit(1)).scalar_one()
        connection.execute(items.update().where(items.c.id == item).values(state="waiting"))
        ask(connection, report.run, ID, item, "申請書 1ページ目", [question])
    watched.moment = later.replace(hour=EVENING.hour, minute=EVENING.minute)
    for _ in range(2):
        watched.care().tick(Leader(leads=False))  # each machine has files of its own
    assert (asked.exists(), page.exists(), answered.exists()) == (True, True, False)
    assert not (home.var / "runs" / report.run).exists()
    with town.ledger.reading() as connection:
        keys = connection.execute(sa.select(items.c.key).order_by(items.c.id)).scalars().all()
        told = connection.execute(sa.select(audit.c.who).where(audit.c.action == "purged")).scalars().all()
    assert (keys, told) == (["1", GONE], ["nightly"])


def test_old_evidence_is_thinned_where_nothing_is_left_to_do(watched: Watched) -> None:
    town, home = watched.town, watched.home
    watched.settle(evidence_days=30)
    done = town.run().run
    town.rows("1,甲野花子,10", "2,乙,20", "3,丙,x")
    failed = town.run().run
    old_log = _aged(home.var / "logs" / "banken.2026-01-01.log", now() - timedelta(days=40))
    for run in (done, failed):
        _aged(home.var / "runs" / run / "1" / "screenshot.png", now())
    with town.ledger.writing() as connection:
        connection.execute(sa.text("UPDATE run_items SET state='failed' WHERE run=:run"), {"run": failed})
        connection.execute(items.update().where(items.c.run == failed).values(state="failed"))
    watched.moment = EVENING
    watched.care().tick(Leader())
    assert (home.var / "runs" / done).exists(), "not yet old"
    watched.moment = (now() + timedelta(days=40)).replace(hour=EVENING.hour, minute=EVENING.minute)
    watched.care().tick(Leader(leads=False))
    assert (home.var / "runs" / done).exists(), "the leader does it"
    watched.care().tick(Leader())
    kept = [(home.var / "runs" / run).exists() for run in (done, failed)]
    assert (kept, old_log.exists()) == ([False, True], False)
