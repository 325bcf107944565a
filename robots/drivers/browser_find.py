"""Finds the browser that is already on this machine: Edge, Chrome or Chromium."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from robots.errors import SystemFailure

_LINUX = (
    "microsoft-edge",
    "microsoft-edge-stable",
    "google-chrome",
    "google-chrome-stable",
    "chromium",
    "chromium-browser",
)
_WINDOWS = (
    "Microsoft/Edge/Application/msedge.exe",
    "Google/Chrome/Application/chrome.exe",
    "Chromium/Application/chrome.exe",
)
_MAC = (
    "Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    "Google Chrome.app/Contents/MacOS/Google Chrome",
    "Chromium.app/Contents/MacOS/Chromium",
)
_INSTALL = {
    "win32": "Microsoft Edge（または Google Chrome）をインストールしてください。",
    "darwin": "Microsoft Edge か Google Chrome を「アプリケーション」に入れてください。",
    "linux": "管理者の権限で apt-get install chromium-headless-shell（画面を見ながら動かすときは chromium）を実行してください。",
}


def _places(headed: bool, platform: str, environment: Mapping[str, str]) -> Iterator[Path]:
    if platform == "win32":
        for variable in ("PROGRAMFILES(X86)", "PROGRAMFILES", "LOCALAPPDATA"):
            if environment.get(variable):
                yield from (Path(environment[variable]) / place for place in _WINDOWS)
        return
    if platform == "darwin":
        for folder in (Path("/Applications"), Path.home() / "Applications"):
            yield from (folder / place for place in _MAC)
        return
    names = _LINUX if headed else ("chromium-headless-shell", *_LINUX)
    for name in names:
        if found := shutil.which(name, path=environment.get("PATH")):
            yield Path(found)


def find_browser(headed: bool, *, platform: str = sys.platform, environment: Mapping[str, str] = os.environ) -> Path:
    """The browser's program file; unattended work prefers the shell without windows, where there is one.

    Raises: SystemFailure, which says what to install.
    """
    for place in _places(headed, platform, environment):
        if place.is_file():
            return place
    raise SystemFailure(
        "この機械にブラウザー（Edge、Chrome、Chromium）が見つかりません。",
        mend=_INSTALL.get(platform, _INSTALL["linux"]),
    )
