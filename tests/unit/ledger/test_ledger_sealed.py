"""What is personal lies sealed in the ledger's file, is found again by its mark, and goes when its time is over."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from robots.clock import now, stamp
from robots.errors import SystemFailure
from robots.ledger import store
from robots.ledger.items import Outcome, claim_next, settle_by_person, settle_item
from robots.ledger.keys import names_of_keys, packed, renew, unpacked
from robots.ledger.lookup import items_of_run, scenario_items
from robots.ledger.mails import begin_mail, end_mail
from robots.ledger.people import Minutes, book_minutes
from robots.ledger.purge import GONE, due, pictures, purge
from robots.ledger.reviews import Answer, Question, answer, answers, tasks
from robots.ledger.runs import Failure, finish_run, record_failure, run_failures
from robots.ledger.seal import Sealer, new_key
from robots.ledger.store import Ledger, open_ledger
from robots.ledger.tables import items, runs
from robots.vault import FileVault
from tests.unit.ledger.ledger_help import SCENARIO, adopt, enter, row, start

NAME, NUMBER, WORD = "山田花子朗", "123456789018", "secret-word-77"
LATER = "2099-01-01T00:00:00.000+09:00"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an empty ledger and its key, made once: the migrations take longer than most tests."""
    folder = tmp_path_factory.mktemp("sealed")
    keys = FileVault(folder / "vault.age", folder / "elsewhere" / "vault.key")
    open_ledger(f"sqlite:///{(folder / 'var' / 'ledger.sqlite').as_posix()}", keys).close()
    return folder


@pytest.fixture
def keys(tmp_path: Path, made: Path) -> FileVault:
    shutil.copytree(made / "elsewhere", tmp_path / "elsewhere")
    return FileVault(tmp_path / "vault.age", tmp_path / "elsewhere" / "vault.key")


@pytest.fixture
def place(tmp_path: Path, made: Path) -> Path:
    shutil.copytree(made / "var", tmp_path / "var")
    return tmp_path / "var" / "ledger.sqlite"


@pytest.fixture
def sealed(place: Path, keys: FileVault) -> Iterator[Ledger]:
    opened = open_ledger(f"sqlite:///{place.as_posix()}", keys)
    yield opened
    opened.close()


def lived(ledger: Ledger) -> str:
    """A run in which names, numbers and words stand wherever the ledger takes them; returns it."""
    run = start(ledger)
    question = Question("row:1", NAME, "row", f"氏名: {NAME}", (f"{NAME}を確かめる",), place=NAME, options=(NUMBER,))
    first, second, asked = adopt(
        ledger,
        run,
        row(f"K-{NUMBER}", 氏名=NAME, 個人番号=NUMBER, 語=WORD),
        row("K-2", 氏名=NAME),
        replace(row("K-3", 氏名=NAME), questions=(question,)),
    )
    enter(ledger, run, first, 受付=f"{NAME} {WORD}")
    claim_next(ledger, run)
    failure = Failure("each[1]", f"{NAME}.yaml:3", f"{NAME}が違います", f"{WORD}を直す", "")
    settle_item(ledger, run, second.id, Outcome("rejected", f"{NAME}は一覧にありません", failure=failure))
    record_failure(ledger, run, None, failure)
    (task,) = tasks(ledger, SCENARIO)
    answer(ledger, task["id"], Answer("exclude", "", "s1", f"{NAME}の紙", 30.0), lambda *_: None)
    book_minutes(ledger, Minutes(SCENARIO, "mending", Decimal(3), "s1", f"{NAME}の分", run, first.id))
    begin_mail(ledger, scenario=SCENARIO, key=f"{NAME}-1", run=run, digest=WORD)
    end_mail(ledger, scenario=SCENARIO, key=f"{NAME}-1", state="sent")
    finish_run(ledger, run, "ended", [first.id], f"{NAME}まで終わりました")
    assert asked.state == "waiting"
    return run


def bytes_of(place: Path) -> bytes:
    return b"".join(file.read_bytes() for file in place.parent.glob(f"{place.name}*"))


def leaks(data: bytes) -> list[str]:
    return [text for text in (NAME, NUMBER, WORD) for code in ("utf-8", "utf-16-le") if text.encode(code) in data]


def test_nothing_personal_stands_in_the_file_and_all_of_it_is_read_back(sealed: Ledger, place: Path) -> None:
    run = lived(sealed)
    assert leaks(bytes_of(place)) == []
    first, second, _ = scenario_items(sealed, SCENARIO, None)
    assert (first["key"], first["values"]["個人番号"], first["result"]) == (
        f"K-{NUMBER}",
        NUMBER,
        {"受付": f"{NAME} {WORD}"},
    )
    assert second["reason"] == f"{NAME}は一覧にありません"
    assert [one["what"] for one in run_failures(sealed, run)] == [f"{NAME}が違います"] * 2
    assert f"{NAME}の紙" in answers(sealed, SCENARIO)["row:1"].excluded
    assert [one["reason"] for one in items_of_run(sealed, run)][1] == f"{NAME}は一覧にありません"


