"""The town of the leak hunt: its scenario, its people, and two pages that give everything back in every bad way."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from datetime import date
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import quote

from loguru import logger

from bench.leaks_found import Needle, needle
from robots.drivers.browser import site_of
from robots.drivers.browser_pages import MemoryAction, MemoryField, MemoryPage
from robots.drivers.memory_browser import MemoryBrowser
from robots.errors import SystemFailure
from robots.registry.approve import approve, request_of
from robots.registry.load import load_register
from robots.settings import open_home
from robots.vault import Credential
from robots.wiring import vault_of

SCENARIO = "bench/leaks"
_REGISTER = """\
organization: 練習市
departments: {bench: {name: 計測課}}
people:
  a: {name: 作る人, department: bench, roles: [author]}
  b: {name: 副担当, department: bench, roles: [author]}
  c: {name: 承認する人, department: bench, roles: [approver]}
scenarios:
  bench/leaks:
    name: 漏れの検査
    owner: a
    deputy: b
    runs_on: ["*"]
    stop: Ctrl-C
    data: my_number
    baseline: {minutes_per_item: 1, measured: 2026-04-01, how: 計測のため}
"""
_YAML = """\
名称: 漏れの検査
利用:
  サイト: {町: "SITE"}
  資格情報: [CREDENTIAL]
準備:
  - CSVを読む: {ファイル: sample/届.csv}
    保存名: 届
  - ログインする: {サイト: 町, 資格情報: CREDENTIAL}
対象:
  元: ${届}
  キー: ${対象.番号}
各件:
  - 画面を開く: ${サイト.町}/form
  - 一括入力する: {氏名: "${対象.氏名}", 個人番号: "${対象.個人番号}", 道: "${対象.道}"}
  - 入力する: {ラベル: 合言葉, 値: "${対象.合言葉}"}
    秘密: true
  - 記録する: "${対象.氏名}（${対象.個人番号}）を確かめます"
  - 押す: {ボタン: 確認}
  - 確定する:
      手順:
        - 押す: {ボタン: 登録}
