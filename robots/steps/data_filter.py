"""data.filter 絞り込む: the rows that meet a condition."""

from __future__ import annotations

from robots.errors import BusinessError
from robots.params import Later, Params, Rows, param
from robots.step import StepContext, StepKind
from robots.values import Row, truth_of


class FilterParams(Params):
    rows: Rows = param("行", "絞り込む行の一覧。")
    where: Later = param("条件", "残す行の条件の式。式の中では「行」で一行を指します。")


def run(params: FilterParams, context: StepContext) -> list[Row]:
    return [row for row in params.rows if _meets(row, params, context)]


def _meets(row: Row, params: FilterParams, context: StepContext) -> bool:
    try:
        return truth_of(context.evaluate(params.where, row=row))
    except BusinessError as error:
        raise BusinessError(f"{row.origin or '行'}: {error.what}", mend=error.mend) from error


STEP = StepKind(
    name="data.filter",
    ja="絞り込む",
    summary="行の一覧から、条件に合う行だけを残します。",
    params=FilterParams,
    run=run,
    example="""
絞り込む: {行: "${届出}", 条件: "${行.区分 == '新規'}"}
保存名: 新規分
""",
    saves=True,
)
