"""What limits real cases: AWS, the account, the container, their own settings; and which of these ended a call."""

from __future__ import annotations

import pytest

from headroom.advisor.answer import Comparison
from headroom.advisor.compare import compare
from headroom.advisor.world import World
from headroom.sharing.library import load_world
from simulator.errors import InvalidScenario
from simulator.patterns.realtime.deployment import RealtimeDeployment
from simulator.scenario import Scenario
from simulator.traffic.kinds import Constant
from tests.cases.reading import read_case


@pytest.fixture(scope="module")
def world() -> World:
    return load_world()


def changed(scenario: Scenario, **workload: object) -> Scenario:
    return scenario.model_copy(update={"workload": scenario.workload.model_copy(update=workload)})


def only(scenario: Scenario, *names: str) -> Scenario:
    kept = tuple(deployment for deployment in scenario.deployments if deployment.name in names)
    assert len(kept) == len(names)
    return scenario.model_copy(update={"deployments": kept})


def said(comparison: Comparison, place: int = 0) -> str:
    return "\n".join(comparison.evaluations[place].warnings)


def test_an_image_of_13_gb_unpacked_is_refused_by_serverless(world: World) -> None:
    comparison = compare(read_case("limits/05-serverless-image-10gb"), world)
    [limit] = comparison.evaluations[0].ruled_out
    assert (limit.what, limit.whose, limit.row) == ("container image, unpacked", "aws", "3.12")
    assert limit.given == "about 13 GB, 2 times the 6500 MB compressed"
    assert limit.allowed == "at most 10.7 GB"
    assert comparison.best == 1


def test_near_the_image_limit_an_estimate_is_not_enough(world: World) -> None:
    scenario = only(read_case("limits/05-serverless-image-10gb"), "Serverless 4 GB")
    near = compare(changed(scenario, image_mb=4500.0), world)
    assert not near.evaluations[0].ruled_out
    assert "4500 MB compressed, about 9 GB unpacked (times 2, an assumption)" in said(near)
    given = compare(changed(scenario, image_mb=4500.0, image_unpacked_mb=8000.0), world)
    assert "unpacked" not in said(given)
    assert "unpacked" not in said(compare(changed(scenario, image_mb=4000.0), world))


def test_what_is_installed_at_the_start_must_fit_the_disk_of_serverless(world: World) -> None:
    scenario = only(read_case("limits/06-serverless-disk-pip-install"), "Serverless 6 GB")
    [limit] = compare(scenario, world).evaluations[0].ruled_out
    assert (limit.what, limit.whose, limit.row) == ("disk", "aws", "1.12")
    assert limit.given == "5.18 GB of model and of what is installed at the start"


def test_a_container_that_refuses_nine_megabytes(world: World) -> None:
    scenario = only(read_case("limits/09-batch-container-body-limit"), "4 x g5.xlarge, payload 100")
    assert "Requests of 9 MB go through the container, which may refuse them by itself with 413" in said(
        compare(scenario, world)
    )
    comparison = compare(changed(scenario, container_max_request_mb=6.5), world)
    assert comparison.best is None
    assert comparison.reasons[0] == (
        "4 x g5.xlarge, payload 100 is ruled out by what its container needs: request to the container: 9 MB (allowed:"
        " at most 6.5 MB; facts row 2.64)."
    )
    raised = compare(changed(scenario, container_max_request_mb=100.0), world)
    assert raised.best == 0
    assert "413" not in said(raised)


def test_the_default_time_out_of_a_transform_job_is_that_of_aws_and_a_setting(world: World) -> None:
    comparison = compare(read_case("limits/33-multirecord-timeout"), world)
    assert comparison.best == 2
    for place in (0, 1):
        assert comparison.reasons[place].endswith(
            "is ruled out by its own setting: time per mini-batch: 750 s on average (allowed: at most 600 s,"
            " InvocationsTimeoutInSeconds, AWS's default; facts row 5.9)."
        )


def test_a_time_out_that_the_user_set_is_called_his(world: World) -> None:
    scenario = only(read_case("limits/33-multirecord-timeout"), "All settings left alone")
    [deployment] = scenario.deployments
    own = deployment.model_copy(update={"invocations_timeout_s": 700.0})
    comparison = compare(scenario.model_copy(update={"deployments": (own,)}), world)
    assert "by its own setting" in comparison.reasons[0]
    assert "at most 700 s, InvocationsTimeoutInSeconds, as configured" in comparison.reasons[0]
    enough = own.model_copy(update={"invocations_timeout_s": 800.0})
    assert compare(scenario.model_copy(update={"deployments": (enough,)}), world).best == 0


