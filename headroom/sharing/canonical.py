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
    """The whole scenario as plain JSON values, numbers in their one form."""
    values = scenario.model_dump(mode="json", by_alias=True)
    values["prices"] = [{**price, "usd": _price(price["usd"])} for price in values["prices"]]
    plain: dict[str, Any] = normal(values)
    return plain


def normal(value: Any) -> Any:
    """The same value with every number in its one form."""
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < _EXACT else value
    if isinstance(value, dict):
        return {key: normal(item) for key, item in value.items()}
    if isinstance(value, list):
        return [normal(item) for item in value]
    return value


def dumps(value: Any) -> str:
    """Canonical JSON of plain values; NaN and infinity are refused."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def canonical_json(scenario: Scenario) -> str:
    """The canonical text of a scenario."""
    return dumps(document(scenario))


def scenario_key(scenario: Scenario, prices_version: str, engine_version: str) -> str:
    """A digest that is equal only when scenario, prices and engine are: the key of cached results."""
    text = dumps([canonical_json(scenario), prices_version, engine_version])
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _price(usd: str) -> str:
    return f"{Decimal(usd).normalize() + 0:f}"
