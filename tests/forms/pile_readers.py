"""Readers for the piles of the tests: their processes import this module, and nothing that takes long."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence

import numpy as np

from ocr.form import Form
from ocr.page import Page
from ocr.reading import Box, FieldReading, FormReading, Refused

DIES, HANGS, SWELLS = 1, 2, 3


def shade(pages: Sequence[Page], form: Form) -> FormReading | Refused:
    """A reader whose value is the page's grey, and which fails as its greys say."""
    grey = int(pages[0].image[0, 0])
    if grey == DIES:
        os._exit(9)
    if grey == HANGS:
        time.sleep(600)
    if grey == SWELLS:
        hoard = [np.ones(5_000_000) for _ in range(6)]
        time.sleep(600 + len(hoard))
    box = Box(0, 20, 20, 50, 10)
    field = FieldReading(str(grey), (), 1.0, "read", (), box, "ink")
    return FormReading(form.name, f"{pages[0].source}#{pages[0].number}", {"署名": field}, 0.1, {"署名": bytes([grey])})


def once_only(pages: Sequence[Page], form: Form) -> FormReading | Refused:
    """Fails where a page is read a second time."""
    raise AssertionError(pages[0].source)
