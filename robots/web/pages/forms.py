"""帳票: 空の帳票の上で欄を置き、その場で試しに読み、シナリオの forms/ に保存する."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory

from filelock import FileLock, Timeout
from PIL import Image
from starlette.responses import JSONResponse, Response

import ocr
from ocr.form import PAPERS
from robots.drivers.ocr_readers import Drawing
from robots.errors import BusinessError, SystemFailure
from robots.registry.model import state_of
from robots.web.page import Context, Forbidden, NotFound, Page, Role, Route, Upload, see_other
from robots.web.pages._forms_child import LIMITS, propose, wash
from robots.web.pages._forms_sheet import Item, Unsound, place_of, read_items
from robots.web.pages._forms_sketch import (
    Checked,
    Sketch,
    advice_on,
    begin,
    check_name,
    names_of,
    samples_of,
    sketch_of,
)
from robots.web.pages._forms_trial import copy_of, small
from robots.web.pages._forms_words import kinds
from robots.web.pages._rights import decides
from robots.web.render import render

_ROLES: frozenset[Role] = frozenset({"author", "admin"})
PATH = "/forms/{department}/{name}"
_EXAMPLE = {"department": "gakumu", "name": "shugaku-enjo"}
_FORM = {**_EXAMPLE, "form": "shugaku-enjo"}
_SENT_BYTES = 21_000_000
_PATIENCE = 60.0
_MOST_OFFERED = 500
_GONE = "開いたあとに、この帳票がほかで書き換えられました。"
_STATES = {"read": "読めた", "blank": "空欄", "unsure": "不確か", "conflict": "食い違い", "unreadable": "読めない"}


def _may(context: Context, scenario: str) -> bool:
    return context.person.has("admin") or decides(context, scenario)


def _own(context: Context) -> str:
    """The scenario of the path.  Raises: Forbidden for whoever may not write it."""
    scenario = context.scenario
    if not _may(context, scenario):
        raise Forbidden("帳票を作れるのは、担当の課の作成者と、シナリオの所有者・副担当の作成者、管理者です。")
    return scenario


def _sketch(context: Context) -> Sketch:
    found = sketch_of(context.home, _own(context), context.path["form"])
    if found is None:
        raise NotFound
    return found


def _items(context: Context) -> list[Item]:
    try:
        return read_items(context.form.get("items", ""))
    except Unsound:
        raise BusinessError("送られた帳票を読めません。", mend="画面を読み込み直してください。") from None


def _overview(context: Context) -> Response:
    rows = [
        (id, entry, *names_of(context.home, id))
        for id, entry in context.register.scenarios.items()
        if _may(context, id) and entry.retired is None
    ]
    begun = [one for one in rows if one[2] or one[3]]
    return render(context, "forms.html", rows=begun, own=[one[:2] for one in rows[:_MOST_OFFERED]])


def _choose(context: Context) -> Response:
    """The scenario that was chosen leads to its own page."""
    wanted = context.query.get("scenario", "").strip()
    if wanted not in context.register.scenarios:
        return see_other("/forms", told="シナリオを選んでください。", tone="warning")
    return see_other(f"/forms/{wanted}")


def _scenario(context: Context) -> Response:
    scenario = _own(context)
    kept, drafts = names_of(context.home, scenario)
    entry = context.register.scenarios[scenario]
    return render(context, "forms_scenario.html", id=scenario, entry=entry, kept=kept, drafts=drafts)


def _begin(context: Context) -> Response:
    scenario = _own(context)
    name = context.field("form", "ファイルの名前")
    check_name(context.home, scenario, name)
    sent = _sent_blank(context)
    with _worker(context) as folder:
        blank = wash(sent.data, sent.name, folder)
        found = propose(blank, f"{name}{blank.suffix}", folder)
    context.audit.record("form_begun", who=context.person.id, subject=scenario, detail={"form": name})
    begin(context.home, scenario, name, blank, found)
    fields = found.data["fields"]
    count = len(fields) if isinstance(fields, dict) else 0
    told = f"{count} 欄の案ができました。名前・種類・位置を確かめてください。"
    told = told if count else "枠もますも見つかりませんでした。絵の上をなぞって、欄を置いてください。"
    return see_other(f"/forms/{scenario}/{name}", told=told, tone="success" if count else "warning")


def _blank(context: Context) -> Response:
    """Another empty form takes the place of this one's; the fields stay where they are."""
    sketch = _sketch(context)
    sent = _sent_blank(context)
    with _worker(context) as folder:
        blank = wash(sent.data, sent.name, folder)
    with _alone(context):
        if context.form.get("seen") != sketch.seen:
            raise BusinessError(_GONE, mend="この画面を開き直してください。")
        text, before = sketch.with_blank(blank)
        context.audit.record("form_blank", who=context.person.id, subject=sketch.scenario, detail={"form": sketch.name})
        sketch.keep_blank(blank, text)
    told = "空の帳票を差し替えました。欄の場所が新しい紙に合っているかを確かめてください。"
    left = (
        "" if before == f"{sketch.name}{blank.suffix}" else f"前のファイル {before} は forms フォルダに残っています。"
    )
    return see_other(f"/forms/{sketch.scenario}/{sketch.name}", told=told + left)


