"""The main job through the command line, against the practice town, in a real browser; all sixty items: test_demo.py."""

from __future__ import annotations

from openpyxl import load_workbook

from tests.conftest import JUTOGAI, CityHall, small_book

BOOK = "住登外者異動届.xlsx"


def test_what_was_entered_is_what_the_book_says(city: CityHall) -> None:
    keys = small_book(city, 3)
    first = city.banken("run", JUTOGAI, "--json")
    assert first.code == 0, first.out + first.err
    report = first.json()
    assert isinstance(report, dict)
    assert set(report) >= {"run", "scenario", "state", "items", "seconds", "hours", "evidence"}
    assert report["items"] == {"done": 3, "rejected": 0, "failed": 0, "skipped": 0, "waiting": 0, "in_doubt": 0}
    assert report["hours"] == {"gross": 0.37, "net": 0.37}  # (3 x 4 + 10) / 60
    book = load_workbook(city.home.scenarios / JUTOGAI / "sample" / BOOK).active
    assert book is not None
    head, *rows = [list(row) for row in book.iter_rows(values_only=True)]
    for entry, row in zip(city.town.entries("jumin"), rows, strict=True):
        meant = dict(zip(head, row, strict=True))
        entered = entry["values"]
        assert isinstance(entered, dict)
        assert entry["key"] == meant["受付番号"] and entry["key"] in keys
        assert entry["subject"] == meant["宛名番号"]
        for label, column in (
            ("届出日", "届出日"),
            ("異動日", "異動日"),
            ("異動事由", "異動事由"),
            ("届出区分", "届出区分"),
            ("新住所", "住所"),
        ):
            assert entered[label] == meant[column]
        assert entered["方書"] == (meant["方書"] or "")

    again = city.banken("run", JUTOGAI, "--json").json()
    assert isinstance(again, dict)
    assert again["items"] == {"done": 0, "rejected": 0, "failed": 0, "skipped": 3, "waiting": 0, "in_doubt": 0}
    assert again["hours"] == {"gross": 0.0, "net": 0.0}
    assert sum(city.arrived("jumin").values()) == 3
    results = load_workbook(city.home.var / "out" / "jutogai-jusho" / "住所変更の登録結果.xlsx")["登録結果"]
    assert len(list(results.rows)) == 4


def test_a_mended_row_is_entered_in_the_next_run_and_an_unmended_one_is_not_tried(city: CityHall) -> None:
    small_book(city, 2)
    path = city.home.scenarios / JUTOGAI / "sample" / BOOK
    book = load_workbook(path)
    assert book.active is not None
    address = book.active["J2"].value
    book.active["J2"].value = ""
    book.active["J3"].value = None
    book.save(path)
    assert city.banken("run", JUTOGAI).code == 1
    assert not city.arrived("jumin")
    book.active["J2"].value = address
    book.save(path)
    done = city.banken("run", JUTOGAI, "--json").json()
    assert isinstance(done, dict)
    assert (done["items"]["done"], done["items"]["rejected"]) == (1, 1)
    assert sum(city.arrived("jumin").values()) == 1
    rejected = city.banken("items", JUTOGAI, "--state", "rejected", "--json").json()
    assert isinstance(rejected, list)
    assert "住所が空欄" in rejected[0]["reason"]


def test_payments_join_two_books_and_the_grid_of_meals_adds_up(city: CityHall) -> None:
    payments = city.banken("run", "kaikei/seikyu-shiharai", "--limit", "9", "--json").json()
    assert isinstance(payments, dict)
    assert (payments["items"]["done"], payments["items"]["rejected"]) == (8, 1)
    entered = city.town.entries("zaimu")
    assert len({entry["key"] for entry in entered}) == len(entered) == 8
    first = entered[0]["values"]
    assert isinstance(first, dict)
    assert first["金額"] == 152625
    assert first["債権者名"] == "株式会社見本文具"

    meals = city.banken("run", "kyoiku/kyushoku-shokusu", "--json").json()
    assert isinstance(meals, dict)
    assert meals["items"]["done"] == 1
    savings = city.banken("savings", "--json").json()
    assert isinstance(savings, dict)
    by_scenario = {row["scenario"]: row for row in savings["rows"]}
    assert by_scenario["kaikei/seikyu-shiharai"]["hours_saved"] == 1.05  # (8 x 6 + 15) / 60
    assert by_scenario["kyoiku/kyushoku-shokusu"]["hours_saved"] == 0.58
    assert savings["total"]["items"] == 9


def test_human_minutes_lower_the_net_saving_and_exports_say_the_same(city: CityHall) -> None:
    small_book(city, 2)
    assert city.banken("run", JUTOGAI).code == 0
    assert city.banken("savings", "book", JUTOGAI, "--minutes", "6", "--kind", "maintenance").code == 0
    savings = city.banken("savings", "--json").json()
    assert isinstance(savings, dict)
    total = savings["total"]
    assert (total["hours_gross"], total["hours_after"], total["hours_saved"]) == (0.3, 0.1, 0.2)  # 2 x 4 + 10 = 18 min
    book, csv = city.home.root / "out.xlsx", city.home.root / "out.csv"
    assert city.banken("savings", "--by", "department", "--out", str(book)).code == 0
    assert city.banken("savings", "--by", "department", "--out", str(csv)).code == 0
    head, line, total = list(load_workbook(book)["削減時間"].iter_rows(max_col=5, values_only=True))
    assert head == ("課", "件数", "削減時間（総）", "人の作業時間", "削減時間（正味）")
    assert line[:4] == ("市民課", 2, 0.3, 0.1)
    assert total == ("合計", "=SUM(B2:B2)", "=SUM(C2:C2)", "=SUM(D2:D2)", "=C3-D3")
    assert csv.read_text(encoding="utf-8-sig").splitlines()[-1].startswith("合計,2,0.3,0.1,0.2")


def test_a_rehearsal_enters_nothing_and_shows_what_would_be_entered(city: CityHall) -> None:
    keys = small_book(city, 2)
    done = city.banken("run", JUTOGAI, "--rehearse", "--json")
    assert done.code == 0, done.err
    report = done.json()
    assert isinstance(report, dict)
    assert report["items"]["done"] == 2
    assert not city.arrived("jumin")
    assert city.banken("items", JUTOGAI, "--json").json() == []
    book = load_workbook(city.home.var / "runs" / report["run"] / "登録予定.xlsx")["登録予定"]
    head, *rows = [list(row) for row in book.iter_rows(values_only=True)]
    assert [row[head.index("受付番号")] for row in rows] == keys
    assert {"結果", "新住所", "異動日", "届出区分"} <= set(head)
    assert city.banken("run", JUTOGAI).code == 0, "a rehearsal uses no key up"
    assert len(city.arrived("jumin")) == 2
