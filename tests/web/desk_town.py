"""A served town with real scans of the gallery read, every field of them waiting at the desk."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path

from playwright.sync_api import Page

from robots.registry.approve import Request, approve, request_of
from robots.registry.load import Loaded, load_register
from robots.settings import Home, open_home
from tests.conftest import banken_here
from tests.web.conftest import ROOT, make_town

SCENARIO = "gakumu/shugaku-enjo"
SCANS = ("01.jpg", "02.jpg", "03.jpg", "06.jpg", "07.jpg", "24.jpg")
TWICE = "支店コード"
TEXT = """\
名称: 就学援助申請内容入力
利用:
  フォルダ: {受付: sample/in, 出力: var/out}
  帳票: [forms/shugaku-enjo.yaml]
準備:
  - 帳票を読む: {帳票: shugaku-enjo, 元: "${フォルダ.受付}"}
    保存名: 申請
対象:
  元: ${申請}
  キー: ${対象.受付番号}
  確認: すべて
各件:
  - 確定する:
      手順:
        - 行を追加する:
            ブック: ${フォルダ.出力}/登録.xlsx
            シート: 登録
            キー: 受付番号
            行: ${[対象]}
            列: {受付番号: "${行.受付番号}", 口座番号: "${行.口座番号}"}
      登録済みの確認:
        - Excel表を読む: {ブック: "${フォルダ.出力}/登録.xlsx", シート: 登録}
          保存名: 登録済み
        - 絞り込む: {行: "${登録済み}", 条件: "${行.受付番号 == 対象.受付番号}"}
          保存名: 同じ番号
        - 審査する:
            - {条件: "${件数(同じ番号) > 0}", さもなくば: 登録されていません}
"""


def make_desk_town(root: Path) -> Home:
    """The town after its first run: nothing is entered, all waits."""
    home = make_town(root)
    folder = home.scenarios / SCENARIO
    for scan in (folder / "sample" / "in").iterdir():
        if scan.name not in SCANS:
            scan.unlink()
    shutil.rmtree(folder / "expected")
    (folder / "scenario.yaml").write_text(TEXT, encoding="utf-8")
    form = folder / "forms" / "shugaku-enjo.yaml"
    text = form.read_text(encoding="utf-8")
    assert f"  {TWICE}: {{kind: digits," in text
    form.write_text(text.replace(f"  {TWICE}: {{", f"  {TWICE}: {{twice: true, "), encoding="utf-8")
    loaded = load_register(home)
    assert isinstance(loaded, Loaded)
    request = request_of(home, loaded, SCENARIO)
    assert isinstance(request, Request), str(request)
    approve(home, loaded, request, by="d0001", on=date(2026, 4, 1), until=date(2099, 3, 31))
    done = banken_here(root, "run", SCENARIO)
    assert "確認待ち" in done.err, done.err  # the command ends as with anything left over
    return open_home(root, {})


def truth() -> dict[tuple[str, str], str]:
    """What stands on the papers, by origin and field."""
    pages = json.loads((ROOT / "scenarios" / SCENARIO / "sample" / "truth.json").read_text(encoding="utf-8"))["pages"]
    return {
        (f"{page['file']} {page['page']}ページ目", field): text
        for page in pages
        for field, text in page["fields"].items()
    }


_ON_SCREEN = """() => {
  const at = (one) => document.querySelector(one);
  return {
    task: at('#desk [data-task]').dataset.task,
    many: at('#desk [data-task]').dataset.entry === 'any',
    place: [at('.crumbs').firstChild.data, at('#desk-title').textContent],
    text: at('#desk-text') ? [at('#desk-text').value, at('#desk-hint b')?.textContent ?? ''] : null,
    options: [...document.querySelectorAll('.desk-options label')].map((one) =>
      [one.querySelector('input').value, one.querySelector('kbd').textContent, one.querySelector('input').checked]),
  };
}"""


def answer_by_keys(page: Page, known: dict[tuple[str, str], str]) -> tuple[tuple[str, str], str, int, bool]:
    """Answers the turn on the screen as it stands on the paper: (origin and field, value, keys, was it right)."""
    seen = page.evaluate(_ON_SCREEN)
    origin, field = seen["place"]
    right, keys = known[(origin, field)], 1
    if seen["text"] is not None:
        was_right = bool(right) and right in seen["text"]
        if not was_right:
            page.keyboard.insert_text(right or "-")
            keys += len(right or "-")
    else:
        wanted = right.split("、") if right else ["-"]
        was_right = [name for name, _, checked in seen["options"] if checked] == wanted
        for name, key, checked in seen["options"]:
            if checked != (name in wanted) and (seen["many"] or name in wanted):
                page.keyboard.press(key)
                keys += 1
    page.keyboard.press("Enter")
    page.wait_for_function("was => document.querySelector('#desk [data-task]').dataset.task !== was", arg=seen["task"])
    return (origin, field), right, keys, was_right
