"""What a pattern goes through, from a link to a page. To be run in the house that lists it (house.py).

`python -m tests.fifth_pattern.drives` writes a JSON object: the name of each drive and what went wrong in it, "" when
nothing did.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache, partial
from pathlib import Path

from headroom.advisor.answer import Comparison
from headroom.advisor.baseline import always_on
from headroom.advisor.compare import compare
from headroom.advisor.evaluate import preview
from headroom.advisor.explore.break_even import BreakEven, break_even
from headroom.advisor.explore.decisive_assumptions import hinges
from headroom.advisor.explore.heat_map import HeatMap, heat_map
from headroom.advisor.explore.ranking_at import stand
from headroom.advisor.explore.rules import rules
from headroom.advisor.explore.thresholds import thresholds
from headroom.advisor.explore.tornado import tornado
from headroom.advisor.portfolio.description import Member, Portfolio, SavingsPlan
from headroom.advisor.portfolio.planner import plan_portfolio
from headroom.advisor.portfolio.savings import hourly_curve
from headroom.advisor.portfolio.totals import PortfolioPlan
from headroom.advisor.prepared import check, prepare
from headroom.advisor.replica import ReplicaAnswer
from headroom.advisor.search.planner import plan
from headroom.advisor.search.screen import screen
from headroom.advisor.search.types import Plan
from headroom.advisor.tell.argument import argue_plan
from headroom.advisor.tell.warn import warnings
from headroom.cli.exit_codes import FINE
from headroom.cli.main import main
from headroom.codec import from_json, to_json
from headroom.deploy.form import make_form
from headroom.sharing import link
from headroom.sharing.exports.export import DefendedPlan, PlacedDeployment, SimulatedDeployment
from headroom.sharing.exports.registry import EXPORTS, exports_of
from headroom.sharing.library import load_world
from headroom.sharing.portfolio_link import decode_portfolio, encode_portfolio
from headroom.sharing.toml_file import read_scenario, write_scenario
from headroom.ui.figures import comparison as comparison_figures
from headroom.ui.figures import (
    explore_break_even,
    explore_change,
    explore_map,
    explore_tornado,
    plane,
    quick,
    timeline,
)
from headroom.ui.figures import portfolio as portfolio_figures
from headroom.ui.figures.look import Drawing, Look
from headroom.ui.shell.menu import PAGES
from simulator.model.faults import KINDS
from simulator.model.placement import Placement
from simulator.model.simulation import Simulation
from simulator.model.workload import ServiceTime, Workload
from simulator.patterns.registry import BY_KEY, PATTERNS
from simulator.scenario import Scenario
from simulator.search_space import SearchSpace
from simulator.traffic.kinds import Constant
from tests.fifth_pattern.deployment import RelayDeployment
from tests.headroom.ui.small import finished, opened, trouble, words

KEY = "relay"
LOOKS = (Look(dark=False), Look(dark=True))
WORLD = load_world()
Drive = Callable[[], None]


def scenario() -> Scenario:
    """An hour on a relay and on what else there is, with few families to look at."""
    return Scenario(
        schema=1,
        workload=Workload(
            name="Passed on", traffic=Constant(rate_per_s=5), service_time=ServiceTime(mean_ms=60, cv=0.5)
        ),
        simulation=Simulation(duration_s=3600, warmup_s=0, replications=2),
        deployments=(
            RelayDeployment(servers=3),
            *(pattern.deployment() for pattern in PATTERNS if pattern.key != KEY),
        ),
        search=SearchSpace(patterns=(KEY,), families=("ml.m5", "ml.c5")),
    )


@cache
def compared() -> Comparison:
    return compare(scenario(), WORLD)


@cache
def planned() -> Plan:
    return plan(scenario(), WORLD)


@cache
def portfolio() -> Portfolio:
    member = Member(scenario=scenario(), fixed=scenario().deployments[0])
    offer = SavingsPlan(name="One year", discount_percent=30.0)
    return Portfolio(name="One", workloads=(member,), savings_plans=(offer,))


@cache
def portfolio_planned() -> PortfolioPlan:
    return plan_portfolio(portfolio(), WORLD)


def it_is_listed() -> None:
    assert KEY in BY_KEY
    assert KEY in {deployment.pattern for deployment in Scenario().deployments}
    assert KEY in str(SearchSpace.model_fields["patterns"].description)


def a_link_brings_it_back() -> None:
    for given in (scenario(), Scenario()):
        assert link.decode(link.encode(given)) == given
    assert decode_portfolio(encode_portfolio(portfolio())) == portfolio()


def a_file_brings_it_back() -> None:
    assert read_scenario(write_scenario(scenario())) == scenario()


def a_preset_reads_as_before() -> None:
    for file in Path("scenarios").glob("*.toml"):
        read_scenario(file.read_text(encoding="utf-8"))


def a_wrong_instance_type_is_named() -> None:
    wrong = scenario().model_copy(update={"deployments": (RelayDeployment(instance_type="ml.m5.huge"),)})
    assert [problem.where for problem in check(wrong, WORLD)] == ["deployments[0].instance_type"]


def it_is_compared() -> None:
    evaluation = compared().evaluations[0]
    assert evaluation.outcome is not None
    assert evaluation.bill is not None
    assert evaluation.bill.complete
    assert to_json(from_json(Comparison, to_json(compared()))) == to_json(compared())
    assert warnings(prepare(scenario(), WORLD), evaluation) is not None
    assert always_on(scenario(), WORLD).instances >= 1


def faults_touch_it() -> None:
    faults = tuple(kind.model_validate({"at_s": 600.0}) for kind in KINDS)
    (evaluation, *_) = compare(scenario().model_copy(update={"faults": faults}), WORLD).evaluations
    assert evaluation.outcome is not None
    assert {recovery.kind for recovery in evaluation.outcome.recoveries} == BY_KEY[KEY].touched_by


def it_is_previewed() -> None:
    answer = preview(scenario(), scenario().deployments[0], WORLD)
    assert answer.estimate is not None
    assert answer.estimate.pattern == KEY
    for look in LOOKS:
        drawings = (quick.rate(answer.estimate, 0, look), quick.capacity(answer.estimate, 0, look))
        assert "servers" in drawings[1].question
        _shown(drawings)


def it_is_screened_and_planned() -> None:
    every = scenario().model_copy(update={"search": SearchSpace(families=("ml.m5",))})
    assert [entry.pattern for entry in screen(every, WORLD).patterns] == [pattern.key for pattern in PATTERNS]
    winner = planned().comparison.evaluations[planned().comparison.best or 0]
    assert winner.meets
    assert winner.deployment.pattern == KEY
    assert winner.deployment.name.startswith("Relay, ")
    assert to_json(from_json(Plan, to_json(planned()))) == to_json(planned())


def every_export_is_written() -> None:
    comparison = compared()
    values = (
        scenario(),
        comparison,
        DefendedPlan(plan=planned(), argument=argue_plan(planned())),
        SimulatedDeployment(scenario=scenario(), evaluation=comparison.evaluations[0]),
        portfolio(),
        portfolio_planned(),
        PlacedDeployment(
            scenario=scenario(),
            answer=comparison.evaluations[0],
            form=make_form(prepare(scenario(), WORLD), scenario().deployments[0], Placement()),
        ),
    )
    written = [export.key for value in values for export in exports_of(type(value)) if export.write(value, WORLD)]
    kinds = {type(value) for value in values}
    assert {export.kind for export in EXPORTS} - kinds == {ReplicaAnswer}, "a replica has no pattern"
    assert len(written) == sum(export.kind in kinds for export in EXPORTS)


def figures_of_the_comparison() -> None:
    outcome = compared().evaluations[0].outcome
    assert outcome is not None
    clock = timeline.clock_of(outcome, 0)
    of_outcome = (timeline.demand, timeline.capacity, timeline.fleet, timeline.backlog, timeline.trouble)
    for look in LOOKS:
        drawings = [draw(outcome, clock, look) for draw in of_outcome]
        drawings += [timeline.latency(outcome, clock, look), timeline.heat_map(outcome, clock, look)]
        drawings.append(comparison_figures.latency_distribution(compared(), look))
        drawings.append(comparison_figures.stacked_bill(compared(), look))
        _shown(drawings)


def figures_of_explore() -> None:
    given = scenario()
    found = screen(given, WORLD)
    for look in LOOKS:
        drawings = [plane.draw(plane.of_screen(found, ()), given.requirement, look)]
        drawings.append(explore_break_even.draw(_break_even(), "requests", look))
        drawings.append(explore_map.draw(_heat_map(), look))
        drawings.append(explore_change.draw(thresholds(given, WORLD, parameters=("volume",)), look))
        bars = tornado(given, given.deployments[0], WORLD)
        assert [bar.field for bar in bars.by_cost] == ["overhead_ms"]
        drawings += [explore_tornado.cost(bars, look), explore_tornado.latency(bars, look)]
        _shown(drawings)
    assert "Y" in str(explore_map.draw(_heat_map(), LOOKS[0]).figure)
    assert rules(given, WORLD, stand(given, WORLD)) is not None
    assert hinges(replace(compared(), evaluations=compared().evaluations[:1], best=0), WORLD) is not None


@cache
def _break_even() -> BreakEven:
    return break_even(scenario(), WORLD)


@cache
def _heat_map() -> HeatMap:
    return heat_map(scenario(), WORLD)


def figures_of_the_portfolio() -> None:
    found = portfolio_planned()
    for look in LOOKS:
        drawings = [portfolio_figures.costs(found, preview=False, look=look)]
        drawings += [
            portfolio_figures.shared(limit, found.best.demands, found.axis, look) for limit in found.best.limits
        ]
        (savings,), (offer,) = found.best.savings, portfolio().savings_plans
        assert savings.eligible_usd_per_month > 0
        drawings.append(portfolio_figures.hours(savings, hourly_curve(found.best.demands, offer), look))
        drawings.append(portfolio_figures.commitments(savings, look))
        _shown(drawings)


def _shown(drawings: tuple[Drawing, ...] | list[Drawing]) -> None:
    for drawing in drawings:
        assert drawing.question
        assert drawing.alt
        assert drawing.figure.to_json()


def _command(*arguments: str) -> str:
    """What the command line writes of the scenario's file."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "relay.toml"
        file.write_text(write_scenario(scenario()), encoding="utf-8")
        out = io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()):
            assert main([arguments[0], str(file), *arguments[1:]]) == FINE
        return out.getvalue()


