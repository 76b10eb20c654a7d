"""What every layer asks of a pattern. A pattern is one folder; its `pattern.py` joins the answers to one value."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from simulator.engine.accumulators import Result
from simulator.engine.gauges import GaugeName
from simulator.engine.replication import Case
from simulator.engine.stages import Call
from simulator.estimate.figures import Estimate
from simulator.model.assumptions import Assumptions
from simulator.model.hardware import InstanceType
from simulator.model.limits import BrokenLimit
from simulator.model.placement import Placement
from simulator.model.usage import Usage, UsageName
from simulator.patterns.base import BaseDeployment
from simulator.patterns.bottlenecks import Bottlenecks, no_bottlenecks
from simulator.patterns.candidates import Candidates, FreePlaces, Sought, Way
from simulator.patterns.resources import Blueprint
from simulator.patterns.sizing import Load

Api = Literal["hosting", "batch transform"]
"""Which AWS API must accept the instance type."""

Quota = Literal["endpoint", "transform", "serverless"]
"""Which quota of an account a deployment counts against: instances for endpoints or for transform jobs, or serverless
concurrency.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """How a pattern and its deployments are shown.

    short: the title in a word. letter, symbol, dash, light, dark: how figures tell it from others; symbol and dash are
    plotly's names, light and dark its colour on either background. capacity: what there is more or less of, as the
    title of an axis.
    name(deployment): a name made from its settings. configuration(deployment): what it is in a line, without the title.
    size(deployment): equal for deployments of one size: the type of machine and what is always paid for.
    size_in_words(deployment): the same, like "3 x ml.m5.large".
    """

    title: str
    short: str
    letter: str
    symbol: str
    dash: str
    light: str
    dark: str
    capacity: str
    name: Callable[[Any], str]
    configuration: Callable[[Any], str]
    size: Callable[[Any], tuple[str | int, ...]]
    size_in_words: Callable[[Any], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Billing:
    """What a pattern bills. The quantities are worked out in the folder's `usage.py`.

    compute: usage keys of machine time, by the name of their group in a bill: they decide what a deployment costs.
    data: usage keys of the payload. machines: the compute key that has a price for each instance type; "" where there
    are no instances.
    """

    compute: Mapping[str, tuple[UsageName, ...]]
    data: tuple[UsageName, ...] = ()
    machines: UsageName | Literal[""] = ""


class Reckon(Protocol):
    """Works out the fast answer from at most so many replications of the load; rough: with coarser queues."""

    def __call__(self, case: Case, deployment: Any, replications: int, *, rough: bool) -> Estimate:
        """The fast answer."""


def no_sampling(_case: Case, _deployment: Any) -> float:
    """Of a pattern whose formulas are as good as a sample, however few the requests."""
    return 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Surrogate:
    """The analytic answer of a pattern.

    asking_ms(case, deployment, replications): work of one answer, in about milliseconds of one core. modelled: fields
    of the deployment that the formulas know. may_refuse: the client may be refused, so that one that limits its own
    rate is not what they reckon with. sampling_s(case, deployment): CPU seconds of one replication where few requests
    are better run than reckoned, 0 where formulas are as good.
    """

    reckon: Reckon
    modelled: frozenset[str]
    asking_ms: Callable[[Case, Any, int], float]
    may_refuse: bool = False
    sampling_s: Callable[[Case, Any], float] = no_sampling


@dataclass(frozen=True, slots=True)
class NewAccountQuota:
    """What a new account may have of something, in words with the number, what a deployment asks of it, and the fact
    row.
    """

    what: str
    asked: int
    row: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """How a deployment counts in its account.

    quota: which one. gauge: the series that tells how much of it is in use. instance_type(deployment): "" where there
    is none. most(deployment): the most that its configuration allows at once. new_account(deployment): quotas of a new
    account that it is beyond.
    """

    quota: Quota
    gauge: GaugeName
    instance_type: Callable[[Any], str]
    most: Callable[[Any], int]
    new_account: Callable[[Any], tuple[NewAccountQuota, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneLoss:
    """What becomes of a pattern when an Availability Zone is lost, in words, and the fact row.

    least(deployment): the fewest instances that its configuration allows, which AWS spreads over zones: the rest has to
    carry the load. None where it has no instances of its own that stay.
    """

    told: str
    row: str
    least: Callable[[Any], int] | None = None


def nothing_idle(_deployment: Any, _kind: InstanceType | None, _faults: bool) -> frozenset[str]:
    """Of a pattern whose deployments use all its assumptions."""
    return frozenset()


def no_target(_deployment: Any) -> None:
    """Of a pattern that tracks no target."""


def nothing_to_say(_case: Case, _deployment: Any) -> tuple[str, ...]:
    """Of a pattern that assumes nothing of its container."""
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Searching:
    """What a search asks of a pattern.

    candidates(sought, load): rows of deployments from cheap to dear. neighbours(case, deployment): deployments that
    differ in one setting. bolder(deployment): the same with a target one step higher, so cheaper and slower; None where
    nothing tracks a target. within_quotas(sought, deployment): whether the account and the search space allow it.
    machine(deployment): what runs the container, equal for deployments that differ in counts and policies only.
    way(deployment): how its capacity is decided on. free_places: a setting that costs nothing; None where there is
    none.
    """

    candidates: Callable[[Sought, Load], Candidates]
    neighbours: Callable[[Case, Any], Iterable[BaseDeployment]]
    within_quotas: Callable[[Sought, Any], bool]
    machine: Callable[[Any], str | int]
    way: Callable[[Any], Way]
    bolder: Callable[[Any], BaseDeployment | None] = no_target
    free_places: FreePlaces | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """One SageMaker inference pattern.

    limits(case, deployment): the hard limits that rule the deployment out, without simulating it.
    run(case, deployment): one replication. resources(case, deployment, placement): what AWS has to create. call: how
    the client gets its answer, which decides on the stages of its requests (engine/stages.py). request_work: CPU time
    of a request in it against one of a real-time endpoint, about (bench/RESULTS.md).
    touched_by: kinds of faults that change anything.
    s3_row: the fact row that says the answer is put into S3, to be fetched later; "" where it comes on the connection.
    in_jobs: work comes in jobs, with instances that exist only as long; else requests are taken one by one.
    assumptions: fields of the assumptions that a deployment may depend on. idle(deployment, kind, faults): those that
    make no difference to this one, given its instance type and whether anything goes wrong.
    api: which API must accept the instance type; None without instances.
    room(assumptions, region, deployment, t_s): requests that may be in flight at t_s; None where nothing limits them.
    worth_knowing(case, deployment): what is assumed of its container, and what may come of it, in sentences.
    zone_loss: what becomes of it when a zone is lost; None where nothing is known of that.
    disputed_payload: whether AWS's own sources disagree about the payload limit.
    always_on_usage(case, deployment): what it bills over the horizon when its initial instances stay and every expected
    request is answered; None where nothing is always on.
    bottlenecks(case, deployment): where its settings may hold it up, so that a cause can be named.
    """

    key: str
    description: Description
    deployment: type[BaseDeployment]
    limits: Callable[[Case, Any], tuple[BrokenLimit, ...]]
    run: Callable[[Case, Any], Result]
    resources: Callable[[Case, Any, Placement], Blueprint]
    request_work: float
    surrogate: Surrogate
    searching: Searching
    billing: Billing
    account: Account
    touched_by: frozenset[str]
    assumptions: frozenset[str]
    idle: Callable[[Any, InstanceType | None, bool], frozenset[str]] = nothing_idle
    call: Call = "held"
    s3_row: str = ""
    in_jobs: bool = False
    api: Api | None = "hosting"
    room: Callable[[Assumptions, str, Any, float], int] | None = None
    worth_knowing: Callable[[Case, Any], Iterable[str]] = nothing_to_say
    zone_loss: ZoneLoss | None = None
    disputed_payload: bool = False
    always_on_usage: Callable[[Case, Any], tuple[Usage, ...]] | None = None
    bottlenecks: Callable[[Case, Any], Bottlenecks] = no_bottlenecks
    compute: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "compute", frozenset(key for keys in self.billing.compute.values() for key in keys))

    @property
    def title(self) -> str:
        """What the pattern is called."""
        return self.description.title
