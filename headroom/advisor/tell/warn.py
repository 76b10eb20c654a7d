"""What a reader should know although no clause breaks on it: quotas, disputed limits, assumptions, prices."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from headroom.advisor.answer import Answer
from headroom.advisor.prepared import PreparedScenario
from headroom.advisor.tell import cost_text, words
from headroom.advisor.world import World
from simulator.engine.replication import Case
from simulator.model.accelerators import spread_over
from simulator.model.service import gpu_ratios, instance_factor, is_scaled_between_gpus
from simulator.model.workload import Client
from simulator.patterns.protocol import NewAccountQuota
from simulator.patterns.registry import BY_KEY, Deployment
from simulator.scenario import Scenario
from simulator.traffic.kinds import DAY_S, WEEK_S, Counts, Jobs, NamedTrace, Profile, Timestamps

# Facts row 1.1: 25 MB in the current guide, 6 MB in the API model.
UNDISPUTED_PAYLOAD_MB = 6.0


def warnings(prepared: PreparedScenario, evaluation: Answer) -> tuple[str, ...]:
    """Warnings on an answer as sentences, the most consequential kind first."""
    scenario, world = prepared.scenario, prepared.world
    return (
        *_prices(evaluation),
        *_payload(scenario, evaluation.deployment),
        *_reference(scenario, world),
        *_speed(scenario, evaluation.deployment, world),
        *_shared_copy(scenario, evaluation.deployment, world),
        *_replications(scenario, evaluation),
        *_horizon(scenario),
        *repeated(scenario, prepared.trace_s),
        *_client(scenario, evaluation.deployment),
        *_deadline(scenario),
        *cold_starts([evaluation]),
        *faults([evaluation]),
        *quotas([evaluation]),
        *price_sources([evaluation]),
    )


def of_container(case: Case, deployment: Deployment) -> Iterator[str]:
    """What is assumed of a deployment's container, as sentences."""
    yield from BY_KEY[deployment.pattern].worth_knowing(case, deployment)


def _prices(evaluation: Answer) -> Iterator[str]:
    bill = evaluation.bill
    if bill is None:
        return
    for line in bill.gaps:
        yield f"The cost is only a lower bound. {line.reason}"
    for line in bill.estimates:
        yield cost_text.estimated(line)


def price_sources(answers: Sequence[Answer]) -> Iterator[str]:
    """Which prices of these bills are not read from a list, each named once."""
    bills = [answer.bill for answer in answers if answer.bill is not None]
    for evidence, sentence in (
        ("derived", "derived from another price, not read from a list"),
        ("override", "entered by you"),
    ):
        lines = {
            (line.title, line.dimension): line for bill in bills for line in bill.lines if line.evidence == evidence
        }
        if lines:
            verb = "price is" if len(lines) == 1 else "prices are"
            things = cost_text.priced_things(lines.values())
            yield f"{words.counted(len(lines), verb, verb)} {sentence}: {things}."


def faults(answers: Sequence[Answer]) -> Iterator[str]:
    """What faults cost: they happen once, while the rest of the horizon stands for every day of the month."""
    amounts_usd = sorted((answer.faults_usd for answer in answers if answer.faults_usd), key=abs)
    if amounts_usd:
        ends = dict.fromkeys(words.dollars(abs(amount_usd)) for amount_usd in (amounts_usd[0], amounts_usd[-1]))
        signs = {amount_usd > 0 for amount_usd in amounts_usd}
        verb = "add or take off" if len(signs) > 1 else "add" if True in signs else "take off"
        yield f"The faults are billed once a month: they {verb} {' to '.join(ends)}."


def quotas(answers: Sequence[Answer]) -> Iterator[str]:
    """The quotas of a new account that these deployments are beyond, each once, with the most that is asked of it."""
    most: dict[str, NewAccountQuota] = {}
    for answer in answers:
        for quota in BY_KEY[answer.deployment.pattern].account.new_account(answer.deployment):
            if quota.what not in most or quota.asked > most[quota.what].asked:
                most[quota.what] = quota
    if most:
        asked = (f"{quota.what}: ask for {words.count(quota.asked)} (facts row {quota.row})" for quota in most.values())
        yield f"A new account may have {'; '.join(asked)}."


