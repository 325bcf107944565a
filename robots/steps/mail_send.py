"""mail.send メールを送る: one mail, once a key, to the domains of `uses` alone."""

from __future__ import annotations

from robots.drivers.mail import Attachment, Mail, address_of, one_line
from robots.errors import BusinessError
from robots.params import Params, Text, param
from robots.step import StepContext, StepKind

_MOST_ATTACHED = 50_000_000


class SendParams(Params):
    key: Text = param("キー", "メールごとに違う値。同じキーのメールは、実行し直しても二度送りません。")
    recipients: list[Text] | Text = param(
        "宛先", "送り先のアドレス（いくつもあれば一覧）。ドメインは利用のメールに書いたものだけ。"
    )
    cc: list[Text] | Text = param("写し", "写し（CC）のアドレス。", factory=list)
    subject: Text = param("件名", "件名（一行）。")
    body: Text = param("本文", "本文。行を分けるときは「本文: |」と書いて次の行から字下げします。")
    attachments: list[Text] | Text = param("添付", "添付するファイル。", factory=list)


def run(params: SendParams, context: StepContext) -> None:
    recipients = _addresses(params.recipients)
    if not recipients:
        raise BusinessError("メールの宛先がありません。", mend="宛先のアドレスが空でないか確かめてください。")
    mail = Mail(
        to=recipients,
        cc=_addresses(params.cc),
        subject=one_line(params.subject, "件名"),
        body=params.body,
        attachments=tuple(_attachment(text, context) for text in _list(params.attachments)),
    )
    size = sum(len(one.data) for one in mail.attachments)
    if size > _MOST_ATTACHED:
        raise BusinessError(
            f"添付するファイルが大きすぎます（合わせて {size // 1_000_000} MB）。",
            mend=f"合わせて {_MOST_ATTACHED // 1_000_000} MB までにしてください。",
        )
    if context.send_mail(params.key.strip(), mail):
        context.log(f"メール（キー {params.key}）を {len(mail.recipients)} 件の宛先に送りました。")
    elif context.run.rehearsal:
        context.log(f"リハーサルなので、メール（キー {params.key}）は送りません。")
    else:
        context.log(f"キー {params.key} のメールは前に送っているので、送りません。")


def _list(value: list[str] | str) -> list[str]:
    return [one for one in ([value] if isinstance(value, str) else value) if one.strip()]


def _addresses(value: list[str] | str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(address_of(one) for one in _list(value)))


def _attachment(text: str, context: StepContext) -> Attachment:
    path = context.file(text)
    try:
        return Attachment(one_line(path.name, "添付ファイルの名前"), path.read_bytes())
    except OSError as error:
        raise BusinessError(
            f"添付するファイル「{path.name}」を読めません（{error.strerror or error}）。",
            mend="ファイルができているか、名前が正しいか確かめてください。",
        ) from error


STEP = StepKind(
    name="mail.send",
    ja="メールを送る",
    summary="メールを送ります（サーバーは banken.toml の設定）。取り消せないので、各件では「確定する」の中だけに書けます。",
    params=SendParams,
    run=run,
    example="""
メールを送る:
  キー: 登録結果 ${実行.date}
  宛先: gakumu@city.example.jp
  件名: 登録結果（${実行.date}）
  本文: ${件数(完了分)}件を登録しました。一覧を添付します。
  添付: [ "${フォルダ.出力}/登録結果.xlsx" ]
""",
    sections=frozenset({"each", "finish"}),
    final=True,
)
