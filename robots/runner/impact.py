"""Which scenarios touch a site, a screen, a text on it, a form, a file or a credential: by what they say and by their kept outlines."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from robots.drivers.browser import site_of
from robots.drivers.browser_pages import label_key
from robots.registry.digest import read_folder
from robots.registry.load import Loaded
from robots.runner.named import KINDS, names_of
from robots.runner.outlines import Kept, read_kept, screen_path
from robots.scenario.model import Scenario
from robots.scenario.template import Template
from robots.scenario.validate import read_scenario
from robots.settings import SCENARIO_NAME, Home

Files = Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class Asked:
    """What is looked for; empty texts don't count.  site: its name or address; screen: the path of an address."""

    site: str = ""
    label: str = ""
    screen: str = ""
    form: str = ""
    file: str = ""
    credential: str = ""


@dataclass(frozen=True, slots=True)
class Touch:
    """Where a scenario touches what is looked for.  line: in its scenario.yaml, 0 where only its screens show it."""

    scenario: str
    name: str
    line: int
    what: str


def impact(home: Home, loaded: Loaded, asked: Asked) -> list[Touch]:
    """Every place in every scenario of the register; a scenario counts where all that is asked for is touched."""
    found: list[Touch] = []
    for id, entry in sorted(loaded.register.scenarios.items()):
        found += [Touch(id, entry.name, line, what) for line, what in _places(home, id, asked)]
    return found


def sharing(home: Home, loaded: Loaded, scenario: Scenario, text: str) -> list[Touch]:
    """The other scenarios that name the same text on a screen of a site that this one uses too."""
    sites = {site_of(address) for address in scenario.uses.sites.values()}
    touches = impact(home, loaded, Asked(label=text))
    others = {one.scenario: _read(home, one.scenario)[0] for one in touches if one.scenario != scenario.id and one.line}
    near = {id for id, one in others.items() if one and sites & {site_of(url) for url in one.uses.sites.values()}}
    return [one for one in touches if one.scenario in near and one.line]


def _read(home: Home, id: str) -> tuple[Scenario | None, Files]:
    folder = home.scenarios / id
    files = read_folder(folder) if (folder / SCENARIO_NAME).is_file() else {}
    model = read_scenario(files, id) if files else None
    return (model if isinstance(model, Scenario) else None), files


def _places(home: Home, id: str, asked: Asked) -> list[tuple[int, str]]:
    kept = read_kept(home.var, id)
    if not _may_touch(home.scenarios / id, kept, asked):
        return []
    scenario, files = _read(home, id)
    if scenario is None:
        return []
    places: list[tuple[int, str]] = []
    parts = (
        (asked.site, _sites(scenario, files, asked.site)),
        (asked.label, _labels(scenario, kept, asked.label)),
        (asked.screen, _screens(scenario, kept, asked.screen)),
        (asked.form, _forms(scenario, files, asked.form)),
        (asked.file, _lines(files, asked.file, "ファイル")),
        (asked.credential, _credentials(scenario, files, asked.credential)),
    )
    for text, found in parts:
        if not text:
            continue
        here = list(found)
        if not here:
            return []
        places += here
    return list(dict.fromkeys(places))


def _may_touch(folder: Path, kept: Kept | None, asked: Asked) -> bool:
    """A quick look that never says no wrongly: most scenarios of a large town need not be read."""
    try:
        text = _folded((folder / SCENARIO_NAME).read_text(encoding="utf-8", errors="replace"))
    except OSError:
        return False
    things = [one for screen in kept.screens.values() for one in screen] if kept is not None else []
    shown = _folded(" ".join(text for one in things for text in (one.name, *one.options)))
    site = "" if "://" in asked.site else asked.site  # an address may be longer than the one that is written
    given = [_folded(one) for one in (site, asked.file, asked.credential) if one]
    return all(one in text for one in given) and (not asked.label or label_key(asked.label) in text + shown)


def _folded(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())


def _sites(scenario: Scenario, files: Files, wanted: str) -> Iterator[tuple[int, str]]:
    for name, address in scenario.uses.sites.items():
        if wanted == name or address.rstrip("/").startswith(wanted.rstrip("/")) or wanted.startswith(address):
            yield _line_with(files, address), f"サイト「{name}」{address}"


def _labels(scenario: Scenario, kept: Kept | None, wanted: str) -> Iterator[tuple[int, str]]:
    key = label_key(wanted)
    for step, name in names_of(scenario):
        if label_key(name.text) == key:
            yield step.position.line, f"{step.kind.ja}: {KINDS[name.kind]}「{name.text}」"
    for screen, things in kept.screens.items() if kept is not None else ():
        if any(label_key(one.name) == key or key in map(label_key, one.options) for one in things):
            yield 0, f"画面 {screen} にある「{wanted}」"


def _screens(scenario: Scenario, kept: Kept | None, wanted: str) -> Iterator[tuple[int, str]]:
    path = screen_path(wanted)
    for step in scenario.steps():
        url = step.raw.get("url") if step.kind.name == "browser.open" and isinstance(step.raw, dict) else None
        told = "".join(url.texts) if isinstance(url, Template) else str(url or "")
        if wanted.rstrip("/") in told.split("?")[0]:
            yield step.position.line, f"{step.kind.ja}: {url.source if isinstance(url, Template) else url}"
    for screen in kept.screens if kept is not None else ():
        if screen == path or screen.startswith(path.rstrip("/") + "/"):
            yield 0, f"画面 {screen}"


def _forms(scenario: Scenario, files: Files, wanted: str) -> Iterator[tuple[int, str]]:
    for name in scenario.uses.forms:
        if wanted == name or name.removesuffix(".yaml").rsplit("/", 1)[-1] == wanted:
            yield _line_with(files, name), f"帳票 {name}"


def _credentials(scenario: Scenario, files: Files, wanted: str) -> Iterator[tuple[int, str]]:
    if wanted in scenario.uses.credentials:
        yield from _lines(files, wanted, "資格情報")


def _lines(files: Files, wanted: str, what: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(files[SCENARIO_NAME].decode("utf-8", errors="replace").splitlines(), 1):
        if wanted in line.split(" #")[0]:
            yield number, f"{what}: {line.strip()}"


def _line_with(files: Files, text: str) -> int:
    return next((number for number, _ in _lines(files, text, "")), 1)
