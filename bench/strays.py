"""A seeded town with 60 planted strays and 40 look-alikes that are none: what `banken registry strays` finds of them.

    python -m bench.strays [--scenarios 500] [--seeds 3] [--json]

Strays are counted by kind and subject.  precision: of what was found, how much was planted; recall: of what was
planted, how much was found; false: look-alikes, or healthy scenarios, that were called stray.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench.stray_town import build

ROOT = Path(__file__).parents[1]


def measure(scenarios: int, seed: int) -> dict[str, Any]:
    """Builds one town, and looks for its strays by the command."""
    with tempfile.TemporaryDirectory() as place:
        root = Path(place).resolve()
        planted, alike = build(root, scenarios, seed)
        words = ["registry", "strays", "--json", "--folder", str(root / "share"), "--roster", str(root / "roster.csv")]
        done = subprocess.run(
            [sys.executable, "-m", "robots", *words],
            cwd=root / "town",
            env={**os.environ, "PYTHONPATH": str(ROOT), "BANKEN_TRUSTED_KEYS": str(root / "trusted_keys")},
            capture_output=True,
            check=False,
        )
        if done.returncode != 1:
            raise RuntimeError(done.stderr.decode())
        found = {(one["kind"], one["subject"]) for one in json.loads(done.stdout)["strays"]}
    right = found & planted
    return {
        "scenarios": scenarios,
        "seed": seed,
        "planted": len(planted),
        "found": len(right),
        "look_alikes": len(alike),
        "look_alikes_called_stray": len({subject for _, subject in found - planted} & alike),
        "false": len(found - planted),
        "precision": round(len(right) / len(found), 4) if found else 0.0,
        "recall": round(len(right) / len(planted), 4),
        "missed": sorted(planted - found),
        "wrong": sorted(found - planted),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scenarios", type=int, default=500)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    figures = [measure(options.scenarios, seed) for seed in range(options.seeds)]
    if options.json:
        print(json.dumps(figures, ensure_ascii=False))
        return
    for one in figures:
        print("  ".join(f"{name} {value}" for name, value in one.items()))


if __name__ == "__main__":
    main()
