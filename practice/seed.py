"""Everybody and everything the practice town knows. Pure functions: the same people on every machine, every day."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from functools import cache

RESIDENT_COUNT = 248


@dataclass(frozen=True)
class Resident:
    """A 住登外者. `number` is the 宛名番号: 8 digits, with leading zeros."""

    number: str
    name: str
    kana: str
    born: date
    sex: str
    postal_code: str
    address: str


@dataclass(frozen=True)
class School:
    code: str
    name: str


@dataclass(frozen=True)
class Creditor:
    """A 債権者. `code` has 6 digits; the account holder is in half-width kana, as banks keep it."""

    code: str
    name: str
    bank: str
    branch: str
    account: str
    holder: str


# The names of the same-name groups stand outside the lists below, so that each group is exactly as large as told here.
_SAME_NAMES = (
    ("佐藤　花子", "サトウ　ハナコ", "女", 12),
    ("鈴木　一郎", "スズキ　イチロウ", "男", 4),
    ("渡辺　誠", "ワタナベ　マコト", "男", 2),
)
_FAMILY = (
    "佐藤:サトウ 鈴木:スズキ 高橋:タカハシ 田中:タナカ 伊藤:イトウ 渡辺:ワタナベ 山本:ヤマモト 中村:ナカムラ 小林:コバヤシ 加藤:カトウ "
    "吉田:ヨシダ 山田:ヤマダ 佐々木:ササキ 山口:ヤマグチ 松本:マツモト 井上:イノウエ 木村:キムラ 林:ハヤシ 清水:シミズ 斎藤:サイトウ "
    "髙野:タカノ 森:モリ 池田:イケダ 橋本:ハシモト 石川:イシカワ 前田:マエダ 藤田:フジタ 後藤:ゴトウ 長谷川:ハセガワ 﨑山:サキヤマ"
)
_GIVEN = (
    "健一:ケンイチ:男 美咲:ミサキ:女 大輔:ダイスケ:男 陽子:ヨウコ:女 翔太:ショウタ:男 由美:ユミ:女 拓也:タクヤ:男 恵:メグミ:女 "
    "直樹:ナオキ:男 さくら:サクラ:女 隆:タカシ:男 久美子:クミコ:女 修:オサム:男 智子:トモコ:女 浩二:コウジ:男 真理:マリ:女 "
    "和也:カズヤ:男 幸子:サチコ:女 正:タダシ:男 結衣:ユイ:女 勇:イサム:男 千春:チハル:女 哲也:テツヤ:男 優子:ユウコ:女 "
    "亮:リョウ:男 葵:アオイ:女 進:ススム:男 典子:ノリコ:女 茂:シゲル:男 愛:アイ:女 純一:ジュンイチ:男 ひかり:ヒカリ:女"
)
AREAS: tuple[tuple[str, str], ...] = (
    ("000-0101", "見本県手本市本町"),
    ("000-0102", "見本県手本市旭町"),
    ("000-0115", "見本県手本市大字北原"),
    ("000-0203", "見本県稽古市中央"),
    ("000-0211", "見本県稽古市緑が丘"),
    ("000-0304", "見本県例題郡例題町東"),
    ("000-0312", "見本県例題郡例題町西"),
    ("000-0407", "演習県下書市港町"),
    ("000-0418", "演習県下書市桜台"),
    ("000-0502", "演習県清書市栄町"),
    ("000-0513", "演習県清書市南"),
    ("000-0601", "演習県素振村大字山際"),
)
"""(郵便番号, the address before 丁目). The codes are of no real place."""


def choose(salt: str, number: int, size: int) -> int:
    """A number in 0..size-1 that looks random and is always the same for the same salt and number."""
    digest = hashlib.sha256(f"{salt}:{number}".encode()).digest()
    return int.from_bytes(digest[:6], "big") % size


def address_of(salt: str, number: int) -> tuple[str, str]:
    """(郵便番号, 住所) for a salt and number."""
    postal_code, area = AREAS[choose(salt, number, len(AREAS))]
    block, lot, house = (choose(f"{salt}-{part}", number, size) + 1 for part, size in (("a", 5), ("b", 28), ("c", 18)))
    return postal_code, f"{area}{block}丁目{lot}番{house}号"


def _names() -> list[tuple[str, str, str]]:
    """(name, kana, sex) of every resident, in the order of their 宛名番号."""
    same = [(name, kana, sex) for name, kana, sex, count in _SAME_NAMES for _ in range(count)]
    families = [pair.split(":") for pair in _FAMILY.split()]
    givens = [triple.split(":") for triple in _GIVEN.split()]
    names = []
    for index in range(RESIDENT_COUNT - len(same)):
        family = families[index % len(families)]
        # 3 has no factor in common with 32, so one family never has two people of the same name.
        given = givens[(index % len(families) * 5 + index // len(families) * 3) % len(givens)]
        names.append((f"{family[0]}　{given[0]}", f"{family[1]}　{given[1]}", given[2]))
    for position, person in enumerate(same):
        names.insert(5 + position * 12, person)
    return names


@cache
def residents() -> tuple[Resident, ...]:
    """All residents by 宛名番号. Of the same name: 12 佐藤　花子, 4 鈴木　一郎, 2 渡辺　誠, each with a birth date of its own."""
    people = []
    for index, (name, kana, sex) in enumerate(_names()):
        postal_code, address = address_of("address", index)
        born = date(1934 + (index * 29) % 72, choose("month", index, 12) + 1, choose("day", index, 28) + 1)
        number = f"{104000 + index * 13 + choose('number', index, 13):08d}"
        people.append(Resident(number, name, kana, born, sex, postal_code, address))
    return tuple(people)


def schools() -> tuple[School, ...]:
    """The six schools of the town."""
    names = ("東小学校", "西小学校", "南小学校", "北小学校", "第一中学校", "第二中学校")
    return tuple(School(f"{101 + index}", name) for index, name in enumerate(names))


def creditors() -> tuple[Creditor, ...]:
    """The 18 creditors (債権者) that the finance system knows."""
    known = (
        ("株式会社見本文具", "ｶ)ﾐﾎﾝﾌﾞﾝｸﾞ"),
        ("練習印刷株式会社", "ﾚﾝｼﾕｳｲﾝｻﾂ(ｶ"),
        ("有限会社手本造園", "ﾕ)ﾃﾎﾝｿﾞｳｴﾝ"),
        ("例題電設株式会社", "ﾚｲﾀﾞｲﾃﾞﾝｾﾂ(ｶ"),
        ("株式会社稽古システムズ", "ｶ)ｹｲｺｼｽﾃﾑｽﾞ"),
        ("演習水道工業株式会社", "ｴﾝｼﾕｳｽｲﾄﾞｳｺｳｷﾞﾖｳ(ｶ"),
        ("合同会社下書デザイン", "ﾄﾞ)ｼﾀｶﾞｷﾃﾞｻﾞｲﾝ"),
        ("株式会社清書警備保障", "ｶ)ｾｲｼﾖｹｲﾋﾞﾎｼﾖｳ"),
        ("素振運送株式会社", "ｽﾌﾞﾘｳﾝｿｳ(ｶ"),
        ("見本県土地改良事業団体連合会", "ﾐﾎﾝｹﾝﾄﾁｶｲﾘﾖｳｼﾞｷﾞﾖｳﾀﾞﾝﾀｲﾚﾝｺﾞｳｶｲ"),
        ("株式会社さくらクリーニング", "ｶ)ｻｸﾗｸﾘ-ﾆﾝｸﾞ"),
        ("旭町商店会", "ｱｻﾋﾏﾁｼﾖｳﾃﾝｶｲ"),
        ("緑が丘給食センター協同組合", "ﾐﾄﾞﾘｶﾞｵｶｷﾕｳｼﾖｸｾﾝﾀ-ｷﾖｳﾄﾞｳｸﾐｱｲ"),
        ("株式会社港町燃料", "ｶ)ﾐﾅﾄﾏﾁﾈﾝﾘﾖｳ"),
        ("山際測量設計事務所　山際　進", "ﾔﾏｷﾞﾜ ｽｽﾑ"),
        ("中央社会保険労務士法人", "ﾁﾕｳｵｳｼﾔｶｲﾎｹﾝﾛｳﾑｼ(ﾎｳﾎｳｼﾞﾝ"),
        ("株式会社栄町オートサービス", "ｶ)ｻｶｴﾏﾁｵ-ﾄｻ-ﾋﾞｽ"),
        ("北原建設株式会社", "ｷﾀﾊﾗｹﾝｾﾂ(ｶ"),
    )
    return tuple(
        Creditor(
            code=f"{1200 + index * 17 + choose('creditor', index, 17):06d}",
            name=name,
            bank=("9901", "9902", "9905")[choose("bank", index, 3)],
            branch=f"{choose('branch', index, 40) + 1:03d}",
            account=f"{choose('account', index, 9_000_000) + 400_000:07d}",
            holder=holder,
        )
        for index, (name, holder) in enumerate(known)
    )


def sections() -> tuple[tuple[str, str], ...]:
    """(code, name) of the sections (所属) that may order a payment."""
    return (
        ("0110", "総務課"),
        ("0120", "財政課"),
        ("0130", "会計課"),
        ("0210", "市民課"),
        ("0220", "税務課"),
        ("0310", "福祉課"),
        ("0410", "土木課"),
        ("0510", "学務課"),
    )


def account_codes() -> tuple[tuple[str, str], ...]:
    """(科目コード, name) of the budget items."""
    return (
        ("10-01-07", "報償費"),
        ("10-02-10", "需用費（消耗品費）"),
        ("10-02-11", "需用費（印刷製本費）"),
        ("10-02-13", "需用費（修繕料）"),
        ("10-03-11", "役務費"),
        ("10-04-12", "委託料"),
        ("10-05-13", "使用料及び賃借料"),
        ("10-06-14", "工事請負費"),
        ("10-07-17", "備品購入費"),
    )
