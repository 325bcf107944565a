"""What to change on paper so that a form can be read: the rules by which cities made their forms readable."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from ocr.ask import CharacterAsk, LineAsk, MarksAsk
from ocr.detect.propose import has_marks
from ocr.detect.rules import crop, dotted_lines
from ocr.draw.values import asks_of, leaves
from ocr.fields.date import DateParams
from ocr.form import Definition, FormField
from ocr.grid import groups_of
from ocr.page import Page
from ocr.reading import Box

_NUMBER = re.compile("番号|コード|金額|電話|郵便|口座番号|数量|人数|費用|年齢|円$")
_CHOICE = re.compile("性別|区分|種別|種類|有無|続柄|学年")
_FREE = re.compile("内容|具体|その他")
_NAME = re.compile("氏名|名前|フリガナ|ふりがな|カナ$")
_ADDRESS = re.compile("住所|居住地|所在地")
_POSTAL = re.compile("郵便")
_RECEIPT = re.compile("受付番号|整理番号|通知書番号|宛名番号")
SMALLEST_CELL = 5.0
LEAST_SPACING = 6.0
LEAST_MARGIN = 14.0
LEAST_LINE = 7.0
LEAST_GAP = 2.0
"""Between the places of words to be circled."""
LEAST_ROW = 8.0
"""From one row of words to be circled to the next."""
FEW_FIELDS = 5
"""Up to so many short fields, typing them is done sooner than scanning, reading and checking."""
_DARK_RULE = 110
_NUMBER_AND_WORD = re.compile(r"^([0-9０-９]+|[①-⑨]|[ア-コ](?= ))[ .．)）]*[^0-9０-９\s.．)）]{2}")
_SLACK = 0.05
_NAMED = 4


@dataclass(frozen=True, slots=True)
class Advice:
    """One thing to change. path: where in the definition, ("fields", "受付番号"), ("fields",) for several; () for the form."""

    path: tuple[str, ...]
    what: str
    mend: str


@dataclass(frozen=True, slots=True)
class _Subject:
    definition: Definition
    fields: tuple[FormField, ...]
    """A table's cells of its first row stand for all of its rows."""
    blanks: Sequence[Page]


def advise(definition: Definition, fields: Sequence[FormField], blanks: Sequence[Page] = ()) -> list[Advice]:
    """What would make the form easier to read: one entry for all the fields that have the same fault.

    blanks: the empty form's pages at BLANK_DPI; without them nothing is said of what is printed (marks, rules).
    """
    first_rows = tuple(leaf for one in fields for leaf in leaves(one) if "[" not in leaf.name or "[1]." in leaf.name)
    subject = _Subject(definition, first_rows, blanks)
    return [advice for rule in _RULES for advice in rule(subject)]


def _about(fields: Sequence[FormField], what: str, mend: str) -> Iterator[Advice]:
    """One advice for all the fields it holds for; a table's column is told as 単価表の数量."""
    names = [one.name.replace("[1].", "の") for one in fields]
    if names:
        told = "".join(f"「{name}」" for name in names[:_NAMED])
        more = f"ほか {len(names) - _NAMED} 欄" if len(names) > _NAMED else ""
        path = ("fields", fields[0].name.partition("[")[0]) if len(names) == 1 else ("fields",)
        yield Advice(path, f"{told}{more}{what}", mend)


def _few(subject: _Subject) -> Iterator[Advice]:
    if len(subject.fields) <= FEW_FIELDS:
        yield Advice(
            (),
            f"欄が {len(subject.fields)} 個しかありません",
            "この数なら、紙を読み取って確かめるより手で入力するほうが早いことがあります。枚数の多い帳票から始めてください",
        )


def _marks(subject: _Subject) -> Iterator[Advice]:
    drawn = subject.definition.register_ in ("auto", "markers")
    if not drawn or (subject.blanks and not all(has_marks(page) for page in subject.blanks)):
        yield Advice(
            ("register",),
            "四隅に位置合わせの印がありません",
            "用紙の端から 17 mm を中心に 6 mm 角の黒い四角を刷ってください（form draw で刷れます）。傾いた紙でも速く確かに読めます",
        )


def _code(subject: _Subject) -> Iterator[Advice]:
    if not any(one.kind.name == "qr" for one in subject.fields):
        yield Advice(
            ("identify",),
            "帳票と版を見分ける QR コードがありません",
            "帳票の名前と版（送り先があれば整理番号も）を QR コードで刷ると、混ざった紙の山を分けられ、古い版に気づけます",
        )


def _numbers(subject: _Subject) -> Iterator[Advice]:
    found = [one for one in subject.fields if _is_line(one) and _NUMBER.search(one.name)]
    mend = "1 字 1 ますの枠（幅 6 mm、高さ 8 mm ほど）にしてください。数字はますに書いてもらうと最もよく読めます"
    yield from _about(found, "は番号や数を書くのに、ますがありません", mend)


