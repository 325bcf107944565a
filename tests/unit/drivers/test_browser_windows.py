"""Windows that close themselves under the press of a button."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from robots.drivers.browser import Expectation, Locator, Scope
from robots.drivers.playwright_browser import PlaywrightBrowser
from tests.unit.drivers.browser_pages import Pages

Show = Callable[[str], PlaywrightBrowser]
LONG = 15.0
OPENS = "<p>台帳</p><button onclick=\"window.open('/own', '_blank', 'width=500,height=400')\">開く</button>"


@pytest.mark.parametrize("how", ["onmousedown", "onmouseup", "onclick"])
@pytest.mark.parametrize("framed", [False, True], ids=["window", "frame"])
def test_a_button_that_closes_its_window_is_pressed_though_the_window_is_gone_before_the_mouse_is_up(
    show: Show, pages: Pages, how: str, framed: bool
) -> None:
    """How far a press is when the window goes is chance with ``onclick``: ``onmousedown`` is the earliest."""
    button = f'<title>結果</title><button {how}="top.close()">閉じる</button>'
    pages.pages["/own"] = '<title>結果</title><iframe name="枠" src="/inner"></iframe>' if framed else button
    pages.pages["/inner"] = button
    screen = show(OPENS)
    for _ in range(5):
        screen.click(Locator(button="開く"), timeout=LONG)
        with screen.within(Scope(popup="結果"), timeout=LONG):
            if framed:
                with screen.within(Scope(frame="枠"), timeout=LONG):
                    screen.click(Locator(button="閉じる"), timeout=LONG)
            else:
                screen.click(Locator(button="閉じる"), timeout=LONG)
        screen.expect(Expectation(text="台帳"), timeout=LONG)
