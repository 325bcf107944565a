"""What a scenario is once it has been read and checked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from robots.drivers.forms import FormSource
from robots.params import Anything, Block, Deferred, Flag, Later, Literal_, NewName, Params, Seconds, Words, param
from robots.position import Position
from robots.step import Step

InputType = Literal["text", "integer", "number", "date", "boolean", "choice"]
Review = Literal["none", "uncertain", "all"]

INPUT_TYPES: Mapping[str, InputType] = {
    "文字": "text",
    "整数": "integer",
    "数値": "number",
    "日付": "date",
    "はい・いいえ": "boolean",
    "選択": "choice",
}
REVIEWS: Mapping[str, Review] = {"なし": "none", "不確かなもの": "uncertain", "すべて": "all"}


def _no_expression(value: object) -> object:
    if isinstance(value, Deferred):
        raise PydanticCustomError("literal", "ここには式 ${…} を使えません。はい か いいえ を書いてください")
    return value


FixedFlag = Annotated[Flag, BeforeValidator(_no_expression)]
"""A yes or no that is written in the file."""


class Input(Params):
    """One value that is given when a run starts."""

    type: Annotated[InputType, Words(INPUT_TYPES)] = param(
        "型", "文字・整数・数値・日付・はい・いいえ・選択 のどれか。", default="text"
    )
    default: Anything = param("既定値", "何も指定されないときの値。", default=None)
    required: FixedFlag = param("必須", "必ず指定するか（既定値があれば指定しなくてもよい）。", default=True)
    choices: list[Literal_] = param("選択肢", "選べる値（型が選択のとき）。", factory=list)
    doc: Literal_ = param("説明", "何を指定するのか。", default="")


class Uses(Params):
    """All that the scenario may touch; enforced while it runs."""

    sites: dict[str, Literal_] = param("サイト", "開いてよいサイトの名前とアドレス。", factory=dict)
    credentials: list[Literal_] = param("資格情報", "使ってよい資格情報の名前。", factory=list)
    folders: dict[str, Literal_] = param("フォルダ", "読み書きしてよいフォルダの名前と場所。", factory=dict)
    forms: list[Literal_] = param("帳票", "使う帳票の定義ファイル。", factory=list)
    mail: list[Literal_] = param("メール", "メールを送ってよい宛先のドメイン（city.example.jp など）。", factory=list)


class ItemSource(Params):
    """Where the work items come from, and what makes each of them one of its kind."""

    from_: Later = param("元", "対象にする表（準備で保存した名前）。")
    key: Later | None = param("キー", "対象ごとに違う値。同じキーは二度登録されません。", default=None)
    where: Later | None = param("条件", "対象にする行の条件。", default=None)
    review: Annotated[Review, Words(REVIEWS)] = param(
        "確認", "登録の前に人が確認するもの: なし・不確かなもの・すべて。", default="none"
    )


class ScenarioFile(Params):
    """The top of scenario.yaml."""

    name: Literal_ = param("名称", "シナリオの名前。")
    summary: Literal_ = param("概要", "何をするシナリオか。", default="")
    inputs: dict[str, Input] = param("入力値", "実行のときに指定する値。", factory=dict)
    uses: Uses = param("利用", "触れてよいサイト・資格情報・フォルダ・帳票。", factory=Uses)
    prepare: Block = param("準備", "実行のはじめに一度だけ行う手順。", default=())
    items: ItemSource | None = param("対象", "一件ずつ処理する対象。", default=None)
    each: Block = param("各件", "対象の一件ごとに行う手順。", default=())
    finish: Block = param("後始末", "実行の終わりに一度だけ行う手順（失敗した対象があっても行う）。", default=())


class Retry(Params):
    """How often a step is tried again after a system failure."""

    bare = "times"
    times: Annotated[int, Field(ge=0, le=10)] = param("回数", "やり直す回数（10 まで）。")
    wait: Seconds = param("間隔", "やり直すまでの時間（2s、5秒 など）。", default=2.0)


class StepOptions(Params):
    """What may stand beside the name of a step."""

    if_: Later | None = param("条件", "この手順を行う条件。", default=None)
    save_as: NewName | None = param("保存名", "手順の結果に付ける名前。", default=None)
    retry: Retry | None = param("再試行", "失敗したときにやり直す回数。", default=None)
    timeout: Seconds | None = param("制限時間", "この手順の制限時間（10s、2分 など）。", default=None)
    note: Literal_ = param("メモ", "読む人へのメモ。", default="")
    secret: FixedFlag = param("秘密", "値を画面・記録・証跡に出さない。", default=False)


@dataclass(frozen=True, slots=True)
class Scenario:
    """A scenario that was read from its folder's bytes and has no problem that can be seen before it runs."""

    id: str
    name: str
    summary: str
    inputs: Mapping[str, Input]
    uses: Uses
    prepare: tuple[Step, ...]
    items: ItemSource | None
    each: tuple[Step, ...]
    finish: tuple[Step, ...]
    columns: Mapping[str, tuple[Position, ...]]
    forms: Mapping[str, FormSource]
    """The forms of ``uses`` by their path (forms/shugaku-enjo.yaml) and by their short name (shugaku-enjo)."""

    def steps(self) -> Iterator[Step]:
        """Every step, outer ones before those inside, in the order of the file."""
        for section in (self.prepare, self.each, self.finish):
            yield from all_steps(section)

    def step_at(self, path: str) -> Step:
        """The step at a path such as each[3].commit.do[0].  KeyError where there is none."""
        for step in self.steps():
            if step.path == path:
                return step
        raise KeyError(path)

    @property
    def commit(self) -> Step | None:
        """The step that can't be taken back, if there is one."""
        return next((step for step in self.steps() if step.kind.name == "commit"), None)

    def expected_columns(self) -> Mapping[str, tuple[Position, ...]]:
        """The columns of an item that the scenario uses, each with the places where it does."""
        return self.columns


def all_steps(steps: Sequence[Step]) -> Iterator[Step]:
    """The steps and all inside them."""
    for step in steps:
        yield step
        for block in blocks(step.raw):
            yield from all_steps(block)


def blocks(raw: object) -> Iterator[tuple[Step, ...]]:
    """The blocks among a step's parameters."""
    if isinstance(raw, tuple):
        yield raw
    elif isinstance(raw, dict):
        for value in raw.values():
            yield from blocks(value)
    elif isinstance(raw, list):
        for value in raw:
            yield from blocks(value)


def deferred_in(raw: object) -> Iterator[Deferred]:
    """The expressions of a step's own parameters, those of the steps inside it left out."""
    if isinstance(raw, Deferred):
        yield raw
    elif isinstance(raw, dict):
        for value in raw.values():
            yield from deferred_in(value)
    elif isinstance(raw, list):
        for value in raw:
            yield from deferred_in(value)
