"""browser.login ログインする: signs in with a credential of the vault; nothing of it is shown anywhere."""

from __future__ import annotations

from robots.params import Literal_, Params, param
from robots.step import StepContext, StepKind


class LoginParams(Params):
    site: Literal_ = param("サイト", "利用: の サイト: にある名前。")
    credential: Literal_ = param("資格情報", "利用: の 資格情報: にある名前。")


def run(params: LoginParams, context: StepContext) -> None:
    credential = context.credential(params.credential)
    context.browser.login(context.site(params.site), credential.user, credential.password, timeout=context.timeout)


STEP = StepKind(
    name="browser.login",
    ja="ログインする",
    summary="サイトのログイン画面に、保管庫の資格情報でログインします。値はどこにも残りません。",
    params=LoginParams,
    run=run,
    example="ログインする: {サイト: 学務, 資格情報: gakumu}",
)
