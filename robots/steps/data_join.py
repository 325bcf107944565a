"""data.join 突き合わせる: two tables compared by a key; what is not one to one is never guessed."""

from __future__ import annotations

from collections.abc import Sequence

from robots.errors import BusinessError, ScenarioFault
from robots.params import Flag, Params, Rows, Text, param
from robots.step import StepContext, StepKind
from robots.values import Row, Value, text_of

_RIGHT = "（右）"
Key = tuple[str, ...]


class JoinParams(Params):
    left: Rows = param("左", "突き合わせる行の一覧。")
    right: Rows = param("右", "相手の行の一覧。")
    key: list[Text] | Text = param("キー", "同じ値を探す列の名前（いくつもあれば一覧）。")
    right_key: list[Text] | Text = param("右のキー", "相手の列の名前が違うとき、キーと同じ順に。", factory=list)
    many: Flag = param(
        "多対一", "左の何行もが、右の同じ一行に当たってよいか（世帯の台帳を引くときなど）。", default=False
    )


def run(params: JoinParams, context: StepContext) -> Row:
    key = [params.key] if isinstance(params.key, str) else params.key
    right_key = ([params.right_key] if isinstance(params.right_key, str) else params.right_key) or key
    if not key or len(key) != len(right_key):
        raise ScenarioFault(
            "「キー」と「右のキー」の列の数が合いません。", mend="同じ数の列の名前を、同じ順に書いてください。"
        )
    left, right = _by_key(params.left, key, "左"), _by_key(params.right, right_key, "右")
    matched: list[Row] = []
    left_only, right_only = left.pop(None, []), right.pop(None, [])
    ambiguous: list[Row] = []
    for value, rows in left.items():
        partners = right.pop(value, [])
        if not partners:
            left_only += rows
        elif len(partners) == 1 and (len(rows) == 1 or params.many):
            matched += [_joined(row, partners[0], right_key) for row in rows]
        else:
            ambiguous.append(Row({"キー": "・".join(value or ()), "左": rows, "右": partners}, origin=rows[0].origin))
    for rows in right.values():
        right_only += rows
    context.log(
        f"突き合わせ: 一致 {len(matched)}行、左だけ {len(left_only)}行、右だけ {len(right_only)}行、"
        f"決められないもの {len(ambiguous)}組。"
    )
    named = {"一致": matched, "左だけ": left_only, "右だけ": right_only, "重複": ambiguous}
    english = {"matched": matched, "left_only": left_only, "right_only": right_only, "ambiguous": ambiguous}
    return Row({**named, **english})


def _by_key(rows: Sequence[Row], columns: Sequence[str], side: str) -> dict[Key | None, list[Row]]:
    """The rows by their key (12 and "12" are one; spaces around do not count); None: a part of the key is blank."""
    found: dict[Key | None, list[Row]] = {}
    for row in rows:
        missing = [name for name in columns if name not in row]
        if missing:
            raise BusinessError(
                f"{side}の{row.origin or '行'}に列「{'」「'.join(missing)}」がありません（ある列: {'、'.join(row)}）。",
                mend="キーの列の名前を確かめてください。",
            )
        key = tuple(text_of(row[name]).strip() for name in columns)
        found.setdefault(key if all(key) else None, []).append(row)
    return found


def _joined(left: Row, right: Row, right_key: Sequence[str]) -> Row:
    """Both rows in one; a column of the right that the left has too is called 列（右）, its key columns are left out."""
    values: dict[str, Value] = dict(left)
    for name, value in right.items():
        if name not in right_key:
            values[name if name not in left else f"{name}{_RIGHT}"] = value
    return Row(values, origin=left.origin, source=left.source)


STEP = StepKind(
    name="data.join",
    ja="突き合わせる",
    summary="二つの表をキーで突き合わせ、一致・左だけ・右だけ・重複（一対一に決められないもの）に分けます。"
    "一致した行は両方の列を持ち、同じ名前の列は右のほうに「（右）」が付きます。キーが空欄の行は、どの行とも一致しません。",
    params=JoinParams,
    run=run,
    example="""
突き合わせる: {左: "${届出}", 右: "${台帳}", キー: 宛名番号, 右のキー: 番号}
保存名: 照合
""",
    saves=True,
)
