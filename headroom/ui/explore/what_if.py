"""The what-if tabs of Explore: each orders its own kind of work, and draws the answer when it is there."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache

import streamlit as st

from headroom.advisor.answer import Answer, Comparison
from headroom.advisor.explore import vary
from headroom.advisor.explore.break_even import BreakEven
from headroom.advisor.explore.decisive_assumptions import Hinges
from headroom.advisor.explore.heat_map import CHOICES, HeatMap
from headroom.advisor.explore.ranking_at import Entry, Standing, of_comparison, of_screen
from headroom.advisor.explore.rules import RULES, Spoken, rules
from headroom.advisor.explore.thresholds import Thresholds
from headroom.advisor.explore.tornado import Tornado, setting
from headroom.advisor.tell import clause_text, words
from headroom.codec import to_json
from headroom.ui.explore import contenders, orders
from headroom.ui.figures import explore_break_even, explore_change, explore_map, explore_tornado
from headroom.ui.shell import cached, chart, long_work, state
from headroom.ui.widgets.plain_text import md
from simulator.scenario import Scenario

AGREE = {True: ":material/check:", False: ":material/close:", None: ":material/help:"}


def break_even(scenario: Scenario) -> None:
    """Draw what each pattern costs, from little traffic to much."""
    st.caption("The best configuration of each pattern, planned anew at every volume by the fast answer.")
    result = long_work.ask(orders.order("break_even", scenario), "the break-even").result
    if isinstance(result, BreakEven):
        chart.show(explore_break_even.draw(result, clause_text.noun(scenario), chart.look()), "break-even")


def change(scenario: Scenario) -> None:
    """Draw how far each parameter may go until another answer wins."""
    st.caption(
        "Each parameter is turned alone, up and down, until another pattern or another size wins by the fast answer."
    )
    thresholds = long_work.ask(orders.order("thresholds", scenario), "the look for what would change the answer").result
    if not isinstance(thresholds, Thresholds):
        return
    if thresholds.winner is None:
        st.info("Nothing meets the requirement today, so there is no answer that could change.")
        return
    chart.show(explore_change.draw(thresholds, chart.look()), "change")
    for threshold in thresholds.found:
        st.markdown(f"- {md(threshold.sentence)}")


def over_two(scenario: Scenario) -> None:
    """Draw the winner over two parameters that the user chooses."""
    able = [key for key in CHOICES if vary.applies(scenario, key)]
    if len(able) < 2:
        st.info("This scenario has fewer than two parameters that can be varied.")
        return
    with st.container(horizontal=True):
        x_key = _parameter("Across", able, "across")
        up = _parameter("Upwards", [key for key in able if key != x_key], "up")
    st.caption("The best of all patterns, planned anew by the fast answer in each cell.")
    result = long_work.ask(orders.order("heat_map", scenario, over=(x_key, up)), "the map").result
    if isinstance(result, HeatMap):
        chart.show(explore_map.draw(result, chart.look()), "map")


def _parameter(label: str, keys: list[str], name: str) -> str:
    parameter: str = st.selectbox(
        label, keys, format_func=lambda key: vary.BY_KEY[key].title, key=f"map-{name}:{','.join(keys)}"
    )
    return parameter


def sensitivity(scenario: Scenario) -> None:
    """Draw how far each assumption moves the cost and the latency of one deployment."""
    deployments = [contender.deployment for contender in contenders.of_search(scenario)] + list(scenario.deployments)
    if not deployments:
        return
    place = st.selectbox(
        "Deployment",
        range(len(deployments)),
        format_func=lambda number: deployments[number].name,
        key=f"tornado:{state.epoch()}:{len(deployments)}",
    )
    alone = scenario.model_copy(update={"deployments": (deployments[place],)})
    preview = long_work.ask(cached.orders(alone, "preview")[0], "the preview", pool=cached.quick_pool()).result
    if not isinstance(preview, Answer):
        return
    if preview.ruled_out:
        st.info(f"Hard limits rule {md(deployments[place].name)} out, so there is nothing to move. Choose another one.")
        return
    order = orders.order("tornado", scenario, deployment=deployments[place])
    result = long_work.ask(order, "the look at assumptions").result
    if isinstance(result, Tornado):
        chart.show(explore_tornado.cost(result, chart.look()), "tornado-cost")
        chart.show(explore_tornado.latency(result, chart.look()), "tornado-latency")


def hangs_on(scenario: Scenario) -> None:
    """Draw which assumptions, each moved alone, would make another deployment the choice."""
    st.caption(
        "The deployments that the search has decided between are held against each assumption at both ends of its"
        " plausible range; a new search there may find another size."
    )
    plan = orders.known_plan(scenario) or orders.plan(scenario)
    if plan is None:
        return
    order = cached.order("hinges", comparison=json.dumps(to_json(plan.comparison), sort_keys=True))
    result = long_work.ask(order, "the look at what the decision hangs on").result
    if isinstance(result, Hinges):
        _hinges(result, plan.comparison)


def _hinges(hinges: Hinges, comparison: Comparison) -> None:
    best = comparison.best
    choice = "no deployment is chosen" if best is None else f"{comparison.evaluations[best].deployment.name} is chosen"
    number = len({hinge.field for hinge in hinges.found})
    many = words.counted(number, "assumption") if number else "no assumption"
    st.subheader(md(f"That {choice} hangs on {many} of {hinges.moved}"), anchor=False)
    st.markdown(md(hinges.sentence))
    if hinges.found:
        st.dataframe(
            {
                "Assumption": [hinge.title for hinge in hinges.found],
                "Assumed": [setting(hinge.value, hinge.unit) for hinge in hinges.found],
                "At": [setting(hinge.to, hinge.unit) for hinge in hinges.found],
                "Chosen then": [_entry_name(hinge.wins) for hinge in hinges.found],
                "What becomes of today's choice": [
                    hinge.why or "still meets, but is not the best" for hinge in hinges.found
                ],
            },
            hide_index=True,
            key="hinges",
            alt="Table: assumptions that the decision hangs on",
        )


def _entry_name(entry: Entry | None) -> str:
    if entry is None:
        return "nothing meets"
    return entry.title if entry.deployment is None else entry.deployment.name


def rules_of_thumb(scenario: Scenario) -> None:
    """Draw what practitioners are taught, held against the numbers: the exact ones if they are there."""
    plan = orders.known_plan(scenario)
    screen = None if plan is not None else orders.screen(scenario)
    if plan is not None:
        _rules_section(scenario, of_comparison(plan.comparison), "exact runs")
    elif screen is not None:
        _rules_section(scenario, of_screen(screen), "the fast answer")


def _rules_section(scenario: Scenario, standing: Standing, source: str) -> None:
    applicable = _rules(scenario.model_copy(update={"deployments": ()}), standing)
    st.subheader(md(finding(applicable, source)), anchor=False)
    for rule in applicable:
        st.markdown(f"{AGREE[rule.agrees]} {md(rule.sentence)}")
    silent = [rule.text for rule in RULES if rule.key not in {applicable_rule.key for applicable_rule in applicable}]
    if silent:
        st.caption(md(f"Rules that do not speak of such a workload: {'; '.join(silent)}."))


def finding(applicable: Sequence[Spoken], source: str) -> str:
    """Return how many rules of thumb agree with the numbers of `source` ("exact runs", "the fast answer"), as a
    sentence.
    """
    if not applicable:
        return "No rule of thumb speaks of such a workload"
    if any(rule.agrees is None for rule in applicable):
        return f"By {source} nothing meets the requirement, so no rule of thumb can be held against it"
    if len(applicable) == 1:
        verb = "agree" if applicable[0].agrees else "disagree"
        return f"The numbers, by {source}, {verb} with the one rule of thumb that speaks of this workload"
    agree = sum(rule.agrees is True for rule in applicable)
    return (
        f"The numbers, by {source}, agree with {agree} of {len(applicable)} rules of thumb that speak of this workload"
    )


@lru_cache(maxsize=16)
def _rules(scenario: Scenario, standing: Standing) -> tuple[Spoken, ...]:
    """Return what the rules of thumb say of a scenario; cached, because that draws the traffic."""
    return rules(scenario, cached.world(), standing)