def test_a_key_is_found_again_by_its_mark_in_a_later_run(sealed: Ledger) -> None:
    first = start(sealed)
    (item,) = adopt(sealed, first, row("K-1"))
    enter(sealed, first, item)
    finish_run(sealed, first, "ended", [item.id])
    (again,) = adopt(sealed, start(sealed), row("K-1"))
    assert (again.id, again.state) == (item.id, "done")
    assert "登録済みです" in again.reason and "内容が登録した時と違います" not in again.reason
    (changed,) = adopt(sealed, start(sealed), row("K-1", 氏名="別の人"))
    assert "内容が登録した時と違います" in changed.reason
    begin_mail(sealed, scenario=SCENARIO, key="m", run=first, digest="a")
    assert begin_mail(sealed, scenario=SCENARIO, key="m", run=first, digest="b") == ("sending", False)
    assert begin_mail(sealed, scenario=SCENARIO, key="m", run=first, digest="a") == ("unknown", True)


def test_a_sealed_column_can_not_be_compared_by_mistake(sealed: Ledger) -> None:
    with pytest.raises(TypeError, match="mark"):
        sa.select(items).where(items.c.key == "K-1")
    with pytest.raises(TypeError, match="mark"):
        sa.select(items).where(items.c.reason.contains(NAME))


def test_equal_values_are_sealed_differently_and_a_changed_one_is_told(sealed: Ledger, place: Path) -> None:
    run = start(sealed)
    one, _ = adopt(sealed, run, row("1", 氏名=NAME), row("2", 氏名=NAME))
    with sqlite3.connect(place) as raw:
        lying = [text for (text,) in raw.execute('SELECT "values" FROM items')]
        assert len(set(lying)) == 2
        broken = lying[0][:-6] + ("A" if lying[0][-6] != "A" else "B") + lying[0][-5:]
        raw.execute('UPDATE items SET "values" = ? WHERE id = ?', (broken, one.id))
    raw.close()
    with pytest.raises(SystemFailure, match="読めない値"):
        scenario_items(sealed, SCENARIO, None)


def test_without_its_key_the_ledger_says_so_and_nothing_is_lost(
    sealed: Ledger, place: Path, keys: FileVault, tmp_path: Path
) -> None:
    lived(sealed)
    (name,) = names_of_keys(sealed)
    before = place.read_bytes()
    other = FileVault(tmp_path / "vault.age", tmp_path / "other" / "vault.key")
    url = f"sqlite:///{place.as_posix()}"
    with pytest.raises(SystemFailure, match=name) as refused:
        open_ledger(url, other)
    assert "banken vault key import" in refused.value.mend
    assert place.read_bytes() == before
    carried = packed(sealed, keys, "長い合言葉をここに書く")
    with pytest.raises(SystemFailure, match="開けません"):
        unpacked(carried, "ほかの合言葉")
    for key_name, key in unpacked(carried, "長い合言葉をここに書く").items():
        other.keep_ledger_key(key_name, key)
    opened = open_ledger(url, other)
    assert len(scenario_items(opened, SCENARIO, None)) == 3
    opened.close()


def test_a_renewed_key_seals_all_and_the_old_one_alone_opens_nothing_any_more(
    sealed: Ledger, place: Path, keys: FileVault
) -> None:
    run = lived(sealed)
    (old,) = names_of_keys(sealed)
    fresh = renew(sealed, keys)
    assert names_of_keys(sealed) == [old, fresh]
    key = keys.ledger_key(old)
    assert key is not None
    with sqlite3.connect(place) as raw:
        lying = [text for (text,) in raw.execute('SELECT "key" FROM items')]
    raw.close()
    for text in lying:
        with pytest.raises(SystemFailure):
            Sealer([key]).open(text)
    again = open_ledger(f"sqlite:///{place.as_posix()}", keys)
    assert [one["reason"] for one in items_of_run(again, run)][1] == f"{NAME}は一覧にありません"
    assert adopt(again, start(again), row("K-2", 氏名=NAME))[0].state == "rejected", "the marks stay as they were"
    again.close()


