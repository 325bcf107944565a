"""How to see whether a row has been entered already (登録済みの確認), from what the person looked at afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from robots.recorder.bind import Asker, value_of_row
from robots.recorder.model import Act, Seen
from robots.recorder.sheet import Sheet, flat, literal
from robots.recorder.story import Story


@dataclass(frozen=True, slots=True)
class Lookup:
    """url: an address with ${…} for what is the row's; acts: the search that follows; heading: what only its screen shows."""

    url: str
    acts: tuple[Act, ...]
    heading: str


def lookup_of(story: Story, key: str, column: str, telling: Sequence[str], sheet: Sheet, ask: Asker) -> Lookup | None:
    """key: what the first row's key reads as on the screen; column: where it stands in the sheet.

    telling: the columns whose values may stand in an address.
    """
    shown = [
        one
        for one in story.screens
        if _shows(one, key) and one.heading and not any(kind == "popup" for kind, _ in one.scopes)
    ]
    for one in reversed(shown):
        if "${" in address_of(one.url, sheet, [column]):
            return Lookup(address_of(one.url, sheet, [column, *telling]), (), one.heading)
    for one in reversed(shown):
        found = _search(story, one, key, sheet, telling)
        if found is not None:
            return found
    return _asked(sheet, [column, *telling], ask)


def _shows(one: Seen, key: str) -> bool:
    return [flat(cell) for cell in one.cells].count(flat(key)) == 1


def _search(story: Story, shown: Seen, key: str, sheet: Sheet, telling: Sequence[str]) -> Lookup | None:
    """The search for the key that the person made, from the screen where it began."""
    first = next((at for at, act in enumerate(story.looked) if act.kind == "fill" and act.place), None)
    last = shown.after - story.looked_from
    if first is None or last <= first:
        return None
    place = story.looked[first].place
    scopes = place.scopes if place else ()
    frames = tuple(part for part in scopes if part[0] == "frame")
    at = story.looked_from + first
    began = next((one for one in reversed(story.screens) if one.after <= at and one.scopes == frames), None)
    acts = story.looked[first:last]
    if began is None or not any(act.entry and act.entry.given == key for act in acts):
        return None
    # What is searched stands in the frame; opened by its own address it is the whole page.
    bare = tuple(
        replace(act, place=replace(act.place, scopes=act.place.scopes[len(frames) :])) if act.place else act
        for act in acts
    )
    return Lookup(address_of(began.url, sheet, telling), bare, shown.heading)


def _asked(sheet: Sheet, keys: Sequence[str], ask: Asker) -> Lookup | None:
    url = ask.text("登録した1件目を探し出せる一覧画面のアドレス（分からなければ、そのまま Enter）")
    if not url:
        return None
    heading = ask.text("その画面にだけ出ている見出しの文字")
    return Lookup(address_of(url, sheet, keys), (), heading) if heading else None


def address_of(url: str, sheet: Sheet, columns: Sequence[str]) -> str:
    """An address in which what the first row says (in the query, or as a part of the path) stands as an expression."""
    parts = urlsplit(url)
    path = "/".join(_of_row(unquote(part), sheet, columns) or literal(part) for part in parts.path.split("/"))
    query = "&".join(
        f"{name}={_of_row(value, sheet, columns) or quote(value, safe='')}"
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
    )
    return f"{parts.scheme}://{parts.netloc}{path}" + (f"?{query}" if query else "")


def _of_row(text: str, sheet: Sheet, columns: Sequence[str]) -> str | None:
    expression = value_of_row(text, sheet, columns)
    return "${" + expression + "}" if expression else None
