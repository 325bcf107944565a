"""human.ask 人に尋ねる: a question to a person; the item waits for the answer, the run goes on."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import field_validator
from pydantic_core import PydanticCustomError

from robots.params import Deferred, Params, Text, Words, param
from robots.step import Asked, StepContext, StepKind

_LONGEST = 200


class AskParams(Params):
    bare: ClassVar[str | None] = "question"
    question: Text = param("質問", "担当者に尋ねる文（200 字まで）。何について尋ねているかが分かるように書きます。")
    choices: list[Text] = param("選択肢", "答えとして選べるもの。書かなければ、文字で答えます。", factory=list)
    type: Annotated[Literal["text", "date"], Words({"文字": "text", "日付": "date"})] = param(
        "型", "答えの型: 文字・日付。", default="text"
    )
    why: Text = param("説明", "答えるための説明（どこを見ればよいかなど）。", default="")

    @field_validator("question")
    @classmethod
    def _short(cls, question: object) -> object:
        if isinstance(question, Deferred) or 0 < len(str(question).strip()) <= _LONGEST:
            return question
        raise PydanticCustomError("question", "質問は 1 字から 200 字までで書いてください")


def run(params: AskParams, context: StepContext) -> object:
    asked = Asked(params.question, params.type, options=tuple(params.choices), why=params.why)
    return context.ask([asked])[asked.field]


STEP = StepKind(
    name="human.ask",
    ja="人に尋ねる",
    summary="担当者に質問し、答えがあるまでこの対象を待たせます（実行はほかの対象へ進みます）。答え（banken review）は次の実行で結果になります。",
    params=AskParams,
    run=run,
    example="""
人に尋ねる:
  質問: ${対象.氏名}さんの申請区分はどちらですか
  選択肢: [新規, 継続]
保存名: 区分
""",
    sections=frozenset({"each"}),
    saves=True,
)
