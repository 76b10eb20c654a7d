"""How an endpoint gets from one configuration to another: the way, the alarms that roll it back, what it costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from headroom.deploy.form import Form
from simulator.patterns.endpoint_resources import VARIANT

Way = Literal["all-at-once", "canary", "linear", "rolling"]
WAYS: Final[tuple[Way, ...]] = ("canary", "all-at-once", "linear", "rolling")
"""The first is the usual one."""
LATENCY_MARGIN: Final = 1.5
LEAST_ERRORS: Final = 0.01
_UPDATE_MINUTES: Final = 10.0
_PERIODS, _PERIOD_S = 3, 60


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateChoice:
    """How to update. share: percent of the capacity that goes first (canary), or at a time (linear, rolling). wait_s:
    how long each part is watched. p99_s, error_share: as simulated, from which the alarms are set; None for none.
    """

    way: Way = "canary"
    share: int = 25
    wait_s: int = 300
    p99_s: float | None = None
    error_share: float | None = None


def deployment_config(choice: UpdateChoice, alarms: tuple[str, ...]) -> dict[str, Any]:
    """DeploymentConfig of UpdateEndpoint."""
    part = {"Type": "CAPACITY_PERCENT", "Value": choice.share}
    rollback = {"AutoRollbackConfiguration": {"Alarms": [{"AlarmName": name} for name in alarms]}} if alarms else {}
    if choice.way == "rolling":
        return {"RollingUpdatePolicy": {"MaximumBatchSize": part, "WaitIntervalInSeconds": choice.wait_s}} | rollback
    sizes: Mapping[Way, dict[str, Any]] = {
        "all-at-once": {"Type": "ALL_AT_ONCE"},
        "canary": {"Type": "CANARY", "CanarySize": part},
        "linear": {"Type": "LINEAR", "LinearStepSize": part},
    }
    routing = {**sizes[choice.way], "WaitIntervalInSeconds": choice.wait_s}
    return {"BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": routing}} | rollback


def update_minutes(choice: UpdateChoice) -> float:
    """About how long it takes: starting the new instances, and watching each part."""
    parts = {"all-at-once": 1.0, "canary": 1.0}.get(choice.way, 100 / choice.share)
    return _UPDATE_MINUTES + parts * choice.wait_s / 60


def more_fleets(choice: UpdateChoice) -> float:
    """How much of a second fleet runs beside the first while it is updated."""
    return choice.share / 100 if choice.way == "rolling" else 1.0


def rollback_alarms(form: Form, choice: UpdateChoice) -> tuple[dict[str, Any], ...]:
    """Parameters of the alarms that roll an update back. They see the old and the new instances together."""
    limits = []
    if choice.p99_s is not None:
        limits.append(
            {
                "AlarmName": f"{form.name}-rollback-latency",
                "AlarmDescription": f"p99 above {LATENCY_MARGIN:g} x the simulated one: rolls an update back.",
                "MetricName": "ModelLatency",
                "ExtendedStatistic": "p99",
                "Threshold": round(choice.p99_s * LATENCY_MARGIN * 1e6),
            }
        )
    if choice.error_share is not None:
        limits.append(
            {
                "AlarmName": f"{form.name}-rollback-errors",
                "AlarmDescription": "Errors above twice the simulated share: rolls an update back.",
                "MetricName": "Invocation5XXErrors",
                "Statistic": "Average",
                "Threshold": max(LEAST_ERRORS, 2 * choice.error_share),
            }
        )
    return tuple({**_usual(form), **limit} for limit in limits)


def _usual(form: Form) -> dict[str, Any]:
    dimensions = {"EndpointName": form.name, "VariantName": VARIANT}
    return {
        "Namespace": "AWS/SageMaker",
        "Dimensions": [{"Name": key, "Value": value} for key, value in dimensions.items()],
        "Period": _PERIOD_S,
        "EvaluationPeriods": _PERIODS,
        "ComparisonOperator": "GreaterThanThreshold",
        "TreatMissingData": "notBreaching",
        "Tags": [{"Key": key, "Value": value} for key, value in form.tags.items()],
    }


def in_place(wanted: Mapping[str, Any], serving: Mapping[str, Any], places: tuple[str, ...]) -> dict[str, Any] | None:
    """ServerlessUpdateConfig where nothing differs but what AWS changes in place; None where it needs a new
    configuration. places: of all differences.
    """
    changeable = {"MaxConcurrency", "ProvisionedConcurrency"}
    if not places or any(place.rpartition(".")[2] not in changeable for place in places):
        return None
    (variant,), (now,) = wanted["ProductionVariants"], serving["ProductionVariants"]
    settings, before = variant.get("ServerlessConfig"), now.get("ServerlessConfig")
    if not settings or not before or ("ProvisionedConcurrency" in before) != ("ProvisionedConcurrency" in settings):
        return None
    return {key: settings[key] for key in sorted(changeable & set(settings))}
