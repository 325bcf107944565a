"""banken practice: starts the practice town alone."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from practice import PRACTICE_PASSWORD, PRACTICE_USER
from practice.server import serve_town
from robots.cli.common import out
from robots.settings import find_home

PORT = 8710


def practice(
    port: Annotated[int, typer.Option("--port", help="待ち受ける番号")] = PORT,
    database: Annotated[Path | None, typer.Option("--database", help="記録を置くファイル")] = None,
) -> None:
    """練習市（練習用の業務システム）を動かす。Ctrl-C で終わります。"""
    root = find_home(Path.cwd()) or Path.cwd()
    place = database or root / "var" / "practice.sqlite"
    place.parent.mkdir(parents=True, exist_ok=True)
    out.print(f"練習市: http://127.0.0.1:{port}/　利用者 {PRACTICE_USER}　パスワード {PRACTICE_PASSWORD}", markup=False)
    serve_town(place, port)
