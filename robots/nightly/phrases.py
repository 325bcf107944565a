"""The phrases of a rule: one closed table, Japanese and English; what is in none of them is refused with examples."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from datetime import time

from robots.eras import read_date
from robots.errors import BankenError
from robots.nightly.rules import (
    Days,
    EveryDay,
    MonthDays,
    Move,
    NthOpenDay,
    Once,
    OpenDaysBefore,
    Period,
    Rule,
    Weekdays,
)

EXAMPLES = (
    ("毎開庁日", "every open day"),
    ("毎日", "every day"),
    ("月曜日", "Mondays"),
    ("月・木曜日、後の開庁日", "Mondays and Thursdays, or the open day after"),
    ("25日", "the 25th"),
    ("25日、前の開庁日", "the 25th, or the open day before"),
    ("25日、後の開庁日", "the 25th, or the open day after"),
    ("25日、閉庁日は休む", "the 25th, if open"),
    ("月末", "the last day of the month"),
    ("月の第3開庁日", "the 3rd open day of the month"),
    ("月の最後の開庁日", "the last open day of the month"),
    ("年度の最初の開庁日", "the first open day of the fiscal year"),
    ("月末の3開庁日前", "3 open days before the end of the month"),
    ("月の最後の開庁日の3開庁日前", "3 open days before the last open day of the month"),
    ("年度末の10開庁日前", "10 open days before the end of the fiscal year"),
    ("開庁日の9:00から17:00まで30分ごと", "every 30 minutes between 9:00 and 17:00 on open days"),
    ("2026-12-25 に1回", "once on 2026-12-25"),
)
"""Every phrase that there is, in both languages; each pair says the same."""


class NotARule(ValueError):
    """The phrase is not in the table; the text says what is wrong, in Japanese without a full stop."""


_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
_ENGLISH_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_TIME = r"(\d{1,2})(?::(\d{2})|時(?:(\d{1,2})分)?)"
_LIST = r"(?:、|・|,|と|および|and|\s)+"
_NTH = rf"(\d+(?:st|nd|rd|th)|{'|'.join(_ORDINALS)})"
_ENGLISH_PERIOD = r"(month|fiscal year)"
_END = rf"(?:end of the {_ENGLISH_PERIOD}|{_ENGLISH_PERIOD}'s end)"
_MOVES: Sequence[tuple[str, Move]] = (
    (r",? (?:or|else) (?:on )?the (?:previous open day|open day before)", "before"),
    (r",? (?:or|else) (?:on )?the (?:next open day|open day after)", "after"),
    (r",? (?:if open|open days only)", "skip"),
    (r"(?:、|,|\()?(?:または|か|閉庁日(?:なら|は|のときは))?、?(?:直前|前)の開庁日\)?", "before"),
    (r"(?:、|,|\()?(?:または|か|閉庁日(?:なら|は|のときは))?、?(?:直後の|後の|次の|翌)開庁日\)?", "after"),
    (r"(?:、|,|\()?(?:閉庁日(?:なら|は|のときは)休む|開庁日(?:のみ|だけ))\)?", "skip"),
)


def read_rule(written: str) -> Rule:
    """Reads a rule.  Raises: NotARule."""
    text = unicodedata.normalize("NFKC", written).replace("〜", "~").strip().lower()
    text = re.sub(r"\s+", " ", text).removesuffix("。")
    times, text = _times_of(text, written)
    for tail, move in _MOVES:
        found = re.fullmatch(rf"(.+?){tail}", text)
        days = _days_of(found[1], written) if found is not None else None
        if days is not None:
            if isinstance(days, EveryDay | NthOpenDay | OpenDaysBefore):
                raise NotARule(f"「{written}」: 開庁日を数える決まりと毎日には、閉庁日の扱いを付けられません")
            return Rule(written, days, move, times)
    days = _days_of(text, written)
    if days is None:
        raise NotARule(f"「{written}」は、決まりとして読めません")
    return Rule(written, days, "", times)


def read_time(written: str) -> time:
    """19:00, 9時, 9時30分.  Raises: NotARule."""
    found = re.fullmatch(_TIME, unicodedata.normalize("NFKC", written).strip())
    if found is None:
        raise NotARule(f"「{written}」は時刻の書き方ではありません。19:00 のように書きます")
    return _time(found.groups(), written)


def _time(parts: Sequence[str | None], written: str) -> time:
    hour, minute = int(parts[0] or 0), int(parts[1] or parts[2] or 0)
    if hour > 23 or minute > 59:
        raise NotARule(f"「{written}」の時刻は 0:00 から 23:59 までで書きます")
    return time(hour, minute)


def _times_of(text: str, written: str) -> tuple[tuple[time, ...], str]:
    """(its own times of day, the days' part of the phrase)."""
    english = re.fullmatch(rf"every (\d+) (minute|hour)s? (?:between|from) {_TIME} (?:and|to) {_TIME} on (.+)", text)
    japanese = re.fullmatch(
        rf"(.+?)(?:の|、| )\s?{_TIME}(?:から|~|-){_TIME}(?:まで)?(?:、|に| )?(\d+)(分|時間)(?:ごと|おき|毎)に?", text
    )
    if english is not None:
        size, unit, days = english[1], english[2], english[9]
        start, end = _time(english.groups()[2:5], written), _time(english.groups()[5:8], written)
    elif japanese is not None:
        size, unit, days = japanese[8], japanese[9], japanese[1]
        start, end = _time(japanese.groups()[1:4], written), _time(japanese.groups()[4:7], written)
    else:
        return (), text
    step = int(size) * (60 if unit in ("hour", "時間") else 1)
    first, last = start.hour * 60 + start.minute, end.hour * 60 + end.minute
    if step < 5:
        raise NotARule(f"「{written}」の間隔は 5 分以上にしてください")
    if last <= first:
        raise NotARule(f"「{written}」は、終わりの時刻を始まりより後にしてください")
    return tuple(time(at // 60, at % 60) for at in range(first, last + 1, step)), days


def _days_of(text: str, written: str) -> Days | None:
    for pattern, build in _TABLE:
        found = re.fullmatch(pattern, text)
        if found is not None:
            return build([one for one in found.groups() if one is not None], written)
    return _weekdays(text) or _month_days(text, written) or _once(text, written)


def _weekdays(text: str) -> Days | None:
    words = [one.removesuffix("s") for one in re.split(_LIST, text.removeprefix("every ").removeprefix("on ")) if one]
    if words and all(one in _ENGLISH_DAYS for one in words):
        return Weekdays(frozenset(_ENGLISH_DAYS.index(one) for one in words))
    tight = text.replace(" ", "").removeprefix("毎週")
    if re.fullmatch(r"[月火水木金土日](?:曜日?)?(?:[、・,と]?[月火水木金土日](?:曜日?)?)*", tight) and "曜" in tight:
        return Weekdays(frozenset("月火水木金土日".index(one) for one in re.sub(r"曜日?|[、・,と]", "", tight)))
    return None


def _month_days(text: str, written: str) -> Days | None:
    english = re.fullmatch(r"(?:on )?the (.+?)(?: of (?:the|each|every) month)?", text)
    words = re.split(r"(?:,| and| the|\s)+", english[1]) if english is not None else []
    numbers: list[int] = []
    if words and all(re.fullmatch(_NTH, one) for one in words):
        numbers = [_nth(one) for one in words]
    tight = text.replace(" ", "").removeprefix("毎月").removeprefix("月の")
    if re.fullmatch(r"\d{1,2}日(?:[、・,と]?\d{1,2}日)*", tight):
        numbers = [int(one) for one in re.findall(r"\d+", tight)]
    if not all(1 <= one <= 31 for one in numbers):
        raise NotARule(f"「{written}」の日は 1 から 31 までです")
    if 31 in numbers:
        raise NotARule(f"「{written}」: 31日のない月があります。月の終わりの日なら「月末」と書いてください")
    return MonthDays(tuple(numbers)) if numbers else None


def _once(text: str, written: str) -> Days | None:
    day = re.sub(r"^(?:once )?(?:on )?|(?:に(?:1|一)[回度](?:だけ)?|に?だけ)$", "", text).strip()
    if not re.search(r"\d{4}|年|^[mtshr]\d", day) or not re.fullmatch(r"[\d/年月日\-.元明治大正昭和平成令mtshr]+", day):
        return None
    try:
        return Once(read_date(day))
    except BankenError as error:
        raise NotARule(f"「{written}」: {error.what.rstrip('。')}") from None


def _nth(word: str) -> int:
    return _ORDINALS.index(word) + 1 if word in _ORDINALS else int(word[:-2])


def _period(word: str) -> Period:
    return "fiscal_year" if word in ("fiscal year", "年度") else "month"


def _counted(word: str, period: Period, written: str) -> int:
    count, most = (int(word) if word.isdecimal() else _nth(word)), 20 if period == "month" else 200
    if not 1 <= count <= most:
        raise NotARule(f"「{written}」の開庁日の数は 1 から {most} までです")
    return count


def _nth_open(parts: Sequence[str], written: str) -> Days:
    word, period = (parts[0], _period(parts[1])) if parts[0][0].isascii() else (parts[1], _period(parts[0]))
    return NthOpenDay(period, _counted(word, period, written))


def _before(parts: Sequence[str], written: str, *, last_open: bool = False) -> Days:
    word, period = (parts[0], _period(parts[1])) if parts[0].isdecimal() else (parts[1], _period(parts[0]))
    return OpenDaysBefore(period, _counted(word, period, written), last_open)


_PERIOD = r"(?:毎?(月)の?|(年度)の)"
_TABLE: Sequence[tuple[str, Callable[[Sequence[str], str], Days]]] = (
    (r"(?:every )?open days?|毎?開庁日(?:ごと|毎日)?", lambda _parts, _written: EveryDay(open_only=True)),
    (r"every day|daily|毎日", lambda _parts, _written: EveryDay(open_only=False)),
    (r"(?:on )?the last day of (?:the|each|every) month|毎?月末|(?:毎月|月の)?末日", lambda _p, _w: MonthDays((31,))),
    (rf"(?:on )?the {_NTH} open day of (?:the|each|every) {_ENGLISH_PERIOD}", _nth_open),
    (rf"{_PERIOD} ?第 ?(\d+) ?開庁日", _nth_open),
    (rf"{_PERIOD}最初の開庁日", lambda parts, _written: NthOpenDay(_period(parts[0]), 1)),
    (
        rf"(?:on )?the last open day of (?:the|each|every) {_ENGLISH_PERIOD}",
        lambda parts, _w: NthOpenDay(_period(parts[0]), -1),
    ),
    (rf"{_PERIOD}最(?:後の|終)開庁日", lambda parts, _written: NthOpenDay(_period(parts[0]), -1)),
    (rf"(\d+) open days? before (?:the )?{_END}", _before),
    (r"(月|年度)末の ?(\d+) ?開庁日前", _before),
    (
        rf"(\d+) open days? before the last open day of the {_ENGLISH_PERIOD}",
        lambda parts, written: _before(parts, written, last_open=True),
    ),
    (
        rf"{_PERIOD}最(?:後の|終)開庁日の ?(\d+) ?開庁日前",
        lambda parts, written: _before(parts, written, last_open=True),
    ),
)


def examples() -> str:
    """The phrases for a message."""
    return "、".join(f"「{japanese}」" for japanese, _ in EXAMPLES)


def phrases() -> Sequence[str]:
    """Every example, for did-you-mean."""
    return [one for pair in EXAMPLES for one in pair]