def the_command_line_tells_of_it() -> None:
    assert "Relay" in _command("compare")
    assert "Relay, " in _command("plan")
    assert "Relay" in _command("simulate", "--pattern", KEY)
    assert "Relay" in _command("portfolio")


def _page(stem: str) -> None:
    app = finished(opened(scenario(), stem))
    assert trouble(app) == []
    assert words(app)


def drives() -> Iterator[tuple[str, Drive]]:
    yield from (
        (drive.__name__, drive)
        for drive in (
            it_is_listed,
            a_link_brings_it_back,
            a_file_brings_it_back,
            a_preset_reads_as_before,
            a_wrong_instance_type_is_named,
            it_is_compared,
            faults_touch_it,
            it_is_previewed,
            it_is_screened_and_planned,
            every_export_is_written,
            figures_of_the_comparison,
            figures_of_explore,
            figures_of_the_portfolio,
            the_command_line_tells_of_it,
        )
    )
    yield from ((f"page_{page.stem}", partial(_page, page.stem)) for page in PAGES)


def _trouble(drive: Drive) -> str:
    """What went wrong, with the lines that led there; "" when nothing did."""
    try:
        drive()
    except Exception:  # whatever it is, the test that started this shows it
        return traceback.format_exc()
    return ""


if __name__ == "__main__":
    only = set(sys.argv[1:])
    json.dump({name: _trouble(drive) for name, drive in drives() if not only or name in only}, sys.stdout)
