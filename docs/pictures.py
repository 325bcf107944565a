"""Takes the pictures of the documentation: what the example of every step of the screen does in the practice town.

python docs/pictures.py             takes them all anew, into docs/images/town
(docs/scenes.yaml                   says what each of them shows)
"""

from __future__ import annotations

import json
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

import numpy as np
import pypdfium2
from PIL import Image
from ruamel.yaml import YAML

from practice import PRACTICE_PASSWORD, PRACTICE_USER
from practice.server import start_town
from robots.all_steps import STEPS
from robots.drivers.browser import Browser, Locator, site_of
from robots.drivers.playwright_browser import PlaywrightBrowser
from robots.scenario.model import Scenario
from robots.scenario.resolve import resolve
from robots.scenario.template import Template
from robots.scenario.validate import read_scenario
from robots.settings import SCENARIO_NAME
from robots.step import Step, StepContext
from robots.vault import Credential

HERE = Path(__file__).parent
FOLDER = HERE / "images" / "town"
WIDTH = 800
"""Pixels; no picture is wider."""
_TALLEST, _AROUND, _BEFORE, _GAP = 600, 70, 150, 12
"""How tall a part of the screen may be; what is shown above and below of what is framed, and before it; pixels between."""
_COLOURS = 48
_FRAME = (0xD9, 0x48, 0x0F)
"""The colour with which the driver points things out."""
_TIMEOUT = 20.0
_ITEM = {
    "氏名カナ": "サトウ　ハナコ",
    "生年月日": "2018-04-05",
    "宛名番号": "00104228",
}


@dataclass(frozen=True)
class Scene:
    """See docs/scenes.yaml."""

    caption: str
    lead: Sequence[object]
    press: Sequence[str] = ()
    shows: Sequence[str] = ()
    then: Sequence[object] = ()
    keeps: bool = False
    example: str = ""


def scenes() -> dict[str, Scene]:
    """What the pictures show, by the name of the step."""
    raw = YAML(typ="safe").load((HERE / "scenes.yaml").read_text(encoding="utf-8"))
    return {name: Scene(**given) for name, given in raw.items()}


@dataclass
class Stage:
    """What the steps reach (see StepContext): the real driver, and a folder for the files."""

    browser: Browser
    url: str
    folder: Path
    names: dict[str, object] = field(default_factory=dict)
    timeout: float = _TIMEOUT
    secret: bool = False

    def file(self, text: str, *, write: bool = False) -> Path:
        return self.folder / Path(text).name if Path(text).suffix else self.folder

    def address(self, text: str) -> str:
        return text

    def site(self, name: str) -> str:
        return f"{self.url}/gakumu"

    def credential(self, name: str) -> Credential:
        return Credential(PRACTICE_USER, PRACTICE_PASSWORD)

    def entered(self, values: Mapping[str, str]) -> None:
        """A picture shows it."""

    def log(self, message: str) -> None:
        """Nobody reads along."""

    def evaluate(self, expression: object, **names: object) -> object:
        return expression.evaluate({**self.names, **names}) if isinstance(expression, Template) else expression

    def run_steps(self, steps: Sequence[Step], **names: object) -> None:
        for step in steps:
            step.kind.run(resolve(step, {**self.names, **names}), cast("StepContext", self))


def _steps(scene: Scene, example: str) -> Sequence[Step]:
    """The steps of a scene, its example among them, checked as a scenario is."""
    written = [f"- {json.dumps(one, ensure_ascii=False)}" for one in scene.lead]
    written.append("- " + textwrap.indent(example.strip(), "  ").lstrip())
    written += [f"- {json.dumps(one, ensure_ascii=False)}" for one in scene.then]
    text = (
        "名称: 絵\n利用: {サイト: {練習: 'http://127.0.0.1:1', 学務: 'http://127.0.0.1:1/gakumu'}, 資格情報: [gakumu], "
        "フォルダ: {出力: var/out}}\n対象: {元: '${[]}', キー: '${対象.受付番号}'}\n各件:\n"
        + textwrap.indent("\n".join(written), "  ")
        + "\n"
    )
    read = read_scenario({SCENARIO_NAME: text.encode()}, "docs/pictures")
    if not isinstance(read, Scenario):
        raise SystemExit(f"{read}\n{text}")
    return read.each


