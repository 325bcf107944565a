"""One row's work in each system of the practice town, as a person does it, and ten rows for each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from practice.books.jutogai import reports
from practice.seed import account_codes, creditors, residents, schools, sections
from tests.recorder.person import Person, Row

COUNT = 4


def gakumu_rows() -> list[Row]:
    return [
        {
            "受付番号": f"2604{number:04d}",
            "年度": "令和8年度",
            "児童氏名": f"見本　太郎{number}",
            "フリガナ": "ミホン　タロウ",
            "生年月日": f"2018-04-{number:02d}",
            "申請区分": "新規" if number % 2 else "継続",
            "希望費目": "学用品費、学校給食費" if number % 3 else "医療費",
            "学校": schools()[number % 5].name,
            "学年": f"{number % 6 + 1}年",
            "保護者": f"見本　花子{number}",
            "郵便番号": "000-0101",
            "住所": f"見本県練習市中央{number}丁目2番3号",
            "銀行": "9901",
            "支店": f"{number:03d}",
            "口座番号": f"{1234500 + number}",
            "名義": "ﾐﾎﾝ ﾊﾅｺ",
            "備考": "" if number < 3 else f"備考{number}",
        }
        for number in range(1, COUNT + 1)
    ]


def gakumu(person: Person, row: Row) -> None:
    person.sign_in()
    person.follow("就学援助申請入力")
    person.type("受付番号", "9")  # typed wrong, then again
    person.choose("年度", row["年度"])
    person.type("受付番号", row["受付番号"])
    person.type("児童氏名", row["児童氏名"])
    person.type("児童氏名カナ", row["フリガナ"])
    person.date("生年月日", row["生年月日"])
    person.tick("申請区分", [row["申請区分"]])
    person.tick("希望費目", row["希望費目"].split("、"))
    person.choose("学校", row["学校"])
    person.choose("学年", row["学年"])
    person.type("保護者氏名", row["保護者"])
    person.type("郵便番号", row["郵便番号"])
    person.type("住所", row["住所"])
    person.type("銀行コード", row["銀行"])
    person.type("支店コード", row["支店"])
    person.type("口座番号", row["口座番号"])
    person.type("口座名義カナ", row["名義"])
    if row["備考"]:
        person.type("備考", row["備考"])
    person.press("登録")
    person.follow("申請一覧へ戻る")
    person.type("受付番号", row["受付番号"])
    person.press("検索")


def zaimu_rows() -> list[Row]:
    known = creditors()
    return [
        {
            "請求書番号": f"R8-{number:03d}",
            "債権者コード": known[number].code,
            "債権者名": known[number].name,
            "請求日": f"令和8年4月{number}日",
            "支払予定日": f"2026-05-{number:02d}",
            "所属": sections()[number % 8][1],
            "科目コード": account_codes()[number % 9][0],
            "金額": f"{150000 + number * 11}",
            "源泉徴収": "有" if number % 4 == 0 else "無",
            "摘要": f"摘要{number}",
        }
        for number in range(1, COUNT + 1)
    ]


def zaimu(person: Person, row: Row) -> None:
    person.sign_in()
    person.follow("財務会計")
    person.follow("支出命令入力")
    frame = person.page.frame(name="gyomu")
    assert frame
    inside = person.at(frame)
    inside.type("請求書番号", row["請求書番号"])
    inside.type("債権者コード", row["債権者コード"])
    inside.type("債権者名", row["債権者名"])
    inside.date("請求日", row["請求日"])
    frame.get_by_label("支払予定日").focus()
    year, month, day = row["支払予定日"].split("-")
    person.page.keyboard.type(f"{month}{day}{year}")
    inside.choose("所属", row["所属"])
    inside.choose("科目コード", next(f"{code} {name}" for code, name in account_codes() if code == row["科目コード"]))
    inside.type("金額", row["金額"])
    inside.type("摘要", row["摘要"])
    person.answers.append(True)
    inside.press("登録")
    inside.follow("支出命令一覧")


def jumin_rows() -> list[Row]:
    return [
        {
            "受付番号": report.number,
            "届出日": report.reported.isoformat(),
            "異動日": report.moved.isoformat(),
            "異動事由": "転居",
            "届出区分": "本人",
            "宛名番号": report.person.number,
            "氏名カナ": report.person.kana,
            "郵便番号": report.postal_code,
            "住所": report.address,
            "方書": "" if number == 0 else f"見本荘{number}号室",
            "本人確認": "○",
        }
        for number, report in enumerate(reports()[:COUNT])
    ]


def jumin(person: Person, row: Row) -> None:
    person.sign_in()
    person.follow("住登外者検索")
    person.type("宛名番号", row["宛名番号"])
    person.press("検索")
    person.follow("住所変更")
    person.type("受付番号", row["受付番号"])
    person.date("届出日", row["届出日"])
    person.date("異動日", row["異動日"])
    person.choose("異動事由", row["異動事由"])
    person.tick("届出区分", [row["届出区分"]])
    person.type("郵便番号", row["郵便番号"])
    person.type("新住所", row["住所"])
    person.screen.get_by_text("本人確認書類を確認した").click()
    person.answers.append(True)
    person.press("登録")
    person.follow("異動履歴")


def zei_rows() -> list[Row]:
    people = residents()
    return [
        {
            "受付番号": f"77{number:04d}",
            "届出年月日": f"R8.5.{number}",
            "税目": ("市県民税", "固定資産税", "軽自動車税", "法人市民税")[number % 4],
            "届出種別": ("新規", "変更", "廃止")[number % 3],
            "宛名番号": people[number].number,
            "氏名": people[number].name,
            "課税標準額": f"{1_000_000 + number}",
            "税額": f"{60_000 + number}",
            "備考": f"備考{number}",
        }
        for number in range(1, COUNT + 1)
    ]


def zei(person: Person, row: Row) -> None:
    person.sign_in()
    person.follow("届出入力")
    person.type("受付番号", row["受付番号"])
    person.date("届出年月日", row["届出年月日"])
    person.choose("税目", row["税目"])
    person.tick("届出種別", [row["届出種別"]])
    person.type("宛名番号", row["宛名番号"])
    person.type("納税義務者氏名", row["氏名"])
    person.type("課税標準額", row["課税標準額"])
    person.press("確認")  # the screen refuses it: 税額 is missing
    person.type("税額", row["税額"])
    person.type("備考", row["備考"])
    person.press("確認")
    with person.page.expect_popup() as opened:
        person.press("登録")
    popup = person.at(opened.value)
    popup.settle()
    with opened.value.expect_download():
        popup.follow("受付結果通知書（PDF）")
    popup.close("閉じる")
    person.follow("届出一覧へ戻る")
    person.type("受付番号", row["受付番号"])
    person.press("検索")


def kyushoku_rows() -> list[Row]:
    days = [day for day in range(1, 31) if (day + 2) % 7 not in (6, 0)][:COUNT]  # 1 April 2026 is a Wednesday
    return [
        {"日付": f"4月{day}日", **{f"{grade}年": str(20 + day + grade) for grade in range(1, 7)}, "職員": str(day)}
        for day in days
    ]


def kyushoku(person: Person, row: Row) -> None:
    person.sign_in()
    person.follow("食数入力")
    person.choose("学校", "東小学校")
    person.choose("年月", "令和8年4月")
    person.press("入力画面を開く")
    for column in ("1年", "2年", "3年", "4年", "5年", "6年", "職員"):
        person.type(f"{row['日付']} {column}", row[column])
    person.answers.append(True)
    person.press("一括登録")


def controls_rows() -> list[Row]:
    return [
        {
            "番号": f"{number}",
            "制御": f"制御された文字{number}",
            "金額": f"{1000 * number + 234567}",
            "区分": ("新規", "継続", "変更")[number % 3],
            "連絡方法": "電話、郵送" if number % 2 else "メール",
            "希望日": f"2026-06-{number:02d}",
            "自宅": f"000-1111-{number:04d}",
            "勤務先": f"000-2222-{number:04d}",
            "メールアドレス": f"a{number}@mihon.example",
            "検索語": f"語{number}",
            "申請者名": f"申請　者{number}",
        }
        for number in range(1, COUNT + 1)
    ]


def controls(person: Person, row: Row) -> None:
    person.type("制御入力", row["制御"])
    person.type("整理番号", row["番号"])
    person.type("金額", row["金額"])
    person.choose("区分", row["区分"])
    person.tick("連絡方法", row["連絡方法"].split("、"))
    person.screen.get_by_label("希望日").focus()
    year, month, day = row["希望日"].split("-")
    person.page.keyboard.type(f"{month}{day}{year}")
    person.into(person.group("自宅").get_by_label("電話番号"), row["自宅"])
    person.into(person.group("勤務先").get_by_label("電話番号"), row["勤務先"])
    person.into(person.screen.get_by_placeholder("メールアドレス"), row["メールアドレス"])
    person.type("検索語", row["検索語"])
    person.into(person.screen.locator("[name=cell]"), row["申請者名"])
    person.press("送信")


@dataclass(frozen=True)
class Work:
    """begin: the path where the recording begins; system: where the entries arrive."""

    id: str
    begin: str
    system: str
    rows: Callable[[], list[Row]]
    do: Callable[[Person, Row], None]
    commit: str = ""
    """The request that registers, where the person has shown afterwards how to look for it."""


WORKS = (
    Work("gakumu/enjo", "/gakumu/applications/new", "gakumu", gakumu_rows, gakumu, "POST /gakumu/applications/new"),
    Work("kaikei/shiharai", "/zaimu", "zaimu", zaimu_rows, zaimu, "POST /zaimu/payments/new"),
    Work("shimin/jusho", "/menu", "jumin", jumin_rows, jumin),
    Work("kaikei/zei", "/zei/filings", "zei", zei_rows, zei, "POST /zei/filings/results"),
    Work("kyoiku/shokusu", "/kyushoku/meals", "kyushoku", kyushoku_rows, kyushoku),
    Work("shimin/buhin", "/practice/controls", "practice", controls_rows, controls),
)