def _choices(subject: _Subject) -> Iterator[Advice]:
    written = [
        one
        for one in subject.fields
        if _is_line(one) and _CHOICE.search(one.name) and not _NUMBER.search(one.name) and not _FREE.search(one.name)
    ]
    mend = "決まった答えなら □ を並べて選んでもらってください。書く人も楽になり、読み取りも確かです"
    yield from _about(written, "を文字で書かせています", mend)
    circled = [one for one in subject.fields if one.kind.name == "circle"]
    mend = "言葉の左に □ を置いて ✓ にすると、○ が隣にかかる紛れがなくなります"
    yield from _about(circled, "は言葉を ○ で囲みます", mend)


def _names(subject: _Subject) -> Iterator[Advice]:
    whole = [
        one
        for one in subject.fields
        if one.kind.name in ("text", "kana") and _NAME.search(one.name) and len(groups_of(_cells(one))) <= 1
    ]
    mend = "姓と名の枠を分けてください。どこまでが姓かを間違えません"
    yield from _about(whole, "は姓と名が一つの枠です", mend)


def _addresses(subject: _Subject) -> Iterator[Advice]:
    postal = any(_POSTAL.search(one.name) for one in subject.fields)
    found = [one for one in subject.fields if _is_line(one) and _ADDRESS.search(one.name) and not postal]
    mend = "郵便番号を 7 つのますで書いてもらい、agrees_with で住所と照らし合わせてください"
    yield from _about(found, "に郵便番号の欄がありません", mend)


def _check_digits(subject: _Subject) -> Iterator[Advice]:
    found = [
        one
        for one in subject.fields
        if one.kind.name == "digits" and _RECEIPT.search(one.name) and getattr(one.params, "check", None) is None
    ]
    mend = "番号の末尾に検査数字を付け、check に書いてください。1 字の読み違いや書き違いに気づけます"
    yield from _about(found, "に検査数字がありません", mend)


def _eras(subject: _Subject) -> Iterator[Advice]:
    found = [one for one in subject.fields if isinstance(one.params, DateParams) and not one.params.era]
    mend = "令和だけなら「令和」と刷り、生年月日なら元号を □ で選んでもらってください"
    yield from _about(found, "は元号の欄がなく、和暦か西暦か決まりません", mend)


def _sizes(subject: _Subject) -> Iterator[Advice]:
    sides = {one.name: min((side for box in _cells(one) for side in box[3:]), default=99.0) for one in subject.fields}
    small = [one for one in subject.fields if sides[one.name] < SMALLEST_CELL - _SLACK]
    least = min((sides[one.name] for one in small), default=0.0)
    mend = f"縦も横も {SMALLEST_CELL:g} mm 以上にしてください"
    yield from _about(small, f"のますが小さすぎます（小さいところで {least:.1f} mm）", mend)
    low = [one for one in subject.fields if _is_line(one) and _height(one) < LEAST_LINE - _SLACK]
    least = min((_height(one) for one in low), default=0.0)
    mend = f"高さを {LEAST_LINE:g} mm 以上にしてください"
    yield from _about(low, f"の枠が低すぎます（低いところで {least:.1f} mm）", mend)


def _spacing(subject: _Subject) -> Iterator[Advice]:
    apart = {}
    for one in subject.fields:
        boxes = [box for ask in asks_of(one) if isinstance(ask, MarksAsk) for box in ask.boxes]
        apart[one.name] = min((_distance(first, other) for first, other in combinations(boxes, 2)), default=99.0)
    near = [one for one in subject.fields if apart[one.name] < LEAST_SPACING - _SLACK]
    least = min((apart[one.name] for one in near), default=0.0)
    mend = f"真ん中どうしを {LEAST_SPACING:g} mm 以上離してください。印が隣にかかりません"
    yield from _about(near, f"の選択肢が近すぎます（近いところで {least:.1f} mm）", mend)


def _circles(subject: _Subject) -> Iterator[Advice]:
    """Words to be circled: a circle is larger than its word, and touches whatever stands near."""
    circled = {one.name: one for one in subject.fields if one.kind.name == "circle"}
    boxes = {name: [box for _, box in one.kind.boxes(one.params)] for name, one in circled.items()}
    gaps = {name: min((_gap(*two) for two in combinations(own, 2)), default=99.0) for name, own in boxes.items()}
    near = [one for name, one in circled.items() if gaps[name] < LEAST_GAP - _SLACK]
    least = max(0.0, min((gaps[one.name] for one in near), default=0.0))
    mend = f"言葉と言葉のあいだを {LEAST_GAP + 2:g} mm 以上空けてください。○ は言葉より大きく書かれ、隣にかかります"
    yield from _about(near, f"は ○ で囲む言葉どうしの間が狭すぎます（狭いところで {least:.1f} mm）", mend)
    rows = _row_heights(boxes)
    low = [circled[name] for name in rows]
    least = min(rows.values(), default=0.0)
    mend = f"行の高さを {LEAST_ROW:g} mm 以上にしてください。○ が上下の行にかかると、どの行の印か決められません"
    yield from _about(low, f"は上下の行が近すぎます（近いところで {least:.1f} mm）", mend)
    both = [one for one in circled.values() if _numbered(one)]
    mend = "番号だけを囲んでもらうよう欄に書き、番号と言葉を離すか、番号の代わりに □ を置いてください"
    yield from _about(both, "の選択肢は番号と言葉で、どちらを囲むか人によって違います", mend)


