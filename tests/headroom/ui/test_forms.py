"""Forms made from fields: what goes in comes out, a bad value is explained beside its widget and loses nothing."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from simulator.model.assumptions import Assumptions
from simulator.model.requirement import Requirement
from simulator.model.simulation import Simulation
from simulator.model.workload import Batching, Population, Slowdown, Workload
from simulator.patterns.asynchronous.deployment import AsynchronousDeployment, BacklogStepIn, BacklogStepOut
from simulator.patterns.batch.deployment import BatchDeployment
from simulator.patterns.realtime.deployment import (
    InvocationsTracking,
    RealtimeDeployment,
    RealtimeStepIn,
    RealtimeStepOut,
)
from simulator.patterns.serverless.deployment import ServerlessDeployment
from simulator.scaling.policies import ConcurrencyTracking, ProvisionedTracking, ScheduledAction, StepAdjustment
from simulator.traffic.kinds import KINDS, Spike, Step, Steps
from tests.headroom.ui.small import finished, given, opened, scenario, words


def page() -> None:
    import streamlit as st  # noqa: PLC0415 - this function is run as a script of its own

    from headroom.ui.widgets import forms  # noqa: PLC0415

    st.session_state["out"] = forms.edit(st.session_state["value"], "x", forms.Options(skip=("traffic",)))


def form(value: object) -> AppTest:
    at = AppTest.from_function(page, default_timeout=30)
    at.session_state["value"] = value
    return at.run()


SCALED = RealtimeDeployment(scaling=InvocationsTracking(target_value=321.5))
ACTIONS = (
    ScheduledAction(min_capacity=2),
    ScheduledAction(schedule="cron(0/15 8-9 ? * SAT,SUN *)", timezone="Asia/Kolkata", max_capacity=9),
)
EVERYTHING = RealtimeDeployment(
    scaling=InvocationsTracking(disable_scale_in=True),
    concurrency_scaling=ConcurrencyTracking(target_value=2.5),
    step_scale_out=RealtimeStepOut(step_adjustments=(StepAdjustment(), StepAdjustment(distance=9.5))),
    step_scale_in=RealtimeStepIn(metric="ConcurrentRequestsPerModel"),
    scheduled_actions=ACTIONS,
)
QUEUE = AsynchronousDeployment(step_scale_out=BacklogStepOut(), step_scale_in=BacklogStepIn())
PROVISIONED = ServerlessDeployment(provisioned_concurrency=2, scaling=ProvisionedTracking(), scheduled_actions=ACTIONS)
VALUES = [
    Workload(), Requirement(), Simulation(starts_on=3), Assumptions(), SCALED, RealtimeDeployment(),
    ServerlessDeployment(), AsynchronousDeployment(), BatchDeployment(), *(kind() for kind in KINDS),
    Workload(slowdown=(Slowdown(), Slowdown(concurrency=4, factor=1.5)), batching=Batching(), population=Population()),
    Steps(steps=(Step(), Step(at_s=600.0, rate_per_s=2.5)), spikes=(Spike(),)), EVERYTHING, QUEUE, PROVISIONED,
]  # fmt: skip


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_an_untouched_form_gives_back_what_went_in(value):
    at = form(value)
    assert not at.exception
    assert at.session_state["out"] == value


def test_labels_units_and_help_come_from_the_fields():
    at = form(Requirement())
    limit = next(widget for widget in at.number_input if widget.label == "Latency limit (s)")
    assert "Limit for that percentile" in limit.help
    assert "at least 0 and at most 1,000,000" in limit.help.replace("\\", "")
    concurrency = next(
        widget for widget in form(ServerlessDeployment()).number_input if widget.label == "MaxConcurrency"
    )
    assert "Facts row 1.6" in concurrency.help.replace("\\", "")


def test_a_changed_value_comes_out():
    at = form(ServerlessDeployment())
    next(widget for widget in at.number_input if widget.label == "MaxConcurrency").set_value(7).run()
    assert at.session_state["out"] == ServerlessDeployment(max_concurrency=7)


def test_a_bad_value_is_explained_and_the_others_are_kept():
    at = form(ServerlessDeployment())
    next(widget for widget in at.text_input if widget.label == "Name").set_value("Kept")
    next(widget for widget in at.number_input if widget.label == "MaxConcurrency").set_value(500).run()
    assert at.session_state["out"] is None
    said = at.error[0].value.replace("\\", "")
    assert "500" in said
    assert "1 to 200" in said
    next(widget for widget in at.number_input if widget.label == "MaxConcurrency").set_value(5).run()
    assert at.session_state["out"] == ServerlessDeployment(name="Kept", max_concurrency=5)


def test_a_rule_between_fields_is_explained():
    at = form(SCALED)
    next(widget for widget in at.number_input if widget.label == "MinCapacity").set_value(9).run()
    assert at.session_state["out"] is None
    assert "min_capacity" in at.error[0].value.replace("\\", "")


def test_a_list_takes_what_is_typed_and_names_what_is_no_number():
    at = form(Steps())
    box = next(widget for widget in at.text_area if widget.label == "Steps")
    box.set_value("0 1\n60, 2.5\n").run()
    assert at.session_state["out"] == Steps(steps=(Step(rate_per_s=1.0), Step(at_s=60.0, rate_per_s=2.5)))
    box = next(widget for widget in at.text_area if widget.label == "Steps")
    box.set_value("0 many").run()
    assert at.session_state["out"] is None
    assert "many" in at.error[0].value


def test_scheduled_actions_are_typed_a_line_each():
    at = form(RealtimeDeployment())
    box = next(widget for widget in at.text_area if widget.label == "Scheduled actions")
    assert "schedule; timezone; min_capacity; max_capacity" in box.help
    box.set_value("cron(0 8 ? * MON,WED *); Europe/Berlin; 2; 6\n\nat(20:00)").run()
    assert at.session_state["out"] == RealtimeDeployment(
        scheduled_actions=(
            ScheduledAction(
                schedule="cron(0 8 ? * MON,WED *)", timezone="Europe/Berlin", min_capacity=2, max_capacity=6
            ),
            ScheduledAction(schedule="at(20:00)"),
        )
    )


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("cron(0 8 ? * MUN *)", "did you mean SUN?"),
        ("at(20:00); Europe/Berln", "did you mean Europe/Berlin?"),
        ("at(20:00); UTC; 5; 2", "min_capacity <= max_capacity"),
        ("at(20:00); UTC; many", "many"),
        ("at(20:00); UTC; 1; 2; 3", "column 5"),
    ],
)
def test_a_scheduled_action_that_cannot_be_read_is_explained(line, said):
    at = form(RealtimeDeployment())
    next(widget for widget in at.text_area if widget.label == "Scheduled actions").set_value(line).run()
    assert at.session_state["out"] is None
    assert said in at.error[0].value.replace("\\", "")


def test_every_policy_can_be_switched_on():
    at = form(RealtimeDeployment())
    names = ("Autoscaling on concurrency", "Step scaling out", "Step scaling in")
    for name in names:
        next(widget for widget in at.toggle if widget.label == name).set_value(True).run()
    assert at.session_state["out"] == RealtimeDeployment(
        concurrency_scaling=ConcurrencyTracking(), step_scale_out=RealtimeStepOut(), step_scale_in=RealtimeStepIn()
    )


def test_autoscaling_can_be_switched_on_and_off():
    at = form(RealtimeDeployment())
    at.toggle[0].set_value(True).run()
    assert at.session_state["out"] == RealtimeDeployment(scaling=InvocationsTracking())


def test_an_edit_on_the_page_changes_the_address_and_the_verdict():
    at = finished(opened(scenario()))
    before = given(at)
    next(widget for widget in at.number_input if widget.label == "InitialInstanceCount").set_value(3).run()
    finished(at)
    assert given(at) != before
    assert at.session_state["scenario"].deployments[0].initial_instance_count == 3
    assert "3 × ml" in words(at)


def test_assumptions_show_what_is_overridden_and_go_back():
    at = opened(scenario(), "costs")
    next(widget for widget in at.number_input if widget.label == "Overhead per call (ms)").set_value(25.0).run()
    assert at.session_state["scenario"].assumptions.overhead_ms == 25
    assert f"1 of {len(Assumptions.model_fields)} overridden" in words(at)
    next(button for button in at.button if button.label == "Back to 10 ms").click().run()
    assert at.session_state["scenario"].assumptions == Assumptions()


def test_a_price_can_be_overridden_and_a_bad_one_is_explained():
    at = finished(opened(scenario(), "costs"))
    box = next(widget for widget in at.text_input if "instance-hour" in widget.label.replace("\\", ""))
    box.set_value("cheap").run()
    assert "a number such as" in at.error[0].value.replace("\\", "")
    assert at.session_state["scenario"].prices == ()
    box = next(widget for widget in at.text_input if "instance-hour" in widget.label.replace("\\", ""))
    box.set_value("0.5").run()
    finished(at)
    assert [str(price.usd) for price in at.session_state["scenario"].prices] == ["0.5"]
    assert "overridden" in words(at)
