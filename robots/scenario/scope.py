"""Which names exist at a place of a scenario."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, field

from robots.scenario.all_functions import FUNCTIONS
from robots.scenario.guess import nearest
from robots.scenario.names import FIXED, JAPANESE, RUN_FACTS, both
from robots.scenario.node import Use

_WHERE = {
    "item": "対象ごとの手順（各件）と、対象のキー・条件の中",
    "done": "後始末の中",
    "row": "表の行ごとに計算するところ（列・条件）",
}


@dataclass(frozen=True, slots=True)
class Declared:
    """What the top of the file declares, and every name that a step saves somewhere."""

    inputs: Set[str] = frozenset()
    folders: Set[str] = frozenset()
    sites: Set[str] = frozenset()
    credentials: Set[str] = frozenset()
    forms: Set[str] = frozenset()
    mail: Set[str] = frozenset()
    """Domains that mail may go to, in small letters."""
    addresses: Set[str] = frozenset()
    """http://host:port of the sites."""
    saved: Mapping[str, int] = field(default_factory=dict)
    """Name → the line where it is first saved."""


@dataclass(frozen=True, slots=True)
class Scope:
    """The names at one place, fixed ones by their English name."""

    declared: Declared
    names: frozenset[str] = frozenset({"inputs", "folders", "sites", "run"})

    def with_names(self, names: Set[str]) -> Scope:
        return self if names <= self.names else Scope(self.declared, self.names | names)

    def fault(self, use: Use) -> tuple[str, str, str | None] | None:
        """What is wrong with a name that an expression uses: what, how to mend, what was meant; None: nothing."""
        if use.name not in self.names:
            return self._unknown(use.name)
        if use.attribute is None:
            return None
        known: dict[str, Set[str]] = {
            "inputs": self.declared.inputs,
            "folders": self.declared.folders,
            "sites": self.declared.sites,
            "run": dict.fromkeys(RUN_FACTS).keys(),
        }
        there = known.get(use.name)
        if there is None or use.attribute in there:
            return None
        listed = "、".join(there) or "まだ何も書かれていません"
        mend = (
            f"あるのは {listed} です。"
            if use.name == "run"
            else f"{_DECLARED_IN[use.name]}に書き加えてください（いまは {listed}）。"
        )
        return f"「{both(use.name)}」に「{use.attribute}」はありません。", mend, nearest(use.attribute, there)

    def _unknown(self, name: str) -> tuple[str, str, str | None]:
        if name in FIXED:
            where = _WHERE.get(name, "手順と対象の中")
            return f"「{both(name)}」はここでは使えません。", f"使えるのは {where} だけです。", None
        if name in self.declared.saved:
            line = self.declared.saved[name]
            return (
                f"「{name}」はここでは使えません（{line} 行目の手順で付ける名前です）。",
                "名前は、付けた手順より後で使えます。準備で付けた名前はどこでも、各件で付けた名前はその対象の中だけで使えます。",
                None,
            )
        if name in FUNCTIONS:
            return f"「{name}」は関数です。", f"{FUNCTIONS[name].usage} のように、かっこを付けて書きます。", None
        known = [*self.names, *(JAPANESE[one] for one in self.names if one in FIXED)]
        if name in self.declared.inputs:
            return (
                f"「{name}」という名前はありません。",
                "入力値は ${入力値." + name + "} のように書きます。",
                f"入力値.{name}",
            )
        mend = "名前を確かめてください。対象の列は ${対象.列の名前}、文字は '…' のように引用符で囲みます。"
        return f"「{name}」という名前はありません。", mend, nearest(name, known)


_DECLARED_IN = {
    "inputs": "「inputs／入力値」",
    "folders": "「uses／利用」の「folders／フォルダ」",
    "sites": "「uses／利用」の「sites／サイト」",
}
