"""The forms of the gallery with their scans and truths, and how they are written to disk."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
from ruamel.yaml import YAML

from ocr.ask import CharacterAsk
from ocr.draw.form import draw_form
from ocr.draw.values import asks_of, leaves, spread
from ocr.fields.table import TableParams
from ocr.form import Definition, FormField, check_definition
from practice.paper.fill import Filled, written_page
from practice.paper.scan import Grey, fax_tiff, jpeg, pdf, scanned

Format = Literal["jpg", "pdf", "tif"]


@dataclass(frozen=True, eq=False)
class Paper:
    """A form as it lies in its folder."""

    folder: Path
    definition: Definition
    fields: tuple[FormField, ...]


def load_paper(file: Path) -> Paper:
    """A definition without its blank."""
    definition, fields = check_definition(YAML(typ="safe", pure=True).load(file.read_text(encoding="utf-8")))
    return Paper(file.parent, definition, fields)


def write_blank(paper: Paper) -> None:
    """Draws the empty form beside its definition."""
    (paper.folder / paper.definition.blank).write_bytes(draw_form(paper.definition, paper.fields))


def picture_of(paper: Paper, filled: Filled, seed: str) -> Grey:
    """One filled sheet, scanned; the same for the same seed."""
    rng = np.random.default_rng([ord(sign) for sign in seed])
    cv2.setRNGSeed(1)
    return scanned(written_page(paper.definition, paper.fields, filled, rng), filled.scan, rng)


def truth_of(paper: Paper, filled: Filled) -> dict[str, object]:
    """What stands on one sheet: values (a table's as rows) and cells by field, what is special about it, and which
    fields an honest reader leaves to a person."""
    leaf_values = {leaf.name: filled.values.get(leaf.name, "") for one in paper.fields for leaf in leaves(one)}
    cells = {}
    for leaf in (leaf for one in paper.fields for leaf in leaves(one)):
        asks = asks_of(leaf)
        if asks and isinstance(asks[0], CharacterAsk):
            cells[leaf.name] = list(spread(leaf.params, asks, leaf_values[leaf.name]))
    return {
        "form": paper.definition.form,
        "fields": {one.name: _value(one, leaf_values) for one in paper.fields},
        "cells": cells,
        "turned": filled.scan.turned,
        "doubt": list(filled.doubt),
        "special": filled.note or ("コーヒーの輪がある" if filled.scan.coffee else ""),
    }


def _value(one: FormField, leaf_values: Mapping[str, str]) -> str | list[dict[str, str]]:
    if not isinstance(one.params, TableParams):
        return leaf_values[one.name]
    columns = one.params.columns
    return [
        {column: leaf_values[f"{one.name}[{row}].{column}"] for column in columns}
        for row in range(1, one.params.rows + 1)
    ]


def write_file(folder: Path, name: str, pictures: Sequence[Grey], sheets: Sequence[Filled]) -> None:
    """One file of scans: a JPEG, a PDF of JPEGs, or a fax."""
    form = name.rpartition(".")[2]
    scans = [one.scan for one in sheets]
    data = {
        "jpg": lambda: jpeg(pictures[0], scans[0]),
        "pdf": lambda: pdf(pictures, scans),
        "tif": lambda: fax_tiff(pictures, scans[0]),
    }
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(data[form]())


def write_truth(file: Path, pages: Sequence[Mapping[str, object]]) -> None:
    """truth.json: one entry a page, in the order of files and pages."""
    text = json.dumps({"pages": pages}, ensure_ascii=False, indent=1)
    file.write_text(text + "\n", encoding="utf-8")
