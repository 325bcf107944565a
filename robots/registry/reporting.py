"""What the register tells the savings report and the estimate, and what it keeps of them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from robots.registry.model import Estimated, Register
from robots.savings.estimate import Estimate, Work
from robots.savings.statement import Expected, Wanted


def report_wanted(
    register: Register,
    day: date,
    *,
    year: int | None,
    by: str,
    division: str = "",
    department: str = "",
    scenario: str = "",
) -> Wanted:
    """The report of this town, drawn up on ``day``; see Wanted."""
    return Wanted(
        organization=register.organization,
        year=year,
        by=by,
        starts=register.fiscal_year_starts,
        day=day,
        expected={
            id: Expected(Decimal(told.low), Decimal(told.net), Decimal(told.high), told.on)
            for id, entry in register.scenarios.items()
            if (told := entry.estimate) is not None
        },
        departments={key: (one.name, one.division) for key, one in register.departments.items()},
        division=division,
        department=department,
        scenario=scenario,
    )


def estimated(work: Work, made: Estimate, day: date) -> Estimated:
    """An estimate as an entry keeps it, to be compared with what comes true."""
    return Estimated(
        on=day,
        items_per_year=work.items_per_year,
        minutes_per_item=work.minutes_per_item,
        fields=work.fields,
        net=round(made.likely.net, 1),
        low=round(made.low.net, 1),
        high=round(made.high.net, 1),
        build=round(made.likely.build, 1),
    )
