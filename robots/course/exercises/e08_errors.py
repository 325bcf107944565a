"""問8: wrong rows are refused, withdrawn ones left out, the rest entered."""

from __future__ import annotations

from robots.course.accounts import with_account
from robots.course.compare import arrived
from robots.course.exercise import Exercise, Outcome

_COLUMNS = ("依頼番号", "配当元", "配当先", "科目", "金額", "理由", "取下げ")
_ROWS = tuple(
    dict(zip(_COLUMNS, line.split(","), strict=True))
    for line in (
        "R8-21,財政課,学務課,10-02-10,250000,追加配当,",
        "R8-22,土木課,土木課,10-02-13,80000,組替,",
        "R8-23,財政課,福祉課,10-04-12,0,当初配当,",
        "R8-24,財政課,市民課,10-02-11,36500,追加配当,○",
        "R8-25,財政課,市民課,10-02-11,36500,追加配当,",
        "R8-26,学務課,財政課,10-02-10,-5000,組替,",
    )
)
_ENDS = {
    "R8-22": ("業務エラー", "配当元と配当先が同じです"),
    "R8-23": ("業務エラー", "金額が 0 円です"),
    "R8-24": ("除外", "取下げの列が ○ です"),
    "R8-26": ("業務エラー", "金額が 0 円より小さいです"),
}


def _rehearsed(outcome: Outcome) -> list[str]:
    planned = {one["キー"]: one for one in outcome.planned}
    found: list[str] = []
    for number, row in enumerate(_ROWS, 1):
        end, why = _ENDS.get(row["依頼番号"], ("登録予定", "誤りがありません"))
        came = planned.get(row["依頼番号"], {}).get("結果", "対象になっていない")
        if came != end:
            reason = planned.get(row["依頼番号"], {}).get("理由", "")
            found.append(f"{number}行目（{row['依頼番号']}）は、{why}。いまは「{came}」です。{reason}")
    return found


def _entered(outcome: Outcome) -> list[str]:
    meant = []
    for row in _ROWS:
        if row["依頼番号"] not in _ENDS:
            named = with_account(row, "科目")
            meant.append({name: named[name] for name in _COLUMNS if name != "取下げ"})
    return arrived(outcome, "zaimu", meant, "依頼番号")


EXERCISE = Exercise(
    number=8,
    level=2,
    title="誤りのあるデータを、登録しない",
    name="08-shinsa",
    rehearsed=_rehearsed,
    entered=_entered,
    commits=True,
    tables={"依頼.csv": _ROWS},
)
