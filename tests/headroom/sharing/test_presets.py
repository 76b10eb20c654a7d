from __future__ import annotations

import tomllib

import pytest

from headroom.sharing.link import encode
from headroom.sharing.presets import COMPANY, FIRST_SHOWN, FOLDER, PRESETS, load_preset, preset_text
from headroom.sharing.toml_file import read_scenario, write_scenario
from simulator.errors import InvalidScenario


def test_the_list_and_the_folder_agree() -> None:
    assert sorted(preset.file for preset in PRESETS) == sorted(path.name for path in FOLDER.glob("*.toml"))
    assert len({preset.title for preset in PRESETS}) == len(PRESETS)


def test_the_company_has_three_workloads() -> None:
    assert [preset.key for preset in PRESETS if preset.group == COMPANY] == ["fraud", "nightly-profiles", "documents"]
    assert FIRST_SHOWN in {preset.key for preset in PRESETS}


@pytest.mark.parametrize("key", [preset.key for preset in PRESETS])
def test_a_preset_says_what_it_is_and_where_its_numbers_come_from(key: str) -> None:
    head = preset_text(key).split("schema = 1")[0]
    assert "# Where the numbers come from" in head
    assert all(line.startswith("#") for line in head.splitlines())
    assert all(len(line) <= 120 for line in preset_text(key).splitlines())


@pytest.mark.parametrize("key", [preset.key for preset in PRESETS])
def test_a_preset_travels_as_file_and_as_link(key: str) -> None:
    scenario = load_preset(key)
    assert read_scenario(write_scenario(scenario)) == scenario
    assert len(encode(scenario)) <= 2000, "links up to 2,000 characters survive chat and mail"
    assert tomllib.loads(preset_text(key))["schema"] == 1


@pytest.mark.parametrize("key", [preset.key for preset in PRESETS])
def test_names_of_deployments_differ(key: str) -> None:
    names = [deployment.name for deployment in load_preset(key).deployments]
    assert len(set(names)) == len(names)


def test_an_unknown_preset_names_the_nearest() -> None:
    with pytest.raises(InvalidScenario, match="Did you mean fraud"):
        load_preset("frud")
