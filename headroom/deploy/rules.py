"""What AWS refuses although the shapes of its API allow it, and what Headroom asks of every plan.

Each rule is a function of all requests; RULES lists them. A value that is not known yet is never a problem.
"""

from __future__ import annotations

import json
import re
import struct
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from typing import Any, Final

from headroom.deploy.kinds import KINDS
from headroom.deploy.shapes import shape_problems
from simulator.errors import Problem
from simulator.patterns.resources import ResourceKind
from simulator.scaling import schedule

MEMORY_STEP_MB = 1024  # facts row 1.5
MOST_CALLS_MB = 100  # facts row 5.6
DAY_S = 86_400
_FREQUENCIES_S = (10, 30, 60, 120, 180, 240, 300)
_BURSTABLE = re.compile(r"ml\.t\d")
_SECRET = re.compile(r"(?i)(secret|password|passwd|token|api_?key|access_?key|private_?key|credential)")
_SECRET_VALUE = re.compile(r"(AKIA|ASIA)[A-Z0-9]{16}|hf_[A-Za-z0-9]{20,}|-----BEGIN [A-Z ]*PRIVATE KEY")
_TOKEN_COUNT = re.compile(r"(?i)(max|num|min|total|length|batch|limit|count|_size)")
_INSTANCES, _PROVISIONED = "sagemaker:variant:DesiredInstanceCount", "sagemaker:variant:DesiredProvisionedConcurrency"
_METRICS_OF: Final[Mapping[str, tuple[str, ...]]] = {
    _INSTANCES: (
        "SageMakerVariantInvocationsPerInstance",
        "SageMakerVariantConcurrentRequestsPerModelHighResolution",
    ),
    _PROVISIONED: ("SageMakerVariantProvisionedConcurrencyUtilization",),
}
_RESOURCE_ID = re.compile(r"endpoint/([^/]+)/variant/([^/]+)")
_ONLY_ON_INSTANCES = (
    "InstanceType", "InitialInstanceCount", "InstancePools", "VolumeSizeInGB", "AcceleratorType", "CoreDumpConfig",
    "ManagedInstanceScaling", "RoutingConfig", "InferenceAmiVersion", "CapacityReservationConfig",
    "VariantInstanceProvisionTimeoutInSeconds", "EnableSSMAccess",
)  # fmt: skip


class Requests:
    """All requests of a form, by logical id and by kind."""

    def __init__(self, kinds: Mapping[str, ResourceKind], requests: Mapping[str, Any]) -> None:
        self._kinds, self._requests = kinds, requests

    def of(self, kind: ResourceKind) -> Iterator[tuple[str, Any]]:
        """Logical id and request of each resource of the kind."""
        for logical_id, request in self._requests.items():
            if self._kinds[logical_id] == kind and isinstance(request, dict):
                yield logical_id, request

    def variants(self) -> Iterator[tuple[str, Any, Any]]:
        """Place, variant and configuration of each variant."""
        for logical_id, config in self.of("endpoint_config"):
            for index, variant in enumerate(_listed(config.get("ProductionVariants"))):
                yield f"{logical_id}.ProductionVariants[{index}]", variant, config

    def scaled(self) -> Iterator[tuple[str, Any]]:
        """Whatever names a scalable target, and the target."""
        for kind in ("scalable_target", "scaling_policy", "scheduled_action"):
            yield from self.of(kind)

    def variant_of(self, request: Any) -> tuple[Any, Any] | None:
        """The variant that a resource id names, and its configuration; None where there is none."""
        matched = _RESOURCE_ID.fullmatch(str(request.get("ResourceId")))
        endpoints = {entry.get("EndpointName"): entry.get("EndpointConfigName") for _, entry in self.of("endpoint")}
        config_name = endpoints.get(matched[1]) if matched else None
        for _, variant, config in self.variants():
            if matched and config.get("EndpointConfigName") == config_name and variant["VariantName"] == matched[2]:
                return variant, config
        return None


Rule = Callable[[Requests], Iterator[Problem]]


def rule_problems(kinds: Mapping[str, ResourceKind], requests: Mapping[str, Any]) -> tuple[Problem, ...]:
    """Everything that a rule finds, in the order of RULES."""
    every = Requests(kinds, requests)
    return tuple(problem for rule in RULES for problem in rule(every))


