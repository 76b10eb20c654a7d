"""The exports. EXPORTS is the one list: what is in it is a button on the page and a choice of `--as`."""

from __future__ import annotations

from typing import Any, TypeVar

from headroom.sharing.exports.bill_csv import BILL_CSV
from headroom.sharing.exports.comparison_csv import COMPARISON_CSV, PLAN_CSV
from headroom.sharing.exports.deployment_files import DEPLOYMENT_FILES
from headroom.sharing.exports.export import Export
from headroom.sharing.exports.json_files import COMPARISON_JSON, PLAN_JSON, PORTFOLIO_JSON, SIMULATION_JSON
from headroom.sharing.exports.portfolio_csv import PORTFOLIO_CSV
from headroom.sharing.exports.portfolio_text import PORTFOLIO_TEXT
from headroom.sharing.exports.replica_text import REPLICA_JSON, REPLICA_TEXT
from headroom.sharing.exports.text import COMPARISON_TEXT, PLAN_TEXT, SIMULATION_TEXT
from headroom.sharing.exports.toml_files import PORTFOLIO_TOML, SCENARIO_TOML

Value = TypeVar("Value")

EXPORTS: tuple[Export[Any], ...] = (
    SCENARIO_TOML,
    COMPARISON_CSV,
    COMPARISON_JSON,
    COMPARISON_TEXT,
    BILL_CSV,
    PLAN_CSV,
    PLAN_JSON,
    PLAN_TEXT,
    SIMULATION_JSON,
    SIMULATION_TEXT,
    PORTFOLIO_TOML,
    PORTFOLIO_CSV,
    PORTFOLIO_JSON,
    PORTFOLIO_TEXT,
    REPLICA_JSON,
    REPLICA_TEXT,
    *DEPLOYMENT_FILES,
)


def exports_of(kind: type[Value]) -> tuple[Export[Value], ...]:
    """Return the formats in which a type of value can be exported, in the order in which they are offered."""
    return tuple(export for export in EXPORTS if export.kind is kind)
