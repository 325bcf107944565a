"""What the pages tell, put together to acts: a field that is typed again keeps its last value, a page that a click leads to is no act."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from robots.recorder.model import Act, Entry, Place, Recording, Scopes, Seen, entry_of, place_of, texts
from robots.recorder.words import said

_TITLE_ENDS = re.compile(r"\s*[|｜‖–—]\s*|\s+-\s+")
Event = Mapping[str, Any]


@dataclass(slots=True)
class Window:
    """One window of the browser: the first one, or a popup of it."""

    popup: bool
    leaving: bool = False


@dataclass(slots=True)
class Listener:
    """Takes events in their order.  tell: gets a Japanese line for each act, as it is certain."""

    tell: Callable[[str], None]
    recording: Recording = field(default_factory=Recording)

    def take(self, event: Event, window: Window) -> None:
        """One event of a page."""
        handler = getattr(self, f"_on_{event['type']}", None)
        if handler is not None:
            handler(event, window, _outer(event, window))

    def opened(self, url: str) -> None:
        """The recorder itself, or the person by hand, went to an address."""
        self._add(Act("open", text=url))

    def downloaded(self, name: str) -> None:
        """A file came of the last click."""
        acts = self.recording.acts
        if acts and acts[-1].kind == "click":
            acts[-1] = replace(acts[-1], kind="download", text=name)
            self.tell(said(acts[-1]))

    def _on_arrived(self, event: Event, window: Window, outer: Scopes) -> None:
        if outer:  # a frame's or a popup's page always comes of something else
            return
        left, window.leaving = window.leaving, False
        first = not self.recording.acts
        if event["by"] == "reload" or left or first:
            return
        last = self.recording.acts[-1]
        if last.kind == "open" and _path(last.text) == _path(event["url"]):
            return
        if last.kind == "open" and len(self.recording.acts) == 1:
            return  # where the first address led to
        self.opened(str(event["url"]))

    def _on_leaving(self, event: Event, window: Window, outer: Scopes) -> None:
        if not event["frames"]:
            window.leaving = True

    def _on_screen(self, event: Event, window: Window, outer: Scopes) -> None:
        seen = Seen(
            len(self.recording.acts), outer, str(event["url"]), str(event["heading"]), texts(event["messages"]),
            texts(event["cells"]), bool(event["alerts"]),
        )  # fmt: skip
        self.recording.seen.append(seen)

    def _on_login(self, event: Event, window: Window, outer: Scopes) -> None:
        window.leaving = True
        self._add(Act("login", text=str(event["url"])))

    def _on_bug(self, event: Event, window: Window, outer: Scopes) -> None:
        raise RuntimeError(str(event["message"]))

    def _on_secret(self, event: Event, window: Window, outer: Scopes) -> None:
        names = "、".join(texts(event["names"])) or "名前のない欄"
        self._warn(f"パスワードの欄（{names}）に入れた文字は記録していません。")

    def _on_nameless(self, event: Event, window: Window, outer: Scopes) -> None:
        self._warn(f"名前のない欄やボタン（近くの文字「{event['near']}」）は記録できませんでした。")

    def _warn(self, text: str) -> None:
        if text not in self.recording.warnings:
            self.tell(f"注意: {text}")
        self.recording.warn(text)

    def _on_field(self, event: Event, window: Window, outer: Scopes) -> None:
        if event["form"]:
            self.recording.rest.append(tuple(entry_of(one, outer) for one in event["form"]))
        entry = entry_of(event, outer)
        act = Act("upload" if entry.kind == "file" else "fill", entry.place, entry)
        at = self._same_field(entry)
        if at is None:
            self.recording.acts.append(act)
        else:
            self.recording.acts[at] = act
        if event["final"]:
            self.tell(said(act))

    def _same_field(self, entry: Entry) -> int | None:
        """Where the same field was filled in since the last click, press or new page."""
        for at in range(len(self.recording.acts) - 1, -1, -1):
            act = self.recording.acts[at]
            if act.kind not in ("fill", "upload"):
                return None
            if act.place and _found_by(act.place) == _found_by(entry.place):
                return at
        return None

    def _on_click(self, event: Event, window: Window, outer: Scopes) -> None:
        place = place_of(event, outer)
        acts, again = self.recording.acts, Act("click", place, button=bool(event["button"]))
        if acts and acts[-1] == again and not self._seen_since(len(acts)):
            return  # a double click
        self._add(again)

    def _seen_since(self, count: int) -> bool:
        return any(one.after >= count for one in self.recording.seen)

    def _on_press(self, event: Event, window: Window, outer: Scopes) -> None:
        place = place_of(event, outer) if event["place"] else None
        self._add(Act("press", place, text=str(event["key"])))

    def _on_dialog(self, event: Event, window: Window, outer: Scopes) -> None:
        """The answer must be ready before what makes the browser ask."""
        act = Act("answer", text=str(event["message"]), ok=bool(event["ok"]), reply=event["text"])
        acts = self.recording.acts
        at = len(acts) - 1 if acts and acts[-1].kind in ("click", "press") else len(acts)
        acts.insert(at, act)
        self.tell(said(act))

    def _add(self, act: Act) -> None:
        self.recording.acts.append(act)
        self.tell(said(act))


def _found_by(place: Place) -> tuple[object, ...]:
    return place.scopes, place.kind, place.name, place.nth


def _path(url: str) -> str:
    return url.partition("#")[0].rstrip("/")


def _outer(event: Event, window: Window) -> Scopes:
    title = _TITLE_ENDS.split(str(event.get("title", "")))[0].strip()
    popup = (("popup", title),) if window.popup else ()
    return (*popup, *((str(kind), str(name)) for kind, name in event.get("frames", ())))
