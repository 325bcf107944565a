"""Thirty 子どものインフルエンザ予防接種補助金申請書: circles and era dates."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from japan.eras import era_of
from practice.paper.fill import Filled, Slip
from practice.paper.people import Family, families, with_check_digit
from practice.paper.pile import FACES, FILES, PENS, pile_scan
from practice.paper.writers import Writers

_SLIPS: Mapping[int, tuple[tuple[Slip, ...], tuple[str, ...], str]] = {
    2: ((Slip("far", "性別"),), (), "性別の○が大きい"),
    5: ((Slip("cancelled", "ワクチン", "経鼻"),), (), "ワクチンを書き直している（二重線で取り消し）"),
    9: ((Slip("double", "性別", "女"),), ("性別",), "男と女の両方に○がある"),
    14: ((Slip("double", "元号", "R"),), ("元号", "生年月日"), "元号に○が二つある"),
    20: ((Slip("struck", "口座番号", "1:4"),), ("口座番号",), "口座番号の2桁目を書き直している"),
    24: ((Slip("between", "生活保護", "有、無"),), ("生活保護",), "有と無の間に○がある"),
    26: ((Slip("faint", "郵便番号"),), (), "郵便番号の筆圧がとても弱い"),
    29: ((Slip("stray", "続柄"),), (), "続柄の上を線が横切っている"),
}


def influ_sheets(writers: Writers) -> list[Filled]:
    """In the order of pile.FILES."""
    known = families()
    return [_sheet(number, known[number * 3 + 2], writers) for number in range(len(FILES))]


def _sheet(number: int, family: Family, writers: Writers) -> Filled:
    rng = np.random.default_rng([5, number])
    slips, doubt, note = _SLIPS.get(number, ((), (), ""))
    values = _values(number, family, rng)
    if number == 9:
        values["性別"] = "男"
    elif number == 14:
        values["元号"], values["生年月日"] = "H", "2014-09-12"
    elif number == 5:
        values["ワクチン"] = "注射"
    return Filled(
        values=values,
        hand=writers.hand(FACES[number % 5], PENS[number % 7], neat=number % 3 != 0, slant=float(rng.normal(0, 4))),
        scan=pile_scan(number, rng),
        mark="cross" if number % 4 == 1 else "tick",
        slips=slips,
        doubt=doubt,
        note=note,
    )


def _values(number: int, family: Family, rng: np.random.Generator) -> dict[str, str]:
    day = f"2025-{10 + number % 3}-{1 + number * 5 % 28:02}"
    return {
        "受付番号": with_check_digit(f"0711{201 + number * 3:03d}"),
        "申請日": f"2026-01-{5 + number % 20:02}",
        "申請者カナ": family.guardian.kana,
        "申請者氏名": family.guardian.name,
        "郵便番号": family.guardian.postal_code.replace("-", ""),
        "電話番号": family.phone if number % 4 else f"0991{family.phone[5:]}",
        "住所": family.guardian.address,
        "児童カナ": family.child_kana,
        "児童氏名": family.child,
        "性別": family.sex,
        "元号": era_of(family.born).letter,
        "生年月日": family.born.isoformat(),
        "続柄": "母" if family.guardian.sex == "女" else "父",
        "生活保護": "有" if number % 9 == 4 else "無",
        "接種日": day,
        "接種回": "2回目" if number % 3 == 1 else "1回目",
        "接種費用": str(2200 + int(rng.integers(0, 30)) * 100) if number % 6 else "12500",
        "ワクチン": "経鼻" if number % 5 == 3 else "注射",
        "医療機関コード": f"{int(rng.integers(1_000_000, 9_999_999))}",
        "添付書類": ("領収書、母子手帳の写し", "領収書", "領収書")[number % 3],
        "銀行コード": family.bank,
        "支店コード": family.branch,
        "口座番号": family.account,
        "預金種別": "当座" if number % 11 == 7 else "普通",
        "口座名義カナ": family.guardian.kana,
    }
