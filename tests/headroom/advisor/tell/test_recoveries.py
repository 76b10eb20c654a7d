"""A sentence for each fault: when, how long, how bad."""

from __future__ import annotations

from dataclasses import replace

from headroom.advisor.tell.recoveries import sentence, sentences
from headroom.codec import from_json, to_json
from simulator.engine.outcome import Outcome, Recovery
from simulator.model.faults import EndpointUpdate, InstanceLoss, SlowDependency
from tests.headroom.advisor.outcomes import outcome

NOON = 12 * 3600.0
LOSS = Recovery(
    kind="instance_loss",
    at_s=NOON,
    ended_s=NOON,
    recovered_s=NOON + 380,
    p99_before_s=0.08,
    p99_worst_s=0.24,
    error_share=0.012,
)


def test_what_happened_in_one_sentence():
    said = sentence(LOSS, 0, 86_400)
    assert (
        said == "Instance loss at 12:00: recovered after 6.33 min; p99 rose from 80 ms to 240 ms, 1.2 % without answer."
    )


def test_nothing_happened():
    calm = replace(LOSS, recovered_s=NOON, p99_worst_s=0.07, error_share=0.0)
    assert (
        sentence(calm, 0, 86_400)
        == "Instance loss at 12:00: stayed within its limits; p99 at most 70 ms, all answered."
    )


def test_what_was_beyond_its_limits_before_did_not_stay_within_them():
    down = replace(LOSS, recovered_s=NOON, p99_before_s=160.0, p99_worst_s=157.0, error_share=0.985, beyond_before=0.9)
    assert sentence(down, 0, 86_400) == (
        "Instance loss at 12:00: was already beyond its limits before it, and did not get worse; p99 at most 2.62 min,"
        " 98.5 % without answer."
    )
    now_and_then = replace(down, recovered_s=NOON + 380, beyond_before=0.2)
    assert "was at times already beyond its limits before it, and was as before after 6.33 min" in sentence(
        now_and_then, 0, 86_400
    )
    never = replace(down, recovered_s=None)
    assert "already beyond its limits before it, and was worse to the end of the horizon" in sentence(never, 0, 86_400)


def test_not_recovered_and_nothing_answered():
    lost = replace(LOSS, recovered_s=None, p99_worst_s=None, error_share=1.0)
    assert sentence(lost, 1, 7 * 86_400) == (
        "Instance loss at Tue 12:00: not recovered within the horizon; nothing was answered, 100 % without answer."
    )


def test_each_fault_is_told_of_also_those_that_touch_nothing():
    plain = replace(outcome(), recoveries=(LOSS,))
    later = EndpointUpdate(at_s=plain.horizon_s + 1)
    faults = (InstanceLoss(at_s=NOON), InstanceLoss(at_s=0), later)
    said = sentences(replace(plain, horizon_s=86_400.0), faults)
    assert len(said) == 3 - (later.at_s >= 86_400)
    assert said[1] == "Instance loss at 00:00: does not touch this deployment."


def test_of_batch_the_jobs_tell():
    batch = replace(outcome(), pattern="batch", horizon_s=86_400.0)
    assert sentences(batch, (SlowDependency(at_s=NOON),)) == (
        "Slow dependency at 12:00: seen in when the jobs are finished.",
    )


def test_recoveries_turn_into_json_and_back():
    plain = replace(outcome(), recoveries=(LOSS, replace(LOSS, recovered_s=None)))
    assert from_json(Outcome, to_json(plain)).recoveries == plain.recoveries
