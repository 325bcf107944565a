"""The recorded acts as a person reads them while they come."""

from __future__ import annotations

from robots.recorder.model import Act, Given, Place

_PARTS = {
    "frame": "フレーム",
    "popup": "別ウィンドウ",
    "dialog": "画面内ダイアログ",
    "row": "行",
    "section": "まとまり",
}


def said(act: Act) -> str:
    """One line: 入力する 受付番号 ← 26040001."""
    where = f"{_where(act.place)}「{act.place.name}」" if act.place else ""
    if act.entry is not None:
        return f"{'添付する' if act.kind == 'upload' else '入力する'} {where} ← {shown(act.entry.given)}"
    if act.kind == "answer":
        return f"ダイアログに答える 「{act.text}」 → {'OK' if act.ok else 'キャンセル'}"
    words = {
        "open": f"画面を開く {act.text}",
        "login": "ログインする （利用者名とパスワードは記録しません）",
        "click": f"押す {where}",
        "press": f"キーを押す {act.text}",
        "download": f"ダウンロードする {where}（{act.text}）",
    }
    return words[act.kind]


def shown(given: Given) -> str:
    """What was put into a field."""
    if isinstance(given, bool):
        return "はい" if given else "いいえ"
    text = given if isinstance(given, str) else "、".join(given)
    return text or "（空欄）"


def _where(place: Place) -> str:
    return "".join(f"{_PARTS[kind]}「{text}」の" for kind, text in place.scopes)
