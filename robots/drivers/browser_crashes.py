"""What Playwright could not do, as a Japanese failure that says how to mend it."""

from __future__ import annotations

from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from robots.errors import SystemFailure


def from_playwright(error: PlaywrightError, doing: str) -> SystemFailure:
    """The failure for an exception of Playwright; its own text stays out of the message."""
    text = error.message
    if closed(error) or "crashed" in text.lower() or "Connection closed" in text:
        return SystemFailure(
            f"{doing}途中でブラウザーが閉じました。",
            mend="もう一度実行してください。続くときは banken doctor で確かめてください。",
        )
    if "intercepts pointer events" in text:
        return SystemFailure(
            f"{doing}ことができません。ほかのものが重なっています。", mend="重なっているものを先に閉じてください。"
        )
    if isinstance(error, PlaywrightTimeout):
        return SystemFailure(
            f"{doing}操作が時間内に終わりませんでした。", mend="相手のシステムの様子を見て、もう一度実行してください。"
        )
    if "net::ERR_PROXY_CONNECTION_FAILED" in text or "net::ERR_" in text or "NS_ERROR" in text:
        return SystemFailure(
            f"{doing}ことができません。相手のシステムにつながりません。",
            mend="ネットワークと相手のシステムの様子を確かめてください。",
        )
    return SystemFailure(
        f"{doing}ことができませんでした。", mend="画面の様子（証跡の画像）を見て、もう一度実行してください。"
    )


def closed(error: PlaywrightError) -> bool:
    """Whether what was asked had gone: its window, or the browser."""
    return "has been closed" in error.message


def lost() -> SystemFailure:
    """The connection broke on the way to the next page: what was sent may have arrived."""
    return SystemFailure(
        "通信が切れたため、画面が開けませんでした。",
        mend="操作は届いているかもしれません。ネットワークと、相手のシステムでの結果を確かめてください。",
    )
