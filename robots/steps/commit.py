"""commit 確定する: the step that can't be taken back."""

from __future__ import annotations

from robots.params import Block, Params, param
from robots.step import StepContext, StepKind


class CommitParams(Params):
    do: Block = param("手順", "登録を確定する手順。")
    already_done: Block = param("登録済みの確認", "中断のあと、もう登録されているかを調べる手順。", default=())


def run(params: CommitParams, context: StepContext) -> None:
    context.commit(params.do, params.already_done)


STEP = StepKind(
    name="commit",
    ja="確定する",
    summary="取り消せない登録を行います。同じキーが二度登録されないことを番犬が守ります。",
    params=CommitParams,
    run=run,
    example="""
確定する:
  手順:
    - 記録する: 登録します
  登録済みの確認:
    - 記録する: 登録済みかを調べます
""",
    sections=frozenset({"each"}),
)
