"""Candidates of serverless endpoints: memory sizes, on demand alone or with environments that are kept ready."""

from __future__ import annotations

from collections.abc import Iterator

from simulator.model.service import serverless_factor
from simulator.patterns import sizing
from simulator.patterns.candidates import SLACK, Candidates, Ladder, Sought, changed
from simulator.patterns.serverless.deployment import MEMORY_SIZES_IN_MB, MOST_CONCURRENCY, ServerlessDeployment
from simulator.patterns.serverless.limits import limits
from simulator.patterns.sizing import Load


def candidates(sought: Sought, load: Load) -> Candidates:
    """Every memory size, on demand and with provisioned concurrency."""
    own = changed(sought.template(ServerlessDeployment), scaling=None, scheduled_actions=())
    quota = sought.serverless_concurrency_quota
    most = min(MOST_CONCURRENCY, quota or MOST_CONCURRENCY)
    workload, assumptions = sought.case.workload, sought.case.assumptions
    reference = sought.case.hardware[workload.reference_instance_type]
    ladders: list[Ladder] = []
    forbidden = []
    for memory in MEMORY_SIZES_IN_MB:
        plain = changed(
            own,
            memory_size_in_mb=memory,
            max_concurrency=most,
            provisioned_concurrency=0,
        )
        if limits(sought.case, plain):
            forbidden.append(plain)
            continue
        service_s = workload.service_time.mean_ms / 1000 * serverless_factor(workload, reference, memory, assumptions)
        priced = list(_environments(sought, plain, load, service_s))
        ladders.extend(priced)
        forbidden.extend([] if priced else [plain])  # for want of a price, which its evaluation says
    return Candidates(tuple(ladders), tuple(forbidden))


def _environments(sought: Sought, plain: ServerlessDeployment, load: Load, service_s: float) -> Iterator[Ladder]:
    """On demand alone, and with more and more of it provisioned."""
    size = str(plain.memory_size_in_mb)
    work_s = load.mean_per_s * sought.month_s * service_s * SLACK
    on_demand = sought.unit_usd("serverless_duration_s", size)
    kept, worked = sought.unit_usd("serverless_pc_usage_s", size), sought.unit_usd("serverless_pc_duration_s", size)
    if on_demand is None:
        return
    yield Ladder(
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

    def make(count: int) -> ServerlessDeployment:
        return changed(plain, provisioned_concurrency=count)

    guess = sizing.whole(load.peak_per_s * service_s)
    yield Ladder(
        what="provisioned",
        make=make,
        least=1,
        most=plain.max_concurrency,
        guess=min(guess, plain.max_concurrency),
        usd=lambda count: least_usd + count * kept * sought.month_s * SLACK,
        floor=service_s,
    )
