"""banken demo: the main job from nothing, against the practice town, in a real browser."""

from __future__ import annotations

import shutil
import sys
from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

import practice as practice_town
from robots.cli.common import Code, Stop, out, registered, say, who
from robots.cli.demo_nagaoka import show_nagaoka
from robots.cli.demo_paper import SCENARIO as PAPER
from robots.cli.demo_paper import paper_story
from robots.cli.demo_town import arrived, town
from robots.cli.progress import Watcher, tell_report
from robots.cli.run import cleared, inputs_of
from robots.cli.savings import show_savings
from robots.clock import today
from robots.ledger.lookup import scenario_items
from robots.registry.reporting import report_wanted
from robots.runner.order import Order, Parts
from robots.runner.report import Report
from robots.runner.run import run_scenario
from robots.savings.statement import statement
from robots.savings.table import table_rows
from robots.settings import REGISTER_NAME, Home, find_home, open_home
from robots.wiring import wired

SCENARIO = "shimin/jutogai-jusho"
SYSTEM = "jumin"


def demo(
    headed: Annotated[bool, typer.Option("--headed", help="ブラウザを画面に出す")] = False,
    items: Annotated[int | None, typer.Option("--items", min=1, help="それぞれ、この件数だけ行う")] = None,
    ask: Annotated[bool, typer.Option("--ask", help="確認の答えを、見本の正解からではなく自分で入力する")] = False,
    city: Annotated[
        str | None, typer.Option("--town", help="nagaoka: 100 本のシナリオが一年動いた町を作り、削減時間の報告を見る")
    ] = None,
) -> None:
    """練習市を動かし、紙の申請書 30 枚と Excel の届出 60 件を画面に入力して、結果と削減時間を示す。"""
    if city is not None:
        if city != "nagaoka":
            say(f"--town「{city}」という町はありません。あるのは nagaoka です。")
            raise Stop(Code.USAGE)
        show_nagaoka()
        return
    home = demo_home()
    with town(home) as url, wired(home) as parts:
        out.print(f"練習市: {url}　台帳: {home.register}\n", markup=False)
        paper = paper_story(home, parts, url, headed=headed, items=items, ask=ask)
        out.print("\n■ 4. Excel から: 住登外者の住所変更 60 件を、住民システムへ入力します", markup=False)
        loaded = registered(home)
        approved = cleared(home, loaded, SCENARIO)
        watcher = Watcher(name=approved.scenario.name)
        try:
            report = run_scenario(
                Order(approved, inputs_of(approved, {}), who(), headed=headed, limit=items), parts, watcher
            )
        finally:
            watcher.close()
        tell_report(report)
        as_told = _tell_entries(parts, url)
        drawn = statement(parts.ledger, report_wanted(loaded.register, today(), year=None, by="scenario"))
        out.print("\n■ 削減時間（台帳記録から）", markup=False)
        show_savings(table_rows(drawn.lines, drawn.total, "scenario"))
    _tell_places(home, report, paper.report)
    good = report.state == "ended" and not (report.items["failed"] or report.items["in_doubt"])
    if not (good and as_told and paper.as_told):
        raise Stop(Code.PROBLEMS)


def demo_home() -> Home:
    """The town of the demo: the one we stand in where it has the demo's scenario, else a fresh copy beside us."""
    root = find_home(Path.cwd())
    if root is not None and all((root / "scenarios" / one).is_dir() for one in (PAPER, SCENARIO)):
        return open_home(root)
    target = Path.cwd() / "banken-demo"
    if not (target / REGISTER_NAME).exists():
        gallery = gallery_folder()
        for name in (REGISTER_NAME, "banken.toml"):
            target.mkdir(exist_ok=True)
            shutil.copyfile(gallery / name, target / name)
        shutil.copytree(gallery / "scenarios", target / "scenarios", dirs_exist_ok=True)
    say(f"見本のシナリオを {target} に用意しました。")
    return open_home(target)


def gallery_folder() -> Path:
    """Where the gallery lies: inside the installed package, or in the repository."""
    package = Path(practice_town.__file__).parent
    return package / "gallery" if (package / "gallery").is_dir() else package.parent


def _tell_entries(parts: Parts, url: str) -> bool:
    """Counts in the town itself: each done item must have arrived there exactly once, and nothing else of ours."""
    came = Counter(entry["key"] for entry in arrived(url, SYSTEM))
    done = {item["key"] for item in scenario_items(parts.ledger, SCENARIO, "done")}
    missing, twice = sorted(done - set(came)), sorted(key for key, count in came.items() if count > 1)
    out.print(
        f"練習市に届いた異動: {sum(came.values())} 件（二重登録 {len(twice)} 件、届いていないもの {len(missing)} 件）",
        markup=False,
    )
    if missing:
        say(
            "練習市の記録（var/practice.sqlite）が消されたか、別の練習市が動いています。var フォルダを消すと初めからやり直せます。"
        )
    return not missing and not twice


def _tell_places(home: Home, report: Report, paper: Report) -> None:
    banken = "./run banken" if (home.root / "run").is_file() and sys.platform != "win32" else "banken"
    out.print("\n■ できたもの", markup=False)
    for scenario in (PAPER, SCENARIO):
        folder = home.var / "out" / scenario.rsplit("/", maxsplit=1)[-1]
        for book in sorted(folder.glob("*.xlsx")) if folder.is_dir() else ():
            out.print(f"  登録結果の Excel: {book}", markup=False)
    out.print(f"  シナリオ: {home.scenarios / PAPER / 'scenario.yaml'}", markup=False)
    out.print(f"  帳票の定義: {home.scenarios / PAPER / 'forms'}", markup=False)
    out.print(f"  実行の記録: {home.var / 'runs' / paper.run}、{home.var / 'runs' / report.run}", markup=False)
    out.print("\n■ 次に試すこと", markup=False)
    for command, meaning in (
        ("demo", "もう一度: 登録済みのものは二度登録しない"),
        (f"show {report.run}", "業務エラーの理由と、元データの行"),
        (f"items {PAPER}", "紙の一枚ごとの状態"),
        ("practice", "練習市を画面で見る"),
        ("steps", "シナリオに書ける手順"),
    ):
        out.print(f"  {banken} {command:<34}{meaning}", markup=False)
