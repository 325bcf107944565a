"""How the machine and the night are: looked at before it is dark, told every half minute, asked by those who watch."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from robots.clock import now, shown, stamp
from robots.errors import BankenError, SystemFailure
from robots.files import write_atomically
from robots.ledger.leases import holders, resources_in_use, stations
from robots.ledger.nights import ended_firings, latest_stamp
from robots.ledger.store import Ledger
from robots.nightly.backup import copies, ledger_file, quick_check
from robots.processes import gone_here
from robots.settings import Home

ENOUGH_DISK = 2 * 1024**3
SILENT = timedelta(minutes=2)
"""A night that was not heard of for so long has died."""
STALE = timedelta(hours=26)
"""Checks and copies are to be younger."""
AHEAD = timedelta(minutes=2)
"""Records may be so much ahead of this machine's clock: machines' clocks differ a little."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    name: str
    ok: bool
    detail: str

    def __str__(self) -> str:
        return f"{'○' if self.ok else '×'} {self.name}: {self.detail}"


@dataclass(frozen=True, slots=True)
class Beat:
    """What a night tells of itself."""

    at: str
    leads: bool
    trouble: str = ""
    checked_at: str = ""
    findings: Sequence[Finding] = ()
    failures: Mapping[str, str] = field(default_factory=dict)
    """What it could not do (backup, notices …), and why."""


def beat_file(home: Home) -> Path:
    """Where this machine's night tells that it lives; a monitoring system may read it too."""
    return home.var / "night.json"


def write_beat(home: Home, beat: Beat) -> None:
    """Tells it.  Raises: OSError."""
    home.var.mkdir(parents=True, exist_ok=True)
    write_atomically(beat_file(home), json.dumps(asdict(beat), ensure_ascii=False, indent=1).encode())


def read_beat(home: Home) -> Beat | None:
    """What was told last; None where nothing was, or it can't be read."""
    try:
        told = json.loads(beat_file(home).read_text(encoding="utf-8"))
        return Beat(**{**told, "findings": tuple(Finding(**one) for one in told["findings"])})
    except (OSError, ValueError, TypeError, KeyError):
        return None


def before_night(home: Home, ledger: Ledger, start_browser: Callable[[], None], moment: datetime) -> list[Finding]:
    """Disk, database, browser and clock."""
    checks: Mapping[str, Callable[[], str]] = {
        "ディスクの空き": lambda: _disk(home),
        "台帳記録（ledger）": lambda: _database(home),
        "ブラウザ": lambda: _browser(start_browser),
        "時計": lambda: _clock(ledger, moment),
    }
    return [_looked(name, check) for name, check in checks.items()]


def night_health(home: Home, ledger: Ledger, moment: datetime) -> Iterator[Finding]:
    """What ``banken doctor --night`` tells.  Raises: SystemFailure where the ledger can't be read."""
    beat = read_beat(home)
    yield _lives(beat, moment)
    leader = holders(ledger).get("nightly")
    yield Finding(
        "先頭の端末",
        leader is not None,
        f"{leader.holder.machine}" if leader else "夜間実行がどの端末でも先に立っていません。",
    )
    if ledger.shared:
        yield _workers(home, ledger, moment)
    if beat is not None and beat.trouble:
        yield Finding("台帳（registry.yaml）", False, beat.trouble)
    yield from _checked(beat, moment)
    yield _backed_up(home, moment)
    yield _looked("ディスクの空き", lambda: _disk(home))
    yield _turns(ledger, moment)
    for what, why in (beat.failures if beat is not None else {}).items():
        yield Finding(what, False, why)


def _workers(home: Home, ledger: Ledger, moment: datetime) -> Finding:
    with ledger.reading() as connection:
        found = stations(resources_in_use(connection, moment, gone_here(home.settings.machine)))
    told = "、".join(found) or "banken worker がどの端末でも動いていないため、何も始まりません。"
    return Finding("動かす端末", bool(found), told)


