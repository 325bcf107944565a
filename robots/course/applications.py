"""Comparing what became of the 就学援助申請書 with what stands on the papers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date

from practice.era import wareki
from robots.course.compare import arrived, on_one_screen, shortened
from robots.course.exercise import Outcome

LABELS = (
    *("受付番号", "年度", "児童氏名", "児童氏名カナ", "生年月日", "申請区分", "希望費目", "学校", "学年"),
    *("保護者氏名", "郵便番号", "住所", "銀行コード", "支店コード", "口座番号", "口座名義カナ", "備考"),
)
_BORN = "生年月日"


def _all(_: Mapping[str, str]) -> bool:
    return True


def papers_on_screen(
    outcome: Outcome, labels: Sequence[str], wanted: Callable[[Mapping[str, str]], bool] = _all
) -> list[str]:
    """What a rehearsal lacks of the papers: each is to come onto the screen, or to wait for a person, or (where it is not
    wanted) to be refused."""
    if not outcome.planned:
        return ["申請書が一枚も対象になっていません。"]
    found: list[str] = []
    for paper in outcome.truth:
        name = paper["元データ"]
        planned = next((one for one in outcome.planned if one["元データ"].startswith(name)), None)
        end = planned["結果"] if planned is not None else ""
        meant = {label: paper[label] for label in labels}
        if _BORN in meant:
            meant[_BORN] = wareki(date.fromisoformat(meant[_BORN]))
        if planned is None:
            found.append(f"{name} が対象になっていません。")
        elif end == "確認待ち":
            continue
        elif not wanted(paper):
            found += [] if end == "業務エラー" else [f"{name} は登録してはいけない申請です。いまは「{end}」です。"]
        elif end != "登録予定":
            found.append(f"{name} が「{end}」になりました。{planned['理由']}")
        else:
            found += on_one_screen(name, meant, planned, compare=True)
    return shortened(found)


def papers_arrived(outcome: Outcome, wanted: Callable[[Mapping[str, str]], bool] = _all) -> list[str]:
    """What the practice town did not receive of the wanted papers, or otherwise than it stands on them."""
    meant = [{label: paper[label] for label in LABELS} for paper in outcome.truth if wanted(paper)]
    return arrived(outcome, "gakumu", meant, "受付番号")
