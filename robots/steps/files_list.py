"""files.list ファイルを探す: the files of a folder, one a row."""

from __future__ import annotations

from typing import ClassVar

from robots.drivers.folder import files_in, modified
from robots.params import Flag, Params, Text, param
from robots.step import StepContext, StepKind
from robots.values import Row


class ListParams(Params):
    bare: ClassVar[str | None] = "folder"
    folder: Text = param("フォルダ", "探すフォルダ。")
    pattern: Text = param(
        "名前", "名前の形。「*」は何文字でも、「?」は一文字（*.pdf、申請書_*.xlsx など）。", default="*"
    )
    deep: Flag = param("下のフォルダも", "フォルダの中のフォルダも探すか。", default=False)


def run(params: ListParams, context: StepContext) -> list[Row]:
    folder = context.file(params.folder)
    found = files_in(folder, params.pattern, deep=params.deep)
    context.log(f"{folder.name} に「{params.pattern}」のファイルが{len(found)}個ありました。")
    rows: list[Row] = []
    for path in found:
        inside = path.relative_to(folder).as_posix()
        facts = {
            "ファイル": f"{params.folder.rstrip('/')}/{inside}",
            "名前": path.name,
            "幹": path.stem,
            "拡張子": path.suffix.lower(),
            "大きさ": path.stat().st_size,
            "更新": modified(path).replace(tzinfo=None),
        }
        rows.append(Row(facts, origin=inside))
    return rows


STEP = StepKind(
    name="files.list",
    ja="ファイルを探す",
    summary="フォルダのファイルを、名前の順の一覧にします。列は ファイル（ほかの手順に渡す場所）・名前・幹（拡張子を除いた名前）・拡張子・大きさ・更新 です。",
    params=ListParams,
    run=run,
    example="""
ファイルを探す: {フォルダ: "${フォルダ.受付}", 名前: "*.pdf"}
保存名: 届いたもの
""",
    saves=True,
)
