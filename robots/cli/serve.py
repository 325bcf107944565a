"""banken serve: the pages for the DX office and the desk, and the accounts of those who sign in to them."""

from __future__ import annotations

import socket
from contextlib import suppress
from typing import Annotated

import typer
import uvicorn

from robots.cli.common import Code, Stop, here, out, registered, say, who
from robots.cli.japanese import JaCommand, JaGroup
from robots.cli.secret import ask_secret
from robots.errors import SystemFailure
from robots.ledger.accounts import Accounts
from robots.settings import Home
from robots.wiring import records

app = typer.Typer(cls=JaGroup, rich_markup_mode=None, help="画面を動かす。サインインする人のアカウントを管理する。")
account = typer.Typer(cls=JaGroup, rich_markup_mode=None, help="画面のアカウント。", no_args_is_help=True)
app.add_typer(account, name="account")
_LOCAL = ("127.0.0.1", "localhost", "::1")
_Person = Annotated[str, typer.Argument(help="職員（台帳の people の番号）")]


@app.callback(invoke_without_command=True)
def serve(
    context: typer.Context,
    port: Annotated[int | None, typer.Option("--port", help="待ち受ける番号。省くと設定 web_port（8700）")] = None,
) -> None:
    """画面を動かす（Ctrl-C で終わる）。アカウントは banken serve account で作る。"""
    if context.invoked_subcommand is not None:
        return
    from robots.web.app import create_app  # noqa: PLC0415 (all pages: a second that the accounts' commands need not wait for)

    home = here()
    registered(home)
    settings = home.settings
    secure = bool(settings.web_cert)
    if settings.web_host not in _LOCAL and not secure:
        say(
            f"web_host が {settings.web_host} なのに、TLS の証明書がありません。パスワードが平文で流れてしまいます。"
            "\n設定 web_cert と web_key に証明書と秘密鍵を書くか、web_host を 127.0.0.1 にしてください。"
        )
        raise Stop(Code.USAGE)
    listening = _listen(settings.web_host, port or settings.web_port)
    config = uvicorn.Config(
        create_app(home),
        ssl_certfile=home.root / settings.web_cert if secure else None,
        ssl_keyfile=str(home.root / settings.web_key) if settings.web_key else None,
        http="h11",
        loop="asyncio",
        ws="none",
        log_level="warning",
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=5,
    )
    try:
        config.load()
    except OSError as error:
        raise SystemFailure(
            f"TLS の証明書か秘密鍵を読めません（{error}）。",
            mend="設定 web_cert と web_key の場所と中身を確かめてください。",
        ) from error
    _say_where(home, port or settings.web_port, secure)
    with suppress(KeyboardInterrupt):  # the way to end it
        uvicorn.Server(config).run(sockets=[listening])


def _listen(host: str, port: int) -> socket.socket:
    """Raises: SystemFailure where the port is another's."""
    listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    # On Windows SO_REUSEADDR would let two listen at once; elsewhere it only shortens the wait after a restart.
    option = getattr(socket, "SO_EXCLUSIVEADDRUSE", socket.SO_REUSEADDR)
    listening.setsockopt(socket.SOL_SOCKET, option, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise SystemFailure(
            f"{host} の {port} 番で待ち受けられません（{error.strerror or error}）。",
            mend="banken serve がもう動いていないかを確かめるか、--port で別の番号にしてください。",
        ) from error
    return listening


@account.command("add", cls=JaCommand)
def add(person: _Person) -> None:
    """アカウントを作る。はじめのパスワードをたずね、本人がサインインしたときに変えさせる。"""
    _put(person, new=True)


@account.command("reset", cls=JaCommand)
def reset(person: _Person) -> None:
    """パスワードを付け直す。止めたアカウントも使えるようになり、いまのサインインはすべて終わる。"""
    _put(person, new=False)


@account.command("disable", cls=JaCommand)
def disable(person: _Person) -> None:
    """アカウントを止める。いまのサインインもすぐに終わる。"""
    with records(here()) as (ledger, audit):
        Accounts(ledger, audit).disable(person, by=who())
    out.print(f"{person} のアカウントを止めました。", markup=False)


@account.command("list", cls=JaCommand)
def listing() -> None:
    """アカウントの一覧。"""
    home = here()
    people = registered(home).register.people
    with records(home) as (ledger, audit):
        found = Accounts(ledger, audit).all()
    for one in found:
        known = people.get(one.person)
        name = f"{known.name}（{'・'.join(known.roles) or '役割なし'}）" if known is not None else "台帳にいない"
        state = "止めている" if one.disabled else ("パスワードの変更待ち" if one.must_change else "使える")
        out.print(f"{one.person}　{name}　{state}", markup=False)
    if not found:
        out.print("アカウントはありません。banken serve account add 職員番号 で作ってください。", markup=False)


def _put(person: str, *, new: bool) -> None:
    home = here()
    people = registered(home).register.people
    if person not in people:
        say(f"「{person}」は台帳（registry.yaml）の people にいません。先に people に加え、roles を書いてください。")
        raise Stop(Code.USAGE)
    with records(home) as (ledger, audit):
        accounts = Accounts(ledger, audit)
        if new == any(one.person == person for one in accounts.all()):
            other = "もうあります。パスワードを付け直すのは reset" if new else "ありません。作るのは add"
            say(f"「{person}」のアカウントは{other} です。")
            raise Stop(Code.USAGE)
        accounts.put(person, ask_secret(f"{person} のはじめのパスワード", twice=True), by=who(), must_change=True)
    roles = "・".join(people[person].roles) or "なし（台帳の people に roles を書くまで、どの画面も開けません）"
    out.print(f"{person} {people[person].name} のアカウントを用意しました。役割: {roles}", markup=False)


def _say_where(home: Home, port: int, secure: bool) -> None:
    scheme = "https" if secure else "http"
    host = next(iter(home.settings.web_hosts), home.settings.web_host)
    out.print(f"画面: {scheme}://{host}:{port}/　終えるときは Ctrl-C を押してください。", markup=False)
    with records(home) as (ledger, audit):
        if not Accounts(ledger, audit).all():
            say("まだ誰もサインインできません。別の窓で banken serve account add 職員番号 を実行してください。")
