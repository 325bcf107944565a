"""Acts as steps of a scenario, in Japanese keys: plain data that is written as YAML."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from robots.recorder.bind import Bound, value_of_row
from robots.recorder.model import Act, Entry, Place, Scopes
from robots.recorder.sheet import Sheet, literal

Step = dict[str, Any]
_SCOPES = {
    "frame": "フレーム",
    "popup": "別ウィンドウ",
    "dialog": "画面内ダイアログ",
    "row": "行",
    "section": "まとまり",
}
_KINDS = {
    "called": "呼び名", "button": "ボタン", "link": "リンク", "text": "文字", "placeholder": "入力例", "test_id": "試験ID",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Writer:
    """Turns acts into steps.  address: an address as the scenario may write it."""

    sheet: Sheet
    bound: Bound
    address: Callable[[str], str]
    telling: Sequence[str]
    """The columns whose values may stand in the name of a link, or tell a row of a table."""

    def steps(self, acts: Sequence[Act]) -> list[Step]:
        """The steps; fields of one part of the screen that follow each other become one 一括入力する."""
        return self._nested([(self._scopes(act), act) for act in acts], 0)

    def _nested(self, acts: Sequence[tuple[Scopes, Act]], depth: int) -> list[Step]:
        found: list[Step] = []
        for scope, group in groupby(acts, lambda one: one[0][depth : depth + 1]):
            inside = list(group)
            if scope:
                ((kind, text),) = scope
                found.append({"範囲を絞る": {_SCOPES[kind]: text or "はい", "手順": self._nested(inside, depth + 1)}})
            else:
                found += self._flat([act for _, act in inside])
        return found

    def _flat(self, acts: Sequence[Act]) -> list[Step]:
        found: list[Step] = []
        for plain, group in groupby(acts, self._in_form):
            if plain:
                found.append(
                    {
                        "一括入力する": {
                            entry.place.name: self.value(entry) for act in group for entry in self._with_added(act)
                        }
                    }
                )
            else:
                found += [self._step(act) for act in group]
        return found

    def _in_form(self, act: Act) -> bool:
        entry = act.entry
        return (
            act.kind == "fill"
            and entry is not None
            and entry.place.kind == "called"
            and entry.place.nth is None
            and entry not in self.bound.labels
        )

    def _with_added(self, act: Act) -> list[Entry]:
        """The field, and after the last one of its form those that only other rows fill."""
        assert act.entry is not None
        return [act.entry, *(entry for entry, beside in self.bound.added if beside == act.entry)]

    def value(self, entry: Entry) -> object:
        """What is put into the field: an expression, or what was typed."""
        expression = self.bound.expressions.get(entry)
        if expression is not None:
            return "${" + expression + "}"
        if isinstance(entry.given, bool):
            return "はい" if entry.given else "いいえ"
        return literal(entry.given) if isinstance(entry.given, str) else [literal(one) for one in entry.given]

    def _step(self, act: Act) -> Step:
        if act.kind == "open":
            return {"画面を開く": self.address(act.text)}
        if act.kind == "answer":
            reply = {"入力": literal(act.reply)} if act.reply is not None else {}
            return {
                "ダイアログに答える": {
                    "押す": "OK" if act.ok else "キャンセル",
                    **reply,
                    "文": literal(act.text),
                }
            }
        if act.kind == "press":
            return {"キーを押す": {"キー": act.text, **({"項目": self._locator(act.place)} if act.place else {})}}
        assert act.place is not None
        locator = self._locator(act.place)
        if act.entry is not None and act.kind == "fill":
            name = {"ラベル": self.bound.labels[act.entry]} if act.entry in self.bound.labels else locator
            return {"入力する": {**name, "値": self.value(act.entry)}}
        if act.entry is not None:
            files = [act.entry.given] if isinstance(act.entry.given, str) else list(act.entry.given)  # type: ignore[arg-type]
            expression = self.bound.expressions.get(act.entry)
            named = (
                ["${フォルダ.受付}/${" + expression + "}"]
                if expression
                else ["${フォルダ.受付}/" + literal(str(one)) for one in files]
            )
            return {"添付する": {**locator, "ファイル": named[0] if len(named) == 1 else named}}
        if act.kind == "download":
            return {"ダウンロードする": {**locator, "フォルダ": "${フォルダ.出力}"}}
        return {"押す": locator}

    def _locator(self, place: Place) -> Step:
        nth = {"何番目": place.nth} if place.nth is not None else {}
        # A link may be called by the row's number; a button that happens to be called 新規 is not the row's 申請区分.
        name = self._with_row(place.name) if place.kind in ("link", "text") else literal(place.name)
        return {_KINDS[place.kind]: name, **nth}

    def _scopes(self, act: Act) -> Scopes:
        """Where the act is, and for a button of a table's row: whose row it is."""
        if act.place is None:
            return ()
        scopes = tuple((kind, self._with_row(text) if kind == "row" else text) for kind, text in act.place.scopes)
        if any(kind == "row" for kind, _ in scopes):
            texts = [self._with_row(text) for text in act.place.rows]
            own = next((text for text in texts if text.startswith("${")), None)
            return tuple((kind, own if kind == "row" and own else text) for kind, text in scopes)
        own = next((text for one in act.place.rows if (text := self._with_row(one)).startswith("${")), None)
        return (*scopes, ("row", own)) if own else scopes

    def _with_row(self, text: str) -> str:
        expression = value_of_row(text, self.sheet, self.telling)
        return "${" + expression + "}" if expression else literal(text)