def test_what_an_older_banken_wrote_in_plain_is_sealed_and_gone_from_the_file(
    sealed: Ledger, place: Path, keys: FileVault
) -> None:
    lived(sealed)
    sealed.close()
    url = f"sqlite:///{place.as_posix()}"
    config = Config()
    config.set_main_option("script_location", str(Path(store.__file__).parent / "migrations"))
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        config.attributes |= {"connection": connection, "keys": keys}
        command.downgrade(config, "0007")
    engine.dispose()
    assert set(leaks(bytes_of(place))) == {NAME, NUMBER, WORD}, "it was plain then"
    upgraded = open_ledger(url, keys)
    assert leaks(bytes_of(place)) == []
    assert [one["key"] for one in scenario_items(upgraded, SCENARIO, None)] == [f"K-{NUMBER}", "K-2", "K-3"]
    assert adopt(upgraded, start(upgraded), row("K-2", 氏名=NAME))[0].state == "rejected"
    assert f"{NAME}の紙" in answers(upgraded, SCENARIO)["row:1"].excluded
    upgraded.close()


def test_a_purge_empties_what_is_over_and_leaves_marks_and_sums(sealed: Ledger, place: Path) -> None:
    run = lived(sealed)
    with sealed.reading() as connection:
        sums = [
            connection.execute(sa.text(f"SELECT * FROM {name}")).all() for name in ("savings_months", "human_minutes")
        ]
    with sqlite3.connect(place) as raw:
        lying = [text for (text,) in raw.execute('SELECT "values" FROM items')]
    raw.close()
    assert not due(sealed, "2000-01-01T00:00:00.000+09:00")
    wanted = due(sealed, LATER)
    assert (len(wanted.items), wanted.runs, len(wanted.mails)) == (3, [run], 1)
    assert pictures(sealed, wanted) == set()
    purge(sealed, wanted, stamp(now()))
    sealed.compact()
    assert not due(sealed, LATER)
    for row_ in scenario_items(sealed, SCENARIO, None):
        assert (row_["key"], row_["origin"], row_["values"], row_["result"], row_["reason"]) == (GONE, GONE, {}, {}, "")
    assert {(one["what"], one["mend"]) for one in run_failures(sealed, run)} == {("", "")}
    data = bytes_of(place)
    assert [text for text in lying if text.encode() in data] == [], "not even sealed is it in the file any more"
    with sealed.reading() as connection:
        months, minutes = (
            connection.execute(sa.text(f"SELECT * FROM {name}")).all() for name in ("savings_months", "human_minutes")
        )
        assert connection.execute(sa.select(runs.c.done)).scalar_one() == 1
    assert months == sums[0]
    assert [one.minutes for one in minutes] == [one.minutes for one in sums[1]]


def test_what_is_purged_is_never_entered_again(sealed: Ledger) -> None:
    lived(sealed)
    purge(sealed, due(sealed, LATER), stamp(now()))
    run = start(sealed)
    done, rejected = adopt(sealed, run, row(f"K-{NUMBER}", 氏名=NAME, 個人番号=NUMBER, 語=WORD), row("K-2", 氏名=NAME))
    assert (done.state, rejected.state) == ("done", "rejected")
    assert begin_mail(sealed, scenario=SCENARIO, key=f"{NAME}-1", run=run, digest=WORD) == ("sent", True)
    assert "除外" in answers(sealed, SCENARIO)["row:1"].excluded, "a person's exclusion holds for ever"


def test_a_purged_answer_never_stands_for_a_blank_field(sealed: Ledger) -> None:
    run = start(sealed)
    question = Question("paper#1", "氏名", "text", NAME, ("読みにくい",))
    paper = replace(row("（紙 1）", 住所="x"), source="paper#1", questions=(question,))
    (item,) = adopt(sealed, run, paper)
    (task,) = tasks(sealed, SCENARIO)
    answer(sealed, task["id"], Answer("correct", NAME, "s1"), lambda *_: None)
    settle_item(sealed, run, item.id, Outcome("rejected", "違います"))
    purge(sealed, due(sealed, LATER), stamp(now()))
    assert answers(sealed, SCENARIO) == {}
    (again,) = adopt(sealed, start(sealed), paper)
    assert again.state == "waiting"
    assert [one["proposed"] for one in tasks(sealed, SCENARIO)] == [NAME], "the person is asked anew"


def test_what_waits_or_is_in_doubt_is_not_purged(sealed: Ledger) -> None:
    run = start(sealed)
    done, doubt = adopt(sealed, run, row("K-1"), row("K-2"))
    enter(sealed, run, done)
    settle_item(sealed, run, doubt.id, Outcome("in_doubt", "分かりません"))
    assert due(sealed, LATER).items == [], "the done one is owed to `finish` yet"
    settle_by_person(sealed, doubt.id, "again", "s1", "なかった")
    assert due(sealed, LATER).items == []


def test_a_key_is_32_bytes_of_chance() -> None:
    assert len({new_key() for _ in range(50)}) == 50
    assert {len(new_key()) for _ in range(5)} == {32}
