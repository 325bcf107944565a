"""What the practice town's search shows of its people."""

from __future__ import annotations

from practice.era import wareki
from practice.seed import residents


def found_people(name: str) -> list[dict[str, str]]:
    """The people of that name, as the search lists them."""
    return [
        {"宛名番号": one.number, "氏名": one.name, "生年月日": wareki(one.born), "住所": one.address}
        for one in residents()
        if one.name == name
    ]