def _numbered(field: FormField) -> bool:
    return any(_NUMBER_AND_WORD.match(name) for name, _ in field.kind.boxes(field.params))


def _row_heights(boxes: Mapping[str, Sequence[Box]]) -> dict[str, float]:
    """How far, at least, the rows of other fields lie above or below each one's, where that is too little."""
    low: dict[str, float] = {}
    for (first, own), (other, its) in combinations(boxes.items(), 2):
        down = [
            abs(one.top + one.height / 2 - two.top - two.height / 2)
            for one in own
            for two in its
            if one.page == two.page and min(one.left + one.width, two.left + two.width) > max(one.left, two.left)
        ]
        if down and min(down) < LEAST_ROW - _SLACK:
            for name in (first, other):
                low[name] = min(low.get(name, LEAST_ROW), *down)
    return low


def _gap(one: Box, other: Box) -> float:
    """The room between two boxes, across or down, whichever is more."""
    across = max(one.left, other.left) - min(one.left + one.width, other.left + other.width)
    down = max(one.top, other.top) - min(one.top + one.height, other.top + other.height)
    return max(across, down)


def _margins(subject: _Subject) -> Iterator[Advice]:
    width, height = subject.definition.paper.mm
    edge = {
        one.name: min(
            min(box.left, box.top, width - box.left - box.width, height - box.top - box.height)
            for _, box in one.kind.boxes(one.params)
        )
        for one in subject.fields
    }
    near = [one for one in subject.fields if edge[one.name] < LEAST_MARGIN - _SLACK]
    least = max(0.0, min((edge[one.name] for one in near), default=0.0))
    mend = f"端から {LEAST_MARGIN:g} mm 以上離してください。スキャナーの送りで切れることがあります"
    yield from _about(near, f"が用紙の端に近すぎます（近いところで {least:.0f} mm）", mend)


def _dark_rules(subject: _Subject) -> Iterator[Advice]:
    """Rules between the cells of one group: a digit that touches a black one is hard to tell from it."""
    found = []
    for one in subject.fields:
        inner = [box for group in groups_of(_cells(one)) for box in group[1:]]
        if inner and inner[0].page < len(subject.blanks):
            page = subject.blanks[inner[0].page]
            places = [Box(box.page, box.left - 0.5, box.top + 1, 1.0, box.height - 2) for box in inner]
            if np.median([float(crop(page.image, place, 0).mean(0).min()) for place in places]) < _DARK_RULE:
                found.append(one)
    mend = "仕切りは灰色か点線にしてください。仕切りに触れた字が読みやすくなります"
    yield from _about(found, "のますの仕切りが濃い実線です", mend)


def _hairlines(subject: _Subject) -> Iterator[Advice]:
    found = sum(len(dotted_lines(page)) for page in subject.blanks)
    if found:
        yield Advice(
            (),
            f"細い点線が {found} 本あります",
            "0.2 mm 以上の実線にしてください。点線はファクスや薄いコピーで消え、「印刷が違う紙」として断られることがあります",
        )


def _distance(one: Box, other: Box) -> float:
    across = one.left + one.width / 2 - other.left - other.width / 2
    down = one.top + one.height / 2 - other.top - other.height / 2
    return float(np.hypot(across, down))


def _cells(field: FormField) -> list[Box]:
    return [ask.box for ask in asks_of(field) if isinstance(ask, CharacterAsk)]


def _height(field: FormField) -> float:
    return min((ask.box.height for ask in asks_of(field) if isinstance(ask, LineAsk)), default=99.0)


def _is_line(field: FormField) -> bool:
    asks = asks_of(field)
    return bool(asks) and isinstance(asks[0], LineAsk)


_RULES: tuple[Callable[[_Subject], Iterator[Advice]], ...] = (
    _few,
    _marks,
    _code,
    _numbers,
    _choices,
    _names,
    _addresses,
    _check_digits,
    _eras,
    _sizes,
    _spacing,
    _circles,
    _margins,
    _dark_rules,
    _hairlines,
)