def take(name: str, example: str, scene: Scene, stage: Stage) -> Image.Image:
    """Runs one scene and gives its picture."""
    steps, panels = _steps(scene, example), []
    until, after = len(scene.lead), len(scene.lead) + 1
    stage.run_steps(steps[:until])
    if scene.press:
        panels.append(_panel(stage, scene.press, name))
    there = set(stage.folder.iterdir())
    stage.run_steps(steps[until:after])
    made = set(stage.folder.iterdir()) - there
    stage.run_steps(steps[after:])
    if scene.shows:
        panels.append(_panel(stage, scene.shows, name))
    if scene.keeps:
        panels.append(_kept(*made))
    return _below_each_other(panels)


def _panel(stage: Stage, framed: Sequence[str], name: str) -> Image.Image:
    """The part of the screen around what is framed."""
    if stage.browser.point_out([Locator(css=one) for one in framed]) != len(framed):
        raise SystemExit(f"{name}: one of {framed} is not on the screen once")
    place = stage.folder / "panel.png"
    stage.browser.screenshot(place, whole=False, timeout=_TIMEOUT)
    stage.browser.point_out([])
    picture = Image.open(place).convert("RGB")
    place.unlink()
    down, across = np.nonzero((np.asarray(picture) == _FRAME).all(axis=2))
    middle, wide = int(across.min() + across.max()) // 2, max(WIDTH, int(across.max() - across.min()) + _GAP * 2)
    wanted = middle - wide // 2 if wide > WIDTH else min(middle - wide // 2, int(across.min()) - _BEFORE)
    left = max(0, min(wanted, picture.width - wide))
    top, bottom = max(0, int(down.min()) - _AROUND), min(picture.height, int(down.max()) + _AROUND)
    return _fitted(picture.crop((left, top, left + wide, min(bottom, top + _TALLEST))))


def _fitted(picture: Image.Image) -> Image.Image:
    """No wider than WIDTH."""
    smaller = min(1.0, WIDTH / picture.width)
    return picture.resize((round(picture.width * smaller), round(picture.height * smaller)), Image.Resampling.BILINEAR)


def _kept(file: Path) -> Image.Image:
    """The file that the step made: a picture, or the top of a PDF's first page."""
    if file.suffix == ".pdf":
        page = pypdfium2.PdfDocument(file)[0]
        picture = page.render(scale=WIDTH / page.get_width()).to_pil().convert("RGB")
        return picture.crop((0, 0, WIDTH, WIDTH // 2))
    return _fitted(Image.open(file).convert("RGB"))


def _below_each_other(panels: Sequence[Image.Image]) -> Image.Image:
    framed = []
    for panel in panels:
        edge = Image.new("RGB", panel.size, (0xC3, 0xCC, 0xD3))
        edge.paste(panel.crop((1, 1, panel.width - 1, panel.height - 1)), (1, 1))
        framed.append(edge)
    width = max(one.width for one in framed)
    whole = Image.new("RGB", (width, sum(one.height for one in framed) + _GAP * (len(framed) - 1)), "white")
    top = 0
    for one in framed:
        whole.paste(one, (0, top))
        top += one.height + _GAP
    return whole


def make(folder: Path) -> list[Path]:
    """Takes all the pictures; gives their places."""
    examples, made = {kind.name: kind.example for kind in STEPS}, []
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as made_in, start_town(Path(made_in) / "town.sqlite") as town:
        site = site_of(town.url)
        assert site is not None
        browser = PlaywrightBrowser({site})
        try:
            for number, (name, scene) in enumerate(scenes().items(), 80001):
                files = Path(made_in) / name
                files.mkdir()
                (files / "申請書.pdf").write_bytes(b"%PDF-1.4\n")
                names: dict[str, Any] = {
                    "sites": {"練習": town.url, "学務": f"{town.url}/gakumu"},
                    "folders": {"出力": "."},
                    "item": {**_ITEM, "受付番号": f"{number:06}"},
                }
                picture = take(name, scene.example or examples[name], scene, Stage(browser, town.url, files, names))
                place = folder / f"{name}.png"
                picture.quantize(_COLOURS).save(place, optimize=True)
                made.append(place)
        finally:
            browser.close()
    return made


if __name__ == "__main__":
    for picture_place in make(FOLDER):
        print(f"{picture_place.stat().st_size:6} {picture_place.name}")
