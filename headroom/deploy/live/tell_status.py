"""A status in plain words: for the terminal and the page alike."""

from __future__ import annotations

from headroom.advisor.answer import Answer
from headroom.deploy import tell
from headroom.deploy.live.status import Status


def status_lines(status: Status, predicted: Answer | None) -> list[str]:
    """A status as lines: what is, what differs, what it costs, and the observed beside the predicted."""
    lines = [status.told, *status.capacity]
    for logical_id, differences in status.drift.items():
        for difference in differences:
            place = f"{logical_id} {difference.place}".strip()
            lines.append(f"Differs: {place}: planned {difference.wanted}, there {difference.there}")
    lines += [] if status.drift else ["Nothing differs from the plan."]
    lines += tell.cost_lines(status.costs)
    if status.observed is not None and predicted is not None:
        lines += _observed_lines(status, predicted)
    elif status.observed is None:
        lines.append("CloudWatch has no requests of it in this time.")
    return [*lines, *(f"Note: {note}" for note in status.notes)]


def _observed_lines(status: Status, predicted: Answer) -> list[str]:
    observed = status.observed
    assert observed is not None
    hours = (observed.end_s - observed.start_s) / 3600
    lines = [
        f"Observed in {hours:g} h: {observed.requests:,.0f} requests, {observed.errors / observed.requests:.2%} errors"
    ]
    if predicted.error_share is not None:
        lines.append(f"  errors predicted: {predicted.error_share.value:.2%}")
    for name, seconds in observed.latency_s.items():
        expected = predicted.latency_s.get(name)
        beside = f", predicted {1000 * expected.value:,.0f} ms" if expected is not None else ""
        lines.append(f"  {name}: {1000 * seconds:,.0f} ms{beside}")
    lines.append("Observed is ModelLatency, inside the endpoint; predicted is what the client waits, network included.")
    return lines + (["CloudWatch did not have all of it yet."] if observed.partial else [])
