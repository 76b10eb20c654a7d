"""Faults in the app: each has a form, one more and one less, and is drawn and told of on Timeline."""

from __future__ import annotations

import pytest

from headroom.sharing import link
from headroom.ui.figures import faults
from headroom.ui.figures.look import Look, panel
from simulator.engine.outcome import Recovery
from simulator.model.faults import KINDS, TITLES, InstanceLoss, SlowDependency, TrafficSpike
from simulator.patterns.asynchronous.deployment import AsynchronousDeployment
from tests.headroom.ui.small import finished, given, looking_at, opened, scenario, trouble, words
from tests.headroom.ui.test_forms import form

FAULTS = (SlowDependency(at_s=600, lasts_s=300, added_ms=40), InstanceLoss(at_s=1800))


def faulty():
    deployments = (*scenario().deployments, AsynchronousDeployment(name="Queue", scaling=None))
    return scenario().model_copy(update={"faults": FAULTS, "deployments": deployments})


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_an_untouched_form_gives_back_what_went_in(kind):
    at = form(kind(at_s=1234.5))
    assert not at.error
    assert at.session_state["out"] == kind(at_s=1234.5)


def test_a_fault_is_added_changed_and_removed():
    at = finished(opened(scenario(), "settings"))
    next(button for button in at.button if button.key == "add-fault-traffic_spike").click().run()
    (added,) = link.decode(given(at)).faults
    assert (added.kind, added.at_s) == ("traffic_spike", 1800)
    next(box for box in at.number_input if box.label == "Factor").set_value(7.0).run()
    (changed,) = link.decode(given(at)).faults
    assert isinstance(changed, TrafficSpike)
    assert changed.factor == 7
    next(button for button in at.button if button.key == "remove-fault-0").click().run()
    assert link.decode(given(at)).faults == ()
    assert trouble(at) == []


def test_a_fault_after_the_horizon_is_said_to_never_happen():
    late = scenario().model_copy(update={"faults": (InstanceLoss(at_s=3600),)})
    assert "This never happens: the horizon ends after 60 min." in words(opened(late, "settings"))


def test_timeline_tells_of_each_fault():
    at = finished(opened(faulty(), "timeline"))
    said = words(looking_at(at, "Yours 3: Queue")).replace("\\", "")
    assert "What did the faults do?" in said
    assert "1. Slow dependency at 00:10: " in said
    assert "2. Instance loss at 00:30: recovered after " in said
    serverless = words(looking_at(at, "Yours 2: Small functions"))
    assert "Instance loss at 00:30: does not touch this deployment." in serverless.replace("\\", "")


@pytest.mark.parametrize("recovered_s", [None, 1000.0, 2500.0])
def test_marks_have_a_name_and_stay_within_the_horizon(recovered_s):
    figure = panel(Look(dark=False), 280)
    one = Recovery(
        kind="slow_dependency",
        at_s=1000,
        ended_s=1600,
        recovered_s=recovered_s,
        p99_before_s=None,
        p99_worst_s=None,
        error_share=0,
    )
    faults.mark(figure, [one], 3600)
    assert [note.text for note in figure.layout.annotations] == [f"1 {TITLES['slow_dependency']}"]
    assert all(0 <= edge <= 3600 for shape in figure.layout.shapes for edge in (shape.x0, shape.x1))
    assert [shape.line.dash for shape in figure.layout.shapes].count("dot") == (recovered_s == 2500)
