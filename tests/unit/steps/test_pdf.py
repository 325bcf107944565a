"""pdf.* as a scenario writes them, on real PDF files; what is no good PDF is told and nothing is made of it."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pypdfium2
import pytest
from pypdf import PdfReader, PdfWriter
from pypdf.generic import DictionaryObject, NameObject, NumberObject
from reportlab.pdfgen.canvas import Canvas

from ocr.draw.font import font_name
from robots.errors import BusinessError, SystemFailure

RunStep = Callable[..., Any]
MM = 72 / 25.4


def pdf(*texts: str, size: tuple[float, float] = (595, 842), rotate: int = 0) -> bytes:
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=size, invariant=1)
    for text in texts:
        canvas.setFont(font_name(), 20)
        canvas.drawString(60, 400, text)
        if rotate:
            canvas.setPageRotation(rotate)
        canvas.showPage()
    canvas.save()
    return file.getvalue()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "申請①.pdf").write_bytes(pdf("山田 花子", "二枚目"))
    (tmp_path / "申請②.pdf").write_bytes(pdf("鈴木 一郎", size=(842, 595)))
    return tmp_path


def texts(path: Path) -> list[str]:
    with pypdfium2.PdfDocument(path) as document:
        return [page.get_textpage().get_text_bounded().strip() for page in document]


def ink(path: Path, page: int = 0) -> tuple[float, float, float, float]:
    """Where red stands on a page as it is seen: left, top, right, bottom in mm."""
    with pypdfium2.PdfDocument(path) as document:
        picture = document[page].render(scale=2).to_numpy().astype(int)[..., ::-1]
    red = (picture[..., 0] > 150) & (picture[..., 1] < 120) & (picture[..., 2] < 120)
    assert red.any(), "there is no stamp"
    rows, columns = np.nonzero(red)
    return columns.min() / 2 / MM, rows.min() / 2 / MM, columns.max() / 2 / MM, rows.max() / 2 / MM


def test_pages_are_merged_in_order_and_the_same_file_is_not_made_twice(run_step: RunStep, folder: Path) -> None:
    step = "  - PDFを結合する: {ファイル: [申請①.pdf, 申請②.pdf], 先: 出力/一式.pdf}\n"
    run_step(step)
    made = folder / "出力" / "一式.pdf"
    assert texts(made) == ["山田 花子", "二枚目", "鈴木 一郎"]
    assert PdfReader(made).pages[2].mediabox.width == 842
    stood = made.stat().st_mtime_ns
    run_step(step)
    assert made.stat().st_mtime_ns == stood
    with pytest.raises(BusinessError, match="内容の違うファイル"):
        run_step(step.replace(", 申請②.pdf", ""))
    assert len(texts(made)) == 3


def test_a_pdf_is_split(run_step: RunStep, folder: Path) -> None:
    (folder / "束.pdf").write_bytes(pdf("一", "二", "三", "四"))
    rows = run_step("  - 分割する: {ファイル: 束.pdf, 先: 出力, ページごと: 2}\n    保存名: x\n")
    assert [dict(row) for row in rows] == [
        {"ファイル": "出力/束_01.pdf", "名前": "束_01.pdf", "はじめ": 1, "おわり": 2},
        {"ファイル": "出力/束_02.pdf", "名前": "束_02.pdf", "はじめ": 3, "おわり": 4},
    ]
    assert texts(folder / "出力" / "束_02.pdf") == ["三", "四"]
    with pytest.raises(BusinessError, match="4 ページで、3 ページずつに割り切れません"):
        run_step("  - 分割する: {ファイル: 束.pdf, 先: 出力, ページごと: 3}\n    保存名: x\n")


def test_text_is_read_page_by_page(run_step: RunStep, folder: Path) -> None:
    (folder / "白紙.pdf").write_bytes(pdf("", "宛名番号 00123"))
    rows = run_step("  - 文字を読む: 白紙.pdf\n    保存名: x\n")
    assert [(row["ページ"], row["文字"].strip()) for row in rows] == [(1, ""), (2, "宛名番号 00123")]
    assert rows[1].origin == "白紙.pdf 2ページ目"


STAMP = '  - 押印する: {ファイル: %s, 先: 出力/済.pdf, 文字: "受付\\n令和8年4月1日", 左から: 150, 上から: 15}\n'


def test_a_stamp_stands_where_it_was_told_on_every_page(run_step: RunStep, folder: Path) -> None:
    run_step(STAMP % "申請①.pdf")
    made = folder / "出力" / "済.pdf"
    for page in (0, 1):
        left, top, right, bottom = ink(made, page)
        assert (left, top) == pytest.approx((150, 15), abs=0.6)
        assert 150 < right < 200 and 25 < bottom < 35
    assert "令和8年4月1日" in texts(made)[0] and "山田 花子" in texts(made)[0]
    assert (folder / "申請①.pdf").read_bytes() == pdf("山田 花子", "二枚目"), "the original stays"


@pytest.mark.parametrize("rotate", [90, 180, 270])
def test_a_turned_page_is_stamped_as_it_is_seen(run_step: RunStep, folder: Path, rotate: int) -> None:
    size = (842.0, 595.0) if rotate % 180 else (595.0, 842.0)
    (folder / "横.pdf").write_bytes(pdf("x", size=size, rotate=rotate))
    run_step(STAMP % "横.pdf")
    assert ink(folder / "出力" / "済.pdf")[:2] == pytest.approx((150, 15), abs=0.6)


def test_a_cropped_page_is_stamped_as_it_is_seen(run_step: RunStep, folder: Path) -> None:
    writer = PdfWriter(clone_from=io.BytesIO(pdf("x", size=(700, 900))))
    writer.pages[0].cropbox.lower_left, writer.pages[0].cropbox.upper_right = (50, 20), (680, 870)
    writer.write(folder / "切り抜き.pdf")
    run_step(STAMP % "切り抜き.pdf")
    assert ink(folder / "出力" / "済.pdf")[:2] == pytest.approx((150, 15), abs=0.6)


def test_some_pages_are_stamped(run_step: RunStep, folder: Path) -> None:
    run_step((STAMP % "申請①.pdf").replace("}", ", ページ: [2]}"))
    made = texts(folder / "出力" / "済.pdf")
    assert "受付" not in made[0] and "受付" in made[1]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (", ページ: [3]", "2 ページで、3 ページ目はありません"),
        (", 大きさ: 90", "押印が収まりません"),
        (", 大きさ: 1", "大きさか場所"),
    ],
)
def test_a_stamp_that_cannot_be_is_refused(run_step: RunStep, folder: Path, more: str, said: str) -> None:
    with pytest.raises(BusinessError, match=said):
        run_step((STAMP % "申請①.pdf").replace("}", f"{more}}}"))
    assert not (folder / "出力" / "済.pdf").exists()


def test_a_letter_that_cannot_be_printed_is_named(run_step: RunStep, folder: Path) -> None:
    with pytest.raises(BusinessError, match=r"U\+1F600"):
        run_step((STAMP % "申請①.pdf").replace("受付", "受付😀"))


def protected(path: Path) -> None:
    writer = PdfWriter(clone_from=io.BytesIO(pdf("秘密")))
    writer.encrypt("himitsu", algorithm="AES-256-R5")
    writer.write(path)


def cut(path: Path) -> None:
    whole = pdf(*["山田"] * 30)
    path.write_bytes(whole[: len(whole) // 3])


def forged(path: Path) -> None:
    path.write_bytes(
        b"%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[2 0 R]/Count 1>>endobj\ntrailer<</Root 1 0 R>>"
    )


def other(path: Path) -> None:
    path.write_bytes(b"PK\x03\x04 no pdf")


def absent(path: Path) -> None:
    path.unlink(missing_ok=True)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (protected, "パスワードで保護"),
        (cut, "壊れているようです|ページあります"),
        (forged, "壊れているようです|ページあります"),
        (other, "PDF ではありません"),
        (absent, "がありません"),
    ],
    ids=["protected", "cut", "forged", "other", "absent"],
)
def test_what_is_no_good_pdf_is_told_and_nothing_is_made(
    run_step: RunStep, folder: Path, make: Callable[[Path], None], said: str
) -> None:
    make(folder / "悪い.pdf")
    for step in (
        "  - PDFを結合する: {ファイル: [申請①.pdf, 悪い.pdf], 先: 出力/x.pdf}\n",
        "  - 文字を読む: 悪い.pdf\n    保存名: x\n",
        STAMP % "悪い.pdf",
    ):
        with pytest.raises(BusinessError, match=said) as caught:
            run_step(step)
        assert "Traceback" not in str(caught.value)
    assert not list((folder / "出力").glob("*")) if (folder / "出力").exists() else True


def test_a_signed_pdf_is_not_stamped(run_step: RunStep, folder: Path) -> None:
    writer = PdfWriter(clone_from=io.BytesIO(pdf("署名")))
    form = DictionaryObject({NameObject("/SigFlags"): NumberObject(3)})
    writer.root_object[NameObject("/AcroForm")] = form
    writer.write(folder / "署名.pdf")
    with pytest.raises(BusinessError, match="署名が無効になります"):
        run_step(STAMP % "署名.pdf")


def test_what_takes_too_long_is_ended(run_step: RunStep, folder: Path) -> None:
    with pytest.raises(SystemFailure, match="時間内に終わりません"):
        run_step("  - 文字を読む: 申請①.pdf\n    保存名: x\n    制限時間: 10ms\n")
