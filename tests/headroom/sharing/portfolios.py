"""Whole portfolios: a Hypothesis strategy from the declared bounds of each field, and one that a file holds."""

from __future__ import annotations

from hypothesis import strategies as st

from headroom.advisor.portfolio.description import InstanceQuota, Member, Portfolio, Quotas, SavingsPlan, UsageDiscount
from headroom.sharing.portfolio_file import ReadFile, gather, no_files
from simulator.scenario import Scenario
from tests.strategies import deployments, names, scenarios, specs

_instances = st.text(st.sampled_from("abcml.5x"), max_size=20)
_discounts = st.lists(specs(UsageDiscount, instance=_instances), max_size=2).map(tuple)
_plans = st.lists(specs(SavingsPlan, discounts=_discounts), max_size=2).map(tuple)
_quotas = specs(Quotas, instance_types=st.lists(specs(InstanceQuota), max_size=2).map(tuple))


@st.composite
def _members(draw: st.DrawFn) -> Member:
    """With nothing fixed, one of the scenario's own deployments, or another."""
    scenario: Scenario = draw(scenarios())
    choices = [st.none(), deployments, *([st.sampled_from(scenario.deployments)] if scenario.deployments else [])]
    return Member(scenario=scenario, fixed=draw(st.one_of(*choices)))


def portfolios(most: int = 2) -> st.SearchStrategy[Portfolio]:
    """Whole portfolios of at most so many workloads, valid by themselves."""
    return st.builds(
        Portfolio,
        name=names,
        workloads=st.lists(_members(), max_size=most).map(tuple),
        quotas=_quotas,
        savings_plans=_plans,
    )


def portfolio_in(text: str, read_file: ReadFile = no_files) -> Portfolio:
    """The portfolio of a file, as command line and page read it. read_file: the text of a file that it names."""
    return gather([("portfolio.toml", text)], lambda _file, name: read_file(name))
