"""Writes headroom/sharing/defaults_<schema>.json from the program: `python -m tests.headroom.sharing.freeze`.

For new fields, and for the defaults in `corrected.py`. It refuses to change another that is already frozen; see
docs/decisions/0003-link-format.md.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel

from headroom.sharing.canonical import document, normal
from simulator.model import faults
from simulator.model.workload import Batching, MeasuredTime, Population, Slowdown
from simulator.patterns.registry import Deployment
from simulator.scaling.policies import ScheduledAction, StepAdjustment
from simulator.scenario import SCHEMA, Scenario
from simulator.traffic.kinds import KINDS, Spike, Step
from tests.headroom.sharing.corrected import CORRECTED

ROOT = Path(__file__).parents[3]
FILE = ROOT / "headroom" / "sharing" / f"defaults_{SCHEMA}.json"


def plain(model: BaseModel) -> dict[str, Any]:
    return normal(model.model_dump(mode="json"))


def defaults_of_the_program() -> dict[str, Any]:
    patterns = get_args(get_args(Deployment)[0])
    parts: dict[str, dict[str, Any]] = {pattern().pattern: {} for pattern in patterns}
    for pattern in patterns:
        for name, field in pattern.model_fields.items():
            kinds = get_args(field.annotation)
            if type(None) in kinds:
                part = next(kind for kind in kinds if kind is not type(None))
                parts[pattern().pattern][name] = plain(part())
    workload = {name: plain(part()) for name, part in (("batching", Batching), ("population", Population))}
    scaling = {key: found.pop("scaling") for key, found in parts.items() if "scaling" in found}
    return {
        "scenario": document(Scenario()),
        "traffic": {plain(kind())["kind"]: plain(kind()) for kind in KINDS},
        "faults": {plain(kind())["kind"]: plain(kind()) for kind in faults.KINDS},
        "deployments": {pattern().pattern: plain(pattern()) for pattern in patterns},
        "scaling": scaling,
        "parts": {key: found for key, found in {**parts, "workload": workload}.items() if found},
        "entries": {
            "steps": plain(Step()),
            "spikes": plain(Spike()),
            "step_adjustments": plain(StepAdjustment()),
            "scheduled_actions": plain(ScheduledAction()),
            "slowdown": plain(Slowdown()),
            "measured": plain(MeasuredTime()),
        },
    }


def changes(frozen: Any, now: Any, path: str = "") -> list[str]:
    """Frozen values that the program no longer has as its defaults. Additions and corrections are no change."""
    if isinstance(frozen, dict) and isinstance(now, dict):
        found = [f"{path}{key}: gone" for key in frozen if key not in now]
        for key in frozen.keys() & now.keys() - CORRECTED.keys():
            found += changes(frozen[key], now[key], f"{path}{key}.")
        return sorted(found)
    if isinstance(frozen, list) and isinstance(now, list) and len(frozen) == len(now):
        return [line for k, pair in enumerate(zip(frozen, now, strict=True)) for line in changes(*pair, f"{path}{k}.")]
    return [] if frozen == now else [f"{path.rstrip('.')}: {frozen!r} is now {now!r}"]


def main() -> int:
    now = defaults_of_the_program()
    broken = changes(json.loads(FILE.read_text()), now) if FILE.exists() else []
    if broken:
        print("\n".join(["These defaults are frozen and cannot be changed in this schema:", *broken]), file=sys.stderr)
        return 1
    FILE.write_text(json.dumps(now, indent=1, sort_keys=True) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
