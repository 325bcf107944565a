"""Functions of Japanese numbers and addresses."""

from __future__ import annotations

import unicodedata

from japan.check_digits import RULES, check_digit_holds
from japan.postal import places_of
from robots.errors import BusinessError, ScenarioFault
from robots.scenario.function import Function
from robots.scenario.operations import shown
from robots.values import Value, text_of


def _plain(value: Value) -> str:
    """A number without hyphens and spaces, half width."""
    text = unicodedata.normalize("NFKC", text_of(value))
    return "".join(sign for sign in text if sign not in "-‐‑–—−ー 〒")


_RULES = {**{rule: rule for rule in RULES}, "個人番号": "my_number", "法人番号": "corporate_number"}


def _check_digit(value: Value, kind: Value) -> Value:
    rule = _RULES.get(text_of(kind))
    if rule is None:
        raise ScenarioFault(
            f"検査数字の種類 {shown(kind)} はありません。", mend=f"{'、'.join(_RULES)} のどれかを書いてください。"
        )
    return check_digit_holds(_plain(value), rule)


def _address(value: Value) -> Value:
    code = _plain(value)
    if len(code) != 7 or not code.isdigit():
        raise BusinessError(f"{shown(value)} は郵便番号ではありません。", mend="数字 7 桁の郵便番号にしてください。")
    towns = [str(one) for one in places_of(code)]
    if not towns:
        raise BusinessError(f"郵便番号 {code} の住所が見つかりません。", mend="郵便番号を確かめてください。")
    if len(towns) > 1:
        raise BusinessError(
            f"郵便番号 {code} には住所が {len(towns)} 通りあります（{'、'.join(sorted(towns)[:5])}）。",
            mend="住所を申請書や資料で確かめてください。",
        )
    return towns[0]


FUNCTIONS = (
    Function(
        "address",
        "住所",
        ("郵便番号",),
        1,
        _address,
        "郵便番号の住所（日本郵便の郵便番号データ）。町が一つに決まらないときは業務エラー。",
        "住所('100-0001')",
        "東京都千代田区千代田",
    ),
    Function(
        "check_digit",
        "検査数字",
        ("番号", "種類"),
        2,
        _check_digit,
        "番号の検査数字が正しいか（はい・いいえ）。種類は my_number（平成26年総務省令第85号第5条）、corporate_number"
        "（平成26年財務省令第70号第2条）、mod11（ウェイト 2〜7、余り 0 と 1 は 0）、mod10（GS1 のウェイト 3・1）。",
        "検査数字('7000012050002', '法人番号')",
        "はい",
    ),
)
