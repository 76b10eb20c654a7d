"""What docs/faults.md shows is what the program does."""

from __future__ import annotations

import re
from pathlib import Path

from headroom.sharing.toml_file import read_scenario, write_scenario
from simulator.model.faults import KINDS
from simulator.patterns.registry import PATTERNS
from simulator.scenario import Scenario

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "faults.md").read_text(encoding="utf-8")


def test_the_table_says_what_each_fault_touches():
    rows = {
        cells[0]: cells[2:] for cells in re.findall(r"^\| `(\w+)` \|(.*?)\|(.*?)\|(.*?)\|(.*?)\|(.*?)\|$", PAGE, re.M)
    }
    assert list(rows) == [kind.model_fields["kind"].default for kind in KINDS]
    for kind, cells in rows.items():
        touched = [pattern.key for pattern, cell in zip(PATTERNS, cells, strict=True) if cell.strip() != "–"]
        assert touched == [pattern.key for pattern in PATTERNS if kind in pattern.touched_by]


def test_the_example_is_read():
    (example,) = re.findall(r"```toml\n(.*?)```", PAGE, re.S)
    found = read_scenario(f"schema = 1\n{example}").faults
    assert [(fault.kind, fault.at_s) for fault in found] == [("instance_loss", 43_200), ("traffic_spike", 54_000)]


def test_every_kind_is_written_and_read():
    faults = tuple(kind.model_validate({"at_s": 60.0 * at}) for at, kind in enumerate(KINDS))
    scenario = Scenario(faults=faults)
    assert read_scenario(write_scenario(scenario)) == scenario
