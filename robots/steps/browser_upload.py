"""browser.upload 添付する: files into a file field."""

from __future__ import annotations

from typing import ClassVar

from robots.drivers.browser import Locator
from robots.errors import BusinessError
from robots.params import Text, param
from robots.step import StepContext, StepKind


class UploadParams(Locator):
    bare: ClassVar[str | None] = None
    file: Text | list[Text] = param("ファイル", "添付するファイル（いくつも添付するときは一覧）。")


def run(params: UploadParams, context: StepContext) -> None:
    names = params.file if isinstance(params.file, list) else [params.file]
    files = [context.file(name) for name in names]
    for name, file in zip(names, files, strict=True):
        if not file.is_file():
            raise BusinessError(
                f"添付するファイル「{name}」がありません。", mend="ファイルの名前と場所を確かめてください。"
            )
    context.entered(context.browser.upload(params, files, timeout=context.timeout))


STEP = StepKind(
    name="browser.upload",
    ja="添付する",
    summary="ファイルを選ぶ欄（または、ファイルを選ぶボタン）にファイルを添付し、画面に入った名前を確かめます。",
    params=UploadParams,
    run=run,
    example='添付する: {ラベル: 添付ファイル, ファイル: "${フォルダ.出力}/申請書.pdf"}',
)
