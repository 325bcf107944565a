"""banken purge: removes personal values whose retention time is over."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

import typer

from robots.cli.common import AsJson, Code, Stop, here, out, say, show_json, who
from robots.clock import JST, today
from robots.eras import read_date
from robots.errors import BankenError
from robots.runner.retention import Expired, expired
from robots.runner.retention import purge as remove_expired
from robots.settings import Home
from robots.wiring import records


def purge(
    before: Annotated[
        str | None,
        typer.Option("--before", help="この日より前に終わったもの（2026-04-01 など）。ないときは retention_days"),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="消さずに、消える件数だけを見る")] = False,
    as_json: AsJson = False,
) -> None:
    """終わった対象の個人の値・理由・回答・証跡を消す（登録済みの印と削減時間はそのまま残る）。"""
    home = here()
    until = _until(home, before)
    with records(home) as (ledger, audit):
        wanted = expired(home, ledger, until)
        left = []
        if not dry_run and (wanted.rows or wanted.files):
            left = remove_expired(ledger, audit, wanted, who())
            ledger.compact()
    if as_json:
        show_json(
            {"before": until.date().isoformat(), "dry_run": dry_run, **wanted.counts, "left": list(map(str, left))}
        )
    else:
        _tell(wanted, dry_run=dry_run)
    if left:
        say(f"消せなかったファイルが {len(left)} 個あります（開いていれば閉じて、もう一度行ってください）: {left[0]}")
        raise Stop(Code.SYSTEM)


def _until(home: Home, before: str | None) -> datetime:
    """The first moment of the day from which on everything is kept.  Raises: Stop."""
    days = home.settings.retention_days
    try:
        if before is not None:
            day = read_date(before)
        elif days:
            day = today() - timedelta(days=days)
        else:
            say(
                "いつより前のものを消すかが決まっていません。--before 日付 か、banken.toml の retention_days を指定してください。"
            )
            raise Stop(Code.USAGE)
    except BankenError as error:
        say(f"--before: {error}")
        raise Stop(Code.USAGE) from None
    if day > today():
        say("--before に先の日付は指定できません。")
        raise Stop(Code.USAGE)
    return datetime(day.year, day.month, day.day, tzinfo=JST)


def _tell(wanted: Expired, *, dry_run: bool) -> None:
    done, counts = ("消えるもの" if dry_run else "消しました"), wanted.counts
    out.print(
        f"{wanted.before:%Y-%m-%d} より前に終わったもの — {done}: 対象 {counts['items']} 件の値と理由、"
        f"実行 {counts['runs']} 件の入力値と証跡、メールのキー {counts['mails']} 件、ファイル・フォルダ {counts['files']} 個",
        markup=False,
    )
    if not dry_run:
        out.print("登録済みの印と削減時間はそのままです。同じ対象が二度登録されることはありません。", markup=False)
