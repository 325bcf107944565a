"""Thirty 住民異動届: the counter printed names, the old address and a QR code; the rest is by hand."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from practice.paper.fill import Filled, Slip
from practice.paper.people import Family, families
from practice.paper.pile import FACES, FILES, PENS, pile_scan
from practice.paper.writers import Writers
from practice.seed import address_of

_REASONS = ("転居", "転入", "転出", "世帯変更")
_KIN = ("本人", "妻", "子", "子", "母")
_SLIPS: Mapping[int, tuple[tuple[Slip, ...], tuple[str, ...], str]] = {
    3: ((Slip("scribbled", "異動の事由", "転出"),), (), "異動の事由を書き直している（塗りつぶして取り消し）"),
    6: ((Slip("between", "届出人", "本人、世帯主"),), ("届出人",), "届出人の○が本人と世帯主の間にある"),
    10: ((Slip("double", "異動の事由", "世帯変更"),), ("異動の事由",), "異動の事由が二つ選ばれている"),
    16: ((Slip("over_edge", "新郵便番号", "4"),), ("新郵便番号",), "新郵便番号の数字が隣のますにかかっている"),
    21: ((Slip("far", "届出人"),), (), "届出人の○が大きい"),
    28: ((Slip("struck", "電話番号", "5:8"),), ("電話番号",), "電話番号の6桁目を書き直している"),
}


def idou_sheets(writers: Writers) -> list[Filled]:
    """In the order of pile.FILES."""
    known = families()
    return [_sheet(number, known[number * 2 + 5], writers) for number in range(len(FILES))]


def _sheet(number: int, family: Family, writers: Writers) -> Filled:
    rng = np.random.default_rng([11, number])
    slips, doubt, note = _SLIPS.get(number, ((), (), ""))
    values = _values(number, family, rng)
    return Filled(
        values=values,
        hand=writers.hand(FACES[number % 5], PENS[number % 7], neat=number % 3 != 0, slant=float(rng.normal(0, 4))),
        scan=pile_scan(number, rng),
        mark=("tick", "tick", "cross")[number % 3],
        printed=frozenset(
            ("整理QR", "届出人氏名", "旧住所", *(name for name in values if name.endswith((".氏名", ".宛名番号"))))
        ),
        slips=slips,
        doubt=doubt,
        note=note,
        signature=family.guardian.name,
    )


def _values(number: int, family: Family, rng: np.random.Generator) -> dict[str, str]:
    postal, address = address_of("idou", number)
    head = family.guardian
    reason = _REASONS[0 if number in (3, 10) else number % 4]
    values = {
        "整理QR": f"IDOU-1:{head.number}:{number + 401:04d}",
        "届出日": f"2026-04-{1 + number % 28:02}",
        "異動日": f"2026-03-{2 + number % 28:02}",
        "異動の事由": reason,
        "届出人": ("本人", "世帯主", "代理人")[number % 3] if number != 6 else "本人",
        "電話番号": family.phone,
        "届出人氏名": head.name,
        "旧住所": head.address,
        "新郵便番号": postal.replace("-", ""),
        "新住所": address,
        "本人確認": ("マイナンバーカード", "運転免許証", "運転免許証、その他")[number % 3],
        "国民健康保険": "加入" if number % 4 == 1 else "非加入",
        "署名": "記入あり",
    }
    people = [(head.name, head.number), (family.child, f"{int(head.number) + 7_000_000:08d}")]
    for row, (name, code) in enumerate(people[: 1 + number % 2], 1):
        values |= {
            f"異動する人[{row}].氏名": name,
            f"異動する人[{row}].続柄": _KIN[0 if row == 1 else 2],
            f"異動する人[{row}].宛名番号": code,
            f"異動する人[{row}].異動": "異動",
        }
    return values
