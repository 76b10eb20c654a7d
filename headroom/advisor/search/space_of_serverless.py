"""The space of serverless endpoints: memory sizes, on demand alone or with environments that are kept ready."""

from __future__ import annotations

from collections.abc import Iterator

from headroom.advisor.monthly import MONTH_S
from headroom.advisor.search import sizing
from headroom.advisor.search.ladders import Chain
from headroom.advisor.search.sizing import Load
from headroom.advisor.search.space import SLACK, Space, changed, template
from headroom.advisor.search.surrogate import Asker
from simulator.model.service import serverless_factor
from simulator.patterns.registry import Deployment
from simulator.patterns.serverless.deployment import MEMORY_SIZES_IN_MB, MOST_CONCURRENCY, ServerlessDeployment


def serverless(asker: Asker, load: Load) -> Space:
    """Every memory size, on demand and with provisioned concurrency."""
    own = changed(template(asker, ServerlessDeployment), scaling=None, scheduled_actions=())
    quota = asker.scenario.search.serverless_concurrency_quota
    most = min(MOST_CONCURRENCY, quota or MOST_CONCURRENCY)
    reference = asker.world.hardware[asker.scenario.workload.reference_instance_type]
    workload, assumptions = asker.scenario.workload, asker.scenario.assumptions
    chains: list[Chain] = []
    forbidden = []
    for memory in MEMORY_SIZES_IN_MB:
        plain = changed(
            own,
            memory_size_in_mb=memory,
            max_concurrency=most,
            provisioned_concurrency=0,
        )
        if asker.limits(plain):
            forbidden.append(plain)
            continue
        service_s = workload.service_time.mean_ms / 1000 * serverless_factor(workload, reference, memory, assumptions)
        priced = list(_environments(asker, plain, load, service_s))
        chains.extend(priced)
        forbidden.extend([] if priced else [plain])  # for want of a price, which its evaluation says
    return Space("serverless", tuple(chains), tuple(forbidden))


def _environments(asker: Asker, plain: ServerlessDeployment, load: Load, service_s: float) -> Iterator[Chain]:
    """On demand alone, and with more and more of it provisioned."""
    size = str(plain.memory_size_in_mb)
    work_s = load.mean_per_s * MONTH_S * service_s * SLACK
    on_demand = asker.unit_usd("serverless_duration_s", size)
    kept, worked = asker.unit_usd("serverless_pc_usage_s", size), asker.unit_usd("serverless_pc_duration_s", size)
    if on_demand is None:
        return
    yield Chain(
        what="on demand",
        make=lambda _: plain,
        least=0,
        most=0,
        guess=0,
        usd=lambda _: work_s * on_demand,
        floor=service_s,
    )
    if kept is None or worked is None:
        return
    least_usd = work_s * min(on_demand, worked)

    def make(count: int) -> Deployment:
        return changed(plain, provisioned_concurrency=count)

    guess = sizing.whole(load.peak_per_s * service_s)
    yield Chain(
        what="provisioned",
        make=make,
        least=1,
        most=plain.max_concurrency,
        guess=min(guess, plain.max_concurrency),
        usd=lambda count: least_usd + count * kept * MONTH_S * SLACK,
        floor=service_s,
    )
