"""A cell found by the number of its column (css td:nth-child(6)) silently means another one once a column is inserted."""

from __future__ import annotations

import re
from collections.abc import Sequence

from robots.drivers.browser_pages import label_key

_NUMBERED = re.compile(r"(\bt[dh]:nth-(?:child|of-type)\()(\d+)(\))")


def shifted(css: str, before: Sequence[str], there: Sequence[str]) -> tuple[str, str] | None:
    """The locator with the column's present number, and the column's name; None where nothing has shifted.

    before, there: the columns of the screen's one table in the last good run, and now.
    """
    found = list(_NUMBERED.finditer(css))
    old, new = [label_key(one) for one in before], [label_key(one) for one in there]
    if len(found) != 1 or len(set(old)) < len(old) or len(set(new)) < len(new):
        return None
    number = int(found[0][2])
    if not 1 <= number <= len(old) or old[number - 1] not in new:
        return None
    now = new.index(old[number - 1]) + 1
    return None if now == number else (_NUMBERED.sub(rf"\g<1>{now}\g<3>", css), before[number - 1])
