"""The space of every pattern as ladders of candidates, with what each costs at least.

What the search does not vary (queue size, time to live, notifications, split) is that of the scenario's own
deployment of the pattern, else its default.

Burstable types (their CPU credits are not simulated) and types whose chips need a model compiled for them are looked at
only when their family is named; Graviton types also when the container is said to run there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from headroom.advisor.monthly import MONTH_S
from headroom.advisor.search.surrogate import SurrogateMemo
from simulator.model.hardware import family_of, is_arm64
from simulator.patterns import sizing
from simulator.patterns.candidates import Ladder, Sought
from simulator.patterns.registry import BY_KEY, PATTERNS, Deployment
from simulator.search_space import SearchSpace

UNASKED = ("ml.t2", "ml.t3", "ml.inf1", "ml.inf2", "ml.trn1", "ml.trn1n")
"""Families that must be named to be looked at: burstable, or for models that are compiled for their chips."""


@dataclass(frozen=True, slots=True)
class Space:
    """The ladders of a pattern, and candidates that hard limits forbid or that have no price: what to say when there is
    nothing else.

    may_meet: whether the pattern can answer as the requirement wants.
    """

    pattern: str
    ladders: tuple[Ladder, ...]
    forbidden: tuple[Deployment, ...]
    may_meet: bool


def spaces(surrogate: SurrogateMemo) -> Iterator[Space]:
    """The space of each pattern that the scenario's search allows: first of those that may meet, then of the others,
    each in the order of PATTERNS.
    """
    load, objective = sizing.load(surrogate.case), sought(surrogate)
    late = surrogate.scenario.requirement.answer_may_be_deferred
    asked = [pattern for pattern in PATTERNS if pattern.key in (surrogate.scenario.search.patterns or (pattern.key,))]
    for pattern in sorted(asked, key=lambda pattern: bool(pattern.s3_row) and not late):
        candidates = pattern.searching.candidates(objective, load)
        yield Space(pattern.key, candidates.ladders, candidates.forbidden, may_meet=late or not pattern.s3_row)


def sought(surrogate: SurrogateMemo) -> Sought:
    """The objective that the patterns make their candidates for, taken from the scenario."""
    scenario, world = surrogate.scenario, surrogate.world

    def instance_types(usage: str) -> Sequence[str]:
        priced = world.prices.instance_types(scenario.region, usage)
        return [name for name in priced if name in world.hardware and _may_be_asked(scenario.search, name)]

    return Sought(
        case=surrogate.case,
        deployments=scenario.deployments,
        instance_types=instance_types,
        unit_usd=surrogate.unit_usd,
        month_s=MONTH_S,
        max_instances=scenario.search.max_instances,
        serverless_concurrency_quota=scenario.search.serverless_concurrency_quota,
        transform_instances_quota=scenario.search.transform_instances_quota,
        rough=surrogate.rough,
    )


def neighbours(surrogate: SurrogateMemo, deployment: Deployment) -> Iterator[Deployment]:
    """Candidates that differ in one setting, within the limits of the search space."""
    searching, objective = BY_KEY[deployment.pattern].searching, sought(surrogate)
    for neighbour in searching.neighbours(surrogate.case, deployment):
        if searching.within_quotas(objective, neighbour):
            yield neighbour


def _may_be_asked(search: SearchSpace, name: str) -> bool:
    if search.families:
        return family_of(name) in search.families
    return family_of(name) not in UNASKED and (search.arm64 or not is_arm64(name))
