"""banken init: an empty town with its register, a first scenario that runs, and its first approver with a key."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Annotated

import typer

from robots.cli.common import out, say, who
from robots.cli.secret import ask_secret
from robots.clock import today
from robots.errors import BusinessError, SystemFailure
from robots.files import write_atomically
from robots.registry.approve import Request, request_of
from robots.registry.decisions import Decisions
from robots.registry.keys import key_file, make_key, open_key
from robots.registry.load import Loaded, load_register, read_register
from robots.registry.signature import Signer, trust, trusted_keys
from robots.settings import FILE_NAME, REGISTER_NAME, Home, open_home
from robots.wiring import records

SCENARIO = "dx/hajimete"
_OWNER = "s1001"
_STAFF = ("s1001", "s1002")


def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="町を置くフォルダ（なければ作る）")],
    organization: Annotated[str | None, typer.Option("--organization", help="団体名（青空市 など）")] = None,
    approver: Annotated[str | None, typer.Option("--approver", help="はじめの承認者の職員番号")] = None,
    name: Annotated[str | None, typer.Option("--name", help="はじめの承認者の表示名")] = None,
) -> None:
    """台帳・はじめのシナリオ・はじめの承認者と鍵のある、新しい町を作る。"""
    if (folder / REGISTER_NAME).exists():
        raise BusinessError(
            f"{folder} には、もう台帳（{REGISTER_NAME}）があります。", mend="ほかのフォルダを指定してください。"
        )
    town = _asked(organization, "団体名", "")
    person = _asked(approver, "はじめの承認者の職員番号", "d0001")
    shown = _asked(name, "その人の表示名", "推進室の承認者")
    _check(town, person)
    home = _home(folder)
    signer = _key_of(person)
    _write(home, town, person, shown, signer)
    _trust(home, town, person, signer)
    _ask_for_approval(home)
    _say_next(home, person)


def _asked(given: str | None, question: str, proposed: str) -> str:
    if given is not None:
        return given.strip()
    return str(typer.prompt(question, default=proposed or None, err=True)).strip()


def _check(town: str, person: str) -> None:
    """What is typed must stand in a YAML file as it is; the approver is not one of the first scenario's people."""
    if not town:
        raise BusinessError("団体名がありません。", mend="--organization 青空市 のように書いてください。")
    if not person.isascii() or not person.isalnum() or person.isdecimal():
        raise BusinessError(
            f"職員番号「{person}」の形が違います。", mend="英字で始まる英数字（d0001 など）にしてください。"
        )
    if person in _STAFF:
        raise BusinessError(
            f"「{person}」は、はじめのシナリオの担当の番号です。",
            mend="作る人と承認する人は別の人です。ほかの番号（d0001 など）にしてください。",
        )


def _home(folder: Path) -> Home:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SystemFailure(
            f"フォルダ {folder} を作れません（{error.strerror or error}）。", mend="書き込める場所を指定してください。"
        ) from error
    return open_home(folder)


def _key_of(person: str) -> Signer:
    """The approver's key of this machine, or a new one."""
    place = key_file(person)
    if place.is_file():
        say(f"{person} の鍵はもうこの端末にあります（{place}）。それを使います。")
        return open_key(place, ask_secret(f"{person} の鍵の合言葉"))
    return make_key(place, ask_secret(f"{person} の鍵の合言葉を決めてください（8 文字以上）", twice=True))


def _write(home: Home, town: str, person: str, name: str, signer: Signer) -> None:
    register = _material(REGISTER_NAME)
    for mark, text in {
        "organization": json.dumps(town, ensure_ascii=False),
        "approver": person,
        "name": json.dumps(name, ensure_ascii=False),
        "key": signer.public,
        "scenario": SCENARIO,
        "today": today().isoformat(),
    }.items():
        register = register.replace(f"@{mark}@", text)
    if not isinstance(read_register(register.encode()), Loaded):
        raise BusinessError("この名前では台帳を作れません。", mend="団体名と表示名から、特別な記号を除いてください。")
    place = home.scenarios / SCENARIO
    written = {
        home.root / FILE_NAME: _material(FILE_NAME),
        place / "scenario.yaml": _material("scenario.yaml"),
        place / "sample" / "依頼.csv": "\ufeff" + _material("rows.csv"),
        home.register: register,
    }
    for path, text in written.items():
        if not path.exists():
            write_atomically(path, text.encode())


def _material(name: str) -> str:
    return files("robots.cli").joinpath("first", name).read_text(encoding="utf-8")


def _trust(home: Home, town: str, person: str, signer: Signer) -> None:
    if signer.public not in trusted_keys(home, town).get(person, []):
        trust(home, town, person, signer.public)


def _ask_for_approval(home: Home) -> None:
    """In the name of the first scenario's owner, so that its approval is what a real one is."""
    loaded = load_register(home)
    request = request_of(home, loaded, SCENARIO) if isinstance(loaded, Loaded) else None
    if not isinstance(loaded, Loaded) or not isinstance(request, Request):
        raise RuntimeError(f"the first scenario is not right: {loaded} {request}")
    with records(home) as (ledger, audit):
        Decisions(home, ledger, audit, who()).request(loaded, request, by=_OWNER, on=today())


def _say_next(home: Home, person: str) -> None:
    out.print(f"{home.root} に町を作りました。", markup=False)
    out.print(f"  台帳: {REGISTER_NAME}　はじめのシナリオ: scenarios/{SCENARIO}", markup=False)
    out.print(
        f"  承認者 {person} の鍵: {key_file(person)}（この端末は {home.trusted_keys} で信頼します）", markup=False
    )
    out.print(f"次にすること（{home.root} の中で）", markup=False)
    for number, line in enumerate(
        (
            f"調べる:   banken check {SCENARIO}",
            f"承認する: banken approve {SCENARIO} --as {person}",
            f"実行する: banken run {SCENARIO}（もう一つの端末で banken practice を動かしておきます）",
        ),
        1,
    ):
        out.print(f"  {number}. {line}", markup=False)
