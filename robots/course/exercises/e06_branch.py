"""問6: what is done depends on the item."""

from __future__ import annotations

from robots.course.accounts import with_account
from robots.course.compare import arrived, on_screen
from robots.course.exercise import Exercise, Outcome

_COLUMNS = ("請求書番号", "債権者コード", "債権者名", "請求日", "支払予定日", "所属", "科目コード", "金額", "源泉徴収")
_ROWS = tuple(
    dict(zip(_COLUMNS, line.split(), strict=True))
    for line in (
        "S-101 001208 株式会社見本文具 令和8年5月1日 2026-06-15 土木課 10-02-10 152625 無",
        "S-102 001254 例題電設株式会社 令和8年5月2日 2026-06-15 学務課 10-02-13 90530 有",
        "S-103 001208 株式会社見本文具 令和8年5月8日 2026-06-30 市民課 10-02-10 100000 有",
        "S-104 001254 例題電設株式会社 令和8年5月9日 2026-06-30 財政課 10-02-13 99999 無",
    )
)


def _note(row: dict[str, str]) -> str:
    return "部長決裁" if int(row["金額"]) >= 100_000 else "課長決裁"


def _rehearsed(outcome: Outcome) -> list[str]:
    meant = {
        row["請求書番号"]: {"摘要": _note(row), **({"源泉徴収する": "はい"} if row["源泉徴収"] == "有" else {})}
        for row in _ROWS
    }
    return on_screen(outcome, meant, compare=True)


def _entered(outcome: Outcome) -> list[str]:
    meant = [
        {"請求書番号": row["請求書番号"], "金額": row["金額"], "摘要": _note(row), "源泉徴収": row["源泉徴収"] == "有"}
        | {"科目コード": with_account(row, "科目コード")["科目コード"]}
        for row in _ROWS
    ]
    return arrived(outcome, "zaimu", meant, "請求書番号")


EXERCISE = Exercise(
    number=6,
    level=2,
    title="場合によって分ける",
    name="06-wakeru",
    rehearsed=_rehearsed,
    entered=_entered,
    commits=True,
    tables={"請求書.csv": _ROWS},
)
