"""A register of many scenarios: how long `banken check` and `banken registry list` take, cold and warm.

    python -m bench.register_size [--scenarios 10000] [--rounds 3] [--json]

The scenarios are the gallery's, each changed so that no two have the same bytes: of twenty, eighteen enter from books,
one reads a paper form, one calls another.  All are approved (with the practice town's key).  Every figure is the wall
clock of the command as a process of its own, start included; warm ones are medians.  After the warm rounds one scenario
and one entry of the register are changed, by as many bytes as they had, and must be found.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

import psutil

from bench.told import tell
from practice import PRACTICE_TOWN
from robots.registry.digest import digest_of, parts_of, read_folder
from robots.registry.index import GRAIN, NAME
from robots.registry.model import Approval
from robots.registry.signature import message_of, practice_signer

ROOT = Path(__file__).parents[1]
_BOOKS = ("kaikei/seikyu-shiharai", "shimin/jutogai-jusho")
_PAPER = "gakumu/shugaku-enjo"
_CALL = """\
名称: 呼び出し {number}
利用:
  サイト: {{学務: "http://127.0.0.1:8710"}}
準備:
  - 値を決める: "${{[{{'番号': '{number}'}}]}}"
    保存名: 表
対象: {{元: "${{表}}", キー: "${{対象.番号}}"}}
各件:
  - 呼び出す: {{シナリオ: {callee}}}
"""
_CALLEE = """\
名称: 呼び出される
準備:
  - 値を決める: "${[{'番号': '1'}]}"
    保存名: 表
対象: {元: "${表}", キー: "${対象.番号}"}
各件:
  - 記録する: 例
"""
_HEAD = f"""\
organization: {PRACTICE_TOWN}
closed_days: [sat, sun, holidays, 12/29-01/03]
hourly_cost: 2800
departments:
{"".join(f"  d{number:03}: {{name: 第{number}課, division: 第{number // 10}部}}{chr(10)}" for number in range(100))}
people:
{"".join(f"  s{number:04}: {{name: 職員{number}, department: d{number // 2:03}, roles: [author]}}{chr(10)}" for number in range(200))}
  x0001: {{name: 推進室の担当, department: d000, roles: [approver]}}