def _listed(value: Any) -> list[Any]:
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def serverless_settings(every: Requests) -> Iterator[Problem]:
    """Memory in steps, provisioned concurrency within the maximum, and nothing that needs instances."""
    for where, variant, config in every.variants():
        serverless = variant.get("ServerlessConfig")
        if not isinstance(serverless, dict):
            continue
        memory, most = _number(serverless.get("MemorySizeInMB")), _number(serverless.get("MaxConcurrency"))
        provisioned = _number(serverless.get("ProvisionedConcurrency"))
        if memory and memory % MEMORY_STEP_MB:
            yield Problem(f"{where}.ServerlessConfig.MemorySizeInMB", f"{memory:g}", "1024 to 6144 in steps of 1024")
        if provisioned and most and provisioned > most:
            place = f"{where}.ServerlessConfig.ProvisionedConcurrency"
            yield Problem(place, f"{provisioned:g}", f"at most MaxConcurrency, {most:g}")
        for name in _ONLY_ON_INSTANCES:
            if name in variant:
                yield Problem(f"{where}.{name}", str(variant[name]), "nothing: a serverless variant has no instances")
        for name in ("VpcConfig", "DataCaptureConfig", "AsyncInferenceConfig", "KmsKeyId", "EnableNetworkIsolation"):
            if config.get(name):
                yield Problem(f"EndpointConfig.{name}", "a value", "nothing: AWS has none for serverless endpoints")
        yield from _serverless_model(every, variant)


def _serverless_model(every: Requests, variant: Any) -> Iterator[Problem]:
    for logical_id, model in every.of("model"):
        if model.get("ModelName") != variant.get("ModelName"):
            continue
        if "VpcConfig" in model:
            allowed = "no subnets and security groups: serverless endpoints have no VPC"
            yield Problem(f"{logical_id}.VpcConfig", "a VPC", allowed, "Choose another pattern, or leave them out.")
        if model.get("EnableNetworkIsolation"):
            yield Problem(
                f"{logical_id}.EnableNetworkIsolation", "True", "False: AWS has no isolation on serverless endpoints"
            )
        if (model.get("PrimaryContainer") or {}).get("Mode") == "MultiModel":
            yield Problem(f"{logical_id}.PrimaryContainer.Mode", "MultiModel", "SingleModel on serverless endpoints")


def variants(every: Requests) -> Iterator[Problem]:
    """Different names, a weight that a 32-bit float holds exactly, instances or serverless and not both or neither."""
    for logical_id, config in every.of("endpoint_config"):
        counted = Counter(variant.get("VariantName") for variant in _listed(config.get("ProductionVariants")))
        for name, times in counted.items():
            if times > 1:
                yield Problem(f"{logical_id}.ProductionVariants", f"{times} variants called {name}", "different names")
    for where, variant, _ in every.variants():
        weight = _number(variant.get("InitialVariantWeight"))
        if weight is not None and struct.unpack("f", struct.pack("f", weight))[0] != weight:
            allowed = "a number that a 32-bit float holds exactly, such as 1 or 0.5: else it reads back changed"
            yield Problem(f"{where}.InitialVariantWeight", f"{weight:g}", allowed)
        ways = [name for name in ("InstanceType", "InstancePools", "ServerlessConfig") if name in variant]
        if len(ways) != 1:
            given = " and ".join(ways) or "none of them"
            yield Problem(where, given, "one of InstanceType, InstancePools and ServerlessConfig")
        if "InstanceType" in variant and "InitialInstanceCount" not in variant:
            yield Problem(f"{where}.InitialInstanceCount", "nothing", "a count: AWS requires it with InstanceType")
        yield from _managed_scaling(where, variant)
        yield from _routing(where, variant)


def _managed_scaling(where: str, variant: Any) -> Iterator[Problem]:
    managed = variant.get("ManagedInstanceScaling")
    if not isinstance(managed, dict):
        return
    if "ModelName" in variant:
        yield Problem(f"{where}.ManagedInstanceScaling", "a value", "nothing where the variant names a model")
    least, most = _number(managed.get("MinInstanceCount")), _number(managed.get("MaxInstanceCount"))
    if least is not None and most is not None and least > most:
        yield Problem(
            f"{where}.ManagedInstanceScaling.MinInstanceCount", f"{least:g}", f"at most {most:g}, the maximum"
        )


