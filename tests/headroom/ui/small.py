"""A scenario that is simulated in a moment, and the app opened with it."""

from __future__ import annotations

import time
from pathlib import Path

from streamlit.testing.v1 import AppTest

from headroom.advisor.portfolio.description import Member, Portfolio
from headroom.sharing import link
from headroom.sharing.portfolio_link import encode_portfolio
from simulator.model.requirement import Requirement
from simulator.model.simulation import Simulation
from simulator.model.workload import Workload
from simulator.patterns.realtime.deployment import RealtimeDeployment
from simulator.patterns.serverless.deployment import ServerlessDeployment
from simulator.scenario import Scenario
from simulator.search_space import SearchSpace
from simulator.traffic.kinds import Constant

APP = str(Path(__file__).resolve().parents[3] / "app.py")
LONGEST_S = 120.0


def scenario(name: str = "Small", rate_per_s: float = 2.0) -> Scenario:
    """An hour at a constant rate on two deployments, two replications; only serverless endpoints are searched."""
    return Scenario(
        schema=1,
        workload=Workload(name=name, traffic=Constant(rate_per_s=rate_per_s)),
        requirement=Requirement(min_zones=1),
        simulation=Simulation(duration_s=3600, warmup_s=600, replications=2),
        deployments=(RealtimeDeployment(name="Fixed"), ServerlessDeployment(name="Small functions")),
        search=SearchSpace(patterns=("serverless",)),
    )


def few() -> Portfolio:
    """Two workloads that are planned in a moment: each may use one pattern only."""
    patterns = {"Steady": "realtime", "Seldom": "serverless"}
    members = (
        Member(scenario=scenario(name).model_copy(update={"search": SearchSpace(patterns=(pattern,))}))
        for name, pattern in patterns.items()
    )
    return Portfolio(name="Few", workloads=tuple(members))


def heavy() -> Scenario:
    """A week at a rate that takes minutes to simulate."""
    one = scenario("Heavy", 5000.0)
    fleet = RealtimeDeployment(name="Fleet", initial_instance_count=100)
    simulation = Simulation(duration_s=7 * 86_400, replications=1)
    return one.model_copy(update={"simulation": simulation, "deployments": (fleet,), "search": SearchSpace()})


def opened(given: Scenario | None = None, page: str = "") -> AppTest:
    """The app with this scenario in its address, after the first run; on the default page, or on pages/<page>.py."""
    at = AppTest.from_file(APP, default_timeout=LONGEST_S)
    if given is not None:
        at.query_params["s"] = link.encode(given)
        at.query_params["p"] = encode_portfolio(few())
    at.run()
    if page:
        at.switch_page(f"pages/{page}.py").run()
    return at


def put(at: AppTest, new: Scenario) -> AppTest:
    """The same page after the session has taken up another scenario, as `state.put(new, fresh=True)` does it."""
    at.session_state["scenario"] = new
    at.session_state["epoch"] = int(at.session_state["epoch"]) + 1
    return at.run()


def finished(at: AppTest) -> AppTest:
    """The same page when nothing is simulated, searched or looked for any more."""
    deadline = time.monotonic() + LONGEST_S
    while any(button.label.startswith("Stop ") for button in at.button):
        assert time.monotonic() < deadline, "it did not end"
        time.sleep(0.2)
        at.run()
    return at


def looking_at(at: AppTest, label: str) -> AppTest:
    """The page when the deployment with this label is the one that is looked at."""
    choice = next(box for box in at.selectbox if box.label == "Deployment")
    choice.select(label).run()
    return finished(at)


def words(at: AppTest) -> str:
    """Everything that is written on the page, as it was given to Streamlit."""
    kinds = ("title", "subheader", "markdown", "caption", "error", "info", "warning", "success", "code")
    return "\n".join(str(getattr(element, "value", "")) for kind in kinds for element in at.get(kind))


def trouble(at: AppTest) -> list[str]:
    """What a page must never have: an uncaught exception, or nothing on it."""
    found = [str(exception.message) for exception in at.exception]
    return found if found or at.title else ["the page is empty"]


def given(at: AppTest, name: str = "s") -> str:
    """The value of a parameter of the address."""
    value = at.query_params.get(name, [""])
    return value[0] if isinstance(value, list) else str(value)
