"""``banken nightly`` and ``banken worker`` as services of the machine: systemd units, or entries of the Windows Task Scheduler."""

from __future__ import annotations

import getpass
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Literal
from xml.etree import ElementTree as xml

from robots.errors import SystemFailure
from robots.settings import Home

Kind = Literal["systemd", "windows"]
Service = Literal["nightly", "worker"]
_ABOUT: Mapping[Service, str] = {"nightly": "夜間実行", "worker": "回の受け付け"}
_TASKS = "http://schemas.microsoft.com/windows/2004/02/mit/task"


def this_kind() -> Kind:
    """What this machine has."""
    return "windows" if sys.platform == "win32" else "systemd"


def service_name(home: Home, service: Service) -> str:
    """The service's name: a machine may serve several towns."""
    plain = re.sub(r"[^A-Za-z0-9-]", "", home.root.name)
    town = f"{plain or 'town'}-{sha256(str(home.root).encode()).hexdigest()[:6]}"
    return f"banken-{town}" if service == "nightly" else f"banken-{service}-{town}"


def systemd_unit(home: Home, service: Service, *, python: str, user: str) -> str:
    """The text of a unit file.  user: whom it runs as; empty for a unit of the user's own."""
    owner = f"User={user}\n" if user else ""
    command = " ".join(map(_unit_word, _arguments(home, service)))
    return f"""\
[Unit]
Description=Banken {service} ({_unit_text(home.root.name)})
After=network-online.target
Wants=network-online.target

[Service]
Type=simple
WorkingDirectory={_unit_text(str(home.root))}
ExecStart={_unit_word(python)} -m robots {command}
Environment=PYTHONUTF8=1
{owner}Restart=always
RestartSec=10
# It alone is stopped: what becomes of the runs that go, it decides itself (docs/nights.md).
KillMode=process
KillSignal=SIGTERM
TimeoutStopSec=60

[Install]
WantedBy={"multi-user.target" if user else "default.target"}
"""


def _arguments(home: Home, service: Service) -> list[str]:
    """What is called: a worker says its name, for several machines may share a town's folder with its settings."""
    return [service] if service == "nightly" else [service, "--name", home.settings.machine]


def _unit_text(text: str) -> str:
    """A value of a unit file: % stands for something there."""
    return text.replace("%", "%%")


def _unit_word(text: str) -> str:
    """One word of a command line there."""
    if re.fullmatch(r"[\w-]+", text, re.ASCII):
        return text
    quoted = _unit_text(text).replace("\\", "\\\\").replace('"', '\\"').replace("$", "$$")
    return f'"{quoted}"'


def windows_task(home: Home, service: Service, *, python: str, user: str) -> bytes:
    """The XML of a task (UTF-16, as the Task Scheduler writes and reads it).

    It begins with the machine, signed in or not, and is looked at every five minutes: where it died, it begins again.
    """
    task = xml.Element("Task", {"version": "1.2", "xmlns": _TASKS})
    about = xml.SubElement(task, "RegistrationInfo")
    _add(about, Description=f"番犬の{_ABOUT[service]}（banken {service}）")
    triggers = xml.SubElement(task, "Triggers")
    _add(xml.SubElement(triggers, "BootTrigger"), Enabled="true", Delay="PT1M")
    every = xml.SubElement(triggers, "TimeTrigger")
    _add(xml.SubElement(every, "Repetition"), Interval="PT5M", StopAtDurationEnd="false")
    _add(every, StartBoundary="2026-01-01T00:00:00+09:00", Enabled="true")
    principal = xml.SubElement(xml.SubElement(task, "Principals"), "Principal", {"id": "Author"})
    # With the user's password: shared folders need it, which the passwordless way (S4U) does not reach.
    _add(principal, UserId=user, LogonType="Password", RunLevel="LeastPrivilege")
    settings = xml.SubElement(task, "Settings")
    _add(
        settings,
        MultipleInstancesPolicy="IgnoreNew",
        DisallowStartIfOnBatteries="false",
        StopIfGoingOnBatteries="false",
        AllowHardTerminate="true",
        StartWhenAvailable="true",
        RunOnlyIfNetworkAvailable="false",
        Enabled="true",
        Hidden="false",
        ExecutionTimeLimit="PT0S",
    )
    action = xml.SubElement(xml.SubElement(task, "Actions", {"Context": "Author"}), "Exec")
    arguments = subprocess.list2cmdline(["-X", "utf8", "-m", "robots", *_arguments(home, service)])
    _add(action, Command=python, Arguments=arguments, WorkingDirectory=str(home.root))
    xml.indent(task)
    return ('<?xml version="1.0" encoding="UTF-16"?>\n' + xml.tostring(task, encoding="unicode")).encode("utf-16")


def _add(parent: xml.Element, **values: str) -> None:
    for name, text in values.items():
        xml.SubElement(parent, name).text = text


def install(home: Home, service: Service) -> str:
    """Puts the service in its place and starts it; returns what was done.

    Raises: SystemFailure where systemctl or schtasks refuse.
    """
    name = service_name(home, service)
    if this_kind() == "windows":
        user = f"{os.environ.get('USERDOMAIN', '.')}\\{getpass.getuser()}"
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "task.xml"
            file.write_bytes(windows_task(home, service, python=sys.executable, user=user))
            _call(["schtasks", "/Create", "/TN", name, "/XML", str(file), "/RU", user, "/RP", "*", "/F"])
        _call(["schtasks", "/Run", "/TN", name])
        return f"タスクスケジューラに「{name}」を登録し、始めました（{user} で動きます）。"
    root = sys.platform != "win32" and os.geteuid() == 0
    folder_ = Path("/etc/systemd/system") if root else Path.home() / ".config/systemd/user"
    place = folder_ / f"{name}.service"
    try:
        # Under sudo the town stays the person's who called it, not root's.
        user = os.environ.get("SUDO_USER", "root") if root else ""
        folder_.mkdir(parents=True, exist_ok=True)
        place.write_text(systemd_unit(home, service, python=sys.executable, user=user), encoding="utf-8")
    except OSError as error:
        raise SystemFailure(
            f"{place} に書けません（{error.strerror or error}）。", mend="sudo を付けて、もう一度行ってください。"
        ) from error
    control = ["systemctl"] if root else ["systemctl", "--user"]
    _call([*control, "daemon-reload"])
    _call([*control, "enable", "--now", f"{name}.service"])
    if not root:  # else it ends when its user signs out
        _call(["loginctl", "enable-linger", getpass.getuser()])
    return f"{place} に置き、始めました。様子は {' '.join(control)} status {name} で見られます。"


def _call(command: list[str]) -> None:
    """Runs a command of the system; it may ask the person for a password."""
    try:
        code = subprocess.run(command, check=False).returncode
    except OSError as error:
        raise SystemFailure(f"{command[0]} を実行できません（{error.strerror or error}）。", mend=_BY_HAND) from error
    if code:
        raise SystemFailure(f"{' '.join(command[:2])} が失敗しました（終了コード {code}）。", mend=_BY_HAND)


_BY_HAND = "上に出た説明を見て直すか、banken service print の内容を、管理者に頼んで登録してください。"