scenarios:
"""
_DAY, _UNTIL = date(2026, 6, 1), date(2031, 3, 31)


def build(root: Path, scenarios: int) -> None:
    """A town with this many approved scenarios."""
    (root / "registry.yaml").parent.mkdir(parents=True, exist_ok=True)
    signer, lines = practice_signer(), [_HEAD]
    calls: dict[str, str] = {}
    for number in range(scenarios):
        id = f"d{number % 100:03}/work-{number:05}"
        callee = f"d000/work-{0:05}"
        files = _files(root, number, id, callee)
        raw = _entry(number)
        reached = {callee: calls[callee]} if number % 20 == 19 else {}
        digest = digest_of(id, files, raw, reached)
        calls[id] = digest
        bare = Approval(digest=digest, by="x0001", on=_DAY, until=_UNTIL, number=1, parts=parts_of(files, raw, reached))
        signature = signer.sign(message_of(PRACTICE_TOWN, id, bare))
        lines.append(f"  {id}:\n")
        lines += [f"    {key}: {_written(value)}\n" for key, value in raw.items()]
        parts = ",\n".join(f"      {_written(part)}: {_written(one)}" for part, one in bare.parts.items())
        lines.append(
            f"    approval: {{digest: {_written(digest)}, by: x0001, on: {_DAY}, until: {_UNTIL}, number: 1, "
            f"signature: {_written(signature)}, parts: {{\n{parts}}}}}\n"
        )
    (root / "registry.yaml").write_text("".join(lines), encoding="utf-8")


def _files(root: Path, number: int, id: str, callee: str) -> dict[str, bytes]:
    folder = root / "scenarios" / id
    if number == 0:
        folder.mkdir(parents=True)
        text = _CALLEE
    elif number % 20 == 19:
        folder.mkdir(parents=True)
        text = _CALL.format(number=number, callee=callee)
    else:
        source = ROOT / "scenarios" / (_PAPER if number % 20 == 10 else _BOOKS[number % 2])
        shutil.copytree(source, folder, ignore=shutil.ignore_patterns("sample", "expected"))
        text = (folder / "scenario.yaml").read_text(encoding="utf-8").replace("概要: ", f"概要: 第 {number:05} 号。")
    (folder / "scenario.yaml").write_text(text, encoding="utf-8")
    return read_folder(folder)


def _entry(number: int) -> dict[str, object]:
    pair = number % 100 * 2
    return {
        "name": f"事務 {number}",
        "owner": f"s{pair:04}",
        "deputy": f"s{pair + 1:04}",
        "runs_on": ["*"],
        "stop": "いまの対象が終わるのを待って Ctrl-C を押し、ログアウトする",
        "data": "personal",
        "baseline": {"minutes_per_item": "4.0", "measured": "2026-05-12", "how": "実測"},
        "reviewed_by": "2031-03-31",
    }


def _written(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def measure(scenarios: int, rounds: int) -> dict[str, object]:
    """All figures, in seconds."""
    with tempfile.TemporaryDirectory() as place:
        root = Path(place)
        build(root, scenarios)
        time.sleep(GRAIN / 1e9 + 0.1)  # files at rest, as a town's are
        figures: dict[str, object] = {
            "scenarios": scenarios,
            "register_mb": round((root / "registry.yaml").stat().st_size / 1e6, 1),
        }
        check, listing = ("check", "--json"), ("registry", "list", "--json")
        for name, times, words in (
            ("floor", rounds, ("steps", "flow.log")),
            ("check_cold", 1, check),
            ("list_cold", 1, listing),
            ("check_warm", rounds, check),
            ("list_warm", rounds, listing),
            ("list_table_warm", rounds, listing[:2]),
        ):
            taken = [_command(root, *words)[:2] for _ in range(times)]
            figures[name] = statistics.median(wall for wall, _ in taken)
            figures[f"{name}_cpu"] = statistics.median(cpu for _, cpu in taken)
        figures |= _changed(root, scenarios // 2 * 2 - 2)
        figures["index_mb"] = round((root / "var" / NAME).stat().st_size / 1e6, 1)
    return figures


def _changed(root: Path, number: int) -> dict[str, object]:
    """One scenario spoiled by a byte, and one entry of the register."""
    id = f"d{number % 100:03}/work-{number:05}"
    file, register = root / "scenarios" / id / "scenario.yaml", root / "registry.yaml"
    file.write_bytes(file.read_bytes().replace("準備:".encode(), "準傭:".encode(), 1))
    wall, cpu, answer = _command(root, "check", "--json", code=1)
    found = {"check_one_changed": wall, "check_one_changed_cpu": cpu, "found_changed": len(answer["problems"])}
    text = register.read_text(encoding="utf-8")
    register.write_text(text.replace('name: "事務 1"', 'name: "仕事 1"', 1), encoding="utf-8")
    wall, cpu, rows = _command(root, "registry", "list", "--json")
    found |= {"list_register_changed": wall, "list_register_changed_cpu": cpu}
    return found | {"not_running": sum(row["state"] != "実行できます" for row in rows)}


def _command(root: Path, *words: str, code: int = 0):  # type: ignore[no-untyped-def]  # JSON of either command
    """Seconds by the clock, seconds of the processor, and the JSON that was printed."""
    began, before = time.perf_counter(), psutil.Process().cpu_times()
    done = subprocess.run(
        [sys.executable, "-m", "robots", *words],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=False,
    )
    seconds, after = time.perf_counter() - began, psutil.Process().cpu_times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    if done.returncode != code:
        raise RuntimeError(f"{words}: {done.returncode}\n{done.stdout.decode()[-2000:]}{done.stderr.decode()[-2000:]}")
    return round(seconds, 2), round(cpu, 2), json.loads(done.stdout) if "--json" in words else None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scenarios", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    figures = measure(options.scenarios, options.rounds)
    tell(figures, as_json=options.json)


if __name__ == "__main__":
    main()
