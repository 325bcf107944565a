"""Expressions: the text inside ${...} to a Node, by the closed grammar of expression.lark.  Nothing is ever evaluated
by Python's own eval or by a template engine.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from importlib import resources

from lark import Lark, Token, Transformer, UnexpectedCharacters, UnexpectedInput, UnexpectedToken, v_args

from robots.scenario import node, operations
from robots.scenario.all_functions import FUNCTIONS
from robots.scenario.guess import nearest
from robots.scenario.names import canonical
from robots.scenario.node import ExpressionError, Names, Node
from robots.values import Value, truth_of

MAX_LENGTH = 2000
_MEND = "書き方は ${対象.氏名}、${対象.年齢 >= 18}、${和暦(対象.生年月日)} のようになります。"
_COMPARISONS: Mapping[str, Callable[[Value, Value], bool]] = {
    "==": operations.equal,
    "!=": lambda left, right: not operations.equal(left, right),
    "<": lambda left, right: operations.order(left, right) < 0,
    "<=": lambda left, right: operations.order(left, right) <= 0,
    ">": lambda left, right: operations.order(left, right) > 0,
    ">=": lambda left, right: operations.order(left, right) >= 0,
}
_WORK: Mapping[str, Callable[[Value, Value], Value]] = {
    "+": operations.add,
    "-": operations.subtract,
    "*": operations.multiply,
    "/": operations.divide,
    "//": operations.divide_whole,
    "%": operations.remainder,
}
_HINTS = {
    "=": "等しいかどうかは == と書きます。",
    "!": "否定は not、等しくないは != と書きます。",
    "&": "「かつ」は and と書きます。",
    "|": "「または」は or と書きます。",
    "?": "場合分けは ${はい のときの値 if 条件 else いいえ のときの値} と書きます。",
    "“": "引用符は半角の ' か \" を使ってください。",
    "”": "引用符は半角の ' か \" を使ってください。",
    "’": "引用符は半角の ' か \" を使ってください。",
    "「": "文字は半角の ' で囲んでください（例: '新規'）。",
    "＝": "記号は半角で書いてください（==）。",
    "．": "「.」は半角で書いてください。",
    "。": "「.」は半角で書いてください。",
    "（": "かっこは半角で書いてください。",
    "）": "かっこは半角で書いてください。",
    "，": "区切りは半角の「,」で書いてください。",
    "、": "区切りは半角の「,」で書いてください。",
    "＋": "記号は半角で書いてください。",
    "－": "記号は半角で書いてください。",
    "＜": "記号は半角で書いてください。",
    "＞": "記号は半角で書いてください。",
    "$": "${ の中に ${ は書けません。名前をそのまま書いてください。",
    "'": "引用符が閉じられていません。",
    '"': "引用符が閉じられていません。",
}


@lru_cache(maxsize=4096)
def compile_expression(text: str) -> Node:
    """The Node of one expression (without ``${`` and ``}``); the scenarios of a town say the same again and again.

    Raises: ExpressionError with the offset in ``text``.
    """
    if len(text) > MAX_LENGTH:
        raise ExpressionError(
            0, f"式が長すぎます（{MAX_LENGTH:,} 文字まで）。", "「値を決める」の手順で分けてください。"
        )
    if not text.strip():
        raise ExpressionError(0, "${ } の中が空です。", _MEND)
    try:
        return _parser().parse(text)  # type: ignore[return-value]  # the transformer makes a Node of the tree
    except UnexpectedCharacters as error:
        raise _unexpected(text, error.pos_in_stream or 0) from None
    except UnexpectedToken as error:
        at = len(text) if error.token.type == "$END" else error.token.start_pos or 0
        raise _unexpected(text, at) from None
    except UnexpectedInput:
        raise ExpressionError(0, "式の書き方に誤りがあります。", _MEND) from None


def _unexpected(text: str, at: int) -> ExpressionError:
    if at >= len(text):
        return ExpressionError(
            at, "式が途中で終わっています。", "かっこや引用符を閉じ、記号のあとに値を書いてください。"
        )
    if text[at : at + 1] in "<>=!" and any(sign in text[:at] for sign in ("<", ">", "==", "!=")):
        return ExpressionError(
            at, "比較を続けて書くことはできません。", "a < b and b < c のように and でつないでください。"
        )
    mend = _HINTS.get(text[at], _MEND)
    return ExpressionError(at, f"式の「{_word(text, at)}」のところが読めません。", mend)


def _word(text: str, at: int) -> str:
    end = at + 1
    while end < len(text) and end - at < 20 and (text[end].isalnum() or text[end] == "_"):
        end += 1
    return text[at:end]


@cache
def _parser() -> Lark:
    grammar = resources.files(__package__).joinpath("expression.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", lexer="contextual", maybe_placeholders=False, transformer=_Compiler())


def _at(token: Token) -> int:
    return token.start_pos or 0


def _checked(word: Token) -> str:
    text = str(word)
    if text.startswith("__"):
        raise ExpressionError(_at(word), f"「{text}」という名前は使えません。", "列や値の名前を書いてください。")
    return text


@v_args(inline=True)
class _Compiler(Transformer[Token, Node]):
    """One method a rule of the grammar, from the leaves up; called while parsing."""

    def number(self, token: Token) -> Node:
        return node.number(str(token), _at(token))

    def text(self, token: Token) -> Node:
        return node.constant(str(token)[1:-1], _at(token), str(token))

    def true(self) -> Node:
        return node.constant(True, 0, "true")

    def false(self) -> Node:
        return node.constant(False, 0, "false")

    def nothing(self) -> Node:
        return node.constant(None, 0, "none")

    def name(self, token: Token) -> Node:
        return node.name(canonical(_checked(token)), _at(token), str(token))

    def attribute(self, value: Node, token: Token) -> Node:
        return node.attribute(value, _checked(token), _at(token))

    def index(self, value: Node, place: Node) -> Node:
        return node.index(value, place)

    def call(self, token: Token, *arguments: Node) -> Node:
        function = FUNCTIONS.get(str(token))
        if function is None:
            guess = nearest(str(token), FUNCTIONS)
            raise ExpressionError(
                _at(token), f"「{token}」という関数はありません。", "使える関数は banken steps で見られます。", guess
            )
        most = function.most
        if len(arguments) < function.required or (most is not None and len(arguments) > most):
            raise ExpressionError(
                _at(token), f"「{token}」の引数の数が違います。", f"{function.usage} のように書きます。"
            )
        return node.call(function, arguments, _at(token))

    def list(self, *values: Node) -> Node:
        runs = [value.run for value in values]
        return node.made(lambda names: [run(names) for run in runs], values, 0)

    def pair(self, key: Token, value: Node) -> tuple[str, Node]:
        return (str(key)[1:-1] if key.type == "TEXT" else str(key)), value

    def mapping(self, *pairs: tuple[str, Node]) -> Node:
        runs = {key: value.run for key, value in pairs}
        return node.made(lambda names: {key: run(names) for key, run in runs.items()}, [value for _, value in pairs], 0)

    def power(self, base: Node, exponent: Node) -> Node:
        return node.chain(base, [(operations.power, exponent)])

    def sign(self, token: Token, value: Node) -> Node:
        run = value.run
        work = operations.negative if token == "-" else operations.number_of
        return node.made(lambda names: work(run(names)), (value,), _at(token))

    def sum(self, first: Node, *rest: Token | Node) -> Node:
        return _chain(first, rest)

    def product(self, first: Node, *rest: Token | Node) -> Node:
        return _chain(first, rest)

    def compare(self, left: Node, token: Token, right: Node) -> Node:
        return node.chain(left, [(_COMPARISONS[str(token)], right)])

    def contains(self, value: Node, whole: Node) -> Node:
        return node.chain(value, [(operations.contains, whole)])

    def lacks(self, value: Node, whole: Node) -> Node:
        return node.chain(value, [(lambda one, two: not operations.contains(one, two), whole)])

    def negation(self, value: Node) -> Node:
        test = node.condition(value)
        return node.made(lambda names: not test(names), (value,), value.offset)

    def both(self, *parts: Node) -> Node:
        return node.all_of(parts, parts[0].offset)

    def either(self, *parts: Node) -> Node:
        return node.any_of(parts, parts[0].offset)

    def conditional(self, then: Node, test: Node, otherwise: Node) -> Node:
        yes, no, decide = then.run, otherwise.run, test.run

        def run(names: Names) -> Value:
            return yes(names) if truth_of(decide(names)) else no(names)

        return node.made(run, (then, test, otherwise), then.offset)


def _chain(first: Node, rest: tuple[Token | Node, ...]) -> Node:
    signs, values = rest[::2], rest[1::2]
    steps = [(_WORK[str(sign)], value) for sign, value in zip(signs, values, strict=True) if isinstance(value, Node)]
    return node.chain(first, steps)
