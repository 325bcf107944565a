"""Thirty 通勤届: a table of which most rows stay empty."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from practice.paper.fill import Filled, Slip
from practice.paper.people import Family, families
from practice.paper.pile import FACES, FILES, PENS, pile_scan
from practice.paper.writers import Writers
from practice.seed import sections

_STOPS = ("市役所前", "本町駅", "旭町", "北原口", "緑が丘駅", "港町", "桜台駅", "栄町三丁目", "山際", "中央駅")
_LINES = ("練習電鉄", "市営バス", "見本線", "演習バス")
_REASONS = ("新規", "住居の変更", "勤務先の変更", "経路の変更")
_SLIPS: Mapping[int, tuple[tuple[Slip, ...], tuple[str, ...], str]] = {
    1: ((Slip("cancelled", "届出の理由", "新規"),), (), "届出の理由を書き直している（二重線で取り消し）"),
    7: ((Slip("double", "届出の理由", "新規"),), ("届出の理由",), "届出の理由が二つ選ばれている"),
    11: ((Slip("struck", "経路[1].1か月の運賃", "1:3"),), ("経路",), "1 行目の運賃を書き直している"),
    17: ((Slip("erased", "経路[3].定期", "定期"),), (), "3 行目の定期の印を消しゴムで消した跡がある"),
    22: ((Slip("over_edge", "運賃合計", "3"),), ("運賃合計",), "運賃合計の数字が隣のますにかかっている"),
    25: ((Slip("double", "自動車", "有"),), ("自動車",), "有と無の両方に○がある"),
}


def tsukin_sheets(writers: Writers) -> list[Filled]:
    """In the order of pile.FILES."""
    known = families()
    return [_sheet(number, known[number * 3], writers) for number in range(len(FILES))]


def _sheet(number: int, family: Family, writers: Writers) -> Filled:
    rng = np.random.default_rng([7, number])
    slips, doubt, note = _SLIPS.get(number, ((), (), ""))
    return Filled(
        values=_values(number, family, rng),
        hand=writers.hand(FACES[number % 5], PENS[number % 7], neat=number % 3 != 0, slant=float(rng.normal(0, 4))),
        scan=pile_scan(number, rng),
        mark=("tick", "cross", "fill")[number % 3],
        slips=slips,
        doubt=doubt,
        note=note,
        signature=family.guardian.name,
    )


def _values(number: int, family: Family, rng: np.random.Generator) -> dict[str, str]:
    drives = number % 5 == 0 or number == 7
    rows = _route(0 if number % 5 == 0 else 1 + number % 4, rng)
    ways = ["自動車"] if drives else []
    ways += ["バス"] if any("バス" in row["交通機関"] for row in rows) else []
    ways += ["電車"] if any("バス" not in row["交通機関"] for row in rows) else []
    values = {
        "届出日": f"2026-04-{1 + number % 28:02}",
        "職員番号": f"{'ABK'[number % 3]}{int(rng.integers(10_000, 99_999))}",
        "所属": sections()[number % 8][1],
        "氏名カナ": family.guardian.kana,
        "氏名": family.guardian.name,
        "届出の理由": _REASONS[1 + number % 3],
        "通勤方法": "、".join(way for way in ("電車", "バス", "自転車", "自動車") if way in ways),
        "運賃合計": str(sum(int(row["1か月の運賃"]) for row in rows)) if rows else "",
        "自動車": "有" if drives and number != 25 else "無",
        "距離": str(int(rng.integers(3, 48))) if drives else "",
        "車両番号": f"{int(rng.integers(1000, 9999))}" if drives else "",
        "署名": "記入あり",
    }
    for place, row in enumerate(rows, 1):
        values |= {f"経路[{place}].{column}": text for column, text in row.items()}
    return values


def _route(legs: int, rng: np.random.Generator) -> list[dict[str, str]]:
    stops = rng.choice(len(_STOPS), legs + 1, replace=False)
    return [
        {
            "区間": f"{_STOPS[stops[leg]]}～{_STOPS[stops[leg + 1]]}",
            "交通機関": _LINES[int(rng.integers(0, len(_LINES)))],
            "分": str(int(rng.integers(4, 55))),
            "定期": "定期" if rng.random() < 0.7 else "",
            "1か月の運賃": str(int(rng.integers(30, 190)) * 100 + 60),
        }
        for leg in range(legs)
    ]
