"""banken service: the night as a service of the machine."""

from __future__ import annotations

import getpass
import os
import sys
from typing import Annotated, Literal

import typer

from robots.cli.common import here, out, registered
from robots.cli.japanese import JaCommand, JaGroup
from robots.nightly.install import install as install_service
from robots.nightly.install import systemd_unit, this_kind, windows_task

app = typer.Typer(cls=JaGroup, rich_markup_mode=None, help="夜間実行を、端末のサービスにする。", no_args_is_help=True)


@app.command("print", cls=JaCommand)
def print_(
    kind: Annotated[
        Literal["systemd", "windows"] | None,
        typer.Option("--kind", help="systemd（Linux）か windows（タスクスケジューラ）。省くと、この端末のもの"),
    ] = None,
) -> None:
    """サービスの定義を見る（登録はしない）。"""
    home = here()
    user = getpass.getuser()
    if (kind or this_kind()) == "systemd":
        out.print(systemd_unit(home, python=sys.executable, user=user), markup=False, end="")
        return
    domain = os.environ.get("USERDOMAIN")
    task = windows_task(home, python=sys.executable, user=f"{domain}\\{user}" if domain else user)
    if sys.stdout.isatty():
        out.print(task.decode("utf-16"), markup=False)
    else:  # into a file, as schtasks /XML reads it
        sys.stdout.flush()
        sys.stdout.buffer.write(task)


@app.command(cls=JaCommand)
def install() -> None:
    """夜間実行を、端末を入れたときから動くサービスとして登録し、始める。"""
    home = here()
    registered(home)
    out.print(install_service(home), markup=False)