def test_the_sixty_seconds_of_the_container_itself_end_such_a_call(world: World) -> None:
    """The server of the container in the source had 60 s of its own, whatever the job allows."""
    scenario = only(read_case("limits/33-multirecord-timeout"), "1 MB a call, 600 s")
    assert compare(scenario, world).best == 0
    comparison = compare(changed(scenario, container_timeout_s=60.0), world)
    assert "by what its container needs: time per mini-batch: 150 s on average" in comparison.reasons[0]
    assert "at most 60 s, the time-out of the container's own server" in comparison.reasons[0]


def test_workers_that_are_assumed_are_shown(world: World) -> None:
    scenario = only(read_case("limits/10-serial-container-45s"), "1 x m4.xlarge")
    serial = compare(scenario, world)
    assert serial.evaluations[0].error_share is not None
    assert serial.evaluations[0].error_share.value == 0.75
    assert "4 workers" not in said(serial)
    assumed = compare(changed(scenario, container_workers=0), world)
    assert assumed.best == 0
    assert said(assumed).endswith(
        "4 workers on each ml.m4.xlarge, one per vCPU: an assumption. How many requests your container works on at once"
        " is workload.container_workers (facts rows 2.53, 2.59)."
    )


def test_an_answer_of_ninety_seconds_is_met_when_it_is_streamed(world: World) -> None:
    scenario = only(read_case("limits/16-llm-stream-over-60s"), "Real-time")
    whole = compare(scenario, world)
    assert whole.reasons[0] == (
        "Real-time is ruled out by a quota of the account: time per request: 90 s on average (allowed: at most 60 s,"
        " AWS's limit for InvokeEndpoint, 480 s with workload.streamed, or more with assumptions.realtime_max_s where"
        " AWS has raised it for the account; facts row 1.3)."
    )
    streamed = compare(changed(scenario, streamed=True), world)
    assert streamed.best == 0
    p95 = streamed.evaluations[0].latency_s["p95"].value
    assert 160 < p95 < 200, "of a log-normal time of 90 s, with a variation of 0.5, 5 % are beyond 178 s"


def test_sixty_seconds_are_not_the_same_for_every_account(world: World) -> None:
    scenario = read_case("limits/streamed-90s")
    [limit] = compare(scenario, world).evaluations[0].ruled_out
    assert (limit.whose, limit.row) == ("account", "1.3")
    raised = scenario.model_copy(
        update={"assumptions": scenario.assumptions.model_copy(update={"realtime_max_s": 600.0})}
    )
    assert not compare(raised, world).evaluations[0].ruled_out
    longer = changed(scenario, streamed=True, service_time=scenario.workload.service_time.model_copy(
        update={"mean_ms": 500_000.0}
    ))  # fmt: skip
    [limit] = compare(longer, world).evaluations[0].ruled_out
    assert (limit.whose, limit.row) == ("aws", "1.23")
    assert limit.allowed == "at most 480 s, AWS's limit for InvokeEndpointWithResponseStream"


def test_the_time_out_that_ended_the_calls_is_named(world: World) -> None:
    comparison = compare(read_case("limits/24-async-timeout-900"), world)
    assert comparison.best == 1
    share = comparison.evaluations[0].error_share
    assert share is not None
    assert 0.13 < share.value < 0.19
    assert (
        "InvocationTimeoutSeconds ends a request after 900 s (its own setting, facts row 4.5)" in comparison.reasons[0]
    )


def test_a_gateway_or_a_client_that_does_not_wait_is_named_and_counted(world: World) -> None:
    scenario = read_case("limits/32-gateway-29s")
    comparison = compare(scenario, world)
    share = comparison.evaluations[0].error_share
    assert share is not None
    assert share.value > 0.4, "about half of the calls meet a cold start of more than 29 s"
    assert "The client's read timeout ends a call after 29 s (facts row 8.8)" in comparison.sentence
    client = scenario.workload.client.model_copy(update={"read_timeout_s": 0.0, "gateway_timeout_s": 29.0})
    behind = compare(changed(scenario, client=client), world)
    assert behind.evaluations[0].error_share is not None
    assert behind.evaluations[0].error_share.value == pytest.approx(share.value, abs=0.05)
    assert "The gateway in front ends a call after 29 s (facts row 8.13)" in behind.sentence


def test_routing_by_caches_is_what_headroom_cannot_simulate(world: World) -> None:
    comparison = compare(read_case("limits/prefix-aware"), world)
    [limit] = comparison.evaluations[0].ruled_out
    assert (limit.what, limit.given, limit.whose, limit.row) == ("RoutingStrategy", "PREFIX_AWARE", "headroom", "2.50")
    assert comparison.reasons[0].startswith("Headroom cannot simulate g5.16xlarge together with RoutingStrategy")


