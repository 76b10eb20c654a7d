"""How one parameter changes a scenario: where it stands in it, what it is today, and how far its fields allow it to go.

Volume is told as a multiple of today's: it scales whatever the kind of traffic calls its rate, and neither times of day
nor the shape. The payload is told as the largest request; mean and largest grow together. A price is a multiple of
today's, of the compute that most of a bill is for: all of serverless, or all instance types of one family.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from headroom.advisor.monthly import MONTH_S, own_prices
from headroom.advisor.tell import words
from headroom.advisor.world import World
from pricing.bill import Bill, BillLine
from pricing.rates import Rate
from simulator.model.hardware import family_of
from simulator.patterns.registry import COMPUTE, MACHINES, PATTERNS
from simulator.scenario import PriceOverride, Scenario
from simulator.traffic.sources import make_source

Path = tuple[str | int, ...]

_LEAST = 1e-9
_DECIMALS = 12

# What scales with the volume of a kind of traffic; times, shapes and factors of spikes do not.
_RATES: Mapping[str, tuple[str, ...]] = {
    "constant": ("rate_per_s",),
    "profile": ("peak_rate_per_s",),
    "bursts": ("on_rate_per_s", "off_rate_per_s"),
    "jobs": ("records",),
    "trace": ("scale",),
    "counts": ("scale",),
    "timestamps": ("scale",),
}


@dataclass(frozen=True, slots=True)
class Parameter:
    """Something that can be varied. reach: how many times more or less than today is looked at. form: how it reads.

    relative: its value is a multiple of today's, not in units of its own.
    """

    key: str
    title: str
    reach: float
    form: words.Format
    relative: bool = False


def _times(value: float, digits: int = 3) -> str:
    return f"{words.count(value, digits)} times today's"


def _milliseconds(value_ms: float, digits: int = 3) -> str:
    return words.seconds(value_ms / 1000, digits)


PARAMETERS = (
    Parameter("volume", "Traffic volume", 100.0, _times, relative=True),
    Parameter("service_time", "Service time", 100.0, _milliseconds),
    Parameter("payload", "Largest payload", 1e4, words.megabytes),
    Parameter("latency_limit", "Latency limit", 100.0, words.seconds),
    Parameter("deadline", "Deadline", 100.0, words.seconds),
    Parameter("service_cv", "Variation of the service time", 10.0, words.count),
    Parameter("gaps_cv", "Variation of the gaps between arrivals", 10.0, words.count),
    Parameter("price", "Price of the compute", 100.0, _times, relative=True),
)
BY_KEY: Mapping[str, Parameter] = {parameter.key: parameter for parameter in PARAMETERS}


def value_of(scenario: Scenario, key: str) -> float | None:
    """The value now; None where the parameter has no meaning (no latency limit, no payload, gaps of data sets)."""
    if key in ("volume", "price"):
        return 1.0
    if key == "payload":
        return scenario.workload.largest_request_mb or None
    values = [_reached(scenario, path) for path in _paths(scenario, key)]
    return float(values[0]) if values and values[0] > 0 else None


def vary(scenario: Scenario, key: str, value: float) -> Scenario:
    """The scenario with that value of the parameter, within the bounds of its fields (`span`).

    A price is set by `at_price`. Raises KeyError for a parameter that is not known or has no meaning here.
    """
    today = value_of(scenario, key)
    if today is None or key == "price":
        raise KeyError(f"{key} cannot be varied in this scenario")
    if value == today:
        return scenario
    for path in _paths(scenario, key):
        old = _reached(scenario, path)
        changed = old * value / today
        scenario = _put(scenario, path, max(1, round(changed)) if isinstance(old, int) else changed)
    return scenario


def span(scenario: Scenario, key: str) -> tuple[float, float]:
    """The least and the largest value that all fields of the parameter allow."""
    today = value_of(scenario, key)
    if today is None or key == "price":
        return _LEAST, math.inf
    low, high = 0.0, math.inf
    for path in _paths(scenario, key):
        old = _reached(scenario, path)
        if old > 0:
            lowest, highest = _bounds(scenario, path)
            low, high = max(low, today * lowest / old), min(high, today * highest / old)
    return max(low, _LEAST), high


def looked_at(scenario: Scenario, key: str) -> tuple[float, float]:
    """The least and the largest value that a what-if looks at: the reach of the parameter, within `span`."""
    today, reach = value_of(scenario, key) or 1.0, BY_KEY[key].reach
    low, high = span(scenario, key)
    return max(low, today / reach), min(high, today * reach)


def applies(scenario: Scenario, key: str) -> bool:
    """Whether the parameter has a meaning in this scenario."""
    return value_of(scenario, key) is not None


def requests_per_month(scenario: Scenario, world: World) -> float:
    """Requests (records of data sets) expected in a month of 730 h."""
    simulation = scenario.simulation
    source = make_source(scenario.workload.traffic, world.traces, simulation.starts_on)
    return float(source.expected(0.0, simulation.duration_s)) * MONTH_S / simulation.duration_s


def compute_line(bill: Bill) -> BillLine | None:
    """The line for compute that costs most; None when no compute is priced."""
    lines = [line for line in bill.lines if line.usage in COMPUTE and line.rate is not None]
    return max(lines, key=lambda line: line.amount_usd or Decimal(0), default=None)


def price_family(scenario: Scenario, world: World, line: BillLine) -> tuple[Rate, ...]:
    """The rates that move with that of a line: all instance types of its family, or all compute of its pattern where
    that has no instances.
    """
    rates = own_prices(world.prices, scenario).rates(scenario.region, world.on)
    if line.usage not in MACHINES:
        compute = next(pattern.compute for pattern in PATTERNS if line.usage in pattern.compute)
        return tuple(rate for rate in rates if rate.usage in compute)
    family = family_of(line.dimension)
    return tuple(rate for rate in rates if rate.usage == line.usage and family_of(rate.dimension) == family)


def at_price(scenario: Scenario, rates: Sequence[Rate], times: float) -> Scenario:
    """The scenario with these rates changed to so many times what they are."""
    own_rates = [
        PriceOverride(usage=rate.usage, dimension=rate.dimension, usd=round(rate.usd * Decimal(str(times)), _DECIMALS))
        for rate in rates
    ]
    changed = {(price.usage, price.dimension) for price in own_rates}
    rest = [price for price in scenario.prices if (price.usage, price.dimension) not in changed]
    return scenario.model_copy(update={"prices": (*rest, *own_rates)})


def _paths(scenario: Scenario, key: str) -> tuple[Path, ...]:
    return tuple(_FINDERS[key](scenario))


def _volume(scenario: Scenario) -> Iterator[Path]:
    traffic = scenario.workload.traffic
    if traffic.kind == "steps":
        yield from (("workload", "traffic", "steps", index, "rate_per_s") for index in range(len(traffic.steps)))
        return
    yield from (("workload", "traffic", name) for name in _RATES[traffic.kind])


def _gaps(scenario: Scenario) -> Iterator[Path]:
    if "interarrival_cv" in type(scenario.workload.traffic).model_fields:
        yield ("workload", "traffic", "interarrival_cv")


def _service_cv(scenario: Scenario) -> Iterator[Path]:
    if scenario.workload.service_time.distribution not in ("exponential", "deterministic"):
        yield ("workload", "service_time", "cv")


_FINDERS: Mapping[str, Callable[[Scenario], Iterator[Path]]] = {
    "volume": _volume,
    "service_time": lambda _: iter([("workload", "service_time", "mean_ms")]),
    "payload": lambda _: iter([("workload", "request_mb"), ("workload", "max_request_mb")]),
    "latency_limit": lambda _: iter([("requirement", "latency_limit_s")]),
    "deadline": lambda _: iter([("requirement", "deadline_s")]),
    "service_cv": _service_cv,
    "gaps_cv": _gaps,
}


def _reached(part: Any, path: Path) -> Any:
    for step in path:
        part = part[step] if isinstance(step, int) else getattr(part, step)
    return part


def _put(part: Any, path: Path, value: float) -> Any:
    """The same part with another value at the end of the path."""
    if not path:
        return value
    step, rest = path[0], path[1:]
    if isinstance(step, int):
        return (*part[:step], _put(part[step], rest, value), *part[step + 1 :])
    return part.model_copy(update={step: _put(getattr(part, step), rest, value)})


def _bounds(scenario: Scenario, path: Path) -> tuple[float, float]:
    """The least and the greatest value that the field declares."""
    owner = _reached(scenario, path[:-1])
    lowest, highest = 0.0, math.inf
    for bound in type(owner).model_fields[str(path[-1])].metadata:
        lowest = max(lowest, getattr(bound, "ge", lowest))
        highest = min(highest, getattr(bound, "le", highest))
    return lowest, highest