def _routing(where: str, variant: Any) -> Iterator[Problem]:
    routing = variant.get("RoutingConfig")
    if not isinstance(routing, dict):
        return
    prefix = routing.get("RoutingStrategy") == "PREFIX_AWARE"
    if prefix != ("PrefixAwareRoutingConfig" in routing):
        allowed = "PrefixAwareRoutingConfig with PREFIX_AWARE, and with it alone"
        yield Problem(f"{where}.RoutingConfig", str(routing.get("RoutingStrategy")), allowed)


def stated_on_purpose(every: Requests) -> Iterator[Problem]:
    """Headroom's own rule: what AWS switches on and bills, and how long it looks for instances, is always stated."""
    for logical_id, config in every.of("endpoint_config"):
        metrics = config.get("MetricsConfig")
        if not isinstance(metrics, dict) or "EnableDetailedObservability" not in metrics:
            place = f"{logical_id}.MetricsConfig.EnableDetailedObservability"
            yield Problem(place, "nothing", "true or false: AWS switches it on by itself and bills it by the GB")
        elif metrics.get("MetricPublishFrequencyInSeconds", 60) not in _FREQUENCIES_S:
            place = f"{logical_id}.MetricsConfig.MetricPublishFrequencyInSeconds"
            allowed = ", ".join(str(seconds) for seconds in _FREQUENCIES_S)
            yield Problem(place, str(metrics["MetricPublishFrequencyInSeconds"]), f"one of {allowed}")
    for where, variant, _ in every.variants():
        if "ServerlessConfig" not in variant and "VariantInstanceProvisionTimeoutInSeconds" not in variant:
            place = f"{where}.VariantInstanceProvisionTimeoutInSeconds"
            yield Problem(place, "nothing", "300 to 3600: without it an endpoint may look for instances for hours")


def models(every: Requests) -> Iterator[Problem]:
    """A role, one way to name containers, and no secrets in what everybody who may describe the model can read."""
    for logical_id, model in every.of("model"):
        if "ExecutionRoleArn" not in model:
            yield Problem(f"{logical_id}.ExecutionRoleArn", "nothing", "a role that SageMaker may assume")
        ways = [name for name in ("PrimaryContainer", "Containers") if name in model]
        if len(ways) != 1:
            yield Problem(
                logical_id, " and ".join(ways) or "no container", "PrimaryContainer or Containers, one of them"
            )
        containers = [*_listed([model.get("PrimaryContainer")]), *_listed(model.get("Containers"))]
        for container in containers:
            for name, value in (container.get("Environment") or {}).items():
                if _is_secret(name, str(value)):
                    yield Problem(
                        f"deploy.environment.{name}",
                        "what looks like a secret",
                        "no secrets: the model's description shows them",
                        "Put it into AWS Secrets Manager and give the container its ARN.",
                    )


def _is_secret(name: str, value: str) -> bool:
    """By name, unless it is a number or names where the secret is; or by a value that is shaped like a key."""
    if _SECRET_VALUE.search(value):
        return True
    elsewhere = value.startswith(("arn:aws", "{{resolve:")) or re.fullmatch(r"[\d.]*|true|false", value.lower())
    return bool(_SECRET.search(name)) and not elsewhere and not _TOKEN_COUNT.search(name)


def scalable_targets(every: Requests) -> Iterator[Problem]:
    """Bounds that agree with each other and with what is scaled; a resource id that names a variant of this form."""
    for logical_id, request in every.scaled():
        found = every.variant_of(request)
        if found is None:
            allowed = "endpoint/NAME/variant/NAME of an endpoint of this plan"
            yield Problem(f"{logical_id}.ResourceId", str(request.get("ResourceId")), allowed)
            continue
        variant, config = found
        dimension = _PROVISIONED if "ServerlessConfig" in variant else _INSTANCES
        if request.get("ScalableDimension") != dimension:
            place = f"{logical_id}.ScalableDimension"
            yield Problem(place, str(request.get("ScalableDimension")), f"{dimension} for this variant")
        yield from _bounds(logical_id, request, variant, config)


