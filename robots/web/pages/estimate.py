"""見積り: what a scenario may save before it is built; kept with its entry when its author asks for it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from starlette.responses import Response

from robots.errors import BusinessError
from robots.registry.edit import edit_entry
from robots.registry.reporting import estimated
from robots.savings.estimate import Estimate, Work, estimate, history, positive
from robots.web.page import EVERY_ROLE, Context, Page, Role, Route, see_other
from robots.web.pages._rights import check_decides, decides
from robots.web.render import render

_AUTHOR: frozenset[Role] = frozenset({"author"})
_FIELDS = {
    "items": "年間の件数",
    "minutes": "手作業での 1 件あたりの分数",
    "fields": "紙から読み取る項目の数",
    "check": "1 項目の確認にかかる秒数",
    "build": "作成にかかる時間",
}


def _show(context: Context) -> Response:
    given = {name: context.query.get(name, "").strip()[:20] for name in _FIELDS}
    made, wrong = None, ""
    if given["items"] or given["minutes"]:
        try:
            made = _made(context, given)
        except BusinessError as error:
            wrong = f"{error.told} {error.mend}"
    mine = [(id, entry.name) for id, entry in context.register.scenarios.items() if decides(context, id)]
    return render(
        context,
        "estimate.html",
        status=422 if wrong else 200,
        given=given,
        wrong=wrong,
        made=made,
        rows=_rows(made) if made is not None else [],
        mine=mine,
    )


def _made(context: Context, given: Mapping[str, str]) -> Estimate:
    return estimate(_work(given), history(context.ledger))


def _work(given: Mapping[str, str]) -> Work:
    """Raises: BusinessError, naming the field."""
    fields = given["fields"] or "0"
    if not (fields.isdecimal() and len(fields) < 5):
        raise BusinessError(f"「{_FIELDS['fields']}」が正しくありません。", mend="0 以上の整数で書いてください。")
    return Work(
        items_per_year=_number(given, "items"),
        minutes_per_item=_number(given, "minutes"),
        fields=int(fields),
        check_seconds=_number(given, "check") if given["check"] else None,
        build_hours=_number(given, "build") if given["build"] else None,
    )


def _number(given: Mapping[str, str], name: str) -> Decimal:
    number = positive(given[name])
    if number is None:
        raise BusinessError(f"「{_FIELDS[name]}」が正の数ではありません。", mend="1200 や 7.5 のように書いてください。")
    return number


def _rows(made: Estimate) -> list[tuple[str, list[str]]]:
    every = (made.low, made.likely, made.high)
    return [
        ("手作業の時間", [f"{one.before:,.1f}" for one in every]),
        ("自動化後の人の時間", [f"{one.after:,.1f}" for one in every]),
        ("削減時間（正味）", [f"{one.net:,.1f}" for one in every]),
        ("作成（はじめに一度）", [f"{one.build:,.1f}" for one in every]),
        ("回収（か月）", ["―" if one.payback is None else str(one.payback) for one in every]),
    ]


def _keep(context: Context) -> Response:
    scenario = context.field("scenario", "シナリオ")
    if scenario not in context.register.scenarios:
        raise BusinessError("そのシナリオは台帳にありません。", mend="一覧から選んでください。")
    check_decides(context, scenario)
    given = {name: context.form.get(name, "").strip()[:20] for name in _FIELDS}
    work, made = _work(given), _made(context, given)
    detail = {"estimate": f"{made.likely.net:.1f}"}
    context.audit.record("settings", who=context.person.id, subject=scenario, detail=detail)
    edit_entry(context.home, scenario, {"estimate": estimated(work, made, context.now.date())})
    return see_other(f"/scenarios/{scenario}", told="見積りを台帳に残しました。実績との比較は「効果」に出ます。")


PAGE = Page(
    "estimate",
    "見積り",
    (Route("/estimate", _show, EVERY_ROLE), Route("/estimate/keep", _keep, _AUTHOR, method="POST")),
)
