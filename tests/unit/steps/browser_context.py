"""A step context over the browser without a browser, and a small town of plain pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import cast

from robots.drivers.browser import Browser, site_of
from robots.drivers.browser_pages import MemoryAction, MemoryField, MemoryPage, MemoryTable
from robots.drivers.memory_browser import MemoryBrowser
from robots.scenario.model import Scenario
from robots.scenario.resolve import resolve
from robots.scenario.template import Template
from robots.scenario.validate import read_scenario
from robots.step import Step, StepContext
from robots.vault import Credential

BASE = "http://town.invalid"

PAGES = {
    "/form": MemoryPage(
        "申請入力",
        fields=(
            MemoryField("受付番号"),
            MemoryField("区分", "select", ("新規", "継続")),
            MemoryField("確認した", "check"),
            MemoryField("暗証"),
            MemoryField("添付", "files"),
        ),
        actions=(
            MemoryAction("登録", BASE + "/done", confirm="よろしいですか？"),
            MemoryAction("一覧", file=("..\\外/一覧:8.csv", b"a,b")),
            MemoryAction("F5", BASE + "/done", kind="key"),
        ),
        parts=(("row", "1002", MemoryPage("", actions=(MemoryAction("変更", BASE + "/done", kind="link"),))),),
    ),
    "/done": MemoryPage(
        "完了",
        texts=("登録しました",),
        facts=(("受理番号", "A-1"),),
        tables=(MemoryTable("一覧", ("番号", "氏名"), (("1", "山田"), ("2", "鈴木"))),),
    ),
    "/login": MemoryPage(
        "ログイン",
        login=True,
        fields=(MemoryField("利用者"), MemoryField("パスワード", "password")),
        actions=(
            MemoryAction("ログイン", lambda given: BASE + ("/done" if given["パスワード"] == "himitsu" else "/login")),
        ),
    ),
}


class BrowserContext:
    """What a browser step may reach; remembers what was entered and saved."""

    timeout = 1.0

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.said: list[str] = []
        site = site_of(BASE)
        assert site
        pages = {BASE + path: page for path, page in PAGES.items()}
        self.browser: Browser = MemoryBrowser(pages.get, {site})
        self.secret = False
        self.shown: dict[str, str] = {}
        self.names: dict[str, object] = {"sites": {"町": BASE}, "item": {"番号": "011002"}}

    def file(self, text: str, *, write: bool = False) -> Path:
        place = (self.folder / text).resolve()
        assert place.is_relative_to(self.folder), f"{text} leaves the folder"
        return place

    def log(self, message: str) -> None:
        self.said.append(message)

    def address(self, text: str) -> str:
        return text

    def site(self, name: str) -> str:
        return {"町": BASE + "/login"}[name]

    def credential(self, name: str) -> Credential:
        return {"machi": Credential("renshu", "himitsu")}[name]

    def entered(self, values: Mapping[str, str]) -> None:
        self.shown |= values

    def evaluate(self, expression: object, **names: object) -> object:
        assert isinstance(expression, Template)
        return expression.evaluate({**self.names, **names})

    def run_steps(self, steps: Sequence[Step], **names: object) -> None:
        self.names |= names
        for step in steps:
            self.secret = step.secret
            saved = step.kind.run(resolve(step, self.names), cast("StepContext", self))
            if step.save_as:
                self.names[step.save_as] = saved


def run(steps: str, folder: Path = Path("nowhere")) -> BrowserContext:
    """Runs the steps of ``each`` as an author writes them; folder: where its files are."""
    text = (
        f'名称: x\n利用: {{サイト: {{町: "{BASE}"}}, 資格情報: [machi]}}\n'
        f'対象: {{元: "${{[]}}", キー: "${{対象.番号}}"}}\n各件:\n{steps}'
    )
    scenario = read_scenario({"scenario.yaml": text.encode()}, "a/b")
    assert isinstance(scenario, Scenario), str(scenario)
    context = BrowserContext(folder)
    context.run_steps(scenario.each)
    return context
