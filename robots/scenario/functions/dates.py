"""Functions of dates, Japanese eras and open days."""

from __future__ import annotations

from datetime import date

from robots.eras import era_of, read_date
from robots.errors import BusinessError, ScenarioFault
from robots.nightly.calendar import OpenDays
from robots.scenario.function import Function
from robots.scenario.operations import number_of, shown
from robots.values import Value, text_of

_MOST_DAYS = 1000


def _day(value: Value) -> date:
    if isinstance(value, str | date | int) and not isinstance(value, bool):
        return read_date(value)
    if value is None:
        return read_date("")
    raise BusinessError(f"{shown(value)} を日付として読めません。", mend="日付の入った値を渡してください。")


def _today(today: date) -> Value:
    return today


def _date(value: Value, era: Value = "") -> Value:
    if era and isinstance(value, str | int):
        return read_date(value, text_of(era))
    return _day(value)


def _wareki(value: Value, part: Value = "") -> Value:
    day = _day(value)
    era = era_of(day)
    year = day.year - era.base
    parts: dict[str, Value] = {"元号": era.name, "年": year, "月": day.month, "日": day.day}
    if not part:
        return f"{era.name}{'元' if year == 1 else year}年{day.month}月{day.day}日"
    return _part(parts, part)


def _seireki(value: Value, part: Value = "") -> Value:
    day = _day(value)
    if not part:
        return f"{day.year}年{day.month}月{day.day}日"
    parts: dict[str, Value] = {"年": day.year, "月": day.month, "日": day.day}
    for sign in "/-.":
        parts[sign] = day.strftime(f"%Y{sign}%m{sign}%d")
    parts["8桁"] = day.strftime("%Y%m%d")
    return _part(parts, part)


def _part(parts: dict[str, Value], part: Value) -> Value:
    name = text_of(part)
    if name not in parts:
        raise ScenarioFault(
            f"日付の「{name}」という部分はありません。", mend=f"{'、'.join(parts)} のどれかを書いてください。"
        )
    return parts[name]


def _fiscal_year(value: Value) -> Value:
    day = _day(value)
    return day.year if day.month >= 4 else day.year - 1


def _age(today: date, born: Value, on: Value = None) -> Value:
    birthday, day = _day(born), _day(on) if on else today
    if birthday > day:
        raise BusinessError(
            f"生年月日 {birthday.isoformat()} が基準日 {day.isoformat()} より後です。",
            mend="生年月日を確かめてください。",
        )
    return day.year - birthday.year - ((day.month, day.day) < (birthday.month, birthday.day))


def _open_day(town: OpenDays, value: Value, count: Value = 0) -> Value:
    day, steps = _day(value), number_of(count, "開庁日の日数")
    if not isinstance(steps, int) or abs(steps) > _MOST_DAYS:
        raise BusinessError(
            f"開庁日の日数 {shown(count)} が使えません。", mend=f"{_MOST_DAYS} 以内の整数にしてください。"
        )
    return town.shift(day, steps)


FUNCTIONS = (
    Function(
        "today",
        "今日",
        (),
        0,
        _today,
        "この実行の日付（日本時間）。夜をまたいでも変わりません。",
        "今日() == 今日()",
        "はい",
        True,
    ),
    Function(
        "date",
        "日付",
        ("文字", "元号"),
        1,
        _date,
        "文字を日付にします。和暦・西暦・全角を読み、暦にない日付は業務エラーにします。元号が別の欄にあるときは二つめに渡します。",
        "日付('R8.4.1') == 日付('8.4.1', '令和')",
        "はい",
    ),
    Function(
        "wareki",
        "和暦",
        ("日付", "部分"),
        1,
        _wareki,
        "日付を令和8年4月1日の形にします。部分（元号・年・月・日）を書くと、そこだけを返します。",
        "和暦('2019/5/1')",
        "令和元年5月1日",
    ),
    Function(
        "seireki",
        "西暦",
        ("日付", "形"),
        1,
        _seireki,
        "日付を2026年4月1日の形にします。形には 年・月・日、/・-・.（2026/04/01 など）、8桁（20260401）を書けます。",
        "西暦('令和8年4月1日', '8桁')",
        "20260401",
    ),
    Function(
        "open_day",
        "開庁日",
        ("日付", "日数"),
        1,
        _open_day,
        "日数だけ先（負なら前）の開庁日。0 ならその日か、閉庁日なら次の開庁日。閉庁日は台帳の closed_days（ふつうは土日・祝日・"
        "12月29日から1月3日。地方自治法第4条の2）と、臨時の開庁日・閉庁日によります。",
        "開庁日('2026/5/1', 1)",
        "2026-05-07",
        in_town=True,
    ),
    Function(
        "fiscal_year", "年度", ("日付",), 1, _fiscal_year, "日付の年度（4月始まり）。", "年度('令和8年3月31日')", "2025"
    ),
    Function(
        "age",
        "年齢",
        ("生年月日", "基準日"),
        1,
        _age,
        "基準日（なければ今日）の満年齢。誕生日に一つ増えます。",
        "年齢('H20.4.2', '2026/4/1')",
        "17",
        True,
    ),
)