def _payload(scenario: Scenario, deployment: Deployment) -> Iterator[str]:
    workload = scenario.workload
    largest_mb = max(workload.largest_request_mb, workload.response_mb)
    if BY_KEY[deployment.pattern].disputed_payload and largest_mb > UNDISPUTED_PAYLOAD_MB:
        yield (
            f"Payloads reach {words.megabytes(largest_mb)}. The guide allows"
            f" {words.megabytes(scenario.assumptions.realtime_max_payload_mb)}, the API model"
            f" {words.megabytes(UNDISPUTED_PAYLOAD_MB)}: try it before you rely on it (facts row 1.1)."
            " The size as it is sent counts: base64 adds a third, and numbers as JSON are 2 to 10 times as large."
        )


def cold_starts(answers: Sequence[Answer]) -> Iterator[str]:
    """How many requests of these meet a cold start, of which AWS publishes no figure."""
    outcomes = [answer.outcome for answer in answers if answer.outcome is not None and answer.outcome.cold_starts]
    shares = sorted(outcome.cold_starts / outcome.offered for outcome in outcomes)
    if shares:
        ends = dict.fromkeys(words.share(share) for share in (shares[0], shares[-1]))
        yield (
            f"{' to '.join(ends)} of requests meet a cold start. AWS publishes neither how long one takes nor how long"
            " an idle environment is kept: both are assumptions (facts rows 3.27, 3.28, 3.30)."
        )


def _reference(scenario: Scenario, world: World) -> Iterator[str]:
    name = scenario.workload.reference_instance_type
    if scenario.requirement.needs_gpu and world.hardware[name].gpu_count == 0:
        yield f"The service time is given for {name}, which has no GPU, although the model needs one: taken as it is."


def _speed(scenario: Scenario, deployment: Deployment, world: World) -> Iterator[str]:
    """What a service time on another GPU than that of the reference rests on."""
    workload, assumptions = scenario.workload, scenario.assumptions
    reference = world.hardware[workload.reference_instance_type]
    kind = world.hardware.get(BY_KEY[deployment.pattern].account.instance_type(deployment))
    needs_gpu = scenario.requirement.needs_gpu
    if kind is None or not is_scaled_between_gpus(workload, reference, kind, needs_gpu):
        return
    if (kind.gpu_model, kind.gpu_bandwidth_gb_s) != (reference.gpu_model, reference.gpu_bandwidth_gb_s):
        waits, computes = gpu_ratios(workload, assumptions, reference, kind)
        factor = instance_factor(workload, assumptions, reference, kind, needs_gpu)
        yield (
            f"No time was measured on {kind.name}, so it is scaled from {reference.name}: {words.count(factor)} times"
            f" as long. That takes its memory to set {words.share(assumptions.gpu_memory_bound_share)} of the time on"
            f" the GPU ({kind.gpu_model} {kind.gpu_bandwidth_gb_s:,.0f} GB/s, {reference.gpu_model}"
            f" {reference.gpu_bandwidth_gb_s:,.0f} GB/s: {words.count(waits)} times); if all of it computed, it would"
            f" be {words.count(computes)} times (gpu_memory_bound_share, facts row 6.8)."
        )


