"""What a step kind is, what one step of a scenario is, and what a step may reach while it runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Generic, Literal, Protocol, TypeVar

from robots.drivers.browser import Browser
from robots.drivers.forms import Sorted
from robots.drivers.mail import Mail
from robots.drivers.workbook import Workbooks
from robots.errors import BusinessError, SystemFailure
from robots.nightly.calendar import OpenDays
from robots.params import Deferred, Params
from robots.position import Position
from robots.values import Row
from robots.vault import Credential

P = TypeVar("P", bound=Params)


class Control(Exception):
    """Base of what a step raises to steer the run; the runner alone catches it."""


class Skipped(Control):
    """除外: the item is left out on purpose; ``reason`` is shown with it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Stopped(Control):
    """終える: the run ends in good order; what is not entered yet stays for the next run."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Asked:
    """One thing that a step asks a person about its item."""

    field: str
    """The question, or the name of the value to confirm; at most 200 characters."""
    kind: Literal["text", "date"] = "text"
    proposed: str = ""
    """The value to confirm, as text (a date 2018-04-05)."""
    options: tuple[str, ...] = ()
    """What may be answered; empty: anything of the kind."""
    confirm: bool = False
    """Whether ``proposed`` is to be confirmed; else an answer must be given."""
    why: str = ""


@dataclass(frozen=True, slots=True)
class RunFacts:
    """What the name ``run`` (実行) means in a scenario."""

    id: str
    date: date
    scenario: str
    rehearsal: bool
    open_days: OpenDays = field(default_factory=OpenDays)
    """The town's; 開庁日(…) counts them.  It is no name of the language."""


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a scenario, checked.  ``params`` holds Deferred values unless ``fixed``."""

    kind: StepKind[Params]
    params: Params
    fixed: bool
    raw: object
    """The step's parameters as compiled from the file: mappings, lists, text, Deferred, tuple[Step, ...]."""
    position: Position
    path: str
    """Where it stands: each[3].commit.do[0]."""
    if_: Deferred | None = None
    save_as: str | None = None
    retry_times: int = 0
    retry_wait: float = 2.0
    timeout: float | None = None
    note: str = ""
    secret: bool = False


class StepContext(Protocol):
    """What a step may reach while it runs; nothing else of the engine is its business."""

    # Seconds that this step may take (its own timeout, or the setting's).
    @property
    def timeout(self) -> float: ...
    # True where this step's values must not be shown anywhere.
    @property
    def secret(self) -> bool: ...
    # The one browser of the run (started at the first use).
    @property
    def browser(self) -> Browser: ...
    # Reading and writing Excel books.
    @property
    def workbooks(self) -> Workbooks: ...
    @property
    def run(self) -> RunFacts: ...
    # Reads scanned files as a form of `uses.forms` (see Forms.read); ScenarioFault where the form is undeclared.
    def read_form(self, form: str, files: Sequence[Path]) -> list[Row]: ...
    # Which pages of scanned files are which of these forms of `uses.forms`.
    def sort_forms(self, forms: Sequence[str], files: Sequence[Path]) -> list[Sorted]: ...
    # A file named in the scenario as a path on disk; ScenarioFault where it leaves the folders of `uses`.
    def file(self, text: str, *, write: bool = False) -> Path: ...
    # A URL named in the scenario; ScenarioFault where it is not below one of `uses.sites`.
    def address(self, text: str) -> str: ...
    # The address of a site of `uses.sites` by its name; ScenarioFault where unknown.
    def site(self, name: str) -> str: ...
    # A credential of `uses.credentials`; ScenarioFault where undeclared, SystemFailure where the vault lacks it.
    def credential(self, name: str) -> Credential: ...
    # Sends a mail, at most once a key of this scenario in any run; True once it is sent, False where it was sent before
    # or in a rehearsal.  ScenarioFault where a recipient's domain is not in `uses.mail`.
    def send_mail(self, key: str, mail: Mail) -> bool: ...
    # The value of an expression, with further names for this one evaluation.
    def evaluate(self, expression: object, **names: object) -> object: ...
    # Runs steps in order, with further names that end with them.
    def run_steps(self, steps: Sequence[Step], **names: object) -> None: ...
    # Runs steps and gives the failure that ended them, or None.  While a commit is carried out or asked for, and for
    # what is the author's to mend, nothing is kept back: the failure is raised.
    def attempt(self, steps: Sequence[Step]) -> BusinessError | SystemFailure | None: ...
    # Runs `each` of another scenario of the register with these values as its item; gives what its steps saved.
    def call(self, scenario: str, values: Mapping[str, object]) -> Row: ...
    # What people have answered, by field; where they have not yet, the item waits (a Control is raised).
    def ask(self, asked: Sequence[Asked]) -> Mapping[str, object]: ...
    # A line in the run's log that people read.
    def log(self, message: str) -> None: ...
    # Notes what has been put on screen (label → text), for the rehearsal's book and the evidence.
    def entered(self, values: Mapping[str, str]) -> None: ...
    # Carries the commit out: intent on disk, do, outcome on disk; asks already_done where it must.
    def commit(self, do: Sequence[Step], already_done: Sequence[Step]) -> None: ...


@dataclass(frozen=True, slots=True)
class StepKind(Generic[P]):
    """A step kind: exactly one per file in ``robots/steps/``, exported as ``STEP``.

    run takes the validated parameters and the context; what it returns is what ``save_as`` names (None: nothing
    to save).  It raises BusinessError, SystemFailure (NotMet for an expectation) or ScenarioFault.
    """

    name: str
    """English: browser.click."""
    ja: str
    """Japanese: 押す."""
    summary: str
    """One Japanese sentence for the reference."""
    params: type[P]
    run: Callable[[P, StepContext], object]
    example: str
    """YAML of one step in Japanese keys, as it stands in a list: ``押す: {ボタン: 登録}``."""
    sections: frozenset[str] = frozenset({"prepare", "each", "finish"})
    saves: bool = False
    """Whether it has a value for save_as."""
    repeats: bool = False
    """Whether it runs its block several times; what is saved inside ends with each turn."""
    final: bool = False
    """Whether it can't be taken back: in `each` it stands inside commit alone."""