def _bounds(logical_id: str, request: Any, variant: Any, config: Any) -> Iterator[Problem]:
    bounds, where = request.get("ScalableTargetAction", request), logical_id
    least, most = _number(bounds.get("MinCapacity")), _number(bounds.get("MaxCapacity"))
    if least is None or most is None:
        if "PolicyType" not in request:
            yield Problem(where, "one bound or none", "MinCapacity and MaxCapacity: AWS requires both")
        return
    if least > most:
        yield Problem(f"{where}.MinCapacity", f"{least:g}", f"at most MaxCapacity, {most:g}")
    if least < 1 and "AsyncInferenceConfig" not in config:
        allowed = "1 or more: only asynchronous endpoints and inference components can be without instances"
        yield Problem(f"{where}.MinCapacity", f"{least:g}", allowed)
    limit = _number((variant.get("ServerlessConfig") or {}).get("MaxConcurrency"))
    if limit is not None and most > limit:
        yield Problem(f"{where}.MaxCapacity", f"{most:g}", f"at most MaxConcurrency, {limit:g}")
    if limit is not None and "ProvisionedConcurrency" not in variant["ServerlessConfig"]:
        yield Problem(where, "no ProvisionedConcurrency", "a variant that has some: AWS scales nothing else of it")
    kind = str(variant.get("InstanceType", ""))
    if _BURSTABLE.match(kind):
        yield Problem(where, kind, "a type that is not burstable: Application Auto Scaling does not take it")


def policies(every: Requests) -> Iterator[Problem]:
    """The metric that the dimension has, whole cooldowns, and steps that neither overlap nor leave a gap."""
    for logical_id, request in every.of("scaling_policy"):
        found = every.variant_of(request)
        tracking = request.get("TargetTrackingScalingPolicyConfiguration")
        if isinstance(tracking, dict):
            yield from _tracked(logical_id, tracking, request, found)
        steps = request.get("StepScalingPolicyConfiguration")
        if isinstance(steps, dict):
            yield from _steps(logical_id, steps)


def _tracked(logical_id: str, tracking: Any, request: Any, found: tuple[Any, Any] | None) -> Iterator[Problem]:
    place = f"{logical_id}.TargetTrackingScalingPolicyConfiguration"
    target = _number(tracking.get("TargetValue"))
    if target is not None and target <= 0:
        yield Problem(f"{place}.TargetValue", f"{target:g}", "more than 0")
    metric = (tracking.get("PredefinedMetricSpecification") or {}).get("PredefinedMetricType")
    if ("PredefinedMetricSpecification" in tracking) == ("CustomizedMetricSpecification" in tracking):
        yield Problem(place, "none or both", "a predefined or a customised metric, one of them")
    known = _METRICS_OF.get(str(request.get("ScalableDimension")), ())
    if metric is not None and metric not in known:
        yield Problem(f"{place}.PredefinedMetricSpecification", str(metric), f"one of {', '.join(known)}")
    if metric is not None and found is not None and "AsyncInferenceConfig" in found[1]:
        allowed = "a metric of the backlog: asynchronous endpoints do not publish this one"
        yield Problem(f"{place}.PredefinedMetricSpecification", str(metric), allowed)
    if metric is None and request.get("ScalableDimension") == _PROVISIONED:
        yield Problem(place, "a customised metric", f"{known[0]}: provisioned concurrency has no other")


def _steps(logical_id: str, steps: Any) -> Iterator[Problem]:
    place = f"{logical_id}.StepScalingPolicyConfiguration"
    spans = sorted(
        (
            step.get("MetricIntervalLowerBound", float("-inf")),
            step.get("MetricIntervalUpperBound", float("inf")),
        )
        for step in _listed(steps.get("StepAdjustments"))
    )
    if not spans:
        yield Problem(f"{place}.StepAdjustments", "none", "at least one")
    for lower, upper in spans:
        if lower >= upper:
            yield Problem(f"{place}.StepAdjustments", f"{lower:g} to {upper:g}", "a lower bound below the upper one")
    for (_, upper), (lower, _) in pairwise(spans):
        if upper != lower:
            allowed = "intervals of which each begins where another ends"
            yield Problem(f"{place}.StepAdjustments", f"one to {upper:g} and the next from {lower:g}", allowed)
    if "MinAdjustmentMagnitude" in steps and steps.get("AdjustmentType") != "PercentChangeInCapacity":
        yield Problem(f"{place}.MinAdjustmentMagnitude", "a value", "nothing unless it is PercentChangeInCapacity")


