"""Signing in, and noticing that a session has ended.  No value of a login leaves this module in any form."""

from __future__ import annotations

from dataclasses import dataclass, field

from playwright.sync_api import Error as PlaywrightError

from robots.drivers.browser_deadline import Deadline
from robots.drivers.browser_screen import Screen
from robots.errors import SystemFailure
from robots.mask import mask_text


@dataclass(frozen=True, slots=True)
class Login:
    """A login that worked, kept to sign in again when the session has ended."""

    url: str
    user: str = field(repr=False)
    password: str = field(repr=False)


def sign_in(screen: Screen, login: Login, deadline: Deadline) -> None:
    """Fills in and sends the login form of the page that is open.

    Raises: SystemFailure where there is no such form, or it is still there afterwards.
    """
    user, password, button = screen.elements("login", deadline, "ログイン画面")
    try:
        user.fill(login.user, timeout=deadline.ms)
        password.fill(login.password, timeout=deadline.ms)
        screen.press_element(button, deadline)
    except PlaywrightError:
        # Playwright's own account quotes what was typed: it must not even be the cause.
        raise SystemFailure(
            "ログイン画面への入力が時間内に終わりませんでした。", mend="相手のシステムの様子を確かめてください。"
        ) from None
    while True:
        after = screen.ask("loginMessage", {}, deadline)
        if not after["login"]:
            return
        if after["text"] or deadline.over:
            break
        screen.main.wait_for_timeout(50)
    message = mask_text(after["text"], (login.user, login.password))
    said = f"画面の表示: {message}" if message else "ログイン画面のままです。"
    raise SystemFailure(
        f"ログインできませんでした。{said}",
        mend="資格情報が正しいか、期限や利用停止になっていないかを確かめてください。",
    )
