"""The space of every pattern as chains of candidates, with what each costs at least.

What the search does not vary (queue size, time to live, notifications, split) is that of the scenario's own
deployment of the pattern, else its default.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from headroom.advisor.search import sizing
from headroom.advisor.search.space import Space
from headroom.advisor.search.space_of_batch import batch
from headroom.advisor.search.space_of_fleets import asynchronous, realtime
from headroom.advisor.search.space_of_serverless import serverless
from headroom.advisor.search.surrogate import Asker
from headroom.advisor.verdict import THROUGH_S3


def spaces(asker: Asker) -> Iterator[Space]:
    """Of the patterns that the scenario's search allows, in the order of PATTERNS."""
    load = sizing.load(asker)
    allowed = asker.scenario.search.patterns
    late = asker.scenario.requirement.answer_may_be_deferred
    for pattern, make in (
        ("realtime", realtime),
        ("serverless", serverless),
        ("asynchronous", asynchronous),
        ("batch", batch),
    ):
        if not allowed or pattern in allowed:
            yield replace(make(asker, load), may_meet=late or pattern not in THROUGH_S3)