def scheduled_actions(every: Requests) -> Iterator[Problem]:
    """A schedule and a time zone that can be read."""
    for logical_id, request in every.of("scheduled_action"):
        for name, read in (("Schedule", schedule.parse), ("Timezone", schedule.zone)):
            text = request.get(name)
            try:
                read(str(text))
            except ValueError as error:
                yield Problem(f"{logical_id}.{name}", str(text), str(error).removeprefix("needs "))


def alarms(every: Requests) -> Iterator[Problem]:
    """A period that CloudWatch has, over a time that it can look back, and one statistic."""
    for logical_id, request in every.of("alarm"):
        period, periods = _number(request.get("Period")), _number(request.get("EvaluationPeriods"))
        if period is None or periods is None:
            continue
        if period not in (10, 20, 30) and period % 60:
            yield Problem(f"{logical_id}.Period", f"{period:g} s", "10, 20, 30 or a multiple of 60 s")
        most = DAY_S if period < 3600 else 7 * DAY_S
        if period * periods > most:
            given = f"{period * periods:g} s of Period x EvaluationPeriods"
            yield Problem(f"{logical_id}.EvaluationPeriods", given, f"at most {most:,} s")
        if ("Statistic" in request) == ("ExtendedStatistic" in request):
            yield Problem(f"{logical_id}.Statistic", "none or both", "Statistic or ExtendedStatistic")


def transform_jobs(every: Requests) -> Iterator[Problem]:
    """Calls that fit into 100 MB together, and a strategy only where records are split."""
    for logical_id, request in (*every.of("transform_job"), *_scheduled_jobs(every)):
        largest, at_once = _number(request.get("MaxPayloadInMB")), _number(request.get("MaxConcurrentTransforms"))
        if largest is not None and largest * max(1.0, at_once or 1.0) > MOST_CALLS_MB:
            given = f"{at_once or 1:g} x {largest:g} MB"
            allowed = f"MaxConcurrentTransforms x MaxPayloadInMB of at most {MOST_CALLS_MB} MB"
            yield Problem(f"{logical_id}.MaxPayloadInMB", given, allowed)
        split = (request.get("TransformInput") or {}).get("SplitType", "None")
        if "BatchStrategy" in request and split == "None":
            yield Problem(f"{logical_id}.BatchStrategy", request["BatchStrategy"], "nothing unless SplitType is Line")


def schedules(every: Requests) -> Iterator[Problem]:
    """The call that a schedule makes is held against its own shape."""
    for logical_id, request in _scheduled_jobs(every):
        yield from shape_problems("sagemaker", "CreateTransformJob", request, logical_id)


def _scheduled_jobs(every: Requests) -> Iterator[tuple[str, Any]]:
    """The requests in the inputs of schedules that start transform jobs, with an id for the one of the call."""
    for logical_id, request in every.of("schedule"):
        target = request.get("Target") or {}
        if str(target.get("Arn", "")).endswith(":createTransformJob") and isinstance(target.get("Input"), str):
            filled = re.sub(r"<aws\.scheduler\.[a-z-]+>", "0" * 16, target["Input"])
            yield f"{logical_id}.Target.Input", json.loads(filled)


def names(every: Requests) -> Iterator[Problem]:
    """No two resources of one kind may have one name."""
    for kind, described in KINDS.items():
        name = described.name
        counted = Counter(str(request[name]) for _, request in every.of(kind) if isinstance(request.get(name), str))
        for called, times in counted.items():
            if times > 1:
                yield Problem(called, f"{times} times", f"one {described.title} of this name")


RULES: Final[tuple[Rule, ...]] = (
    models,
    variants,
    serverless_settings,
    stated_on_purpose,
    scalable_targets,
    policies,
    scheduled_actions,
    alarms,
    transform_jobs,
    schedules,
    names,
)
"""All rules beyond the shapes."""
