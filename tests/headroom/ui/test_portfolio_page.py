"""The Portfolio page, run as Streamlit's own test harness runs it, with the real search behind it."""

from __future__ import annotations

import time

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from headroom.advisor.portfolio.description import Member, Portfolio, SavingsPlan
from headroom.sharing import link
from headroom.sharing.portfolio_file import write_portfolio
from headroom.sharing.portfolio_link import decode_portfolio, encode_portfolio
from headroom.sharing.presets import load_company, load_preset
from headroom.sharing.toml_file import write_scenario
from simulator.patterns.realtime.deployment import RealtimeDeployment
from simulator.traffic.kinds import Counts
from tests.headroom.ui.small import APP, LONGEST_S, few, given, opened, scenario, trouble, words


def page(portfolio: Portfolio | str | None = None) -> AppTest:
    """The page with this portfolio, or this text, in its address."""
    at = AppTest.from_file(APP, default_timeout=LONGEST_S)
    if portfolio is not None:
        at.query_params["p"] = portfolio if isinstance(portfolio, str) else encode_portfolio(portfolio)
    return at.switch_page("pages/portfolio.py").run()


def planned(at: AppTest) -> AppTest:
    """The same page when nothing is planned any more."""
    deadline = time.monotonic() + LONGEST_S
    while any(button.label == "Stop the plan" for button in at.button):
        assert time.monotonic() < deadline, "the plan did not end"
        time.sleep(0.2)
        at.run()
    return at


def press(at: AppTest, label: str) -> AppTest:
    return next(button for button in at.button if button.label == label).click().run()


def portfolio(at: AppTest) -> Portfolio:
    return at.session_state["portfolio"]


def names(at: AppTest) -> list[str]:
    return [member.scenario.workload.name for member in portfolio(at).workloads]


def metrics(at: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in at.metric}


def said(at: AppTest) -> str:
    return words(at).replace("\\", "")


@pytest.mark.slow
def test_a_first_visitor_sees_the_company_at_once_with_its_baseline_and_the_progress():
    at = page()
    assert trouble(at) == []
    assert portfolio(at) == load_company()
    assert metrics(at)["Always-on real-time, a month"] == "$17,546"
    assert "payload in 80 MB, allowed at most 25 MB" in said(at)
    assert {"Card-fraud scoring", "Nightly customer scoring", "Insurance documents"} <= set(names(at))
    press(at, "Stop the plan")
    press(at, "Remove all workloads")
    assert trouble(at) == []
    assert "The portfolio is empty" in said(at)
    assert decode_portfolio(given(at, "p")).workloads == ()


def test_every_workload_is_planned_and_the_whole_is_held_against_always_on():
    at = planned(page(few()))
    assert trouble(at) == []
    assert at.success
    assert "Each on its best deployment, the 2 workloads cost" in said(at)
    assert {"Each on its best, a month", "Always-on real-time, a month"} <= set(metrics(at))
    assert "Preview" not in said(at)
    assert {"simulated"} == set(at.dataframe[1].value["Result"])


def test_a_discount_finds_a_commitment_without_planning_again():
    at = planned(page(few()))
    at.number_input(key=f"w{at.session_state['epoch']}:portfolio.savings_plans.0:discount_percent").set_value(
        20.0
    ).run()
    assert trouble(at) == []
    assert not any(button.label == "Stop the plan" for button in at.button)
    assert portfolio(at).savings_plans == (SavingsPlan(discount_percent=20),)
    assert decode_portfolio(given(at, "p")) == portfolio(at)
    assert "commit $" in said(at)
    assert metrics(at)["Saved by a commitment, a month"].startswith("$")
    at.button(key="undo").click().run()
    assert portfolio(at) == few()
    assert "Saved by a commitment, a month" not in metrics(at)


def test_what_the_user_fixes_is_priced_beside_the_best():
    at = planned(page(few()))
    choice = next(box for box in at.selectbox if box.label == "In your own mapping")
    choice.set_value(1).run()
    planned(at)
    assert trouble(at) == []
    first = portfolio(at).workloads[0]
    assert first.fixed == first.scenario.deployments[0]
    assert "Your own mapping, a month" in metrics(at)
    assert "Your own mapping costs" in said(at)
    assert decode_portfolio(given(at, "p")) == portfolio(at)


def test_a_workload_opens_as_the_current_scenario_and_goes_back_into_its_place():
    at = planned(page(few()))
    at.button(key="open-0").click().run()
    assert trouble(at) == []
    assert at.title[0].value == "Plan"
    now = at.session_state["scenario"]
    assert now.workload.name == "Steady"
    assert any(isinstance(one, RealtimeDeployment) and one.name != "Fixed" for one in now.deployments)
    assert given(at) == link.encode(now)
    at.switch_page("pages/portfolio.py").run()
    press(at, "Put the current scenario in place of Steady")
    assert portfolio(at).workloads[0].scenario == now
    assert names(at) == ["Steady", "Seldom"]


