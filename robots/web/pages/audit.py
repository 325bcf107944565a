"""監査: the log, searched, and checked against its heads outside."""

from __future__ import annotations

import json
from collections.abc import Mapping

import sqlalchemy as sa
from starlette.responses import Response

from robots.ledger.audit import audit_actions, audit_page
from robots.ledger.audit_verify import Verdict, verify_audit
from robots.web.page import Context, Page, Role, Route
from robots.web.render import PER_PAGE, Paged, render

_ROLES: frozenset[Role] = frozenset({"approver", "admin"})
WORDS = {
    "approved": "承認",
    "requested": "承認の求め",
    "rejected": "差し戻し",
    "suspended": "一時停止",
    "revoked": "廃止",
    "refused": "拒否",
    "run_begun": "実行の始まり",
    "run_ended": "実行の終わり",
    "resumed": "続きの実行",
    "settled": "不明の決着",
    "reviewed": "確認",
    "review_undone": "確認の取り消し",
    "read": "個人情報の閲覧",
    "exported": "書き出し",
    "imported": "取り込み",
    "form_begun": "帳票の下書き",
    "form_tried": "帳票の試し読み",
    "form_saved": "帳票の保存",
    "form_dropped": "帳票の下書きの削除",
    "purged": "個人情報の消去",
    "signed_in": "サインイン",
    "sign_in_failed": "サインインの失敗",
    "signed_out": "サインアウト",
    "account_added": "アカウントの作成",
    "account_disabled": "アカウントの停止",
    "password_changed": "パスワードの変更",
    "settings": "設定の変更",
    "vault_set": "資格情報の登録",
    "vault_removed": "資格情報の削除",
    "verified": "監査記録の点検",
}


def _show(context: Context) -> Response:
    return _page(context, None)


def _verify(context: Context) -> Response:
    home = context.home
    context.audit.record("verified", who=context.person.id)
    alone = sa.make_url(home.database).get_backend_name() == "sqlite"
    return _page(context, verify_audit(context.ledger, home.audit_heads, home.settings.machine, alone=alone))


def _page(context: Context, verdict: Verdict | None) -> Response:
    wanted = {
        name: context.query.get(name, "")[:200].strip() for name in ("since", "until", "action", "who", "subject")
    }
    _, total = audit_page(context.ledger, offset=0, limit=0, **wanted)
    paged: Paged[dict[str, object]] = Paged(context, total)
    rows, _ = audit_page(context.ledger, offset=paged.offset, limit=PER_PAGE, **wanted)
    paged.rows = [{**row, "detail": _told(row["detail"])} for row in rows]
    people = context.register.people
    return render(
        context,
        "audit.html",
        paged=paged,
        wanted=wanted,
        verdict=verdict,
        actions=[("", "すべて"), *((name, WORDS.get(name, name)) for name in audit_actions(context.ledger))],
        action_words=WORDS,
        names={id: person.name for id, person in people.items()},
    )


def _told(detail: Mapping[str, object]) -> str:
    """A detail in one line; what is more than a word stays JSON."""
    told = (
        (name, one if isinstance(one, str) else json.dumps(one, ensure_ascii=False)) for name, one in detail.items()
    )
    return "、".join(f"{name}＝{one}" for name, one in told)


PAGE = Page(
    "audit",
    "監査",
    (Route("/audit", _show, _ROLES), Route("/audit/verify", _verify, _ROLES, method="POST")),
    order=90,
)