def _sent_blank(context: Context) -> Upload:
    sent = context.files.get("blank")
    if sent is None or not sent.data:
        raise BusinessError("空の帳票が選ばれていません。", mend="PDF・PNG・TIFF・JPEG のファイルを選んでください。")
    return sent


def _drop(context: Context) -> Response:
    sketch = _sketch(context)
    if not sketch.draft:
        raise NotFound
    context.audit.record("form_dropped", who=context.person.id, subject=sketch.scenario, detail={"form": sketch.name})
    shutil.rmtree(sketch.folder, ignore_errors=True)
    return see_other(f"/forms/{sketch.scenario}", told=f"下書き「{sketch.name}」を捨てました。")


def _design(context: Context) -> Response:
    sketch = _sketch(context)
    entry = context.register.scenarios[sketch.scenario]
    items = sketch.items()
    return render(
        context,
        "forms_design.html",
        sketch=sketch,
        entry=entry,
        approved=state_of(entry, context.now.date()) == "approved",
        items=items,
        kinds=kinds(),
        papers=dict(PAPERS),
        pages=len(sketch.blanks()),
        samples=list(samples_of(context.home, sketch.scenario)),
    )


def _picture(context: Context) -> Response:
    pages = _sketch(context).blanks()
    number = int(context.path["page"])
    if not 1 <= number <= len(pages):
        raise NotFound
    made = io.BytesIO()
    Image.fromarray(pages[number - 1].image).save(made, "PNG", compress_level=1)
    return Response(made.getvalue(), media_type="image/png")


def _check(context: Context) -> Response:
    items = _items(context)
    checked = _sketch(context).check(items)
    return JSONResponse({**_problems(checked), "cells": _cells(checked), "advice": _advice(checked, items)})


def _save(context: Context) -> Response:
    sketch, items = _sketch(context), _items(context)
    with _alone(context):
        if context.form.get("seen") != sketch.seen:
            return JSONResponse({"gone": f"{_GONE}読み込み直してから、もう一度直してください。"}, status_code=409)
        checked = sketch.check(items)
        if checked.problems:
            return JSONResponse(_problems(checked), status_code=422)
        detail = {"form": sketch.name, "fields": len(checked.data["fields"])}
        context.audit.record("form_saved", who=context.person.id, subject=sketch.scenario, detail=detail)
        sketch.keep(checked)
    kept = sketch_of(context.home, sketch.scenario, sketch.name)
    assert kept is not None, "it was written just now"
    return JSONResponse({**_problems(checked), "seen": kept.seen, "left": kept.scenario_problems()})


