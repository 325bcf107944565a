"""The bytes of an author's file as text: UTF-8, or a problem that says how to save it so."""

from __future__ import annotations

from robots.position import Position
from robots.scenario.problem import Findings

_BOMS = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16", b"\x00\x00\xfe\xff": "UTF-32"}
_SAVE_AS_UTF8 = "メモ帳の「名前を付けて保存」で、文字コードに UTF-8 を選んで保存し直してください。"


def decoded(path: str, content: bytes, findings: Findings, most: int, too_large: str) -> str | None:
    """The text with \\n line ends and without a BOM; None with the problem noted."""
    start = Position(path, 1, 1)
    if len(content) > most:
        findings.add(
            start,
            f"ファイルが大きすぎます（{len(content):,} バイト）。",
            f"{most // 1024:,} KB 以内にしてください。{too_large}",
        )
        return None
    for bom, name in _BOMS.items():
        if content.startswith(bom):
            findings.add(start, f"文字コードが {name} です（UTF-8 だけが使えます）。", _SAVE_AS_UTF8)
            return None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        kind = "Shift_JIS（ANSI）で保存されているようです" if _is_cp932(content) else "壊れた文字があります"
        findings.add(
            Position(path, line, 1),
            f"UTF-8 として読めません（先頭から {error.start + 1} バイト目）。{kind}。",
            _SAVE_AS_UTF8,
        )
        return None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _is_cp932(content: bytes) -> bool:
    try:
        content.decode("cp932")
    except UnicodeDecodeError:
        return False
    return True
