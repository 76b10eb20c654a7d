"""docs/export.md says what the program does: its files, its gaps, the fields of [deploy], its example."""

from __future__ import annotations

import re
from pathlib import Path

from headroom.deploy.exports.unsaid import GAPS
from headroom.sharing.exports.deployment_files import FILES
from headroom.sharing.placement_file import read_placement
from simulator.model.placement import Placement

PAGE = (Path(__file__).parents[4] / "docs" / "export.md").read_text(encoding="utf-8")


def test_every_file_and_every_gap_is_there() -> None:
    for export in FILES:
        assert f"`{export.file_name}`" in PAGE
    said = set(re.findall(r"^\| (?:cloudformation|terraform|boto3|cli) \| (.*) \|$", PAGE, re.MULTILINE))
    assert said == {gap.said for gaps in GAPS.values() for gap in gaps}


def test_every_field_of_a_placement_is_there() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (.*) \| (.*) \|$", PAGE, re.MULTILINE)
    fields = [(name, title, text) for name, title, text in rows if name in Placement.model_fields]
    assert fields == [(name, field.title, field.description) for name, field in Placement.model_fields.items()]


def test_the_example_is_a_placement() -> None:
    (example,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    assert read_placement(example).endpoint_name == "card-fraud"
