"""A clerk's mistakes, and what the clerk reads: where it is, what is wrong, what was meant, how to mend it."""

from __future__ import annotations

from openpyxl import load_workbook

from tests.conftest import JUTOGAI, CityHall, small_book

BOOK = "住登外者異動届.xlsx"


def edited(city: CityHall, old: str, new: str) -> None:
    city.edit(JUTOGAI, lambda text: text.replace(old, new))
    city.approve(JUTOGAI)


def line_of(city: CityHall, text: str) -> int:
    lines = (city.home.scenarios / JUTOGAI / "scenario.yaml").read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if text in line)


def test_a_misspelt_step(city: CityHall) -> None:
    city.edit(JUTOGAI, lambda text: text.replace("- 一括入力する:", "- 一括入力するよ:"))
    done = city.banken("check", "--json")
    assert done.code == 1
    report = done.json()
    assert isinstance(report, dict)
    (problem,) = report["problems"]
    assert problem["path"] == f"scenarios/{JUTOGAI}/scenario.yaml"
    assert problem["line"] == line_of(city, "一括入力するよ")
    assert "一括入力する" in problem["guess"]
    said = city.banken("check").err
    assert f"scenario.yaml:{problem['line']}:{problem['column']}: 「一括入力するよ」という手順はありません" in said


def test_a_column_that_the_book_lacks_says_which_it_has(city: CityHall) -> None:
    edited(city, "列: [受付番号,", "列: [受け付け番号,")
    done = city.banken("run", JUTOGAI, "--json")
    report = done.json()
    assert isinstance(report, dict)
    assert report["state"] == "failed"
    assert "受け付け番号" in report["message"]
    assert "宛名番号" in report["message"], "the columns that are there"
    assert "もしかして: 受付番号" in report["message"]
    assert not city.arrived("jumin")


def test_a_column_that_only_the_items_use_is_found_before_the_first_item(city: CityHall) -> None:
    edited(city, "備考: ${対象.備考}", "備考: ${対象.備孝}")
    report = city.banken("run", JUTOGAI, "--json").json()
    assert isinstance(report, dict)
    assert report["state"] == "failed"
    assert f"scenario.yaml:{line_of(city, '備孝')}:" in report["message"]
    assert "もしかして: 備考" in report["message"]
    assert not city.arrived("jumin")


def test_a_label_that_the_page_lacks_says_the_nearest(city: CityHall) -> None:
    small_book(city, 1)
    edited(city, "新住所: ${対象.住所}", "新しい住所: ${対象.住所}")
    edited(city, "      備考: ${対象.備考}\n", "      備考: ${対象.備考}\n    制限時間: 2s\n")
    done = city.banken("run", JUTOGAI)
    assert done.code == 1
    assert "新しい住所" in done.err
    told = city.banken("runs", "--json").json()
    assert isinstance(told, list)
    shown = city.banken("show", told[0]["run"])
    assert "新住所" in shown.out, "the nearest label that is there"
    assert f"scenario.yaml:{line_of(city, '一括入力する')}:" in shown.out
    assert not city.arrived("jumin")


def test_evidence_of_a_failed_item_tells_the_clerk_what_to_do_and_hides_the_values(city: CityHall) -> None:
    small_book(city, 1)
    said = "画面を確かめる: {文字: 登録しました}"
    edited(city, said, "画面を確かめる: {文字: 登録できました}\n          制限時間: 2s")
    (city.home.root / "banken.toml").write_text("settle_seconds = 0.5\nstep_timeout = 8\n", encoding="utf-8")
    city.banken("run", JUTOGAI)
    (account,) = city.home.var.rglob("説明.txt")
    text = account.read_text(encoding="utf-8")
    for heading in (
        "何が起きたか",
        "画面に入力したもの",
        "登録",
        "どうすればよいか",
        "登録できました",
        "scenario.yaml:",
    ):
        assert heading in text
    address = load_workbook(city.home.scenarios / JUTOGAI / "sample" / BOOK).worksheets[0]["J2"].value
    assert str(address) not in text
    assert (account.parent / "screenshot.png").read_bytes().startswith(b"\x89PNG")
    assert (account.parent / "outline.txt").exists()
    assert sum(city.arrived("jumin").values()) == 1, "it was entered; the probe found it, and it was not entered again"


def test_a_wrong_date_says_which_row(city: CityHall) -> None:
    small_book(city, 2)
    path = city.home.scenarios / JUTOGAI / "sample" / BOOK
    book = load_workbook(path)
    assert book.active is not None
    book.active["C3"].value = "令和8年13月1日"
    book.save(path)
    done = city.banken("run", JUTOGAI)
    assert done.code == 1
    assert "3行目" in done.err
    assert "令和8年13月1日" in done.err
    assert sum(city.arrived("jumin").values()) == 1


def test_the_same_key_with_other_values_is_never_guessed(city: CityHall) -> None:
    keys = small_book(city, 2)
    path = city.home.scenarios / JUTOGAI / "sample" / BOOK
    book = load_workbook(path)
    assert book.active is not None
    book.active["A3"].value = keys[0]
    book.save(path)
    done = city.banken("run", JUTOGAI)
    assert done.code == 1
    assert "2行目" in done.err and "3行目" in done.err and "内容が違います" in done.err
    assert not city.arrived("jumin")


def test_wrong_use_of_the_command_line_is_answered_in_japanese(city: CityHall) -> None:
    for arguments, word in (
        (("run",), "ありません"),
        (("rum",), "というコマンドはありません"),
        (("run", JUTOGAI, "--rehears"), "というオプションはありません"),
        (("run", JUTOGAI, "--limit", "x"), "正しくありません"),
        (("items", JUTOGAI, "--state", "doen"), "という状態はありません"),
        (("savings", "--by", "week"), "使えません"),
    ):
        done = city.banken(*arguments)
        assert done.code == 2, arguments
        assert word in done.err, (arguments, done.err)
        assert "Usage" not in done.err
    done = city.banken("run", JUTOGAI, "--input", "受付薄=a.xlsx")
    assert done.code == 1
    assert "もしかして: 受付簿" in done.err
