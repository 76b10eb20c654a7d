"""The presets: scenarios of real workloads, each a TOML file in scenarios/, in the order in which they are offered."""

from __future__ import annotations

from dataclasses import dataclass

from headroom.advisor.portfolio.description import Member, Portfolio
from headroom.locations import location_of
from headroom.sharing.problems import nearest
from headroom.sharing.toml_file import read_scenario
from simulator.errors import InvalidScenario, Problem
from simulator.scenario import Scenario

FOLDER = location_of("scenarios")
COMPANY = "One company, three workloads"
SINGLE = "Single workloads"
FIRST_SHOWN = "classification-api"


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """A scenario that comes with Headroom. Presets of one group are offered together."""

    key: str
    title: str
    group: str

    @property
    def file(self) -> str:
        """The name of the preset's file in scenarios/."""
        return f"{self.key}.toml"


PRESETS: tuple[Preset, ...] = (
    Preset(key="fraud", title="Card-fraud scoring", group=COMPANY),
    Preset(key="nightly-profiles", title="Nightly scoring of 50 million customers", group=COMPANY),
    Preset(key="documents", title="Multi-page insurance documents", group=COMPANY),
    Preset(key="dashboard", title="Dashboard of a model in development", group=SINGLE),
    Preset(key="classification-api", title="Classification API with a daily cycle", group=SINGLE),
    Preset(key="fraud-measured", title="Card fraud, nights as measured", group=SINGLE),
    Preset(key="bursty-function", title="Bursty function", group=SINGLE),
)


def preset_keys() -> tuple[str, ...]:
    """Return the keys of all presets, in the order in which they are offered."""
    return tuple(preset.key for preset in PRESETS)


def preset_text(key: str) -> str:
    """Return the TOML text of a preset; raises InvalidScenario when no preset has this key."""
    presets = {preset.key: preset for preset in PRESETS}
    if key not in presets:
        raise InvalidScenario([Problem("preset", repr(key), f"one of {', '.join(presets)}", nearest(key, presets))])
    return (FOLDER / presets[key].file).read_text(encoding="utf-8")


def load_preset(key: str) -> Scenario:
    """Return the scenario of a preset; raises InvalidScenario when no preset has this key."""
    return read_scenario(preset_text(key))


def load_company() -> Portfolio:
    """Return the portfolio of the three workloads of one company, whose account has no known quotas."""
    members = (Member(scenario=load_preset(preset.key)) for preset in PRESETS if preset.group == COMPANY)
    return Portfolio(name=COMPANY, workloads=tuple(members))
