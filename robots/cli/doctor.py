"""banken doctor: is everything there that a run needs, and if not, how to mend it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from robots.cli.common import AsJson, Code, Stop, here, out, registered, show_json
from robots.clock import JST, now
from robots.drivers.browser_find import find_browser
from robots.errors import BankenError
from robots.ledger.runs import latest_runs
from robots.ledger.store import open_ledger
from robots.nightly.health import night_health
from robots.registry.signature import trusted_keys, whose
from robots.settings import Home
from robots.wiring import open_browser, records, vault_of

_ENOUGH_DISK = 2 * 1024**3
_DEBIAN = "sudo apt-get install -y {} （Debian の場合）"


class Ailment(Exception):
    """Something is missing; the text says how to mend it."""


def doctor(
    night: Annotated[
        bool, typer.Option("--night", help="夜間実行が動いているかを調べる（監視のために。だめなら終了コード 1）")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """この端末に必要なものがそろっているかを調べる。"""
    home = here()
    if night:
        _night(home, as_json=as_json)
        return
    checks: dict[str, Callable[[Home], str]] = {
        "ブラウザ": _browser,
        "文字認識（tesseract）": _tesseract,
        "日本語フォント": _fonts,
        "台帳（registry.yaml）": _register,
        "承認者の鍵": _keys,
        "台帳記録（ledger）": _ledger,
        "時計": _clock,
        "時間帯": _zone,
        "ディスクの空き": _disk,
        "資格情報の保管先": _vault,
    }
    results = [_examined(name, check, home) for name, check in checks.items()]
    if as_json:
        show_json({"checks": results, "settings": _settings(home)})
    else:
        for result in results:
            out.print(f"{'○' if result['ok'] else '×'} {result['name']}: {result['detail']}", markup=False)
        out.print("\n設定（banken.toml と環境変数 BANKEN_*）", markup=False)
        for name, value in _settings(home).items():
            out.print(f"  {name} = {value}", markup=False)
    if not all(result["ok"] for result in results):
        raise Stop(Code.PROBLEMS)


def _night(home: Home, *, as_json: bool) -> None:
    with records(home) as (ledger, _):
        findings = list(night_health(home, ledger, now()))
    if as_json:
        show_json({"checks": [asdict(one) for one in findings]})
    else:
        for one in findings:
            out.print(str(one), markup=False)
    if not all(one.ok for one in findings):
        raise Stop(Code.PROBLEMS)


def _examined(name: str, check: Callable[[Home], str], home: Home) -> dict[str, object]:
    try:
        return {"name": name, "ok": True, "detail": check(home)}
    except (Ailment, BankenError) as error:
        return {"name": name, "ok": False, "detail": str(error)}
    except Stop:
        return {"name": name, "ok": False, "detail": "上に示した所を直してください。"}


def _settings(home: Home) -> dict[str, str]:
    """The effective settings; a password inside the database's URL is hidden."""
    shown = {name: str(value) for name, value in home.settings.model_dump().items()}
    if "@" in shown["database"]:
        scheme, _, rest = shown["database"].partition("://")
        shown["database"] = f"{scheme}://●●●@{rest.rpartition('@')[2]}"
    return shown


def _browser(_home: Home) -> str:
    program = find_browser(headed=False)
    open_browser([], False).close()
    return f"{program}（起動できました）"


def _tesseract(_home: Home) -> str:
    program = shutil.which("tesseract")
    if program is None:
        raise Ailment(
            f"見つかりません。{_DEBIAN.format('tesseract-ocr tesseract-ocr-jpn')}（帳票の読み取りに使います）"
        )
    done = subprocess.run([program, "--list-langs"], capture_output=True, text=True, timeout=20, check=False)
    if "jpn" not in done.stdout.split():
        raise Ailment(f"日本語の辞書がありません。{_DEBIAN.format('tesseract-ocr-jpn')}")
    return program


def _fonts(_home: Home) -> str:
    if sys.platform == "win32":
        folder = Path(os.environ.get("WINDIR", r"C:\Windows")) / "Fonts"
        found = next((font for font in ("YuGothR.ttc", "meiryo.ttc", "msgothic.ttc") if (folder / font).exists()), None)
    else:
        lister = shutil.which("fc-list")
        listed = (
            subprocess.run([lister, ":lang=ja", "family"], capture_output=True, text=True, timeout=20, check=False)
            if lister
            else None
        )
        found = next(iter(sorted(listed.stdout.split("\n")[:-1])), None) if listed else None
    if not found:
        raise Ailment(f"ありません（画面の証跡や PDF の文字が □ になります）。{_DEBIAN.format('fonts-noto-cjk')}")
    return found


def _register(home: Home) -> str:
    return f"シナリオ {len(registered(home).register.scenarios)} 件"


def _keys(home: Home) -> str:
    """Whether what was approved counts on this machine."""
    register = registered(home).register
    trusted = trusted_keys(home, register.organization)
    given = [(id, entry.approval) for id, entry in register.scenarios.items() if entry.approval is not None]
    in_vain = [id for id, one in given if whose(register.organization, id, one, trusted) not in ("trusted", "practice")]
    if in_vain:
        raise Ailment(
            f"{in_vain[0]} など {len(in_vain)} 件の承認は、この端末では効きません（署名がないか、承認者の鍵を信頼していません）。"
            f"承認者の鍵の行を {home.trusted_keys} に加えるか、banken approve で承認し直してください。"
        )
    return (
        f"信頼する承認者 {len(trusted)} 人、効かない承認 0 件"
        if trusted
        else "この端末で信頼する鍵はまだありません（banken key new）"
    )


def _ledger(home: Home) -> str:
    ledger = open_ledger(home.database, vault_of(home))
    try:
        return f"実行の記録 {len(latest_runs(ledger, None, 1000))} 件（新しい 1000 件まで）"
    finally:
        ledger.close()


def _clock(home: Home) -> str:
    ledger = open_ledger(home.database, vault_of(home))
    try:
        latest = latest_runs(ledger, None, 1)
    finally:
        ledger.close()
    if latest and datetime.fromisoformat(latest[0]["started_at"]) > now():
        raise Ailment("時計が、記録にある最後の実行より前を指しています。端末の日付と時刻を合わせてください。")
    return f"{now():%Y-%m-%d %H:%M:%S}（日本時間）"


def _zone(_home: Home) -> str:
    zone = datetime.now().astimezone()
    same = zone.utcoffset() == JST.utcoffset(None)
    return "日本時間" if same else f"端末は {zone.tzname()} ですが、番犬は日本時間で動きます"


def _disk(home: Home) -> str:
    free = shutil.disk_usage(home.root).free
    if free < _ENOUGH_DISK:
        raise Ailment(f"残り {free / 1024**3:.1f} GB です。2 GB 以上空けてください（古い証跡は var/runs にあります）。")
    return f"{free / 1024**3:.0f} GB"


def _vault(home: Home) -> str:
    return f"使えます（{len(vault_of(home).names())} 件）"
