"""`python -m practice.paper --digits DIR --fonts DIR [SCENARIOS]`: draws the gallery's forms, fills and scans them."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from practice.paper import enjo, pile
from practice.paper.bad import BAD_SCAN, Bad, bad_pages
from practice.paper.fill import Filled
from practice.paper.gallery import Paper, load_paper, picture_of, truth_of, write_blank, write_file, write_truth
from practice.paper.idou import idou_sheets
from practice.paper.influ import influ_sheets
from practice.paper.people import kana_names, kanji_names
from practice.paper.scan import jpeg
from practice.paper.tsukin import tsukin_sheets
from practice.paper.writers import load_writers


def main() -> None:
    """Writes everything below the scenarios' folder."""
    parser = argparse.ArgumentParser(prog="python -m practice.paper")
    parser.add_argument("--digits", type=Path, required=True)
    parser.add_argument("--fonts", type=Path, required=True)
    parser.add_argument("scenarios", type=Path, nargs="?", default=Path("scenarios"))
    told = parser.parse_args()
    writers = load_writers(told.digits, told.fonts)
    piles = {
        "gakumu/shugaku-enjo": (enjo.FILES, enjo.enjo_sheets(writers)),
        "yobo/kodomo-influ": (pile.FILES, influ_sheets(writers)),
        "jinji/tsukin-todoke": (pile.FILES, tsukin_sheets(writers)),
        "shimin/idou-todoke": (pile.FILES, idou_sheets(writers)),
    }
    papers = {}
    for place, (files, sheets) in piles.items():
        folder = told.scenarios / place
        papers[place] = load_paper(folder / "forms" / f"{folder.name}.yaml")
        _write_lists(folder / "forms", folder.name)
        write_blank(papers[place])
        _write_pile(folder / "sample", papers[place], files, sheets)
    own, other = "gakumu/shugaku-enjo", "shimin/idou-todoke"
    pages = bad_pages(papers[own], piles[own][1], papers[other], piles[other][1])
    _write_bad(told.scenarios / own / "sample", papers[own], pages)


def _write_lists(folder: Path, form: str) -> None:
    """The word lists that the form names."""
    for name, words in (("names-kana.txt", kana_names()), ("names.txt", kanji_names())):
        if f"words: {name}" in (folder / f"{form}.yaml").read_text(encoding="utf-8"):
            (folder / name).write_text("\n".join(words) + "\n", encoding="utf-8")


def _write_pile(folder: Path, paper: Paper, files: Sequence[str], sheets: Sequence[Filled]) -> None:
    """The scans and their truth."""
    truth: list[dict[str, object]] = []
    numbered = list(zip(files, sheets, range(len(sheets)), strict=True))
    for file, group in groupby(numbered, key=lambda one: one[0]):
        held = list(group)
        pictures = [picture_of(paper, sheet, f"{paper.definition.form}-{number}") for _, sheet, number in held]
        write_file(folder / "in", file, pictures, [sheet for _, sheet, _ in held])
        truth += [{"file": file, "page": page, **truth_of(paper, one)} for page, (_, one, _) in enumerate(held, 1)]
    write_truth(folder / "truth.json", truth)


def _write_bad(folder: Path, paper: Paper, pages: Sequence[Bad]) -> None:
    truth = []
    for one in pages:
        (folder / "bad").mkdir(parents=True, exist_ok=True)
        (folder / "bad" / one.name).write_bytes(jpeg(one.picture, BAD_SCAN))
        told = truth_of(paper, one.filled) if one.filled else {"form": None, "fields": None, "refused": one.refused}
        truth.append({"file": one.name, "page": 1, **told, "special": one.note})
    write_truth(folder / "bad" / "truth.json", truth)


if __name__ == "__main__":
    main()
