"""registry.yaml as data: the town, its departments and people, and every scenario's entry."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from robots.params import Number, Params, Text, Whole, param

GOVERNED = ("owner", "deputy", "runs_on", "data", "schedule", "baseline")
"""The keys of an entry that stand under its approval; a change of any of them stops the scenario."""


def _as_date(value: object) -> object:
    try:
        return date.fromisoformat(str(value).strip())
    except ValueError:
        raise PydanticCustomError(
            "date", "日付は 2026-04-01 のように書きます（「{value}」でした）", {"value": str(value)}
        ) from None


def _names(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _or_none(value: object) -> object:
    return None if isinstance(value, str) and value.strip().lower() in ("", "null", "~") else value


Date = Annotated[date, BeforeValidator(_as_date)]
Names = Annotated[list[Text], BeforeValidator(_names)]
Roles = Annotated[list[Literal["viewer", "author", "checker", "approver", "admin"]], BeforeValidator(_names)]
Minutes = Annotated[Number, Field(ge=0)]
Money = Annotated[Number | None, BeforeValidator(_or_none)]


class Department(Params):
    name: Text = param("", "課の名前")
    division: Text = param("", "部の名前", default="")


class Person(Params):
    name: Text = param("", "職員の表示名")
    department: Text = param("", "所属する課（departments の名前）")
    roles: Roles = param("", "役割: viewer・author・checker・approver・admin", factory=list)
    key: Text = param("", "承認者の公開鍵（ed25519:…）", default="")


class Resource(Params):
    holders: Whole = param("", "同時に使える数", default=1)


class Baseline(Params):
    """What the work took by hand before, approved with the rest."""

    minutes_per_item: Minutes = param("", "1 件にかかっていた分数")
    minutes_per_run: Minutes = param("", "1 回ごとにかかっていた分数", default=0)
    items_per_year: Number = param("", "年間の件数", default=0)
    measured: Date = param("", "測った日")
    how: Text = param("", "測り方")


class Approval(Params):
    """What was approved: the digest, and the digest of each part so that a refusal can name what changed."""

    digest: Text = param("", "承認した内容のダイジェスト（sha256:…）")
    by: Text = param("", "承認者（people の名前）")
    on: Date = param("", "承認した日")
    until: Date = param("", "承認の期限")
    parts: dict[str, str] = param("", "承認した各ファイルと各項目のダイジェスト", factory=dict)
    signature: Text = param("", "署名", default="")


class Entry(Params):
    """One scenario in the register."""

    name: Text = param("", "シナリオの名前")
    owner: Text = param("", "所有者（people の名前）")
    deputy: Text = param("", "副担当（people の名前）")
    runs_on: Names = param("", "動かしてよい端末の名前（* はどの端末でも）")
    stop: Text = param("", "安全な止め方")
    data: Literal["none", "personal", "my_number"] = param("", "扱うデータの区分")
    built_by: Literal["in_house", "contractor"] = param("", "内製か委託か", default="in_house")
    schedule: dict[str, Any] | None = param("", "いつ動かすか", default=None)
    baseline: Baseline = param("", "基準時間")
    review: dict[str, Any] | None = param("", "自動化の前に改善したこと", default=None)
    reviewed_by: Date | None = param("", "この日までに見直す", default=None)
    approval: Approval | None = param("", "承認", default=None)


class Register(Params):
    """The whole register."""

    organization: Text = param("", "団体名")
    fiscal_year_starts: Annotated[Whole, Field(ge=1, le=12)] = param("", "年度の始まりの月", default=4)
    closed_days: Names = param("", "閉庁日", factory=list)
    open_extra: Names = param("", "臨時の開庁日", factory=list)
    closed_extra: Names = param("", "臨時の閉庁日", factory=list)
    hourly_cost: Money = param("", "1 時間あたりの人件費（円）", default=None)
    departments: dict[str, Department] = param("", "課")
    people: dict[str, Person] = param("", "職員", factory=dict)
    resources: dict[str, Resource] = param("", "同時に使えないもの", factory=dict)
    scenarios: dict[str, Entry] = param("", "シナリオ", factory=dict)

    def department_of(self, scenario: str) -> tuple[str, Department]:
        """The department key (the first part of the id) and its department."""
        key = scenario.split("/", 1)[0]
        return key, self.departments.get(key, Department(name=key, division=""))


def governed(raw_entry: Mapping[str, object]) -> dict[str, object]:
    """The part of an entry, as written, that stands under its approval."""
    return {key: raw_entry[key] for key in GOVERNED if key in raw_entry}


def minutes(value: Decimal | int) -> str:
    """Minutes as the ledger keeps them: exact, as text."""
    return format(Decimal(value), "f")
