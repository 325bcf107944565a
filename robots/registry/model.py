"""registry.yaml as data: the town, its departments and people, and every scenario's entry."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from robots.nightly.calendar import STANDARD, OpenDays
from robots.params import Number, Params, Text, Whole, param
from robots.registry.schedule import Schedule, as_closed_days, as_extra_days


def _as_date(value: object) -> object:
    try:
        return date.fromisoformat(str(value).strip())
    except ValueError:
        raise PydanticCustomError(
            "date", "日付は 2026-04-01 のように書きます（「{value}」でした）", {"value": str(value)}
        ) from None


def _as_key(value: object) -> object:
    if value == "" or _KEY.fullmatch(str(value)):
        return value
    raise PydanticCustomError(
        "key",
        "公開鍵は、鍵を作ったときに示された ed25519:… を、そのまま書きます（「{value}」でした）",
        {"value": str(value)},
    )


def _names(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _or_none(value: object) -> object:
    return None if isinstance(value, str) and value.strip().lower() in ("", "null", "~") else value


_KEY = re.compile(r"ed25519:[A-Za-z0-9+/]{43}=")
State = Literal["draft", "requested", "approved", "expired", "suspended", "retired"]
STATES: Mapping[State, str] = {
    "draft": "下書き",
    "requested": "承認待ち",
    "approved": "承認済み",
    "expired": "期限切れ",
    "suspended": "一時停止",
    "retired": "廃止",
}
Date = Annotated[date, BeforeValidator(_as_date)]
Key = Annotated[str, BeforeValidator(_as_key)]
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
    key: Key = param("", "承認者の公開鍵（ed25519:…）", default="")
    left: Date | None = param("", "異動や退職で離れた日", default=None)
    away_until: Date | None = param("", "休職などで、この日まで不在", default=None)


class Resource(Params):
    holders: Whole = param("", "同時に使える数", default=1)


class Baseline(Params):
    """What the work took by hand before, approved with the rest."""

    minutes_per_item: Minutes = param("", "1 件にかかっていた分数")
    minutes_per_run: Minutes = param("", "1 回ごとにかかっていた分数", default=0)
    items_per_year: Number = param("", "年間の件数", default=0)
    measured: Date = param("", "測った日")
    how: Text = param("", "測り方")


class Asked(Params):
    """Who asked for approval, and of which bytes."""

    by: Text = param("", "承認を求めた人（people の名前）")
    on: Date = param("", "求めた日")
    digest: Text = param("", "求めた内容のダイジェスト（sha256:…）")


class Decision(Params):
    """Why it may not run (any more): rejected, suspended or retired."""

    by: Text = param("", "決めた人（people の名前）")
    on: Date = param("", "決めた日")
    why: Text = param("", "理由")


class Retirement(Decision):
    """An approval that was revoked; its number goes on with the next one."""

    number: Annotated[Whole, Field(ge=0)] = param("", "取り消した承認の番号", default=0)


class Approval(Params):
    """What was approved: the digest, and the digest of each part so that a refusal can name what changed.

    ``number`` counts the scenario's approvals up; ``signature`` (signature.py) covers all but ``parts``, which is told
    only, and what the digest stands for.
    """

    digest: Text = param("", "承認した内容のダイジェスト（sha256:…）")
    by: Text = param("", "承認者（people の名前）")
    on: Date = param("", "承認した日")
    until: Date = param("", "承認の期限")
    number: Annotated[Whole, Field(ge=0)] = param("", "このシナリオの何番目の承認か", default=0)
    signature: Text = param("", "承認者の署名（Ed25519）", default="")
    parts: dict[str, str] = param("", "承認した各ファイルと各項目のダイジェスト", factory=dict)


class Estimated(Params):
    """What was expected before it was built (banken estimate), for comparing with what came true; not under the approval."""

    on: Date = param("", "見積もった日")
    items_per_year: Number = param("", "年間の件数")
    minutes_per_item: Number = param("", "手作業での 1 件あたりの分数")
    fields: Whole = param("", "紙から読み取る項目の数", default=0)
    net: Number = param("", "正味の削減時間（年・時間）の見込み")
    low: Number = param("", "控えめな見込み")
    high: Number = param("", "楽観的な見込み")
    build: Number = param("", "作成にかかる時間", default=0)


class Origin(Params):
    """Where a scenario that another town shared comes from."""

    town: Text = param("", "作った団体")
    digest: Text = param("", "受け取った中身のダイジェスト（sha256:…）")
    on: Date = param("", "受け取った日")


class Entry(Params):
    """One scenario in the register."""

    name: Text = param("", "シナリオの名前")
    owner: Text = param("", "所有者（people の名前）")
    deputy: Text = param("", "副担当（people の名前）")
    runs_on: Names = param("", "動かしてよい端末の名前（* はどの端末でも）")
    stop: Text = param("", "安全な止め方")
    data: Literal["none", "personal", "my_number"] = param("", "扱うデータの区分")
    built_by: Literal["in_house", "contractor"] = param("", "内製か委託か", default="in_house")
    schedule: Schedule | None = param("予定", "いつ動かすか", default=None)
    baseline: Baseline = param("", "基準時間")
    review: dict[str, Any] | None = param("", "自動化の前に改善したこと", default=None)
    reviewed_by: Date | None = param("", "この日までに見直す", default=None)
    estimate: Estimated | None = param("", "作る前の見積り（banken estimate）", default=None)
    origin: Origin | None = param("", "ほかの団体から受け取ったときの出どころ", default=None)
    request: Asked | None = param("", "承認の求め", default=None)
    rejected: Decision | None = param("", "差し戻し", default=None)
    approval: Approval | None = param("", "承認", default=None)
    suspended: Decision | None = param("", "一時停止", default=None)
    retired: Retirement | None = param("", "承認の取り消し（廃止）", default=None)


class Register(Params):
    """The whole register."""

    organization: Text = param("", "団体名")
    fiscal_year_starts: Annotated[Whole, Field(ge=1, le=12)] = param("", "年度の始まりの月", default=4)
    closed_days: Annotated[Names, BeforeValidator(as_closed_days)] = param("", "閉庁日", factory=lambda: list(STANDARD))
    open_extra: Annotated[Names, BeforeValidator(as_extra_days)] = param("", "臨時の開庁日", factory=list)
    closed_extra: Annotated[Names, BeforeValidator(as_extra_days)] = param("", "臨時の閉庁日", factory=list)
    hourly_cost: Money = param("", "1 時間あたりの人件費（円）", default=None)
    departments: dict[str, Department] = param("", "課")
    people: dict[str, Person] = param("", "職員", factory=dict)
    resources: dict[str, Resource] = param("", "同時に使えないもの", factory=dict)
    scenarios: dict[str, Entry] = param("", "シナリオ", factory=dict)

    @property
    def open_days(self) -> OpenDays:
        """The town's open days."""
        return OpenDays(self.closed_days, self.open_extra, self.closed_extra)

    def department_of(self, scenario: str) -> tuple[str, Department]:
        """The department key (the first part of the id) and its department."""
        key = scenario.split("/", 1)[0]
        return key, self.departments.get(key, Department(name=key, division=""))


def state_of(entry: Entry, today: date) -> State:
    """The state that an entry itself tells; whether it really may run is the gate's to say (gate.py)."""
    if entry.retired is not None:
        return "retired"
    if entry.suspended is not None:
        return "suspended"
    if entry.approval is not None:
        return "approved" if today <= entry.approval.until else "expired"
    return "draft" if entry.request is None else "requested"


def minutes(value: Decimal | int) -> str:
    """Minutes as the ledger keeps them: exact, as text."""
    return format(Decimal(value), "f")
