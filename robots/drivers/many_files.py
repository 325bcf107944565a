"""A list of files as a scenario gives it: names, or the rows of files.list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from robots.errors import BusinessError
from robots.values import Value, text_of

FILE_COLUMN = "ファイル"


def named_files(values: Sequence[Value]) -> list[str]:
    """The files' names as a scenario names them.  Raises: BusinessError where there is none, or no file is named."""
    found: list[str] = []
    for value in values:
        named = value.get(FILE_COLUMN) if isinstance(value, Mapping) else value
        if not (text := text_of(named).strip()):
            raise BusinessError(
                f"ファイルの一覧の{len(found) + 1}番目に、ファイルの名前がありません。",
                mend=f"名前の一覧か、列「{FILE_COLUMN}」のある表（「ファイルを探す」の結果など）を渡してください。",
            )
        found.append(text)
    if not found:
        raise BusinessError(
            "ファイルの一覧が空です。", mend="ファイルが届いているか、名前の形が正しいか確かめてください。"
        )
    return found
