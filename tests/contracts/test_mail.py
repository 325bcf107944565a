"""What every Mailer does, over a real SMTP server and the double in memory; and what SMTP alone can do wrong."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from aiosmtpd.smtp import AuthResult, LoginPassword

from robots.drivers.mail import Attachment, Mail, Mailer, MailUnknown, address_of, one_line
from robots.drivers.memory_mail import MemoryMailer
from robots.drivers.smtp_mail import SmtpMailer
from robots.errors import BusinessError, SystemFailure
from robots.settings import Settings
from robots.vault import Credential
from tests.certificate import certify
from tests.mail_server import Office, mail_server

MAIL = Mail(
    to=("tanto@city.example.jp", "kacho@city.example.jp"),
    cc=("dx@city.example.jp",),
    subject="登録結果のお知らせ（髙橋様ほか 57 件・令和8年4月1日）" * 2,
    body="登録しました。\n〜①髙\n.点で始まる行\n",
    attachments=(Attachment("登録結果（４月）.xlsx", bytes(range(256)) * 40), Attachment("a.unknown", b"x")),
)


@pytest.fixture
def server() -> Iterator[tuple[int, Office]]:
    with mail_server() as running:
        yield running


def settings(port: int, **more: object) -> Settings:
    told = {"smtp_host": "127.0.0.1", "smtp_port": port, "smtp_security": "none", "smtp_from": "banken@city.example.jp"}
    return Settings.model_validate(told | more)


def smtp(port: int, **more: object) -> SmtpMailer:
    return SmtpMailer(settings(port, **more), lambda name: None)


def certified(host: str, folder: Path) -> tuple[Path, ssl.SSLContext]:
    """A certificate that only this test knows, and the context of a server that has it."""
    certificate, secret = folder / "server.pem", folder / "server.key"
    certify(certificate, secret, host)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, secret)
    return certificate, context


def send(mailer: Mailer, mail: Mail = MAIL) -> None:
    mailer.send(mail, identity="abc123", timeout=10)


@pytest.mark.parametrize("kind", ["smtp", "memory"])
def test_one_refused_recipient_and_nobody_gets_it(kind: str, server: tuple[int, Office]) -> None:
    port, office = server
    office.refused["kacho@city.example.jp"] = "550 no such user"
    memory = MemoryMailer(refused=["kacho@city.example.jp"])
    with pytest.raises(BusinessError, match=r"宛先 kacho@city\.example\.jp .*誰にも送っていません"):
        send(memory if kind == "memory" else smtp(port))
    assert office.taken == [] and memory.sent == []


@pytest.mark.parametrize("kind", ["smtp", "memory"])
def test_a_mail_goes_to_all_its_recipients(kind: str, server: tuple[int, Office]) -> None:
    port, office = server
    memory = MemoryMailer()
    send(memory if kind == "memory" else smtp(port))
    recipients = [list(one.recipients) for one in memory.sent] if kind == "memory" else [to for to, _ in office.taken]
    assert recipients == [["tanto@city.example.jp", "kacho@city.example.jp", "dx@city.example.jp"]]


def test_japanese_subject_body_and_file_names_arrive_as_they_were(server: tuple[int, Office]) -> None:
    port, office = server
    send(smtp(port))
    ((_, message),) = office.taken
    assert message["Subject"] == MAIL.subject
    assert (message["From"], message["To"], message["Cc"]) == (
        "banken@city.example.jp", "tanto@city.example.jp, kacho@city.example.jp", "dx@city.example.jp"
    )  # fmt: skip
    assert message["Message-ID"] == "<abc123@city.example.jp>" and message["Date"].endswith("+0900")
    body, attached, unknown = message.iter_parts()
    assert isinstance(body, EmailMessage) and isinstance(attached, EmailMessage)
    assert body.get_content().replace("\r\n", "\n") == MAIL.body
    assert (attached.get_filename(), attached.get_content()) == ("登録結果（４月）.xlsx", MAIL.attachments[0].data)
    assert unknown.get_content_type() == "application/octet-stream"


@pytest.mark.parametrize(("answer", "kind"), [("451 try later", SystemFailure), ("554 no", SystemFailure)])
def test_a_mail_that_the_server_does_not_take_is_surely_not_sent(
    server: tuple[int, Office], answer: str, kind: type[Exception]
) -> None:
    port, office = server
    office.answer = answer
    with pytest.raises(kind, match="受け取りませんでした") as caught:
        send(smtp(port))
    assert not isinstance(caught.value, MailUnknown) and office.taken == []


def test_a_recipient_that_can_be_tried_later_is_a_system_failure(server: tuple[int, Office]) -> None:
    port, office = server
    office.refused["dx@city.example.jp"] = "451 greylisted"
    with pytest.raises(SystemFailure, match="451"):
        send(smtp(port))


def test_a_connection_that_breaks_after_the_mail_was_handed_over_is_unknown(server: tuple[int, Office]) -> None:
    port, office = server
    office.drop = lambda: True
    with pytest.raises(MailUnknown, match="送られたか分かりません"):
        send(smtp(port))
    assert len(office.taken) == 1


def test_a_server_that_is_not_there_is_told(server: tuple[int, Office]) -> None:
    with pytest.raises(SystemFailure, match=r"127\.0\.0\.1:9 につながりません") as caught:
        send(smtp(9))
    assert not isinstance(caught.value, MailUnknown)
    with pytest.raises(SystemFailure, match="設定されていない"):
        send(SmtpMailer(Settings(), lambda name: None))


def test_a_mail_that_is_too_large_for_the_server_is_told() -> None:
    with mail_server(data_size_limit=5000) as (port, office):
        with pytest.raises(BusinessError, match="メールが大きすぎます"):
            send(smtp(port))
        assert office.taken == []


def test_a_password_never_goes_over_an_open_line(server: tuple[int, Office]) -> None:
    port, office = server
    find = {"mail": Credential("robot", "himitsu")}.get
    with pytest.raises(SystemFailure, match="暗号化せずに送ることはできません"):
        send(SmtpMailer(settings(port, smtp_credential="mail"), find))
    with pytest.raises(SystemFailure, match="つながりません") as caught:
        send(SmtpMailer(settings(port, smtp_credential="mail", smtp_security="starttls"), find))
    assert "himitsu" not in str(caught.value) and office.taken == []


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")  # the whole line is TLS
@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_over_tls_it_signs_in_where_the_certificate_is_known_and_only_there(
    security: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, context = certified("localhost", tmp_path)
    tried: list[tuple[bytes, bytes]] = []

    def authenticator(*given: object) -> AuthResult:
        data = given[-1]
        assert isinstance(data, LoginPassword)
        tried.append((data.login, data.password))
        return AuthResult(success=data.password == b"himitsu", handled=False)

    options: dict[str, object] = {"authenticator": authenticator, "auth_required": True}
    if security == "tls":  # the line is closed already when the server says what it can do
        options |= {"ssl_context": context, "auth_require_tls": False}
    else:
        options |= {"tls_context": context, "require_starttls": True}
    with mail_server(hostname="localhost", **options) as (port, office):
        told = settings(port, smtp_host="localhost", smtp_security=security, smtp_credential="mail")
        with pytest.raises(SystemFailure, match=r"つながりません.*CERTIFICATE_VERIFY_FAILED"):
            send(SmtpMailer(told, {"mail": Credential("robot", "himitsu")}.get))
        assert tried == [], "nothing was said to a server that is not known"
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))  # as the town's own authority is made known to a machine
        with pytest.raises(SystemFailure, match="断られました") as refused:
            send(SmtpMailer(told, {"mail": Credential("robot", "chigau")}.get))
        assert "chigau" not in str(refused.value)
        other = told.model_copy(update={"smtp_host": "127.0.0.1"})
        with pytest.raises(SystemFailure, match="つながりません"):
            send(SmtpMailer(other, {"mail": Credential("robot", "himitsu")}.get))
        assert office.taken == []
        send(SmtpMailer(told, {"mail": Credential("robot", "himitsu")}.get))
        assert len(office.taken) == 1


@pytest.mark.parametrize(
    "text",
    [
        "a@city.example.jp\r\nBcc: x@evil.example",
        "a@city.example.jp\nX: y",
        "担当 <a@city.example.jp>",
        "a@city.example.jp, b@city.example.jp",
        "a@city.example.jp b@evil.example",
        "ａ@city.example.jp",
        "a@city.example.jp\u2028",
        "a@localhost",
        "@city.example.jp",
        "a@b@city.example.jp",
        "",
    ],
)
def test_what_is_no_plain_address_is_refused(text: str) -> None:
    with pytest.raises(BusinessError, match="メールアドレスではありません"):
        address_of(text)


def test_a_header_has_no_line_break(tmp_path: Path) -> None:
    assert one_line(" 件名 ", "件名") == "件名"
    for text in ("a\nBcc: x@evil.example", "a\r\nb", "a\u2028b", "a\x00b"):
        with pytest.raises(BusinessError, match="件名に改行か制御文字"):
            one_line(text, "件名")
