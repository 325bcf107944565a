"""What the night tells, and those who watch it: notices by webhook, doctor --night, and the services that start it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from xml.etree import ElementTree as xml

import pytest

from robots.clock import now, stamp
from robots.errors import SystemFailure
from robots.nightly.children import Processes
from robots.nightly.install import service_name, systemd_unit, windows_task
from robots.nightly.post import Notice, Post, checked_address, message_for
from robots.nightly.service import Night
from robots.settings import Settings, open_home
from robots.vault import Credential
from tests.conftest import banken_here
from tests.unit.nightly.care_town import EVENING, Watched

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
