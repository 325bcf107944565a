"""監査: the log, searched, and checked against its heads outside."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from urllib.parse import quote

import sqlalchemy as sa
from starlette.responses import Response

from robots.clock import shown
from robots.errors import BusinessError
from robots.ledger.audit import audit_actions, audit_page
from robots.ledger.audit_verify import Verdict, verify_audit
from robots.values import Row
from robots.web.page import Context, NotFound, Page, Role, Route
from robots.web.render import PER_PAGE, Paged, render

_ROLES: frozenset[Role] = frozenset({"approver", "admin"})
_COLUMNS = ("番号", "日時", "だれが", "名前", "何を", "対象", "端末", "内容")
_MOST = 100_000
"""Records of one file: more take a minute and hundreds of megabytes."""
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
    "form_blank": "空の帳票の差し替え",
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
    wanted = _wanted(context)
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
        query=context.request.url.query,
        actions=[("", "すべて"), *((name, WORDS.get(name, name)) for name in audit_actions(context.ledger))],
        action_words=WORDS,
        names={id: person.name for id, person in people.items()},
    )


def _wanted(context: Context) -> dict[str, str]:
    """The conditions of the query; an empty one is none."""
    return {name: context.query.get(name, "")[:200].strip() for name in ("since", "until", "action", "who", "subject")}


def _export(context: Context) -> Response:
    kind, wanted = context.path["kind"], _wanted(context)
    if kind not in _EXPORTS:
        raise NotFound
    found, total = audit_page(context.ledger, offset=0, limit=_MOST, **wanted)
    if total > _MOST:
        raise BusinessError(
            f"{total:,} 件あり、一度に書き出せる {_MOST:,} 件を超えています。",
            mend="日付や「何を」で絞り込んでください。",
        )
    asked = {name: text for name, text in wanted.items() if text}
    detail = {"what": "audit", "file": kind, "records": total, **asked}
    context.audit.record("exported", who=context.person.id, subject="audit", detail=detail)
    make, media = _EXPORTS[kind]
    name = f"監査記録_{context.now:%Y-%m-%d}.{kind}"
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"}
    return Response(make([_row(context, one) for one in found]), media_type=media, headers=headers)


def _row(context: Context, record: Mapping[str, object]) -> Row:
    who, action, detail = str(record["who"]), str(record["action"]), record["detail"]
    person = context.register.people.get(who)
    assert isinstance(detail, Mapping)
    return Row(
        {
            "番号": int(str(record["number"])),
            "日時": shown(str(record["at"])),
            "だれが": who,
            "名前": person.name if person is not None else "",
            "何を": WORDS.get(action, action),
            "対象": str(record["subject"]),
            "端末": str(record["machine"]),
            "内容": _told(detail),
        }
    )


def _csv(rows: Sequence[Row]) -> bytes:
    from robots.drivers.csv_file import write_csv  # noqa: PLC0415 (as the Excel library: only for who exports)

    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "audit.csv"
        write_csv(place, rows, columns=_COLUMNS, encoding="utf-8")
        return place.read_bytes()


def _xlsx(rows: Sequence[Row]) -> bytes:
    from robots.drivers.workbook_new import new_book  # noqa: PLC0415

    return new_book("監査記録", _COLUMNS, rows)


_EXPORTS: Mapping[str, tuple[Callable[[Sequence[Row]], bytes], str]] = {
    "xlsx": (_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "csv": (_csv, "text/csv; charset=utf-8"),
}


def _told(detail: Mapping[str, object]) -> str:
    """A detail in one line; what is more than a word stays JSON."""
    told = (
        (name, one if isinstance(one, str) else json.dumps(one, ensure_ascii=False)) for name, one in detail.items()
    )
    return "、".join(f"{name}＝{one}" for name, one in told)


PAGE = Page(
    "audit",
    "監査",
    (
        Route("/audit", _show, _ROLES),
        Route("/audit/verify", _verify, _ROLES, method="POST"),
        Route("/audit/export/{kind}", _export, _ROLES, examples={"kind": "csv"}),
    ),
    order=90,
)
