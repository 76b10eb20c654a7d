"""The kinds of traffic a scenario can describe. Inert: `sources` turns them into arrivals.

Times are seconds from the start of the horizon, which is midnight of `Simulation.starts_on`. Inside a bin arrivals are
Poisson (interarrival_cv = 1) or a renewal process whose gaps have the given coefficient of variation.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from simulator.fields import Spec, choice, quantity

DAY_S = 86_400.0
WEEK_S = 7 * DAY_S
MAX_RATE_PER_S = 1e6
MAX_TRACE_ROWS = 200_000

Rate = Annotated[float, Field(ge=0, le=MAX_RATE_PER_S)]
Count = Annotated[int, Field(ge=0, le=10**9)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=80)]


class _Renewal(Spec):
    interarrival_cv: float = quantity(
        1.0,
        "Variation of gaps",
        "Coefficient of variation of the gaps between arrivals: 1 is Poisson, below 1 smoother, above 1 in clumps.",
        ge=0.1,
        le=10,
    )


class Constant(_Renewal):
    """The same rate all the time."""

    kind: Literal["constant"] = "constant"
    rate_per_s: float = quantity(1.0, "Rate", "Mean arrivals per second.", unit="1/s", ge=0, le=MAX_RATE_PER_S)


class Profile(_Renewal):
    """A daily shape, straight lines between its points, repeated each day; weekends may be scaled."""

    kind: Literal["profile"] = "profile"
    peak_rate_per_s: float = quantity(
        10.0, "Peak rate", "Arrivals per second at the highest point of the shape.", unit="1/s", ge=0, le=MAX_RATE_PER_S
    )
    shape: tuple[Rate, ...] = choice(
        (1.0,) * 24,
        "Daily shape",
        "Relative rate at equally spaced times of day from midnight, any number; the largest becomes the peak rate.",
        max_length=1440,
    )
    weekend_factor: float = quantity(
        1.0, "Weekend factor", "Saturday and Sunday rates are multiplied by this.", ge=0, le=10
    )

    @model_validator(mode="after")
    def _has_a_peak(self) -> Self:
        if not self.shape or max(self.shape) <= 0:
            raise ValueError("needs at least one point above 0")
        return self


class Step(Spec):
    """From at_s on, the rate is rate_per_s."""

    at_s: float = quantity(0.0, "From", "Seconds from the start of the horizon.", unit="s", ge=0, le=1e8)
    rate_per_s: float = quantity(1.0, "Rate", "Arrivals per second from then on.", unit="1/s", ge=0, le=MAX_RATE_PER_S)


class Spike(Spec):
    """For duration_s the rate is multiplied by factor."""

    at_s: float = quantity(0.0, "At", "Seconds from the start of the horizon.", unit="s", ge=0, le=1e8)
    duration_s: float = quantity(60.0, "Lasts", "Length of the spike.", unit="s", gt=0, le=1e7)
    factor: float = quantity(10.0, "Factor", "The rate is multiplied by this during the spike.", ge=0, le=1000)


class Steps(_Renewal):
    """A rate that changes in steps, with spikes on top."""

    kind: Literal["steps"] = "steps"
    steps: tuple[Step, ...] = choice(
        (Step(),), "Steps", "Times and the rate from then on; the first holds from the start.", max_length=500
    )
    spikes: tuple[Spike, ...] = choice((), "Spikes", "Short multiplications of the rate.", max_length=100)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.steps:
            raise ValueError("needs at least one step")
        if any(later.at_s <= earlier.at_s for earlier, later in pairwise(self.steps)):
            raise ValueError("at_s must rise from step to step")
        return self


class Bursts(_Renewal):
    """On/off bursts: a two-state Markov-modulated Poisson process; both stays are exponential."""

    kind: Literal["bursts"] = "bursts"
    on_rate_per_s: float = quantity(
        20.0, "Rate while on", "Arrivals per second in a burst.", unit="1/s", ge=0, le=MAX_RATE_PER_S
    )
    off_rate_per_s: float = quantity(
        0.1, "Rate while off", "Arrivals per second between bursts.", unit="1/s", ge=0, le=MAX_RATE_PER_S
    )
    mean_on_s: float = quantity(60.0, "Mean burst", "Mean length of a burst.", unit="s", ge=1, le=1e6)
    mean_off_s: float = quantity(600.0, "Mean pause", "Mean time between bursts.", unit="s", ge=1, le=1e6)


class Jobs(Spec):
    """Data sets that are ready at a time of day, for offline work.

    Batch transform takes them as they are; the endpoint patterns get them sent by a client over submit_over_s.
    """

    kind: Literal["jobs"] = "jobs"
    records: int = quantity(1_000_000, "Records", "Records in each data set.", ge=1, le=10**10)
    at_s: float = quantity(
        3600.0, "Ready at", "Seconds after midnight when the data set is ready.", unit="s", ge=0, le=DAY_S - 1
    )
    every_days: int = quantity(1, "Every", "Days from one data set to the next.", unit="d", ge=1, le=31)
    submit_over_s: float = quantity(
        4 * 3600.0,
        "Sent over",
        "How long a client takes to send one data set to an endpoint, at an even pace.",
        unit="s",
        ge=60,
        le=DAY_S,
    )


class _Series(_Renewal):
    scale: float = quantity(1.0, "Scale", "Counts are multiplied by this; time is never squeezed.", gt=0, le=1e6)
    window_start_s: float = quantity(
        0.0, "Window from", "Where the window into the trace begins.", unit="s", ge=0, le=1e9
    )
    window_s: float = quantity(
        0.0, "Window length", "Length of the window; 0 takes the rest of the trace.", unit="s", ge=0, le=1e9
    )
    starts_at_s: float = quantity(
        0.0,
        "Begins at",
        "Seconds after midnight of the first day at which the trace, or the window into it, begins.",
        unit="s",
        ge=0,
        le=1e9,
    )
    repeat: bool = choice(
        True, "Repeat", "Begin the window again when it ends before the horizon does, and before it begins."
    )


class NamedTrace(_Series):
    """A real trace that comes with Headroom."""

    kind: Literal["trace"] = "trace"
    trace: Name = choice("nasa-http-1995-july", "Trace", "Name of a trace that comes with Headroom.")


class Counts(_Series):
    """A trace given as counts per bin."""

    kind: Literal["counts"] = "counts"
    bin_s: float = quantity(60.0, "Bin", "Length of a bin.", unit="s", ge=0.1, le=DAY_S)
    requests: tuple[Count, ...] = choice((1,), "Counts", "Arrivals in each bin.", max_length=MAX_TRACE_ROWS)

    @model_validator(mode="after")
    def _not_empty(self) -> Self:
        if not any(self.requests):
            raise ValueError("needs at least one bin above 0")
        return self


class Timestamps(_Series):
    """A trace given as arrival times; with scale 1 it is replayed as it is."""

    kind: Literal["timestamps"] = "timestamps"
    t_s: tuple[Annotated[float, Field(ge=0, le=1e9)], ...] = choice(
        (0.0,), "Times", "Arrival times in rising order.", max_length=MAX_TRACE_ROWS
    )

    @model_validator(mode="after")
    def _rising(self) -> Self:
        if not self.t_s:
            raise ValueError("needs at least one time")
        if any(later < earlier for earlier, later in pairwise(self.t_s)):
            raise ValueError("times must not fall")
        return self


Traffic = Annotated[
    Constant | Profile | Steps | Bursts | Jobs | NamedTrace | Counts | Timestamps,
    Field(discriminator="kind"),
]

KINDS: tuple[type[Spec], ...] = (Constant, Profile, Steps, Bursts, Jobs, NamedTrace, Counts, Timestamps)
