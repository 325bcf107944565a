"""Finding the browser of the machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from robots.drivers.browser_find import find_browser
from robots.errors import SystemFailure


def _program(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"")
    path.chmod(0o755)
    return path


def test_unattended_work_prefers_the_shell_and_headed_work_takes_a_window(tmp_path: Path) -> None:
    shell, edge = _program(tmp_path / "chromium-headless-shell"), _program(tmp_path / "microsoft-edge")
    environment = {"PATH": str(tmp_path)}
    assert find_browser(False, platform="linux", environment=environment) == shell
    assert find_browser(True, platform="linux", environment=environment) == edge


def test_edge_of_windows_is_found_before_chrome(tmp_path: Path) -> None:
    _program(tmp_path / "Google/Chrome/Application/chrome.exe")
    edge = _program(tmp_path / "x86/Microsoft/Edge/Application/msedge.exe")
    environment = {"PROGRAMFILES": str(tmp_path), "PROGRAMFILES(X86)": str(tmp_path / "x86")}
    assert find_browser(False, platform="win32", environment=environment) == edge


@pytest.mark.parametrize(
    ("platform", "said"), [("win32", "Microsoft Edge"), ("linux", "apt-get install chromium-headless-shell")]
)
def test_a_missing_browser_says_what_to_install(tmp_path: Path, platform: str, said: str) -> None:
    with pytest.raises(SystemFailure) as caught:
        find_browser(False, platform=platform, environment={"PATH": str(tmp_path), "PROGRAMFILES": str(tmp_path)})
    assert said in caught.value.mend
