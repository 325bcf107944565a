"""Mails of whole runs against a real SMTP server: to allowed domains only, each key at most once, none in a rehearsal."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from robots.drivers.smtp_mail import SmtpMailer
from robots.ledger.items import settle_by_person
from robots.ledger.lookup import scenario_items
from robots.ledger.tables import mails
from robots.scenario.problem import Problems
from robots.scenario.validate import read_scenario
from robots.settings import Settings
from tests.mail_server import Office as MailOffice
from tests.mail_server import mail_server
from tests.papers import SCENARIO, Failing, Office, PowerCut, edited, open_office

TEXT = """\
名称: 通知の送付
利用:
  フォルダ: {受付: sample, 出力: var/out}
  メール: [city.example.jp]
準備:
  - CSVを読む: sample/一覧.csv
    保存名: 一覧
対象: {元: "${一覧}", キー: "${対象.番号}"}
各件:
  - 確定する:
      手順:
        - メールを送る:
            キー: 通知 ${対象.番号}
            宛先: ${対象.宛先}
            件名: ${対象.氏名} 様へのお知らせ
            本文: 番号 ${対象.番号}
            添付: ["${フォルダ.受付}/一覧.csv"]
後始末:
  - メールを送る: {キー: "結果 ${実行.id}", 宛先: dx@city.example.jp, 件名: 結果, 本文: "${件数(完了分)}件"}
