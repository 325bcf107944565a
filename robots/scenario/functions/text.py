"""Functions of text."""

from __future__ import annotations

import unicodedata

import habachen
import regex  # type: ignore[import-untyped]

from robots.errors import BusinessError, ScenarioFault
from robots.scenario.function import Function
from robots.scenario.operations import MAX_TEXT, number_of, shown
from robots.values import Value, text_of

_MATCH_SECONDS = 0.5
_MOST_PATTERN = 500


def _text(value: Value) -> str:
    text = text_of(value)
    if len(text) > MAX_TEXT:
        raise BusinessError(
            f"文字が長すぎます（{len(text):,} 文字）。", mend=f"{MAX_TEXT:,} 文字までの値を渡してください。"
        )
    return text


def _place(value: Value, use: str) -> int:
    number = number_of(value, use)
    if not isinstance(number, int) or number < 0:
        raise BusinessError(f"{use} {shown(value)} が使えません。", mend="0 以上の整数にしてください。")
    return number


def _width(value: Value, which: Value) -> dict[str, bool]:
    kinds = {"": (True, True), "英数": (True, False), "カナ": (False, True)}
    name = text_of(which)
    if name not in kinds:
        raise ScenarioFault(
            f"「{name}」という文字の種類はありません。", mend="英数 か カナ を書くか、何も書かないでください。"
        )
    letters, kana = kinds[name]
    return {"ascii": letters, "digit": letters, "kana": kana}


def _full(value: Value, which: Value = "") -> Value:
    text, kinds = _text(value), _width(value, which)
    made = habachen.han_to_zen(text, **kinds)
    return made.replace(" ", "\u3000") if kinds["ascii"] else made


def _half(value: Value, which: Value = "") -> Value:
    text, kinds = _text(value), _width(value, which)
    made = habachen.zen_to_han(text, **kinds)
    return made.replace("\u3000", " ") if kinds["ascii"] else made


def _hiragana(value: Value) -> Value:
    return habachen.kata_to_hira(
        unicodedata.normalize("NFC", habachen.han_to_zen(_text(value), ascii=False, digit=False))
    )


def _katakana(value: Value) -> Value:
    return habachen.hira_to_kata(
        unicodedata.normalize("NFC", habachen.han_to_zen(_text(value), ascii=False, digit=False))
    )


def _digits(value: Value) -> Value:
    return "".join(sign for sign in unicodedata.normalize("NFKC", _text(value)) if sign in "0123456789")


def _strip(value: Value) -> Value:
    return _text(value).strip()


def _replace(value: Value, old: Value, new: Value) -> Value:
    text, wanted, other = _text(value), _text(old), _text(new)
    if not wanted:
        raise BusinessError("置き換える前の文字が空欄です。", mend="置換の二つめに、探す文字を書いてください。")
    if len(text) + text.count(wanted) * (len(other) - len(wanted)) > MAX_TEXT:
        raise BusinessError(
            "置き換えた結果が長くなりすぎます。", mend=f"{MAX_TEXT:,} 文字以内になるようにしてください。"
        )
    return text.replace(wanted, other)


def _length(value: Value) -> Value:
    return len(_text(value))


def _left(value: Value, count: Value) -> Value:
    return _text(value)[: _place(count, "文字数")]


def _right(value: Value, count: Value) -> Value:
    text, wanted = _text(value), _place(count, "文字数")
    return text[-wanted:] if wanted else ""


def _mid(value: Value, start: Value, count: Value) -> Value:
    first = _place(start, "開始位置")
    if first == 0:
        raise BusinessError("開始位置は 1 から数えます。", mend="中の二つめを 1 以上にしてください。")
    return _text(value)[first - 1 : first - 1 + _place(count, "文字数")]


def _match(value: Value, pattern: Value) -> Value:
    written = text_of(pattern)
    mend = "正規表現（一致の二つめ）を簡単なものにしてください。"
    if len(written) > _MOST_PATTERN:
        raise ScenarioFault("正規表現が長すぎます。", mend=mend)
    try:
        return regex.fullmatch(written, _text(value), timeout=_MATCH_SECONDS) is not None
    except TimeoutError:
        raise ScenarioFault(f"正規表現「{written}」の照合に時間がかかりすぎます。", mend=mend) from None
    except (regex.error, RecursionError, OverflowError, MemoryError):
        raise ScenarioFault(
            f"正規表現「{written}」の書き方に誤りがあります。", mend="かっこや記号の対応を確かめてください。"
        ) from None


def _coalesce(*values: Value) -> Value:
    for value in values:
        if value is not None and not (isinstance(value, str) and not value.strip()):
            return value
    return values[-1]


FUNCTIONS = (
    Function(
        "full",
        "全角",
        ("文字", "種類"),
        1,
        _full,
        "半角を全角にします。種類に 英数 か カナ と書くと、それだけ。",
        "全角('ｶﾞｷﾞ12')",
        "ガギ１２",
    ),
    Function(
        "half",
        "半角",
        ("文字", "種類"),
        1,
        _half,
        "全角を半角にします。種類に 英数 か カナ と書くと、それだけ。",
        "半角('１２－３Ａ')",
        "12-3A",
    ),
    Function(
        "hiragana",
        "ひらがな",
        ("文字",),
        1,
        _hiragana,
        "カタカナ（半角も）をひらがなにします。",
        "ひらがな('ﾔﾏﾀﾞ タロウ')",
        "やまだ たろう",
    ),
    Function(
        "katakana",
        "カタカナ",
        ("文字",),
        1,
        _katakana,
        "ひらがなと半角カナを全角カタカナにします。",
        "カタカナ('やまだ ﾀﾛｳ')",
        "ヤマダ タロウ",
    ),
    Function(
        "digits",
        "数字だけ",
        ("文字",),
        1,
        _digits,
        "数字だけを残し、半角にします。",
        "数字だけ('〒１００-0001')",
        "1000001",
    ),
    Function(
        "strip",
        "空白除去",
        ("文字",),
        1,
        _strip,
        "前後の空白（全角も）を取ります。",
        "空白除去('　山田 太郎 ')",
        "山田 太郎",
    ),
    Function(
        "replace",
        "置換",
        ("文字", "前", "後"),
        3,
        _replace,
        "文字の一部をすべて置き換えます。",
        "置換('山田　太郎', '　', ' ')",
        "山田 太郎",
    ),
    Function("length", "文字数", ("文字",), 1, _length, "文字の数。", "文字数('番犬')", "2"),
    Function("left", "左", ("文字", "文字数"), 2, _left, "左からその文字数。", "左('011002', 2)", "01"),
    Function("right", "右", ("文字", "文字数"), 2, _right, "右からその文字数。", "右('011002', 2)", "02"),
    Function(
        "mid",
        "中",
        ("文字", "開始位置", "文字数"),
        3,
        _mid,
        "開始位置（1 から）からその文字数。",
        "中('011002', 3, 3)",
        "100",
    ),
    Function(
        "match",
        "一致",
        ("文字", "正規表現"),
        2,
        _match,
        "文字の全体が正規表現に合うか。照合は 0.5 秒までです。",
        r"一致('100-0001', '\d{3}-\d{4}')",
        "はい",
    ),
    Function(
        "coalesce",
        "既定値",
        ("値", "代わり…"),
        2,
        _coalesce,
        "左から見て、最初の空欄でない値。",
        "既定値('', 'なし')",
        "なし",
    ),
)