def _lives(beat: Beat | None, moment: datetime) -> Finding:
    if beat is None:
        return Finding(
            "夜間実行", False, "動いた記録がありません。banken nightly か banken service install で動かしてください。"
        )
    told = f"最後の合図 {shown(beat.at)}"
    if moment - datetime.fromisoformat(beat.at) > SILENT:
        return Finding(
            "夜間実行", False, f"止まっています（{told}）。var/logs/banken.log を見て、動かし直してください。"
        )
    return Finding("夜間実行", True, f"動いています（{told}）")


def _checked(beat: Beat | None, moment: datetime) -> Iterator[Finding]:
    if beat is None or not beat.checked_at:
        yield Finding("夜の前の検査", False, "まだ行われていません。")
        return
    fresh = moment - datetime.fromisoformat(beat.checked_at) <= STALE
    bad = [one for one in beat.findings if not one.ok]
    yield Finding("夜の前の検査", fresh and not bad, f"{shown(beat.checked_at)}{'' if fresh else '（一日以上前です）'}")
    yield from bad


def _backed_up(home: Home, moment: datetime) -> Finding:
    if ledger_file(home.database) is None:
        return Finding("台帳記録の控え", True, "PostgreSQL の控え（pg_dump など）にまかせています")
    found = copies(home.backups)
    if not found:
        return Finding("台帳記録の控え", False, f"{home.backups} に一つもありません。")
    age = moment.timestamp() - found[0].stat().st_mtime
    return Finding("台帳記録の控え", age <= STALE.total_seconds(), f"{found[0].name}（{age / 3600:.0f} 時間前）")


def _turns(ledger: Ledger, moment: datetime) -> Finding:
    rows = ended_firings(ledger, moment - timedelta(hours=24), moment)
    bad = [row for row in rows if row["state"] in ("failed", "refused", "missed", "held")]
    over = [
        row
        for row in rows
        if row["state"] in ("queued", "running") and row["finish_by"] and stamp(moment) > row["finish_by"]
    ]
    told = "、".join(dict.fromkeys(row["scenario"] for row in (*bad, *over)))
    if told:
        return Finding("24 時間の回", False, f"うまくいかなかったもの {len(bad)}、期限を過ぎたもの {len(over)}: {told}")
    return Finding("24 時間の回", True, f"{len(rows)} 回")


def _looked(name: str, check: Callable[[], str]) -> Finding:
    try:
        return Finding(name, True, check())
    except BankenError as error:
        return Finding(name, False, str(error))


def _disk(home: Home) -> str:
    free = shutil.disk_usage(home.root).free
    if free < ENOUGH_DISK:
        raise SystemFailure(
            f"残り {free / 1024**3:.1f} GB です。", mend="2 GB 以上空けてください（古い証跡は var/runs にあります）。"
        )
    return f"残り {free / 1024**3:.0f} GB"


def _database(home: Home) -> str:
    file = ledger_file(home.database)
    if file is None:
        return "PostgreSQL（つながります）"
    quick_check(file)
    return f"壊れていません（{file.stat().st_size / 1024**2:.0f} MB）"


def _browser(start: Callable[[], None]) -> str:
    start()
    return "起動できます"


def _clock(ledger: Ledger, moment: datetime) -> str:
    latest = latest_stamp(ledger)
    if latest and datetime.fromisoformat(latest) > moment + AHEAD:
        raise SystemFailure(
            f"時計が、最後の記録（{shown(latest)}）より前を指しています。", mend="端末の日付と時刻を合わせてください。"
        )
    return f"{moment:%Y-%m-%d %H:%M:%S}（日本時間）"


def beat_of(
    *, leads: bool, trouble: str, checked_at: str, findings: Sequence[Finding], failures: Mapping[str, str]
) -> Beat:
    """What a night tells now."""
    return Beat(stamp(now()), leads, trouble, checked_at, tuple(findings), dict(failures))