"""


@pytest.fixture
def server() -> Iterator[tuple[int, MailOffice]]:
    with mail_server() as running:
        yield running


@pytest.fixture
def office(tmp_path: Path, server: tuple[int, MailOffice]) -> Iterator[Office]:
    opened = open_office(tmp_path / "town", TEXT)
    told = {"smtp_host": "127.0.0.1", "smtp_port": server[0], "smtp_security": "none", "smtp_from": "r@city.example.jp"}
    opened.mailer = SmtpMailer(Settings.model_validate(told), lambda name: None)
    lay(opened, "1,山田,a@city.example.jp", "2,鈴木,b@city.example.jp")
    yield opened
    opened.ledger.close()


def lay(office: Office, *lines: str) -> None:
    place = office.home.scenarios / SCENARIO / "sample" / "一覧.csv"
    place.write_text("番号,氏名,宛先\n" + "\n".join(lines) + "\n", encoding="utf-8")


def states(office: Office) -> dict[str, tuple[str, str]]:
    return {row["key"]: (row["state"], row["reason"]) for row in scenario_items(office.ledger, SCENARIO, None)}


def subjects(server: tuple[int, MailOffice]) -> list[str]:
    return [str(message["Subject"]) for _, message in server[1].taken]


def test_each_item_gets_its_mail_once_in_any_run(office: Office, server: tuple[int, MailOffice]) -> None:
    report = office.run()
    assert report.items["done"] == 2
    assert subjects(server) == ["山田 様へのお知らせ", "鈴木 様へのお知らせ", "結果"]
    recipients, message = server[1].taken[0]
    (attached,) = message.iter_attachments()
    assert recipients == ["a@city.example.jp"] and attached.get_filename() == "一覧.csv"
    assert server[1].taken[2][1].get_content().strip() == "2件"
    office.run()
    assert subjects(server)[3:] == ["結果"], "the second run has a mail of its own, and no item's again"


def test_a_rehearsal_sends_nothing(office: Office, server: tuple[int, MailOffice]) -> None:
    office.run(rehearsal=True)
    assert server[1].taken == []
    with office.ledger.reading() as reading:
        assert reading.execute(sa.select(mails)).all() == []


def test_another_domain_is_refused_and_nothing_goes_there(office: Office, server: tuple[int, MailOffice]) -> None:
    lay(office, "1,山田,a@evil.example", "2,鈴木,b@sub.city.example.jp", "3,佐藤,c@CITY.example.jp")
    office.run()
    assert subjects(server) == ["佐藤 様へのお知らせ", "結果"]
    found = states(office)
    assert "a@evil.example のドメインは、利用（uses）のメール（mail）に書かれていません" in found["1"][1]
    assert found["2"][0] != "done" and found["3"][0] == "done"


def test_a_refused_address_is_tried_again_once_it_is_mended(office: Office, server: tuple[int, MailOffice]) -> None:
    server[1].refused["a@city.example.jp"] = "550 unknown"
    office.run()
    assert subjects(server) == ["鈴木 様へのお知らせ", "結果"]
    assert states(office)["1"][0] != "done"
    server[1].refused.clear()
    for row in scenario_items(office.ledger, SCENARIO, None):
        if row["key"] == "1" and row["state"] == "in_doubt":
            settle_by_person(office.ledger, row["id"], "again", "s1", "断られていた")
    office.run()
    assert sorted(subjects(server)).count("山田 様へのお知らせ") == 1


def test_a_mail_whose_fate_is_unknown_is_told_and_never_sent_again(
    office: Office, server: tuple[int, MailOffice]
) -> None:
    drops = iter([True])
    server[1].drop = lambda: next(drops, False)
    office.run()
    assert states(office)["1"][0] == "in_doubt" and states(office)["2"][0] == "done"
    (doubtful,) = [row for row in scenario_items(office.ledger, SCENARIO, None) if row["key"] == "1"]
    settle_by_person(office.ledger, doubtful["id"], "again", "s1", "届いていないと聞いた")
    office.run()
    assert subjects(server).count("山田 様へのお知らせ") == 1


@pytest.mark.parametrize("at", range(6, 30))
def test_a_machine_that_stops_anywhere_sends_no_mail_twice(
    office: Office, server: tuple[int, MailOffice], at: int
) -> None:
    try:
        office.run(ledger=Failing(office.ledger, at))
    except PowerCut:
        stopped = True
    else:
        stopped = False
    office.run()
    office.run()
    sent = [one for one in subjects(server) if one != "結果"]
    assert len(sent) == len(set(sent)), sent
    for key, name in (("1", "山田"), ("2", "鈴木")):
        if states(office)[key][0] == "done":
            assert f"{name} 様へのお知らせ" in sent, "what is done was sent"
        else:
            assert stopped and states(office)[key][0] == "in_doubt"


def test_the_same_key_for_another_mail_is_refused(office: Office, server: tuple[int, MailOffice]) -> None:
    edited(office, lambda text: text.replace("通知 ${対象.番号}", "通知"))
    office.run()
    assert subjects(server) == ["山田 様へのお知らせ", "結果"]
    assert "もう別の宛先か件名で送っています" in states(office)["2"][1]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("dx@city.example.jp", "dx@evil.example"), "宛先「dx@evil.example」のドメイン"),
        (("[city.example.jp]", '["@"]'), "「@」はメールの宛先のドメインではありません"),
        (("キー: 通知 ${対象.番号}", "鍵: x"), "鍵"),
    ],
)
def test_a_mistake_is_found_before_anything_runs(change: tuple[str, str], said: str) -> None:
    found = read_scenario({"scenario.yaml": TEXT.replace(*change).encode()}, "a/b")
    assert isinstance(found, Problems) and said in str(found)


def test_a_mail_stands_in_each_only_inside_commit() -> None:
    step = "  - メールを送る: {キー: x, 宛先: a@city.example.jp, 件名: x, 本文: x}\n"
    outside = TEXT.replace("  - 確定する:\n", f"{step}  - 確定する:\n")
    found = read_scenario({"scenario.yaml": outside.encode()}, "a/b")
    assert isinstance(found, Problems) and "「確定する」の中だけに書けます" in str(found)
    prepared = TEXT.replace("準備:\n", f"準備:\n{step}")
    found = read_scenario({"scenario.yaml": prepared.encode()}, "a/b")
    assert isinstance(found, Problems) and "prepare／準備" in str(found)