def _shared_copy(scenario: Scenario, deployment: Deployment, world: World) -> Iterator[str]:
    """That several workers are taken to share a copy of the model, where nothing says how much they need together."""
    workload = scenario.workload
    kind = world.hardware.get(BY_KEY[deployment.pattern].account.instance_type(deployment))
    if kind is None or not scenario.requirement.needs_gpu or workload.gpu_memory_mb:
        return
    if workload.container_workers <= kind.gpu_count or not kind.gpu_count:
        return
    spread = spread_over(workload, kind)
    where = f"spread over {spread} GPUs" if spread > 1 else "on its GPU"
    reference = world.hardware[workload.reference_instance_type]
    if spread > 1 and is_scaled_between_gpus(workload, reference, kind, needs_gpu=True):
        where += f", at {words.share(scenario.assumptions.spread_efficiency)} of their speed (spread_efficiency)"
    copies = words.counted(kind.gpu_count // spread, "copy", "copies")
    yield (
        f"The {workload.container_workers} workers on {kind.name} are taken to share {copies} of the model {where}. If"
        " each has one of its own, gpu_memory_mb is what those on a GPU need together (facts rows 6.9, 6.11)."
    )


def _replications(scenario: Scenario, evaluation: Answer) -> Iterator[str]:
    planned = scenario.simulation.replications
    if evaluation.outcome is not None and evaluation.outcome.replications < planned:
        runs = words.counted(evaluation.outcome.replications, "replication was", "replications were")
        yield f"{runs} made instead of {planned}, because a run is very large: the intervals are wider or missing."


def _client(scenario: Scenario, deployment: Deployment) -> Iterator[str]:
    """What the client is said to do and cannot do here, and what its gateway costs."""
    client, call = scenario.workload.client, BY_KEY[deployment.pattern].call
    if call == "held":
        if client.gateway_timeout_s:
            yield "The price of the gateway itself is not in the cost."
        return
    settings = {"read_timeout_s", "gateway_timeout_s"}
    why = "the client does not wait for its answer, it fetches it later"
    if call == "none":
        settings |= {"network_ms", "network_varying_ms"}
        why = "nobody calls it, it reads its input from S3"
    titles = [field.title for name, field in Client.model_fields.items() if name in settings and getattr(client, name)]
    if titles:
        verb = "was" if len(titles) == 1 else "were"
        yield f"{words.joined([str(title) for title in titles])} {verb} not used: {why}."


def _deadline(scenario: Scenario) -> Iterator[str]:
    if scenario.requirement.deadline_s and scenario.workload.traffic.kind != "jobs":
        yield "The deadline was not used: it is for data sets, and this traffic is single requests."


def repeated(scenario: Scenario, trace_s: float | None) -> Iterator[str]:
    """That a trace does not last as long as the horizon, and what stands in for the rest."""
    traffic, horizon_s = scenario.workload.traffic, scenario.simulation.duration_s
    if trace_s is None or not isinstance(traffic, NamedTrace | Counts | Timestamps):
        return
    if traffic.repeat and trace_s < horizon_s:
        whole = "" if trace_s % DAY_S == 0 else " It is not whole days long, so the hours of the day move."
        yield (
            f"The trace of {words.seconds(trace_s)} is shorter than the horizon of {words.seconds(horizon_s)}: it is"
            f" begun again where it ends.{whole} A horizon no longer than the trace shows what was measured."
        )
    silent_s = horizon_s - max(0.0, min(traffic.starts_at_s + trace_s, horizon_s) - traffic.starts_at_s)
    if not traffic.repeat and silent_s > 0:
        yield (
            f"The trace covers {words.seconds(horizon_s - silent_s)} of the horizon of {words.seconds(horizon_s)}:"
            " nothing arrives in the rest, and the cost a month counts that too."
        )


def _horizon(scenario: Scenario) -> Iterator[str]:
    """A month is scaled from the horizon, so a daily or weekly cycle should fit into it a whole number of times."""
    traffic, horizon_s = scenario.workload.traffic, scenario.simulation.duration_s
    if not isinstance(traffic, Jobs | Profile):
        return
    weekly = isinstance(traffic, Profile) and traffic.weekend_factor != 1
    cycle_s, word = (WEEK_S, "weeks") if weekly else (DAY_S, "days")
    if isinstance(traffic, Jobs):
        cycle_s *= traffic.every_days
    if horizon_s % cycle_s:
        yield (
            f"The horizon of {words.seconds(horizon_s)} does not hold whole {word} of this traffic: the cost a month,"
            " which is scaled from it, counts some hours of the cycle more than others."
        )
