"""One run: how far it is, its items, what failed with picture and plain account; sending items back, carrying it on."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from starlette.responses import FileResponse, Response

from robots.errors import BusinessError
from robots.ledger.hands import hands_of
from robots.ledger.listing import failures, get_failure, items_in_run, left_in_run
from robots.ledger.runs import get_run, run_counts
from robots.mask import mask_text
from robots.nightly.children import Processes, resume_log
from robots.registry.door import admit
from robots.registry.gate import Approved, Refused
from robots.runner.lock import scenario_lock
from robots.runner.report import report_of, shown_counts
from robots.runner.words import STATES
from robots.values import from_json, text_of
from robots.web.page import EVERY_ROLE, Context, NotFound, Page, Role, Route, see_other
from robots.web.pages._evidence import FILES, failed, file_of
from robots.web.pages._rights import check_decides, check_sees, decides, record_read, sees
from robots.web.pages._settle import settle
from robots.web.render import PER_PAGE, Paged, render

_AUTHOR: frozenset[Role] = frozenset({"author"})
_READERS: frozenset[Role] = frozenset({"author", "checker", "approver"})
_OPEN = ("new", "ready", "working", "committing")
_ALIVE = ("stopped", "failed", "interrupted", "running")
_RUN = {"run": "20260101-000000-aaaaaa"}
_STEP = {**_RUN, "step": "1", "name": "picture"}


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is."""

    state: str
    total: int
    settled: int
    counts: dict[str, int]
    said: str
    """What the process that carries it on said last; empty unless one was begun and is over."""


def _run_of(context: Context) -> sa.RowMapping:
    row = get_run(context.ledger, context.path["run"])
    if row is None:
        raise NotFound
    return row


def _progress_of(context: Context, row: sa.RowMapping) -> Progress:
    counts = run_counts(context.ledger, [row["id"]])[row["id"]]
    total = sum(counts.values())
    begun = "begun" in context.query and row["state"] != "running" and sees(context, row["scenario"])
    return Progress(
        row["state"],
        total,
        total - sum(counts.get(state, 0) for state in _OPEN),
        counts,
        _said(context, row["id"]) if begun else "",
    )


def _said(context: Context, run: str) -> str:
    """The last line of the log of a run that was carried on from here."""
    log = context.home.var / "logs" / resume_log(run)
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines() if log.is_file() else []
    return mask_text(lines[-1]) if lines else ""


def _show(context: Context) -> Response:
    row = _run_of(context)
    scenario, seen = row["scenario"], sees(context, row["scenario"])
    progress = _progress_of(context, row)
    if seen:
        record_read(context, scenario, run=row["id"])
    state = context.query.get("state", "")
    paged: Paged[sa.RowMapping] = Paged(context, progress.counts.get(state, 0) if state else progress.total)
    paged.rows = items_in_run(context.ledger, row["id"], state=state, offset=paged.offset, limit=PER_PAGE)
    report = report_of(context.ledger, row["id"], seconds=0, evidence="")
    steps = failures(context.ledger, run=row["id"]) if seen else []
    mine = decides(context, scenario)
    return render(
        context,
        "run.html",
        run=row,
        progress=progress,
        live=row["state"] == "running" or "begun" in context.query,
        counts=shown_counts(progress.counts),
        report=report,
        paged=paged,
        state=state,
        states=[("", "すべて"), *((one, STATES[one]) for one in STATES if one in progress.counts)],
        seen=seen,
        inputs={name: text_of(from_json(value)) for name, value in row["inputs"].items()} if seen else {},
        failed=failed(context.home, steps),
        left=left_in_run(context.ledger, row["id"]) if mine and not row["rehearsal"] else [],
        resumable=mine and _owed(row),
        here=row["machine"] == context.home.settings.machine,
        hands=hands_of(context.ledger, row["id"]),
    )


def _owed(row: sa.RowMapping) -> bool:
    """Whether there is anything to carry on."""
    return not row["finished"] and not row["rehearsal"] and row["state"] in _ALIVE


def _progress(context: Context) -> Response:
    row = _run_of(context)
    return render(context, "run_progress.html", run=row, progress=_progress_of(context, row))


def _watch(context: Context) -> Response:
    row = _run_of(context)
    return render(context, "run_watch.html", run=row, progress=_progress_of(context, row))


def _evidence(context: Context) -> Response:
    number, name = context.path["step"], context.path["name"]
    row = get_failure(context.ledger, int(number)) if number.isdecimal() and len(number) < 19 else None
    if row is None or row["run"] != context.path["run"] or name not in FILES:
        raise NotFound
    check_sees(context, row["scenario"])
    place = file_of(context.home, row["run"], row["evidence"], name)
    if place is None:
        raise NotFound
    record_read(context, row["scenario"], run=row["run"], evidence=name)
    return FileResponse(place, media_type=FILES[name][1])


def _again(context: Context) -> Response:
    row = _run_of(context)
    check_decides(context, row["scenario"])
    why = context.field("why", "理由")
    sent = sum(settle(context, item, "again", why) for item in left_in_run(context.ledger, row["id"]))
    told = f"{sent} 件を「実行待ち」に戻しました。次の実行で登録します。" if sent else "戻せる対象はありませんでした。"
    return see_other(f"/runs/{row['id']}", told=told, tone="success" if sent else "info")


def _resume(context: Context) -> Response:
    row = _run_of(context)
    scenario, home = row["scenario"], context.home
    check_decides(context, scenario)
    if not _owed(row):
        raise BusinessError(
            "この実行は最後まで終わっています。", mend="残りの対象は、このシナリオの次の実行で行われます。"
        )
    _check_admitted(context, row)
    with scenario_lock(home.var, scenario):  # refused at once where it is alive
        context.audit.record("resumed", who=context.person.id, subject=scenario, detail={"run": row["id"]})
    Processes(home).resume(row["id"], scenario)
    return see_other(f"/runs/{row['id']}?begun=1", told="続きを始めました。登録済みのものは、二度登録しません。")


def _check_admitted(context: Context, row: sa.RowMapping) -> None:
    """The gate, asked before the process is started so that a refusal is seen here; the process asks it again.

    Raises: BusinessError.
    """
    answer = admit(
        context.home,
        context.read,
        row["scenario"],
        today=context.now.date(),
        rehearsal=False,
        ledger=context.ledger,
        audit=context.audit,
        who=context.person.id,
    )
    if isinstance(answer, Refused):
        raise BusinessError(f"いまは動かせません。{answer.what}", mend=answer.mend)
    if not isinstance(answer, Approved):
        raise BusinessError(
            "シナリオに誤りがあり、いまは動かせません。", mend="banken check で場所を確かめてください。"
        )
    if answer.digest != row["digest"]:
        raise BusinessError(
            "この実行のあとで新しい承認がありました。",
            mend="このシナリオの次の実行が、新しい内容で続きを行います（登録済みのものは二度登録しません）。",
        )


PAGE = Page(
    "run",
    "実行の一つ",
    (
        Route("/runs/{run}", _show, EVERY_ROLE, examples=_RUN),
        Route("/runs/{run}/progress", _progress, EVERY_ROLE, examples=_RUN, quiet=True),
        Route("/runs/{run}/watch", _watch, EVERY_ROLE, examples=_RUN, quiet=True),
        Route("/runs/{run}/evidence/{step}/{name}", _evidence, _READERS, examples=_STEP),
        Route("/runs/{run}/again", _again, _AUTHOR, method="POST", examples=_RUN),
        Route("/runs/{run}/resume", _resume, _AUTHOR, method="POST", examples=_RUN),
    ),
)