"""
WAYS = ("success", "refused", "said", "escaped", "cut", "bug", "kept")
_NAMES = "山田佐藤鈴木高橋伊渡辺本中村小林加吉松井上斎清水崎森池阿部石橋川原岡後長谷岸新三浦桜今宮丸金沢武横平和河西東北南大久保"


class Planted:
    """The texts that were planted, by kind."""

    def __init__(self) -> None:
        self.needles: list[Needle] = []

    def password(self) -> str:
        return self._plant("password", f"Pw#{secrets.token_urlsafe(12)}&『")

    def name(self) -> str:
        return self._plant("name", "".join(secrets.choice(_NAMES) for _ in range(6)))

    def number(self) -> str:
        return self._plant("number", f"{secrets.randbelow(10**12):012d}")

    def _plant(self, kind: str, text: str) -> str:
        self.needles.append(needle(kind, text))
        return text


def rows(planted: Planted, items: int) -> str:
    """A source of so many people, each of whom goes another way; three texts each."""
    lines = [
        f"K{n:05d},{planted.name()},{planted.number()},{planted.password()},{WAYS[n % len(WAYS)]}" for n in range(items)
    ]
    return "\n".join(["番号,氏名,個人番号,合言葉,道", *lines, ""])


class Leaky(MemoryBrowser):
    """A browser whose page takes the values and gives them back in every bad way."""

    def __init__(self, site: str) -> None:
        self._values: dict[str, str] = {}
        kinds = {"氏名": "text", "個人番号": "text", "道": "text", "合言葉": "text"}
        form = MemoryPage(
            "申請",
            fields=tuple(MemoryField(label, kind) for label, kind in kinds.items()),
            actions=(MemoryAction("確認"), MemoryAction("登録")),
        )
        entry = MemoryPage(
            "ログイン",
            fields=(MemoryField("利用者"), MemoryField("パスワード", "password")),
            actions=(MemoryAction("ログイン", f"{site}/form"),),
            login=True,
        )
        target = site_of(site)
        assert target is not None
        super().__init__(lambda url: form if url.endswith("/form") else entry, {target})

    def fill(self, locator: Any, value: Any, *, timeout: float, secret: bool = False) -> dict[str, str]:
        self._values["合言葉"] = str(value)
        return super().fill(locator, value, timeout=timeout, secret=secret)

    def fill_form(self, values: Mapping[str, Any], *, timeout: float, secret: bool = False) -> dict[str, str]:
        self._values.update({name: str(value) for name, value in values.items()})
        return super().fill_form(values, timeout=timeout, secret=secret)

    def click(self, locator: Any, *, timeout: float) -> None:
        name, number, word, way = (self._values[one] for one in ("氏名", "個人番号", "合言葉", "道"))
        if locator.button != "確認":
            return
        everything = f"{name}、{number}、{word}"
        if way == "bug":
            raise RuntimeError(f"{everything!r} {json.dumps(everything)}")
        told = {
            "refused": everything,
            "said": f"{number[:4]}-{number[4:8]}-{number[8:]} {everything}",
            "escaped": f"/find?q={quote(everything)}&r={quote(word, safe='')} {json.dumps(everything)}",
            "cut": f"{name} {everything[: -len(word) // 2]}…",
            "kept": everything,
        }.get(way)
        if told is not None:
            if way == "kept":
                logger.warning("画面の答え: {}", told)
            raise SystemFailure(f"画面に「{told}」と出ました。", mend=f"{told} を確かめてください。")


def make_town(root: Path, planted: Planted, items: int, site: str) -> None:
    """A town with the scenario, approved, its source and its credential."""
    folder = root / "scenarios" / SCENARIO
    (folder / "sample").mkdir(parents=True)
    (folder / "sample" / "届.csv").write_text(rows(planted, items), encoding="utf-8")
    text = _YAML.replace("SITE", site).replace("CREDENTIAL", "practice")
    (folder / "scenario.yaml").write_text(text, encoding="utf-8")
    (root / "registry.yaml").write_text(_REGISTER, encoding="utf-8")
    safe = root.parent / "safe"
    (root / "banken.toml").write_text(
        f"vault = 'file'\nvault_key = '{(safe / 'vault.key').as_posix()}'\nitem_retries = 1\nretry_wait = 0\n"
        f"settle_seconds = 0\naudit_heads = ['{(root.parent / 'heads').as_posix()}']\n",
        encoding="utf-8",
    )
    home = open_home(root)
    vault_of(home).keep("kept", Credential("user", planted.password()))
    (safe / "login").write_text(planted.password(), encoding="utf-8")
    loaded = load_register(home)
    request = request_of(home, loaded, SCENARIO)  # type: ignore[arg-type]
    approve(home, loaded, request, by="c", on=date(2026, 4, 1), until=date(2099, 3, 31))  # type: ignore[arg-type]


class Page(BaseHTTPRequestHandler):
    """A page that says again what was typed, and an error that has it all."""

    def do_GET(self) -> None:
        form = "".join(f"<p><label>{one}<input name={one}></label>" for one in ("氏名", "個人番号", "道", "合言葉"))
        entry = "<p><label>利用者<input></label><p><label>パスワード<input type=password></label>"
        script = (
            "onclick=\"const v=[...document.querySelectorAll('input')].map(i=>i.value);"
            "e.innerHTML='エラー: '+v[0].slice(0,2)+'<b>'+v[0].slice(2)+'</b>様の番号'+v[1]+'と合言葉'+v[3]+'は使えません'\""
        )
        login = "<button type=button onclick=\"location='/menu'\">ログイン</button>"
        body = {
            "/form": f"<h1>申請</h1>{form}<p id=e style='font:24px sans-serif'></p><button type=button {script}>確認</button>",
            "/menu": "<h1>メニュー</h1>",
        }.get(self.path, f"<form>{entry}{login}</form>")
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(f"<!doctype html><title>町</title><body style='font:20px sans-serif'>{body}".encode())

    def log_message(self, *_: object) -> None:
        """Nothing is said."""
