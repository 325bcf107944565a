"""Thirty 就学援助申請書: twenty-four that can be entered as they come, six with something for a person to settle."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

import numpy as np

from japan.eras import era_of
from practice.paper.fill import Filled, Slip
from practice.paper.people import Family, families, with_check_digit
from practice.paper.pile import FACES, PENS, any_scan
from practice.paper.scan import Scan
from practice.paper.writers import Writers

FILES = (
    *(f"{number:02}.jpg" for number in range(1, 11)),
    *["11-15.pdf"] * 5,
    *(f"{number:02}.jpg" for number in range(16, 21)),
    *["21-23.tif"] * 3,
    *(f"{number:02}.jpg" for number in range(24, 31)),
)
"""The file of each sheet; several sheets of one file are its pages."""
_ITEMS = ("学用品費", "通学用品費", "新入学用品費", "校外活動費", "修学旅行費", "学校給食費", "医療費")
_MARKS: tuple[Literal["tick", "cross", "fill"], ...] = ("tick", "tick", "cross", "tick", "fill")
_SLIPS: Mapping[int, tuple[tuple[Slip, ...], tuple[str, ...], str]] = {
    3: ((Slip("cancelled", "学校", "南小学校"),), (), "学校を書き直している（二重線で取り消し）"),
    6: ((Slip("far", "希望費目"),), (), "✓が枠の右上に出ている"),
    12: ((Slip("scribbled", "希望費目", "医療費"),), (), "医療費の印を塗りつぶして取り消している"),
    18: ((Slip("far", "学年"),), (), "学年の○が大きい"),
    24: ((Slip("double", "申請区分", "新規"),), ("申請区分",), "申請区分が両方とも選ばれている"),
    25: ((), ("受付番号",), "受付番号の検査数字が合わない"),
    26: ((Slip("struck", "口座番号", "3:8"),), ("口座番号",), "口座番号の4桁目を書き直している"),
    27: ((Slip("over_edge", "口座番号", "2"),), ("口座番号",), "口座番号の3桁目が隣のますにかかっている"),
    28: ((Slip("between", "学年", "2年、3年"),), ("学年",), "学年の○が2年と3年の間にある"),
    29: ((), ("児童氏名カナ",), "児童氏名カナが名簿にない"),
}


def enjo_sheets(writers: Writers) -> list[Filled]:
    """In the order of FILES."""
    known = families()
    return [_sheet(number, known[number * 3 + 1], writers) for number in range(len(FILES))]


def _sheet(number: int, family: Family, writers: Writers) -> Filled:
    rng = np.random.default_rng([3, number])
    again = number % 3 != 0
    slips, doubt, note = _SLIPS.get(number, ((), (), ""))
    values = _values(number, family, again, rng)
    if number == 24:
        values["申請区分"] = "継続"
    elif number == 25:
        values["受付番号"] = values["受付番号"][:-2] + values["受付番号"][:-3:-1]
    elif number == 28:
        values["学年"] = "2年"
    elif number == 29:
        values["児童氏名カナ"] = f"{family.child_kana.split('　')[0]}　ルリオ"
        values["児童氏名"] = f"{family.child.split('　')[0]}　瑠璃夫"
    return Filled(
        values=values,
        hand=writers.hand(FACES[number % 5], PENS[number % 7], slant=float(rng.normal(0, 4))),
        scan=_scan(number, rng),
        mark=_MARKS[number % 5],
        # Who asked last year too gets the form with name and address printed.
        printed=frozenset(("児童氏名", "保護者氏名", "住所")) if again else frozenset(),
        slips=slips,
        doubt=doubt,
        note=note,
        signature=family.guardian.name,
    )


def _values(number: int, family: Family, again: bool, rng: np.random.Generator) -> dict[str, str]:
    chosen = [item for item in _ITEMS if rng.random() < 0.5 and item != "医療費"] or ["学用品費"]
    return {
        "受付番号": with_check_digit(f"0804{137 + number * 7:03d}"),
        "年度": "令和8年度" if number % 10 else "令和7年度",
        "児童氏名カナ": family.child_kana,
        "児童氏名": family.child,
        "元号": era_of(family.born).name,
        "生年月日": family.born.isoformat(),
        "学校": family.school,
        "学年": f"{family.grade}年",
        "申請区分": "継続" if again else "新規",
        "希望費目": "、".join(chosen),
        "保護者氏名": family.guardian.name,
        "郵便番号": family.guardian.postal_code.replace("-", ""),
        "住所": family.guardian.address,
        "銀行コード": family.bank,
        "支店コード": family.branch,
        "口座番号": family.account,
        "口座名義カナ": family.guardian.kana,
        "備考": "転入のため" if number == 9 else "",
        "署名": "記入あり",
    }


def _scan(number: int, rng: np.random.Generator) -> Scan:
    how = any_scan(rng, steep=number % 4 == 0)
    file = FILES[number]
    if file.endswith(".tif"):
        return replace(how, fax=True)
    if file.endswith(".pdf") or number in (4, 17):
        return replace(how, dpi=150, quality=45)
    if number == 23:
        return replace(how, dpi=300, quality=30)
    if number in (7, 19):
        return replace(how, coffee=True)
    if number == 8:
        return replace(how, turned=180)
    return replace(how, turned=90) if number == 16 else how
