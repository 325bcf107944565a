"""From a recording and a sheet to a scenario: the questions in their order, and what the person has to know."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from robots.recorder.bind import Asker, Bound, bind, telling_columns, value_of_row
from robots.recorder.draft import Choices, draft, key_columns
from robots.recorder.lookup import Lookup, lookup_of
from robots.recorder.model import Act, Recording
from robots.recorder.sheet import Sheet, item, reading_of
from robots.recorder.story import Outcome, Story, story_of
from robots.recorder.words import shown
from robots.scenario.format import formatted
from robots.scenario.problem import Problems
from robots.settings import SCENARIO_NAME

_ROWS = 50  # where the recorded row is looked for


@dataclass(frozen=True, slots=True)
class Composed:
    """The scenario's text, and what to tell about it."""

    text: bytes | Problems
    notes: list[str]


@dataclass(frozen=True, slots=True)
class Names:
    """What the scenario is called, its credential (where there is a sign-in), and its folders as `uses` writes them."""

    name: str
    credential: str
    folder: str
    output: str


def needs_sign_in(recording: Recording) -> bool:
    return any(act.kind == "login" for act in recording.acts)


def compose(recording: Recording, sheet: Sheet, names: Names, ask: Asker, *, practice: bool) -> Composed:
    """Binds, asks, and writes.  practice: the sites are on this machine, so that what was recorded counts for nothing."""
    story = story_of(recording, ask)
    sheet, which = _recorded_first(story, sheet)
    bound = bind([*story.before, *story.after], recording.rest, sheet, ask)
    _bind_search(story.looked, sheet, bound)
    keys = _keys(bound, sheet, _looked_for(story, sheet, bound), ask)
    lookup = _lookup(story, bound, keys, sheet, ask)
    if story.commit and story.outcome is None:
        said = ask.text("登録できたときに画面に出る文字（例: 登録しました）")
        story.outcome = Outcome(_frames(story.commit[-1]), said) if said else None
    skip = bool(story.commit) and ask.confirm(
        "いま記録した1件目は、本当に登録したものですか（はい なら、実行のときにもう一度登録しないように除きます）",
        default=not practice,
    )
    summary = f"{sheet.path.name} を読み、画面へ一件ずつ入力する（{len(bound.used)} 列。操作の記録から作成）。"
    choices = Choices(names.name, summary, names.credential, names.folder, names.output, skip)
    if which:
        recording.warn(f"表の{which + 1}件目（{sheet.rows[0].origin}）を記録したものとして、列と結び付けました。")
    text = draft(story, sheet, bound, keys, lookup, choices)
    return Composed(
        formatted(SCENARIO_NAME, text.encode()), [*recording.warnings, *_notes(story, bound, sheet, lookup, skip, text)]
    )


def _recorded_first(story: Story, sheet: Sheet) -> tuple[Sheet, int]:
    """The sheet with the row that was recorded as its first: the one that says most of what was put into fields."""
    entries = [act.entry for act in story.before if act.entry is not None]
    best, most = 0, -1
    for number in range(min(len(sheet.rows), _ROWS)):
        moved = _moved(sheet, number)
        fits = sum(any(reading_of(entry, moved, column) for column in sheet.columns) for entry in entries)
        if fits > most:
            best, most = number, fits
        if fits == len(entries):
            break
    return _moved(sheet, best), best


def _moved(sheet: Sheet, number: int) -> Sheet:
    return Sheet(sheet.path, [sheet.rows[number], *sheet.rows[:number], *sheet.rows[number + 1 :]]) if number else sheet


def _frames(act: Act) -> tuple[tuple[str, str], ...]:
    return tuple(part for part in act.place.scopes if part[0] in ("frame", "popup")) if act.place else ()


def _looked_for(story: Story, sheet: Sheet, bound: Bound) -> list[str]:
    """The columns by which the person searched for what had been entered."""
    said = [act.entry.given for act in story.looked if act.entry and isinstance(act.entry.given, str)]
    said += [value for one in story.screens for _, value in parse_qsl(urlsplit(one.url).query)]
    return [column for column in bound.used if any(value_of_row(text, sheet, [column]) for text in said)]


def _keys(bound: Bound, sheet: Sheet, looked_for: Sequence[str], ask: Asker) -> list[str]:
    keys = key_columns(bound, sheet, looked_for)
    if keys and ask.confirm(
        f"一件ずつを見分ける列（キー）を「{'」と「'.join(keys)}」とします。よいですか", default=True
    ):
        return keys
    columns = sheet.columns
    return [columns[ask.choose("一件ずつを見分ける列（キー）はどれですか", [f"列「{one}」" for one in columns])]]


def _bind_search(looked: Sequence[Act], sheet: Sheet, bound: Bound) -> None:
    for act in looked:
        if act.entry is not None and isinstance(act.entry.given, str):
            expression = value_of_row(act.entry.given, sheet, telling_columns(bound, sheet))
            if expression is not None:
                bound.expressions.setdefault(act.entry, expression)


def _lookup(story: Story, bound: Bound, keys: Sequence[str], sheet: Sheet, ask: Asker) -> Lookup | None:
    if not story.commit or len(keys) != 1:
        return None
    typed = {column: entry.given for entry, column in bound.columns.items() if isinstance(entry.given, str)}
    key = str(typed.get(keys[0], sheet.first(keys[0])))
    return lookup_of(story, key, keys[0], [*bound.used, *telling_columns(bound, sheet)], sheet, ask)


def _notes(story: Story, bound: Bound, sheet: Sheet, lookup: Lookup | None, skip: bool, text: str) -> list[str]:
    notes = list(bound.notes)
    for entry in bound.literal:
        notes.append(f"項目「{entry.place.name}」には、どの件でも「{shown(entry.given)}」を入れます。")
    unused = [column for column in sheet.columns if item(column) not in text]
    if unused:
        notes.append(f"使わない列: {'、'.join(unused)}")
    if not story.commit:
        notes.append("取り消せない登録（確定）はありません。")
        return notes
    if story.outcome is None:
        notes.append("登録できたことを示す文字が分からないので、確定の手順に「画面を確かめる」を書き足してください。")
    if lookup is None:
        notes.append(
            "登録済みの確認は書いていません。途中で止まった対象は「不明」になり、職員が画面を見て決めることになります。"
        )
    else:
        notes.append(
            f"登録済みの確認で開くアドレス: {lookup.url}　キーのほかの条件で、見えない件がないか確かめてください。"
        )
    if skip:
        notes.append("記録した1件目は登録済みなので、実行から除いてあります（対象の「条件」）。")
    return notes
