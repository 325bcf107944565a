"""Who gets in, who is put out, and what a page says then."""

from __future__ import annotations

import time
from pathlib import Path

import httpx
import pytest

from practice.server import RunningTown, start_town
from tests.unit.practice.practice_clerk import Clerk


def test_nobody_sees_a_system_before_signing_in(town: RunningTown) -> None:
    answer = httpx.get(f"{town.url}/jumin/search", follow_redirects=True)
    assert answer.url.path == "/login"
    assert "ログインしてください。" in answer.text


def test_a_wrong_password_is_told_and_the_user_name_is_kept(town: RunningTown) -> None:
    page = Clerk(town).sign_in(password="wrong")
    assert "ユーザーIDまたはパスワードが違います。" in page
    assert 'value="renshu"' in page


def test_signing_in_leads_to_the_menu_and_out_again(clerk: Clerk) -> None:
    assert "<h1>メニュー</h1>" in clerk.see("/")
    assert "ログアウトしました。" in clerk.send("/menu", {}, to="/logout")
    assert "<h1>ログイン</h1>" in clerk.see("/menu")


def test_an_idle_session_ends_and_the_page_says_so(tmp_path: Path) -> None:
    with start_town(tmp_path / "town.db", session_minutes=0) as town:
        clerk = Clerk(town)
        page = clerk.sign_in()
        deadline = time.monotonic() + 20
        while "自動的にログアウトしました" not in page and time.monotonic() < deadline:
            page = clerk.see("/menu")
        assert "一定時間操作がなかったため、自動的にログアウトしました。もう一度ログインしてください。" in page


def test_a_form_without_its_token_is_refused_and_nothing_is_recorded(
    clerk: Clerk, town: RunningTown, change: dict[str, str]
) -> None:
    answer = clerk.http.post("/jumin/persons/00104005/address", data=change)
    assert answer.status_code == 403
    assert "画面の有効期限が切れています" in answer.text
    assert town.entries("jumin") == []


def test_a_taken_port_is_told_in_japanese(town: RunningTown, tmp_path: Path) -> None:
    with pytest.raises(OSError, match=f"ポート {town.port} は使えません"):
        start_town(tmp_path / "other.db", port=town.port)


def test_what_arrived_outlives_the_town(tmp_path: Path, change: dict[str, str]) -> None:
    with start_town(tmp_path / "town.db") as town:
        clerk = Clerk(town)
        clerk.sign_in()
        clerk.send("/jumin/persons/00104005/address", change)
        before = town.entries("jumin")
    with start_town(tmp_path / "town.db") as again:
        assert again.entries("jumin") == before
        assert len(before) == 1
