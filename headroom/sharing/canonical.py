"""One text per scenario: equal scenarios give equal text, so links, cache keys and digests agree.

Canonical JSON has sorted keys and no spaces; a whole number has no decimal point, minus zero is zero, and a price has
no trailing zeros.
"""

from __future__ import annotations

import hashlib
import json
from decimal import Decimal
from typing import Any

from simulator.scenario import Scenario

_EXACT = 2**53  # Beyond it not every whole number is a float.


def document(scenario: Scenario) -> dict[str, Any]:
    """Return the whole scenario as plain JSON values, with every number in its canonical form."""
    values = scenario.model_dump(mode="json", by_alias=True)
    values["prices"] = [{**price, "usd": _price(price["usd"])} for price in values["prices"]]
    plain: dict[str, Any] = normal(values)
    return plain


def normal(value: Any) -> Any:
    """Return the same JSON value with every number in its canonical form."""
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < _EXACT else value
    if isinstance(value, dict):
        return {key: normal(item) for key, item in value.items()}
    if isinstance(value, list):
        return [normal(item) for item in value]
    return value


def dumps(value: Any) -> str:
    """Return plain values as canonical JSON; raises ValueError for NaN and infinity."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def canonical_json(scenario: Scenario) -> str:
    """Return the canonical JSON text of a scenario."""
    return dumps(document(scenario))


def scenario_key(scenario: Scenario, prices_version: str, engine_version: str) -> str:
    """Return the key of a cached result: a digest that differs when scenario, prices or engine differ."""
    text = dumps([canonical_json(scenario), prices_version, engine_version])
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _price(usd: str) -> str:
    return f"{Decimal(usd).normalize() + 0:f}"