def test_inference_components_are_known_and_not_simulated() -> None:
    with pytest.raises(InvalidScenario) as invalid:
        read_case("limits/28-ic-scale-to-zero")
    todo = {problem.where: problem.todo for problem in invalid.value.problems}
    for where in ("deployments[0].pattern", "deployments[1].inference_components"):
        assert todo[where].startswith("AWS has inference components")
        assert "Headroom cannot simulate that. Endpoints that go to zero are asynchronous or serverless" in todo[where]
    assert todo["deployments[1].min_instance_count"].startswith("AWS has managed instance scaling")


def test_an_endpoint_that_is_deleted_at_night_is_paid_by_day(world: World) -> None:
    scenario = read_case("limits/26-gpu-off-at-night")
    comparison = compare(scenario, world)
    at_night, always = (evaluation.cost_usd_per_month for evaluation in comparison.evaluations)
    assert at_night is not None
    assert always is not None
    assert at_night.value / always.value == pytest.approx(5 * 11.5 / 168, abs=0.004)
    assert "it has to be deleted then and created again, by you" in said(comparison)
    assert "deleted" not in said(comparison, 1)
    assert comparison.best == 1, "those who call first in the morning find it not there yet"
    off, on = scenario.deployments
    assert isinstance(off, RealtimeDeployment)
    morning, evening = off.scheduled_actions
    earlier = morning.model_copy(update={"schedule": "cron(0 7 ? * MON-FRI *)"})
    half_an_hour = off.model_copy(update={"scheduled_actions": (earlier, evening)})
    assert compare(scenario.model_copy(update={"deployments": (half_an_hour, on)}), world).best == 0


def test_calls_of_the_night_fail_where_the_endpoint_is_deleted(world: World) -> None:
    """Constant traffic: what comes while it is away, or on its way, fails at once."""
    scenario = only(read_case("limits/26-gpu-off-at-night"), "Off from 19:00 to 07:30")
    comparison = compare(changed(scenario, traffic=Constant(rate_per_s=0.02)), world)
    share, outcome = comparison.evaluations[0].error_share, comparison.evaluations[0].outcome
    assert share is not None
    assert outcome is not None
    assert share.value == pytest.approx(1 - 5 * 11.4 / 168, abs=0.03)
    assert outcome.fates["failed"] == outcome.offered - outcome.completed
    assert outcome.attempts == outcome.offered, "a 400 is not tried again"


def test_clips_that_take_longer_than_serverless_allows_are_answered_by_an_asynchronous_endpoint(world: World) -> None:
    comparison = compare(read_case("limits/03-serverless-video-60s"), world)
    serverless, more, asynchronous, _ = (evaluation.error_share for evaluation in comparison.evaluations)
    assert serverless is not None
    assert more is not None
    assert asynchronous is not None
    assert min(serverless.value, more.value) > 0.05
    assert asynchronous.value == 0
    assert "AWS's limit for InvokeEndpoint ends a request after 60 s (facts row 1.3)" in comparison.reasons[1]


def test_a_page_in_base64_is_too_large_for_serverless_and_disputed_for_real_time(world: World) -> None:
    scenario = read_case("limits/04-payload-json-images")
    comparison = compare(scenario, world)
    assert "payload in: 7.5 MB (allowed: at most 4 MB; facts row 1.1)" in comparison.reasons[1]
    assert "Payloads reach 7.5 MB. The guide allows 25 MB, the API model 6 MB" in said(comparison)
    assert "base64 adds a third" in said(comparison)
    six = scenario.assumptions.model_copy(update={"realtime_max_payload_mb": 6.0})
    strict = compare(scenario.model_copy(update={"assumptions": six}), world)
    assert "payload in: 7.5 MB (allowed: at most 6 MB; facts row 1.1)" in strict.reasons[0]


def test_many_connections_on_one_instance_are_warned_of(world: World) -> None:
    scenario = read_case("limits/12-frontdoor-throttle")
    population = scenario.workload.population
    assert population is not None
    assert "SageMaker's front door throttles by concurrency" in said(compare(scenario, world))
    fewer = changed(scenario, population=population.model_copy(update={"users": 30}))
    assert "front door" not in said(compare(fewer, world))


def test_a_container_that_is_not_ready_costs_errors_at_each_scale_out(world: World) -> None:
    comparison = compare(read_case("limits/14-not-ready-at-scale-out"), world)
    share = comparison.evaluations[0].error_share
    assert share is not None
    assert comparison.best is None
    assert 0.001 < share.value < 0.02
    assert "in its first 40 s (assumed: Warm-up hazard)" in comparison.reasons[0]
