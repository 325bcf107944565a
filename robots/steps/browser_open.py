"""browser.open 画面を開く: goes to a URL of the scenario's sites."""

from __future__ import annotations

from typing import ClassVar

from robots.params import Params, Text, param
from robots.step import StepContext, StepKind


class OpenParams(Params):
    bare: ClassVar[str | None] = "url"
    url: Text = param("アドレス", "開く画面のアドレス。利用: の サイト: にあるサイトの中に限ります。")


def run(params: OpenParams, context: StepContext) -> None:
    context.browser.open(context.address(params.url), timeout=context.timeout)


STEP = StepKind(
    name="browser.open",
    ja="画面を開く",
    summary="アドレスを指定して画面を開きます。時間切れでログイン画面に戻されたときは、一度だけログインし直します。",
    params=OpenParams,
    run=run,
    example="画面を開く: ${サイト.学務}/applications/new",
)
