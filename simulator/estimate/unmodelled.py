"""What a scenario asks for that the formulas leave out: any field set away from its default that is not named here.

A field that is new to the scenario is left out until it is named, so that a formula never passes over it in silence.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from simulator.engine.replication import Case
from simulator.engine.stages import stages_of
from simulator.fields import Spec
from simulator.model.assumptions import Assumptions
from simulator.model.faults import TITLES, touching
from simulator.model.service import slowdown_table
from simulator.model.simulation import Simulation
from simulator.model.workload import Client, ServiceTime, Workload
from simulator.patterns.protocol import Pattern
from simulator.patterns.registry import BY_KEY, Deployment
from simulator.scaling.metrics import METRICS
from simulator.scaling.policies import StepScalingPolicy
from simulator.traffic.kinds import Jobs

MODELLED: Final[Mapping[type[Spec], tuple[str, ...]]] = {
    Workload: (
        "name", "traffic", "client", "request_mb", "max_request_mb", "response_mb", "internet_egress_share",
        "service_time", "reference_instance_type", "parallel_fraction", "container_workers", "memory_mb",
        "model_mb", "image_mb", "model_load_s", "gpu_memory_mb", "tensor_parallel_degree", "gpu_fraction",
        "container_max_request_mb", "container_max_response_mb",
        "container_timeout_s", "streamed", "image_unpacked_mb", "installed_mb"
    ),
    Client: (
        "retry_mode", "max_attempts", "processes", "network_ms", "network_varying_ms", "network_cv",
        "gateway_timeout_s"
    ),
    ServiceTime: (
        "distribution", "mean_ms", "cv", "measured"
    ),
    Simulation: (
        "duration_s", "warmup_s", "starts_on", "seed", "replications"
    ),
    Assumptions: (
        "overhead_ms", "realtime_max_payload_mb", "serverless_max_payload_mb", "provisioning_cpu_median_s",
        "provisioning_gpu_median_s", "provisioning_sigma", "alarm_delay_min_s", "alarm_delay_max_s",
        "high_resolution_delay_min_s", "high_resolution_delay_max_s", "bill_while_provisioning",
        "serverless_mb_per_vcpu", "serverless_container_start_s", "serverless_image_mb_per_s",
        "serverless_model_mb_per_s", "serverless_cold_sigma", "serverless_idle_s", "serverless_keep_warm_s",
        "serverless_quiet_s", "serverless_life_min_s", "serverless_life_max_s", "s3_mb_per_s",
        "batch_start_median_s", "minibatch_overhead_ms", "always_on_utilisation", "shortage_probability",
        "shortage_s", "image_is_cached", "gpu_memory_bound_share", "spread_efficiency",
        "realtime_max_s", "image_unpacked_factor", "provisioning_within_share", "instance_image_mb_per_s",
        "instance_model_mb_per_s"
    ),
}  # fmt: skip
"""By part of a scenario, the fields that formulas know."""


def unmodelled(case: Case, deployment: Deployment) -> list[str]:
    """Titles of the scenario's settings that would change the outcome and that the formulas leave out."""
    workload, pattern = case.workload, BY_KEY[deployment.pattern]
    parts: tuple[Spec, ...] = (workload, workload.client, workload.service_time, case.simulation, case.assumptions)
    return [
        *_left_out(deployment, pattern.surrogate.modelled | {"pattern", "name"}),
        *(title for part in parts for title in _left_out(part, MODELLED[type(part)])),
        *_own_slowdown(workload, pattern.account.instance_type(deployment)),
        *_metrics(deployment, pattern),
        *_mode(case, pattern),
        *_faults(case, pattern),
        *_stages(case, pattern),
    ]


def _own_slowdown(workload: Workload, instance_type: str) -> list[str]:
    """A slowdown that comes from the measurements on this type, where the workload has none."""
    own = slowdown_table(workload, instance_type) and not workload.slowdown
    return [str(Workload.model_fields["slowdown"].title)] if own else []


def _stages(case: Case, pattern: Pattern) -> list[str]:
    """Stages that hold workers, refuse or fail: formulas know only what the others add to a latency."""
    applied = stages_of(case, pattern.call)
    return [stage.stage.title for stage in applied if stage.stage.place == "inside" or stage.terms.turns_away]


def _metrics(deployment: Deployment, pattern: Pattern) -> list[str]:
    """Metrics of step policies that formulas cannot foretell, where they know the policy itself."""
    fields = [value for name, value in deployment if name in pattern.surrogate.modelled]
    metrics = [METRICS[field.metric] for field in fields if isinstance(field, StepScalingPolicy)]
    return [metric.title for metric in dict.fromkeys(metrics) if not metric.foretold]


def _mode(case: Case, pattern: Pattern) -> list[str]:
    """Clients that limit their rate, where they call an endpoint that may refuse them."""
    adaptive = case.workload.client.retry_mode == "adaptive" and pattern.surrogate.may_refuse
    return ["Retry mode adaptive"] if adaptive else []


def _faults(case: Case, pattern: Pattern) -> list[str]:
    """Faults that matter here. A spike comes with the source of arrivals, except to data sets that start jobs: they are
    no stream.
    """
    streams = not (pattern.in_jobs and isinstance(case.workload.traffic, Jobs))
    kinds = (fault.kind for fault in touching(case.faults, pattern.touched_by))
    return [TITLES[kind] for kind in dict.fromkeys(kinds) if not (streams and kind == "traffic_spike")]


def _left_out(part: Spec, modelled: Collection[str]) -> list[str]:
    return [
        field.title or name
        for name, field in type(part).model_fields.items()
        if name not in modelled and getattr(part, name) != field.get_default(call_default_factory=True)
    ]
