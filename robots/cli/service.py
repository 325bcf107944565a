"""banken service: the night, or a worker of the pool, as a service of the machine."""

from __future__ import annotations

import getpass
import os
import sys
from typing import Annotated

import typer

from robots.cli.common import here, out, registered
from robots.cli.japanese import JaCommand, JaGroup
from robots.nightly.install import Kind, Service, systemd_unit, this_kind, windows_task
from robots.nightly.install import install as install_service

What = Annotated[Service, typer.Argument(help="nightly（夜間実行）か worker（何台かの端末で使うときの、回の受け付け）")]
app = typer.Typer(
    cls=JaGroup, rich_markup_mode=None, help="夜間実行や worker を、端末のサービスにする。", no_args_is_help=True
)


@app.command("print", cls=JaCommand)
def print_(
    service: What = "nightly",
    kind: Annotated[
        Kind | None,
        typer.Option("--kind", help="systemd（Linux）か windows（タスクスケジューラ）。省くと、この端末のもの"),
    ] = None,
) -> None:
    """サービスの定義を見る（登録はしない）。"""
    home = here()
    user = getpass.getuser()
    if (kind or this_kind()) == "systemd":
        out.print(systemd_unit(home, service, python=sys.executable, user=user), markup=False, end="")
        return
    domain = os.environ.get("USERDOMAIN")
    task = windows_task(home, service, python=sys.executable, user=f"{domain}\\{user}" if domain else user)
    if sys.stdout.isatty():
        out.print(task.decode("utf-16"), markup=False)
    else:  # into a file, as schtasks /XML reads it
        sys.stdout.flush()
        sys.stdout.buffer.write(task)


@app.command(cls=JaCommand)
def install(service: What = "nightly") -> None:
    """夜間実行（か worker）を、端末を入れたときから動くサービスとして登録し、始める。"""
    home = here()
    registered(home)
    out.print(install_service(home, service), markup=False)
