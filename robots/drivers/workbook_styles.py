"""The styles of a book, as far as adding rows needs them: whether one shows dates, and a twin that does."""

from __future__ import annotations

import copy

from lxml import etree
from openpyxl.styles.numbers import is_date_format

from robots.drivers.workbook_package import broken

_BUILT_IN_DATES = frozenset([*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)])
_DATE, _MOMENT = 14, 22


class Styles:
    """The cell formats of styles.xml; ``changed`` once a format was added."""

    def __init__(self, root: etree._Element, name: str) -> None:
        """Raises: SystemFailure naming the book where there are no cell formats."""
        formats = root.find("{*}cellXfs")
        if formats is None or not len(formats):
            raise broken(name, "書式の部品が壊れています")
        self.root = root
        self.changed = False
        self._formats = formats
        self._codes = {
            element.get("numFmtId"): element.get("formatCode", "") for element in root.iterfind("{*}numFmts/{*}numFmt")
        }
        self._twins: dict[tuple[int, bool], int] = {}

    def showing_date(self, style: int, *, moment: bool) -> int:
        """The number of a style that looks like this one and shows a date (moment: with its time)."""
        style = style if style < len(self._formats) else 0
        if self._shows_date(style):
            return style
        if (style, moment) not in self._twins:
            formats = self._formats
            twin = copy.deepcopy(formats[style])
            twin.set("numFmtId", str(_MOMENT if moment else _DATE))
            twin.set("applyNumberFormat", "1")
            formats.append(twin)
            formats.set("count", str(len(formats)))
            self._twins[(style, moment)] = len(formats) - 1
            self.changed = True
        return self._twins[(style, moment)]

    def _shows_date(self, style: int) -> bool:
        number = self._formats[style].get("numFmtId", "0")
        if number in self._codes:
            return bool(is_date_format(self._codes[number]))
        return number.isdecimal() and int(number) in _BUILT_IN_DATES