def _try(context: Context) -> Response:
    sketch, items = _sketch(context), _items(context)
    checked = sketch.check(items)
    if checked.source is None:
        return JSONResponse(_problems(checked), status_code=422)
    sent, wanted = context.files.get("scan"), context.form.get("sample", "")
    with _worker(context) as folder:
        if sent is not None and sent.data:
            scan = folder / f"sent{Path(sent.name).suffix[:8]}"
            scan.write_bytes(sent.data)
            told = "送られたファイル"
        else:
            scan = samples_of(context.home, sketch.scenario).get(wanted, folder / "none")
            told = wanted
            if not scan.is_file():
                raise BusinessError("読むスキャンが選ばれていません。", mend="見本を選ぶか、ファイルを選んでください。")
        detail = {"form": sketch.name, "file": told}
        context.audit.record("form_tried", who=context.person.id, subject=sketch.scenario, detail=detail)
        source = ocr.FormSource(checked.source.data, checked.source.files)
        try:
            pile = ocr.read_pile([scan], source, workers=1, reader=Drawing(folder / "drawn"), limits=LIMITS)
            copies = [copy_of(one.reading, scan.name, told) for one in pile]
        except ocr.WorkersFailed as error:
            raise SystemFailure(str(error), mend="空きメモリを確かめ、もう一度行ってください。") from error
        pictures = [small(one) for one in sorted((folder / "drawn").glob("*.png"))]
    answer = render(context, "forms_read.html", copies=copies, pictures=pictures, states=_STATES)
    return JSONResponse({"html": bytes(answer.body).decode()})


def _problems(checked: Checked) -> dict[str, object]:
    return {"problems": [asdict(one) for one in checked.problems]}


def _cells(checked: Checked) -> dict[str, list[list[float]]]:
    """By field the places that it looks at: page from 1, left, top, width, height."""
    fields = checked.form.fields if checked.form is not None else ()
    return {one.name: [[box.page + 1, *box[1:]] for _, box in one.kind.boxes(one.params)] for one in fields}


def _advice(checked: Checked, items: list[Item]) -> list[dict[str, object]]:
    found = advice_on(checked.form) if checked.form is not None else []
    return [{"item": place_of(one.path, items)[0], "what": one.what, "mend": one.mend} for one in found]


@contextmanager
def _worker(context: Context) -> Iterator[Path]:
    """A folder for one worker's files; one worker at a time, for it takes a whole core."""
    with _lock(context, "forms-reading"), TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@contextmanager
def _alone(context: Context) -> Iterator[None]:
    with _lock(context, "forms-saving"):
        yield


@contextmanager
def _lock(context: Context, name: str) -> Iterator[None]:
    folder = context.home.var / "locks"
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(folder / f"{name}.lock", timeout=_PATIENCE):
            yield
    except Timeout as error:
        raise SystemFailure("ほかの人の帳票を読んでいます。", mend="少し待って、もう一度行ってください。") from error


PAGE = Page(
    "forms",
    "帳票",
    (
        Route("/forms", _overview, _ROLES),
        Route("/forms-of", _choose, _ROLES),
        Route(PATH, _scenario, _ROLES, examples=_EXAMPLE),
        Route(PATH, _begin, _ROLES, method="POST", examples=_EXAMPLE, limit=_SENT_BYTES),
        Route(f"{PATH}/{{form}}", _design, _ROLES, examples=_FORM),
        Route(f"{PATH}/{{form}}/page/{{page:int}}", _picture, _ROLES, examples={**_FORM, "page": "1"}),
        Route(f"{PATH}/{{form}}/check", _check, _ROLES, method="POST", examples=_FORM),
        Route(f"{PATH}/{{form}}/save", _save, _ROLES, method="POST", examples=_FORM),
        Route(f"{PATH}/{{form}}/try", _try, _ROLES, method="POST", examples=_FORM, limit=_SENT_BYTES),
        Route(f"{PATH}/{{form}}/blank", _blank, _ROLES, method="POST", examples=_FORM, limit=_SENT_BYTES),
        Route(f"{PATH}/{{form}}/drop", _drop, _ROLES, method="POST", examples=_FORM),
    ),
    order=45,
)
