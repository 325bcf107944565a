"""data.group 集計する: one row a group of rows, with what is calculated over it."""

from __future__ import annotations

from robots.errors import BusinessError
from robots.params import Later, Params, Rows, Text, param
from robots.step import StepContext, StepKind
from robots.values import Row, Value, text_of


class GroupParams(Params):
    rows: Rows = param("行", "集計する行の一覧。")
    by: list[Text] | Text = param(
        "まとめる列", "この列の値が同じ行を一つにまとめます。書かなければ全体を一つにします。", factory=list
    )
    columns: dict[str, Later | Text] = param(
        "列", "結果の列と、その式。式の中では「行」で、まとめた行の一覧を指します（件数(行)、合計(行, '金額') など）。"
    )


def run(params: GroupParams, context: StepContext) -> list[Row]:
    by = [params.by] if isinstance(params.by, str) else list(params.by)
    groups: dict[tuple[str, ...], list[Row]] = {} if by else {(): []}
    for row in params.rows:
        groups.setdefault(tuple(_key(row, name) for name in by), []).append(row)
    return [_one(rows, by, params, context) for rows in groups.values()]


def _key(row: Row, column: str) -> str:
    """As groups are told apart: 12 and "12" are one, and so are spaces around."""
    if column not in row:
        raise BusinessError(
            f"{row.origin or '行'}に列「{column}」がありません（ある列: {'、'.join(row)}）。",
            mend="列の名前を確かめてください。",
        )
    return text_of(row[column]).strip()


def _one(rows: list[Row], by: list[str], params: GroupParams, context: StepContext) -> Row:
    made: dict[str, Value] = {name: rows[0][name] for name in by}
    named = "・".join(text_of(value) for value in made.values()) or "全体"
    for name, value in params.columns.items():
        try:
            made[name] = context.evaluate(value, row=rows)
        except BusinessError as error:
            raise BusinessError(f"集計「{named}」の列「{name}」: {error.what}", mend=error.mend) from error
    more = f" ほか{len(rows) - 1}行" if len(rows) > 1 else ""
    return Row(made, origin=f"{rows[0].origin}{more}" if rows and rows[0].origin else "")


STEP = StepKind(
    name="data.group",
    ja="集計する",
    summary="列の値が同じ行をまとめて一行にし、件数や合計などを求めます。まとまりは、はじめに出てきた順に並びます。",
    params=GroupParams,
    run=run,
    example="""
集計する:
  行: ${届出}
  まとめる列: [区分]
  列: {件数: "${件数(行)}", 金額計: "${合計(行, '金額')}"}
保存名: 区分ごと
""",
    saves=True,
)