@pytest.mark.slow
def test_workloads_are_added_under_names_of_their_own_and_removed():
    at = page(few())
    at.session_state["scenario"] = scenario("Mine")
    at.run()
    press(at, "Add the current scenario: Mine")
    press(at, "Bursty function")
    press(at, "Bursty function")
    title = load_preset("bursty-function").workload.name
    assert names(at) == ["Steady", "Seldom", "Mine", title, f"{title} 2"]
    at.button(key="remove-1").click().run()
    assert names(at) == ["Steady", "Mine", title, f"{title} 2"]
    assert trouble(at) == []
    press(at, "Stop the plan")


@pytest.mark.slow
def test_files_are_added_or_take_the_place_of_everything():
    at = page(few())
    upload(at, "mine.toml", write_scenario(scenario("Mine")))
    assert names(at) == ["Steady", "Seldom", "Mine"]
    other = Portfolio(name="Other", workloads=(Member(scenario=scenario("Alone")),))
    upload(at, "other.toml", write_portfolio(other))
    assert portfolio(at) == other
    upload(at, "bad.toml", "schema = 1\nregoin = 'x'\n")
    assert trouble(at) == []
    assert "The files cannot be used; the portfolio is unchanged" in said(at)
    assert portfolio(at) == other
    press(at, "Stop the plan")


def upload(at: AppTest, name: str, text: str) -> None:
    at.file_uploader[0].upload(name, text.encode(), "application/toml").run()


def test_a_bad_link_is_explained_and_the_company_is_shown():
    at = page("1.####")
    assert trouble(at) == []
    assert "The link could not be opened" in said(at)
    assert portfolio(at) == load_company()
    at.button(key="remove-0").click().run()
    assert "The link could not be opened" not in said(at)
    press(at, "Remove all workloads")


def test_what_cannot_be_planned_is_explained_and_can_be_removed():
    odd = scenario("Odd").model_copy(update={"region": "atlantis"})
    at = page(few().model_copy(update={"workloads": (*few().workloads, Member(scenario=odd))}))
    assert trouble(at) == []
    assert "atlantis" in said(at)
    at.button(key="remove-2").click().run()
    assert planned(at).success


def long() -> Portfolio:
    """Whose trace is too long for a link; nothing of it is planned."""
    one = scenario("Long")
    requests = tuple(np.random.default_rng(1).integers(0, 10**6, 20_000).tolist())
    workload = one.workload.model_copy(update={"traffic": Counts(requests=requests, scale=1e-6)})
    return Portfolio(name="Long", workloads=(Member(scenario=one.model_copy(update={"workload": workload})),))


def test_a_portfolio_too_large_for_a_link_is_stored_only_on_a_click(links):
    at = opened(None, "settings")
    at.session_state["portfolio"] = long()
    at.switch_page("pages/portfolio.py").run()
    assert trouble(at) == []
    assert "this portfolio is too large for a link" in at.warning[0].value
    assert not {"p", "pl"} & set(at.query_params)
    assert not links.exists()
    at.button(key="portfolio-short-link").click().run()
    assert not [warning for warning in at.warning if "too large" in warning.value]
    short = given(at, "pl")
    assert links.exists()
    assert any(f"?pl={short}" in code.value for code in at.code)
    at.switch_page("pages/costs.py").run()
    assert given(at, "pl") == short
    elsewhere = AppTest.from_file(APP, default_timeout=LONGEST_S)
    elsewhere.query_params["pl"] = short
    elsewhere.switch_page("pages/portfolio.py").run()
    assert portfolio(elsewhere) == long()
    assert given(elsewhere, "pl") == short


def test_a_short_link_that_is_no_portfolio_is_explained(links):
    at = AppTest.from_file(APP, default_timeout=LONGEST_S)
    at.query_params["pl"] = "2345678923"
    at.switch_page("pages/portfolio.py").run()
    assert "not known here" in at.error[0].value
    assert portfolio(at) == load_company()


def test_the_portfolio_goes_along_to_other_pages_and_the_scenario_is_kept():
    at = opened(scenario("Kept"), "portfolio")
    assert given(at) == link.encode(scenario("Kept"))
    at.switch_page("pages/costs.py").run()
    assert given(at, "p") == encode_portfolio(few())
    assert at.session_state["scenario"] == scenario("Kept")
    at = opened(None, "costs")
    assert given(at, "p") == ""


def test_user_text_reaches_the_page_as_text_only():
    beacon = "![x](https://example.com/x.png)"
    named = scenario(beacon).model_copy(update={"search": few().workloads[0].scenario.search})
    fixed = named.deployments[0].model_copy(update={"name": beacon})
    at = page(Portfolio(name=beacon, workloads=(Member(scenario=named, fixed=fixed),)))
    planned(at)
    assert trouble(at) == []
    assert beacon not in words(at)
    assert all(beacon not in str(button.label) + str(button.help) for button in at.button)
