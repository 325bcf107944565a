"""Looking at the real page without touching it: its outline, whether named things are there, and pointing them out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from loguru import logger
from playwright.sync_api import Error as PlaywrightError

from robots.drivers.browser import Locator
from robots.drivers.browser_deadline import Deadline
from robots.drivers.browser_screen import Screen
from robots.drivers.screen_outline import Outline, outline_of
from robots.errors import SystemFailure

_A_MOMENT = 5.0


def outline(screen: Screen, secrets: Iterable[str], *, texts: bool) -> Outline | None:
    """See Browser.outline; the part that calls are narrowed to does not count, the frame does."""
    try:
        found = outline_of(screen.ask("outline", {"texts": texts}, Deadline(_A_MOMENT)))
        hidden = [value for value in secrets if value]
        things = (one for one in found.things if not any(value in one.name for value in hidden))
        return Outline(found.path, tuple(things))
    except (PlaywrightError, SystemFailure) as error:
        logger.debug("画面の項目の一覧を取れません: {}", type(error).__name__)
        return None


def look(screen: Screen, wanted: Sequence[dict[str, Any]], timeout: float) -> list[str]:
    """See Browser.look."""
    return [str(one) for one in screen.ask("look", {"wanted": list(wanted)}, Deadline(timeout))["problems"]]


def point_out(screen: Screen, locators: Sequence[Locator]) -> int:
    """See Browser.point_out."""
    try:
        given = {"locators": [one.plain() for one in locators]}
        return int(screen.ask("pointOut", given, Deadline(_A_MOMENT)).get("count", 0))
    except (PlaywrightError, SystemFailure) as error:
        logger.debug("画面の項目を囲めません: {}", type(error).__name__)
        return 0
