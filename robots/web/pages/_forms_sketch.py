"""One form of one scenario while it is designed: where it lies, its files, and how it is checked and kept.

A form that is new lies as a draft below var/ until it is saved; one that is there is edited where it stands.  Names
come from the register and from listings of folders: what a request says is compared with them, never made a path of.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ocr
from ocr.advise import Advice, advise
from ocr.blank import BlankUnreadable, draw_blank
from ocr.form import Definition
from robots.drivers.forms import PICTURES_OF_PAGES, FormSource
from robots.errors import BusinessError, SystemFailure
from robots.files import write_atomically
from robots.registry.digest import read_folder
from robots.scenario.form_text import merged, proposed
from robots.scenario.forms import read_definition
from robots.scenario.problem import Findings, Problems
from robots.scenario.source import Bounds, read_source
from robots.scenario.validate import read_scenario
from robots.settings import Home
from robots.web.pages._forms_child import Blank, Proposed
from robots.web.pages._forms_sheet import At, Item, definition_of, items_of, place_of

FORMS = "forms"
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_WINDOWS = re.compile(r"con|prn|aux|nul|com\d|lpt\d")
_BOUNDS = Bounds(1024 * 1024, 10_000, "欄を減らしてください。", "form: と blank: と fields: を書いてください。")
_MOST_SAMPLES = 200


@dataclass(frozen=True, slots=True)
class Checked:
    """What the page sent, as the file that it would be.  form: None where there are problems."""

    text: str
    data: Mapping[str, Any]
    problems: list[At]
    form: ocr.Form | None
    source: FormSource | None


@dataclass(frozen=True, slots=True)
class Sketch:
    """A form.  folder: where its definition and its empty form lie; draft: they lie below var/."""

    home: Home
    scenario: str
    name: str
    folder: Path
    draft: bool

    @property
    def text(self) -> str:
        """The definition's file."""
        return (self.folder / f"{self.name}.yaml").read_bytes().decode("utf-8-sig")

    @property
    def seen(self) -> str:
        """Changes with the file: what the page was opened with must still be there when it is saved."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    def data(self) -> Mapping[str, Any]:
        """The definition as plain data.  Raises: BusinessError where it has problems of its own."""
        path, findings = f"{FORMS}/{self.name}.yaml", Findings()
        content = self.text.encode()
        if not self.draft and read_definition(path, content, findings) is None:
            told = "\n".join(str(one) for one in findings.problems())
            raise BusinessError(
                f"この帳票の定義には誤りがあります。\n{told}", mend="ファイルを直してから、もう一度開いてください。"
            )
        source = read_source(path, content, findings, _BOUNDS)
        if source is None or not isinstance(source.data, dict):
            raise SystemFailure("下書きを読めません。", mend="下書きを捨てて、空の帳票からやり直してください。")
        return source.data

    def items(self) -> list[dict[str, Any]]:
        """The definition for the page."""
        return items_of(self.data())

    def blanks(self) -> tuple[ocr.Page, ...]:
        """The empty form's pages.  Raises: BusinessError where they can't be drawn."""
        definition = Definition.model_validate({**self.data(), "fields": {"": {}}})  # a draft may have no field yet
        try:
            return draw_blank(self.file(definition.blank), definition.blank, definition.paper.mm)
        except (OSError, BlankUnreadable) as error:
            raise BusinessError(
                f"空の帳票 {definition.blank} を開けません。",
                mend="forms フォルダに、空の帳票のファイルを置いてください。",
            ) from error

    def file(self, name: str) -> bytes:
        """A file beside the definition.  Raises: OSError where the folder has none of that name."""
        beside = [one for folder in (self.folder, self._kept) if folder.is_dir() for one in folder.iterdir()]
        found = next((one for one in beside if one.name == name and one.is_file() and not one.is_symlink()), None)
        if found is None:
            raise FileNotFoundError(name)
        return found.read_bytes()

    @property
    def _kept(self) -> Path:
        return self.home.scenarios / self.scenario / FORMS

    def check(self, items: Sequence[Item]) -> Checked:
        """What the page sent, checked as ``banken check`` would check the file."""
        changes, problems = definition_of(items)
        text = merged(self.text, changes)
        findings = Findings()
        source = read_source(f"{FORMS}/{self.name}.yaml", text.encode(), findings, _BOUNDS)
        if source is None or not isinstance(source.data, dict):
            return Checked(text, {}, [At(0, "", one.what, one.mend) for one in findings.problems()], None, None)
        kept: dict[str, bytes] = {}

        def beside(name: str) -> bytes:
            kept[name] = self.file(name)
            return kept[name]

        form = None
        try:
            form = ocr.load_form(source.data, beside)
        except ocr.FormProblems as error:
            problems += [At(*place_of(one.path, items), one.what, one.mend) for one in error.problems]
        if form is None or problems:
            return Checked(text, source.data, problems, None, None)
        return Checked(text, source.data, [], form, FormSource(f"{FORMS}/{self.name}.yaml", source.data, kept))

    def with_blank(self, blank: Blank) -> tuple[str, str]:
        """The definition's text over another empty form, and the name of the one that it has now.

        Raises: BusinessError where the fields don't fit on it: other paper, or a page that it has not.
        """
        data = self.data()
        paper = Definition.model_validate({**data, "fields": {"": {}}}).paper
        if (blank.size, blank.orientation) != (paper.size, paper.orientation):
            told = f"この帳票は {_paper(paper.size, paper.orientation)}、送られた紙は {_paper(blank.size, blank.orientation)} です。"
            raise BusinessError(f"用紙が違うので、差し替えられません。{told}", mend="新しい帳票として作ってください。")
        name = f"{self.name}{blank.suffix}"
        try:
            if data.get("fields"):  # a draft may have none yet
                ocr.load_form({**data, "blank": name}, lambda one: blank.data if one == name else self.file(one))
        except ocr.FormProblems as error:
            told = "".join(f"{one.what}。" for one in error.problems)
            raise BusinessError(
                f"いまの欄は、送られた紙に合いません。{told}",
                mend="紙のページを確かめるか、先に欄を直して保存してください。",
            ) from error
        return merged(self.text, {"blank": name}), str(data["blank"])

    def keep_blank(self, blank: Blank, text: str) -> None:
        """Puts the other empty form beside the definition, then the definition that names it.  Raises: SystemFailure."""
        try:
            write_atomically(self.folder / f"{self.name}{blank.suffix}", blank.data)
            write_atomically(self.folder / f"{self.name}.yaml", text.encode())
        except OSError as error:
            raise _not_kept(error) from error

    def keep(self, checked: Checked) -> None:
        """Puts the definition (and a draft's empty form) into the scenario's folder.  Raises: SystemFailure."""
        try:
            if self.draft:
                blank = str(checked.data["blank"])
                write_atomically(self._kept / blank, self.file(blank))
            write_atomically(self._kept / f"{self.name}.yaml", checked.text.encode())
            if self.draft:
                shutil.rmtree(self.folder, ignore_errors=True)
        except OSError as error:
            raise _not_kept(error) from error

    def scenario_problems(self) -> list[str]:
        """What the scenario as a whole says now: a field that was renamed is still used there."""
        read = read_scenario(read_folder(self.home.scenarios / self.scenario), self.scenario)
        return [str(one) for one in read] if isinstance(read, Problems) else []


def _not_kept(error: OSError) -> SystemFailure:
    return SystemFailure(
        f"帳票を保存できません（{error.strerror or error}）。",
        mend="ほかのソフトが開いていないか、書く権限があるかを確かめてください。",
    )


def _paper(size: str, orientation: str) -> str:
    return f"{size} {'横' if orientation == 'landscape' else '縦'}"


def own_path(home: Home, scenario: str) -> Path:
    """Where the drafts of a scenario lie.  scenario: one of the register."""
    return home.var / FORMS / scenario


def names_of(home: Home, scenario: str) -> tuple[list[str], list[str]]:
    """The names of a scenario's forms, and of its drafts."""
    folder, drafts = home.scenarios / scenario / FORMS, own_path(home, scenario)
    kept = sorted(one.stem for one in folder.glob("*.yaml") if not one.is_symlink()) if folder.is_dir() else []
    begun = (
        sorted(one.name for one in drafts.iterdir() if (one / f"{one.name}.yaml").is_file()) if drafts.is_dir() else []
    )
    return kept, [one for one in begun if one not in kept]


def sketch_of(home: Home, scenario: str, name: str) -> Sketch | None:
    """The form of this name, or its draft; None where there is neither."""
    kept, drafts = names_of(home, scenario)
    if name in kept:
        return Sketch(home, scenario, name, home.scenarios / scenario / FORMS, draft=False)
    return Sketch(home, scenario, name, own_path(home, scenario) / name, draft=True) if name in drafts else None


def begin(home: Home, scenario: str, name: str, blank: Blank, found: Proposed) -> None:
    """Puts a draft down.  name: one that ``check_name`` lets pass."""
    folder = own_path(home, scenario) / name
    folder.mkdir(parents=True, exist_ok=True)
    write_atomically(folder / f"{name}{blank.suffix}", blank.data)
    write_atomically(folder / f"{name}.yaml", proposed(found.data, found.reasons).encode())


def check_name(home: Home, scenario: str, name: str) -> None:
    """Raises: BusinessError for a name that a new form can't have."""
    if not NAME.fullmatch(name) or _WINDOWS.fullmatch(name):
        raise BusinessError(
            f"「{name[:60]}」はファイルの名前に使えません。",
            mend="英小文字・数字・ハイフンで、40 字までで付けてください（shinsei-sho など）。",
        )
    taken = [one for each in names_of(home, scenario) for one in each]
    folder = home.scenarios / scenario / FORMS
    beside = [one.stem.lower() for one in folder.iterdir()] if folder.is_dir() else []
    if name in (*taken, *beside):
        raise BusinessError(
            f"「{name}」はもうあります。", mend="ほかの名前を付けるか、ある帳票を開いて直してください。"
        )


def samples_of(home: Home, scenario: str) -> dict[str, Path]:
    """The scans of a scenario's sample folder, by their path in it."""
    folder = home.scenarios / scenario / "sample"
    found = {
        one.relative_to(folder).as_posix(): one
        for one in (folder.rglob("*") if folder.is_dir() else ())
        if one.suffix.lower() in PICTURES_OF_PAGES and one.is_file() and not one.is_symlink()
    }
    return dict(sorted(found.items())[:_MOST_SAMPLES])


def advice_on(form: ocr.Form) -> list[Advice]:
    """What would make the paper easier to read."""
    return advise(form.definition, form.fields, form.blanks)
