"""The families of the practice town that fill in forms: guardians are its residents, their children bear its names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from japan.check_digits import check_digit_holds
from practice.seed import Resident, choose, residents, schools

BANKS = ("9901", "9902", "9905")
_FISCAL_YEAR = 2026


@dataclass(frozen=True)
class Family:
    """A child at school and its guardian, with the guardian's account."""

    guardian: Resident
    child: str
    child_kana: str
    sex: str
    born: date
    school: str
    grade: int
    bank: str
    branch: str
    account: str
    phone: str


def families() -> tuple[Family, ...]:
    """One family for every resident who can have a child at school, in the order of 宛名番号."""
    return tuple(_families())


def _families() -> Iterator[Family]:
    people = residents()
    for index, guardian in enumerate(people):
        if not 1966 <= guardian.born.year <= 1998:
            continue
        namesake = people[(index * 17 + 41) % len(people)]
        family, family_kana = guardian.name.split("　")[0], guardian.kana.split("　")[0]
        place = choose("school", index, 6)
        grade = choose("grade", index, 6 if place < 4 else 3) + 1
        years = grade + (0 if place < 4 else 6) + 6
        yield Family(
            guardian=guardian,
            child=f"{family}　{namesake.name.split('　')[1]}",
            child_kana=f"{family_kana}　{namesake.kana.split('　')[1]}",
            sex=namesake.sex,
            born=date(_FISCAL_YEAR - years + 1, 4, 1) - timedelta(days=choose("birthday", index, 364)),
            school=schools()[place].name,
            grade=grade,
            bank=BANKS[choose("bank", index, 3)],
            branch=f"{choose('branch', index, 40) + 1:03d}",
            account=f"{choose('account', index, 9_000_000) + 400_000:07d}",
            phone=f"090{choose('phone', index, 100_000_000):08d}",
        )


def kana_names() -> tuple[str, ...]:
    """Everybody's name in kana, children and guardians, sorted: the list against which a name on paper is read."""
    return tuple(sorted({name for one in families() for name in (one.child_kana, one.guardian.kana)}))


def kanji_names() -> tuple[str, ...]:
    """The same people's names as they are written."""
    return tuple(sorted({name for one in families() for name in (one.child, one.guardian.name)}))


def with_check_digit(number: str) -> str:
    """The number with its mod11 check digit at the end."""
    return next(number + digit for digit in "0123456789" if check_digit_holds(number + digit, "mod11"))
