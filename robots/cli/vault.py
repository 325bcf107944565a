"""banken vault: credentials and keys of this machine; a value is asked for, never printed and never an argument."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from robots.cli.common import Code, Stop, here, out, say, who
from robots.cli.japanese import JaCommand, JaGroup
from robots.files import write_atomically
from robots.ledger.keys import SHORTEST_PASSPHRASE, packed, renew, unpacked
from robots.settings import Home
from robots.vault import Credential, FileVault
from robots.wiring import records, vault_of

app = typer.Typer(
    cls=JaGroup,
    rich_markup_mode=None,
    help="資格情報（サイトの利用者名とパスワード）と、台帳記録の鍵を保管する。",
    no_args_is_help=True,
)
key_app = typer.Typer(cls=JaGroup, rich_markup_mode=None, help="台帳記録の鍵を移す・替える。", no_args_is_help=True)
app.add_typer(key_app, name="key")

Name = Annotated[str, typer.Argument(help="資格情報の名前（シナリオの credentials に書く名前）")]
KeyFile = Annotated[Path, typer.Argument(help="鍵を運ぶファイル（合言葉で暗号化されています）")]


@app.command("set", cls=JaCommand)
def keep(name: Name) -> None:
    """登録する（利用者名とパスワードをたずねます）。"""
    home = here()
    user = typer.prompt("利用者名")
    _keep(home, "vault_set", name, Credential(user, _new_password()))
    out.print(f"資格情報「{name}」を保管しました。", markup=False)


@app.command("rotate", cls=JaCommand)
def rotate(name: Name) -> None:
    """新しいパスワードに替える（新しい値をたずねます）。"""
    home = here()
    before = vault_of(home).find(name)
    if before is None:
        say(f"資格情報「{name}」はありません。登録するには banken vault set {name} を使ってください。")
        raise Stop(Code.PROBLEMS)
    user = typer.prompt("利用者名（変えないときは Enter だけ）", default="", show_default=False)
    password = _new_password()
    if password == before.password:
        say("いまと同じパスワードです。新しい値を入れてください。")
        raise Stop(Code.PROBLEMS)
    _keep(home, "vault_rotated", name, Credential(user or before.user, password))
    out.print(f"資格情報「{name}」を新しい値に替えました。", markup=False)


@app.command("list", cls=JaCommand)
def names() -> None:
    """名前の一覧（値は表示しません）。"""
    kept = vault_of(here()).names()
    out.print("\n".join(kept) if kept else "資格情報はまだありません。", markup=False)


@app.command("remove", cls=JaCommand)
def remove(name: Name) -> None:
    """消す。"""
    home = here()
    vault = vault_of(home)
    if name not in vault.names():
        say(f"資格情報「{name}」はありません。")
        raise Stop(Code.PROBLEMS)
    with records(home) as (_ledger, audit):
        audit.record("vault_removed", who=who(), subject=name)
        vault.remove(name)
    out.print(f"資格情報「{name}」を消しました。", markup=False)


@key_app.command("export", cls=JaCommand)
def export(file: KeyFile) -> None:
    """台帳記録の鍵をファイルに書き出す（ほかの端末で import する。合言葉をたずねます）。"""
    home = here()
    if file.exists():
        say(f"{file} はもうあります。別の名前にするか、消してから行ってください。")
        raise Stop(Code.USAGE)
    passphrase = typer.prompt(
        f"合言葉（{SHORTEST_PASSPHRASE} 文字以上）", hide_input=True, confirmation_prompt="もう一度"
    )
    if len(passphrase) < SHORTEST_PASSPHRASE:
        say(f"合言葉は {SHORTEST_PASSPHRASE} 文字以上にしてください。")
        raise Stop(Code.USAGE)
    with records(home) as (ledger, audit):
        data = packed(ledger, vault_of(home), passphrase)
        audit.record("ledger_key_exported", who=who(), detail={"file": str(file)})
        write_atomically(file, data, private=True)
    out.print(
        f"鍵を {file} に書き出しました。運び終えたら、このファイルを消してください（合言葉は別の道で伝えます）。",
        markup=False,
    )


@key_app.command("import", cls=JaCommand)
def take_in(file: KeyFile) -> None:
    """ほかの端末で書き出した台帳記録の鍵を、この端末に取り込む（合言葉をたずねます）。"""
    home = here()
    try:
        data = file.read_bytes()
    except OSError as error:
        say(f"{file} を読めません（{error.strerror}）。")
        raise Stop(Code.USAGE) from None
    keys = unpacked(data, typer.prompt("合言葉", hide_input=True))
    vault = vault_of(home)
    for name, key in keys.items():
        vault.keep_ledger_key(name, key)
    with records(home) as (_ledger, audit):  # before this, the ledger could not be opened at all
        audit.record("ledger_key_imported", who=who(), detail={"keys": "、".join(keys)})
    out.print(f"鍵を {len(keys)} 本取り込みました。この端末で台帳記録を開けます。", markup=False)


@key_app.command("rotate", cls=JaCommand)
def renew_keys() -> None:
    """台帳記録と、資格情報のファイルの鍵を新しくし、中身を暗号化し直す（実行していない時に行う）。"""
    home = here()
    vault = vault_of(home)
    with records(home) as (ledger, audit):
        audit.record("ledger_key_rotated", who=who())
        name = renew(ledger, vault)
        ledger.compact()
    if isinstance(vault, FileVault):
        vault.renew_key()
    out.print(
        f"新しい鍵（{name}）で暗号化し直しました。同じ台帳記録を使うほかの端末には、"
        "banken vault key export と import で鍵を移してください。",
        markup=False,
    )


def _new_password() -> str:
    return str(typer.prompt("パスワード", hide_input=True, confirmation_prompt="もう一度"))


def _keep(home: Home, action: str, name: str, credential: Credential) -> None:
    with records(home) as (_ledger, audit):
        audit.record(action, who=who(), subject=name)
        vault_of(home).keep(name, credential)
