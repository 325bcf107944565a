"""The night takes care of itself: what it does of an evening, what it tells of a morning, and what died."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from robots.clock import now, stamp
from robots.drivers.browser import Browser
from robots.errors import SystemFailure
from robots.ledger.firings import get_firing
from robots.ledger.tables import firings, items, runs
from robots.nightly.backup import copies
from robots.nightly.health import night_health, read_beat
from tests.flow_town import ID, ITEMS, TOP, enter
from tests.unit.nightly.care_town import EVENING, Leader, Watched, subjects

# --- the evening ---


def test_in_the_evening_it_checks_copies_and_tells_the_plan_once(watched: Watched) -> None:
    care = watched.care()
    watched.moment = EVENING - timedelta(minutes=1)
    care.tick(Leader())
    assert subjects(watched) == [] and copies(watched.home.backups) == []
    watched.moment = EVENING
    for _ in range(3):
        care.tick(Leader())
        watched.moment += timedelta(seconds=30)
    watched.care().tick(Leader())  # begun anew
    assert len(copies(watched.home.backups)) == 1
    (mail,) = watched.mailer.sent
    assert "今夜の計画" in mail.subject and mail.to == ("dx@city.example.jp",)
    assert "19:00" in mail.body and ID in mail.body
    beat = read_beat(watched.home)
    assert beat is not None and [one.ok for one in beat.findings] == [True] * 4 and beat.failures == {}


def test_one_that_stands_by_tells_and_copies_nothing(watched: Watched) -> None:
    watched.care().tick(Leader(leads=False))
    assert subjects(watched) == [] and copies(watched.home.backups) == []
    beat = read_beat(watched.home)
    assert beat is not None and not beat.leads and beat.checked_at


def test_what_is_wrong_before_the_night_is_told_at_once(watched: Watched) -> None:
    def broken() -> None:
        raise SystemFailure("ブラウザがありません。", mend="入れてください。")

    watched.browser = broken
    watched.care().tick(Leader())
    assert any("直すところ" in one for one in subjects(watched))
    bad = [one.name for one in night_health(watched.home, watched.town.ledger, watched.moment) if not one.ok]
    assert "ブラウザ" in bad


def test_a_notice_that_could_not_go_is_tried_again_and_goes_once(watched: Watched) -> None:
    care = watched.care()
    watched.mailer.failure = SystemFailure("サーバーが止まっています。", mend="待ってください。")
    care.tick(Leader())
    beat = read_beat(watched.home)
    assert subjects(watched) == [] and beat is not None and "計画の通知" in beat.failures
    watched.mailer.failure = None
    watched.moment += timedelta(minutes=11)
    care.tick(Leader())
    care.tick(Leader())
    assert len(subjects(watched)) == 1


# --- the morning ---


def test_the_morning_report_tells_what_failed_and_no_value_of_a_citizen(watched: Watched) -> None:
    town = watched.town
    town.write(
        TOP
        + ITEMS
        + "各件:\n"
        + "  - 審査する:\n      - {条件: \"${対象.氏名 == '乙'}\", さもなくば: 氏名が違います}\n"
    )
    report = town.run()
    with town.ledger.writing() as connection:
        connection.execute(items.update().where(items.c.state == "rejected").values(state="failed"))
        connection.execute(sa.text("UPDATE run_items SET state='failed' WHERE state='rejected'"))
        values = {"scenario": "shimin/hoka", "due": stamp(now()), "fired_at": stamp(now()), "ended_at": stamp(now())}
        connection.execute(
            firings.insert().values(
                priority=5,
                state="missed",
                reason="06:00 までに始められませんでした。",
                not_before=stamp(now()),
                claims=0,
                **values,
            )
        )
    half_past = now().replace(hour=7, minute=30)
    watched.moment = half_past + timedelta(days=1 if now() >= half_past else 0)
    watched.care().tick(Leader())
    (mail,) = watched.mailer.sent
    assert "朝の報告" in mail.subject and "失敗・未実行 2" in mail.subject
    for told in (
        report.run,
        "完了 1",
        "失敗 1",
        "始められませんでした",
        "人を待っているもの",
        "削減時間",
        "監査記録",
        "ディスク",
    ):
        assert told in mail.body, told
    assert "甲野" not in mail.body and "氏名が違います" not in mail.body


def test_a_run_that_died_is_carried_on_at_the_start(watched: Watched) -> None:
    run = watched.town.run().run
    assert watched.care().begin() == []
    with watched.town.ledger.writing() as connection:
        connection.execute(runs.update().values(state="running", ended_at=None, finished=False, machine="robot-1"))
    assert watched.care().begin() == [run]
    assert watched.launched.resumed == [run]


def test_what_the_world_has_failed_is_tried_again_within_its_window_and_no_longer(watched: Watched) -> None:
    town = watched.town

    def unreachable() -> Browser:
        raise SystemFailure("画面が開きません。", mend="待ってください。")

    town.browser = unreachable
    town.write(
        TOP.replace("準備:", "  サイト: {市: http://127.0.0.1:9}\n準備:\n  - 画面を開く: ${サイト.市}/")
        + ITEMS
        + "各件:\n"
        + enter("${対象.氏名}")
    )
    moment = now()

    def firing(minutes: int) -> int:
        times = dict.fromkeys(("not_before", "fired_at"), stamp(moment))
        due = stamp(moment - timedelta(minutes=minutes))
        with town.ledger.writing() as connection:
            added = connection.execute(
                firings.insert().values(
                    scenario=ID,
                    due=due,
                    finish_by=stamp(moment + timedelta(minutes=minutes)),
                    priority=5,
                    state="queued",
                    reason="",
                    claims=0,
                    **times,
                )
            )
        assert added.inserted_primary_key is not None
        return int(added.inserted_primary_key[0])

    def seen(number: int) -> tuple[str, float]:
        row = get_firing(town.ledger, number)
        assert row is not None
        return row["state"], (datetime.fromisoformat(row["not_before"]) - moment).total_seconds() / 60

    wide, narrow = firing(120), firing(4)
    for state, wait in (("queued", 5), ("queued", 10), ("failed", 10)):
        assert town.run(firing=wide).state == "failed"
        found, minutes = seen(wide)
        assert found == state
        assert minutes == pytest.approx(wait, abs=0.5)
    town.run(firing=narrow)
    assert seen(narrow)[0] == "failed", "in five minutes its window is over"
