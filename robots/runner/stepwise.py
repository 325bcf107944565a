"""One step after the other, with a person looking on: go on, skip, change a value, begin again, stop.

Nothing is ever skipped or changed inside a commit, and after anything was skipped or changed nothing is committed any
more in that run: what is entered is what was approved.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from robots.drivers.browser import Locator
from robots.errors import BankenError
from robots.mask import HIDDEN
from robots.params import Deferred
from robots.runner.beside import Go
from robots.runner.named import At, wanted_by
from robots.runner.put import with_value
from robots.runner.session import Session
from robots.scenario.resolve import resolve
from robots.scenario.shape import parameters
from robots.step import Step, Stopped
from robots.values import text_of

KEYS = "Enter=行う　s=飛ばす　c 項目=値 で変える　r=一つ前からやり直す　q=終える"
_KEYS_AFTER_FAILURE = "r=この手順からやり直す　c 項目=値 で変えてやり直す　s=飛ばす　q=終える"
_KEYS_AT_COMMIT = "Enter=行う　q=終える（登録しない）"
_STOPPED = "一手順ずつの実行を、人が終えました"
_ALTERED = "飛ばした手順や変えた値があるため、登録せずに終えました（シナリオを直して承認を受けてください）"

Ask = Callable[[str], str | None]
"""Shows the keys, gives the line that the person types; None where nobody answers any more."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One value of a step: its name, where it stands, and the text that may be shown."""

    name: str
    at: At
    text: str


class Stepwise:
    """See Beside.  tell: a line for the person; ask: see Ask."""

    def __init__(self, tell: Callable[[str], None], ask: Ask) -> None:
        self._tell = tell
        self._ask = ask
        self._last: tuple[str, Step] | None = None
        self._item: object = None
        self._number = 0
        self.altered = False

    def step(self, step: Step, session: Session, go: Go) -> object:
        self._new_item(session)
        if session.strict:  # a commit is carried out, or asked for: nobody comes between
            self._tell(self._line(step, session))
            return go(step)
        if step.kind.name == "commit":
            return self._commit(step, session, go)
        while True:
            self._tell(self._line(step, session))
            self._point_out(step, session)
            answer = self._answer(KEYS)
            if answer == "r":
                self._again(step, session)
            elif answer == "s":
                return self._skip(step, session)
            elif answer.startswith("c"):
                step = self._changed(step, session, answer[1:])
            elif answer:
                self._tell(f"「{answer}」は使えません。")
            else:
                return self._carried_out(step, session, go)

    def _commit(self, step: Step, session: Session, go: Go) -> object:
        self._tell(self._line(step, session))
        if session.run.rehearsal:
            self._tell("  リハーサルなので、ここで終わります（登録しません）。")
            return go(step)
        if self.altered:
            self._tell(f"  {_ALTERED}")
            raise Stopped(_ALTERED)
        self._tell("  ここから先は取り消せません。")
        if self._answer(_KEYS_AT_COMMIT):
            raise Stopped(_STOPPED)
        return go(step)

    def _carried_out(self, step: Step, session: Session, go: Go) -> object:
        while True:
            try:
                value = go(step)
            except BankenError as error:
                if "flow.try" in step.path:
                    raise
                self._tell(f"  うまくいきませんでした: {session.mask.public(str(error))}")
            else:
                self._last = _home(step), step
                return value
            while (answer := self._answer(_KEYS_AFTER_FAILURE)) not in ("r", "s") and not answer.startswith("c"):
                self._tell("r、c、s、q のどれかを入れてください。")
            if answer == "s":
                return self._skip(step, session)
            if answer != "r":
                step = self._changed(step, session, answer[1:])

    def _again(self, step: Step, session: Session) -> None:
        """The step before this one in the same block once more; what it saves is saved anew."""
        if self._last is None or self._last[0] != _home(step):
            self._tell("  この前に、やり直せる手順がありません。")
            return
        session.run_steps([self._last[1]])

    def _skip(self, step: Step, session: Session) -> object:
        self.altered = True
        session.log(f"人が手順 {step.path}（{step.kind.ja}）を飛ばしました。")
        return ""

    def _changed(self, step: Step, session: Session, told: str) -> Step:
        name, equals, text = told.strip().partition("=")
        shown = {one.name: one for one in _values(step, session)}
        found = shown.get(name.strip())
        if not equals or found is None:
            self._tell(f"  c のあとに 項目=値 と書いてください。変えられるのは {'、'.join(shown) or '（なし）'} です。")
            return step
        self.altered = True
        session.log(f"人が手順 {step.path}（{step.kind.ja}）の「{found.name}」の値を変えました。")
        changed = replace(step, raw=with_value(step.raw, found.at, text), fixed=False)
        try:
            resolve(changed, session.names)
        except BankenError as error:
            self._tell(f"  その値は使えません: {error}")
            return step
        return changed

    def _answer(self, keys: str) -> str:
        answer = self._ask(keys)
        if answer is None or answer.strip() == "q":
            raise Stopped(_STOPPED)
        return answer.strip()

    def _new_item(self, session: Session) -> None:
        if session.on_screen is not self._item:
            self._item, self._last = session.on_screen, None
            if "item" in session.names:
                self._number += 1
                self._tell(f"■ 対象 {self._number} 件目")

    def _line(self, step: Step, session: Session) -> str:
        note = f"　{step.note}" if step.note else ""
        head = f"{step.position.line} 行目　{step.kind.ja}（{step.path}）{note}"
        return "\n".join([head, *(f"    {one.name}: {one.text}" for one in _values(step, session))])

    def _point_out(self, step: Step, session: Session) -> None:
        browser = session.browser_started
        if browser is None:
            return
        looks = [one.look["locator"] for one in wanted_by(step, session.names) if "locator" in one.look]
        browser.point_out([Locator.model_validate(one) for one in looks])


def _home(step: Step) -> str:
    return step.path.rpartition("[")[0]


def _values(step: Step, session: Session) -> Iterator[Shown]:
    """The step's own values; paths, addresses and choices are shown, an item's personal values are not."""
    raw = step.raw if isinstance(step.raw, Mapping) else {}
    known = {one.english: one.ja or one.english for one in parameters(step.kind.params).values()}
    for key, value in raw.items():
        if key == step.kind.params.free and isinstance(value, Mapping):
            for label, one in value.items():
                yield from _shown(str(label), (str(key), str(label)), one, step, session)
        else:
            yield from _shown(known.get(str(key), str(key)), (str(key),), value, step, session)


def _shown(name: str, at: At, raw: object, step: Step, session: Session) -> Iterator[Shown]:
    if isinstance(raw, Mapping):
        for key, value in raw.items():
            yield from _shown(f"{name}.{key}", (*at, key), value, step, session)
    elif isinstance(raw, str):
        yield Shown(name, at, HIDDEN if step.secret else session.mask.public(raw))
    elif isinstance(raw, Deferred):
        yield Shown(name, at, HIDDEN if step.secret else _evaluated(raw, session))


def _evaluated(raw: Deferred, session: Session) -> str:
    try:
        value = raw.evaluate(session.names)
    except BankenError:
        return f"（{raw.source}）"
    return f"{len(value)} 件" if isinstance(value, list | tuple | Mapping) else session.mask.public(text_of(value))
