"""form.sort 帳票を仕分ける: copies scanned files, or their pages, into one folder a form."""

from __future__ import annotations

from robots.drivers.form_copies import copies
from robots.drivers.forms import scans_in
from robots.errors import BusinessError
from robots.files import write_atomically
from robots.params import Params, Text, param
from robots.step import StepContext, StepKind
from robots.values import Row


class SortParams(Params):
    forms: list[Text] = param("帳票", "見分ける帳票（利用の帳票に書いた定義の名前）。")
    from_: Text = param("元", "スキャンしたファイル（PDF、TIFF、PNG、JPEG）のあるフォルダ。")
    to: Text = param("先", "仕分けたファイルの写しを置くフォルダ。その下に帳票ごとのフォルダができます。")


def run(params: SortParams, context: StepContext) -> list[Row]:
    folder = context.file(params.from_)
    if not folder.is_dir():
        raise BusinessError(
            f"フォルダ「{params.from_}」がありません。",
            mend="スキャンしたファイルを置くフォルダの場所を確かめてください。",
        )
    files = scans_in(folder)
    rows = []
    for copy in copies(context.sort_forms(params.forms, files)):
        place = context.file(f"{params.to}/{copy.form}/{copy.name}", write=True)
        write_atomically(place, copy.content())
        rows.append(
            Row(
                {
                    "ファイル": copy.file.name,
                    "帳票": copy.form,
                    "ページ": copy.pages,
                    "写し": str(place),
                    "理由": copy.why,
                },
                origin=f"{copy.file.name} {copy.pages}ページ目",
            )
        )
    context.log(f"{folder.name} の {len(files)} ファイルを仕分けました。")
    return rows


STEP = StepKind(
    name="form.sort",
    ja="帳票を仕分ける",
    summary="スキャンしたファイルを帳票ごとのフォルダに写します（元のファイルはそのまま）。どの帳票でもないページは「不明」に入ります。",
    params=SortParams,
    run=run,
    example="""
帳票を仕分ける: {帳票: [shugaku-enjo, tsukin], 元: "${フォルダ.受付}", 先: "${フォルダ.出力}/仕分け"}
保存名: 仕分け
""",
    sections=frozenset({"prepare"}),
    saves=True,
)
