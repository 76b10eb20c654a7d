"""Candidates of a relay: more and more servers of every type."""

from __future__ import annotations

from simulator.patterns import sizing
from simulator.patterns.candidates import SLACK, Candidates, Ladder, Sought, changed
from simulator.patterns.sizing import Kind, Load
from tests.fifth_pattern.deployment import MOST_SERVERS, RelayDeployment
from tests.fifth_pattern.limits import limits


def candidates(sought: Sought, load: Load) -> Candidates:
    """A ladder of counts for each type."""
    own = sought.template(RelayDeployment)
    latency_s = sought.case.requirement.latency_limit_s
    kinds, forbidden = sizing.kinds(sought, "hosting_instance_s", own, limits, latency_s)
    most = sought.most_instances(MOST_SERVERS)
    return Candidates(tuple(_counts(own, kind, load, most) for kind in kinds), tuple(forbidden))


def _counts(own: RelayDeployment, kind: Kind, load: Load, most: int) -> Ladder:
    return Ladder(
        what="servers",
        make=lambda count: changed(own, instance_type=kind.name, servers=count),
        least=1,
        most=most,
        guess=sizing.whole(load.peak_per_s / kind.per_s / 0.8),
        usd=lambda count: count * kind.usd * SLACK,
        floor=kind.service_s,
    )
