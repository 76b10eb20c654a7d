"""The slow twin of what simulator/kernels/fold.py makes of requests that go through stages: one request at a time."""

from __future__ import annotations

from dataclasses import dataclass, field

COMPLETED, TIMED_OUT, FAILED = "completed", "timed_out", "failed"


@dataclass
class Stage:
    """times_s: of each request, for one attempt."""

    times_s: list[float]
    place: str = "before"
    each_attempt: bool = False
    limit_s: float = float("inf")


@dataclass
class Seen:
    """fates and latencies by request (None: not answered); mean parts of those that are; calls by stage; late: answered
    when somebody outside had given up.
    """

    fates: list[str] = field(default_factory=list)
    latencies_s: list[float | None] = field(default_factory=list)
    spent_s: list[float] = field(default_factory=list)
    service_s: float = 0.0
    calls: list[int] = field(default_factory=list)
    late: int = 0


def through(requests, stages: list[Stage], failing: list[bool]) -> Seen:
    """requests: (time at the endpoint, of that service, fate, attempts), the stages from the client inwards; failing:
    whether a call from inside or after the model fails.
    """
    seen = Seen(spent_s=[0.0] * len(stages), calls=[0] * len(stages))
    for i, (endpoint_s, service_s, fate, attempts) in enumerate(requests):
        latency_s, gave_up = endpoint_s, False
        for stage in [one for one in reversed(stages) if one.place != "inside"]:
            latency_s += stage.times_s[i] * (attempts if stage.each_attempt else 1)
            gave_up = gave_up or latency_s > stage.limit_s
        for k, stage in enumerate(stages):
            if stage.place == "before":
                seen.calls[k] += attempts if stage.each_attempt else 1
            else:
                seen.calls[k] += service_s > 0 if stage.place == "inside" else fate == COMPLETED
        failed = fate == COMPLETED and failing[i]
        completed = fate == COMPLETED and not gave_up and not failed
        seen.late += fate == COMPLETED and gave_up and not failed
        seen.fates.append(TIMED_OUT if gave_up else FAILED if failed else fate)
        seen.latencies_s.append(latency_s if completed else None)
        if completed:
            seen.service_s += service_s - sum(one.times_s[i] for one in stages if one.place == "inside")
            for k, stage in enumerate(stages):
                times = attempts if stage.each_attempt and stage.place != "inside" else 1
                seen.spent_s[k] += stage.times_s[i] * times
    return seen
