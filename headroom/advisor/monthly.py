"""From what a run used to what a month uses: where the simulator's usage becomes the quantities that pricing bills.

A month is 730 h. Usage per "horizon" is scaled from the simulated time to that; usage per "month", and what faults add
"once", is taken as it is.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from pricing.bill import Bill, Quantity, make_bill
from pricing.book import Override, PriceBook
from pricing.errors import BadOverrides, OverrideProblem
from simulator.errors import InvalidScenario, Problem
from simulator.model import usage as metered
from simulator.model.usage import Usage
from simulator.scenario import Scenario

MONTH_S = metered.MONTH_S
MONTH_H = MONTH_S // 3600

# Quantities are cut here: a byte of a GB, a nanosecond of a second. It keeps the noise of floats out of the bill.
_DECIMALS = 9


def quantities(usage: Iterable[Usage], horizon_s: float) -> tuple[Quantity, ...]:
    """Usage of a horizon of so many seconds as quantities of one month, one for each key and dimension.

    Faults may save more than is used without them, over a horizon beyond a month: never below nothing.
    """
    sums: dict[tuple[str, str], float] = {}
    for line in usage:
        place = (line.key, line.dimension)
        sums[place] = sums.get(place, 0.0) + _of_a_month(line, horizon_s)
    return tuple(Quantity(*place, Decimal(str(round(max(0.0, sum_), _DECIMALS)))) for place, sum_ in sums.items())


def monthly_bill(usage: Iterable[Usage], horizon_s: float, book: PriceBook, scenario: Scenario, as_of: date) -> Bill:
    """The bill of one month in the scenario's Region. `book` already holds the scenario's own prices (`own_prices`)."""
    return make_bill(quantities(usage, horizon_s), book, scenario.region, as_of)


def own_prices(book: PriceBook, scenario: Scenario) -> PriceBook:
    """The price book with the scenario's own prices; raises InvalidScenario with every problem among them."""
    try:
        return book.with_overrides([Override(price.usage, price.dimension, price.usd) for price in scenario.prices])
    except BadOverrides as bad:
        raise InvalidScenario(_in_scenario(problem) for problem in bad.problems) from bad


def _in_scenario(problem: OverrideProblem) -> Problem:
    path = problem.where.replace("overrides[", "prices[", 1)
    return Problem(path, problem.given, problem.allowed, problem.todo)


def _of_a_month(line: Usage, horizon_s: float) -> float:
    return line.quantity * MONTH_S / horizon_s if line.per == "horizon" else line.quantity
