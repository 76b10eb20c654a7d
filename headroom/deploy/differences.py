"""Where what is there differs from what is wanted. Capacity that scaling moved is not a difference."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from simulator.patterns.resources import ResourceKind

_NOT_COMPARED: Final = frozenset({"Tags", "ResourceTags", "ReturnSubscriptionArn", "NotificationsWithSubscribers"})
_NOTHING_TOLD: Final[frozenset[ResourceKind]] = frozenset({"topic", "subscription", "endpoint"})
"""Kinds whose description holds nothing that was given; an endpoint is held against its configuration."""


class Difference(NamedTuple):
    """One place, with what is wanted and what is there, in words."""

    place: str
    wanted: str
    there: str


def differences(kind: ResourceKind, wanted: Mapping[str, Any], there: Mapping[str, Any]) -> tuple[Difference, ...]:
    """Every place at which a description differs from the parameters of the call that creates it."""
    if kind in _NOTHING_TOLD:
        return ()
    parameters = dict(wanted["Budget"]) if kind == "budget" else dict(wanted)
    compared = {key: value for key, value in parameters.items() if key not in _NOT_COMPARED}
    return tuple(_within("", compared, there))


def serving_differences(
    config: Mapping[str, Any], serving: Mapping[str, Any], endpoint: Mapping[str, Any]
) -> tuple[Difference, ...]:
    """Where what an endpoint serves differs from the wanted configuration, whatever the two are called.

    serving: the description of the configuration that the endpoint names. Serverless settings may have been changed in
    place since, which only the endpoint tells.
    """
    wanted = {key: value for key, value in config.items() if key not in {*_NOT_COMPARED, "EndpointConfigName"}}
    now = {variant["VariantName"]: variant for variant in endpoint.get("ProductionVariants", ())}
    variants = []
    for variant in serving.get("ProductionVariants", ()):
        changed = now.get(variant["VariantName"], {}).get("DesiredServerlessConfig")
        variants.append({**variant, "ServerlessConfig": changed} if changed else variant)
    return tuple(_within("", wanted, {**serving, "ProductionVariants": variants}))


def _within(place: str, wanted: Any, there: Any) -> Iterator[Difference]:
    if isinstance(wanted, Mapping):
        for key, value in wanted.items():
            below = f"{place}.{key}" if place else key
            if isinstance(there, Mapping) and key in there:
                yield from _within(below, value, there[key])
            elif not _usual(value):
                yield Difference(below, _text(value), "nothing")
    elif isinstance(wanted, list):
        yield from _lists(place, wanted, there)
    elif not _same(wanted, there):
        yield Difference(place, _text(wanted), _text(there))


def _lists(place: str, wanted: list[Any], there: Any) -> Iterator[Difference]:
    if not isinstance(there, list) or len(there) != len(wanted):
        yield Difference(place, _text(wanted), _text(there))
        return
    for index, (one, other) in enumerate(zip(sorted(wanted, key=_order), sorted(there, key=_order), strict=True)):
        yield from _within(f"{place}[{index}]", one, other)


def _order(value: Any) -> str:
    """Entries of a list by their name, for AWS may give them back in another order."""
    named = value.get("Name") or value.get("VariantName") or "" if isinstance(value, Mapping) else value
    return str(named)


def _usual(value: Any) -> bool:
    """Whether a value is what AWS leaves out of a description."""
    return value in (None, False, 0, "", [], {}) or value == {"EnableDetailedObservability": False}


def _same(wanted: Any, there: Any) -> bool:
    """Whether two plain values mean the same: 1 and 1.0, "500.00" and "500.0", JSON with other blanks."""
    if wanted == there:
        return True
    try:
        return bool(float(wanted) == float(there))
    except (TypeError, ValueError):
        pass
    try:
        return bool(json.loads(wanted) == json.loads(there))
    except (TypeError, ValueError):
        return False


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, default=str, sort_keys=True)
