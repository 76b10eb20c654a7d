"""A fleet under target tracking on InvocationsPerInstance, with faults, told again from docs/scaling.md and
docs/faults.md: one list of things to come, looked through from the beginning each time.

A decision comes delay_s after its datum. Provisioning takes ready_s x exp(sigma x z), where z is a mix of one normal
number that a scale-out has and of one that each of its instances has: `within` of it is the instance's, in variance
within**2. Without retries the metric depends on arrivals alone, so nothing is served here.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class Story:
    """counts: (time, instances in service, and those with the ones being provisioned, all paid for) from then on."""

    target: float
    least: int
    most: int
    out_s: float
    in_s: float
    delay_s: float
    ready_s: float
    sigma: float
    within: float
    normal: Callable[[], float]
    replaced_s: float
    shortages: list[tuple[float, float]]
    waits: bool
    running: int
    ready: list[float] = field(default_factory=list)  # when instances come into service
    begin: list[float] = field(default_factory=list)  # when the provisioning of others begins
    counts: list[tuple[float, int, int]] = field(default_factory=list)

    def run(self, arrivals, losses, begins_s, ends_s):
        """losses: (time, function from the instances in service to how many die)."""
        high = low = 0
        out_until = in_until = -math.inf
        data: list[tuple[float, bool, float, int]] = []
        losses, came = sorted(losses, key=lambda loss: loss[0]), 0
        weight, minute = 0.0, begins_s + 60
        self.note(begins_s)
        while True:
            soonest = [minute, *(loss[0] for loss in losses), *self.ready, *self.begin, *(datum[0] for datum in data)]
            now = min(soonest)
            while came < len(arrivals) and arrivals[came] < now:
                came += 1
                weight += 1 / self.running if self.running else 0.0
            if now >= ends_s:
                return self.counts
            if now == minute:
                seen = self.running > 0
                high = high + 1 if seen and weight > self.target else 0
                low = low + 1 if seen and weight < 0.9 * self.target else 0
                if high >= 3 or low >= 15:
                    data.append((now + self.delay_s, high >= 3, weight, self.running))
                weight, minute = 0.0, minute + 60
            elif losses and losses[0][0] == now:
                dead = losses.pop(0)[1](self.running)
                self.running -= dead
                self.begin += [now + self.replaced_s] * dead
            elif now in self.ready:
                self.ready.remove(now)
                self.running += 1
            elif now in self.begin:
                together = self.begin.count(now)
                self.begin = [at for at in self.begin if at != now]
                self.provision(now, together)
            else:
                _, above, metric, then = data.pop(0)
                desired = self.desired
                if self.waits and (self.ready or self.begin):
                    continue
                base = then if not above or now < out_until else desired
                wanted = math.ceil(base * metric / self.target - 1e-9)
                if above:
                    wanted = max(desired, min(self.most, wanted))
                else:
                    wanted = desired if now < in_until else min(desired, max(self.least, wanted))
                if wanted > desired:
                    out_until = now + self.out_s
                    self.provision(now, wanted - desired)
                if wanted != desired:
                    in_until = now + self.in_s
                for _ in range(desired - wanted):
                    self.take_away()
            self.note(now)

    @property
    def desired(self):
        return self.running + len(self.ready) + len(self.begin)

    def provision(self, now, together):
        """In a shortage it begins when that is over; another one may have begun meanwhile."""
        for since, until in sorted(self.shortages):
            if since <= now < until:
                self.begin += [until] * together
                return
        common = math.sqrt(1 - self.within**2) * self.normal()
        for _ in range(together):
            self.ready.append(now + self.ready_s * math.exp(self.sigma * (common + self.within * self.normal())))

    def take_away(self):
        """Those that would be ready last first, then those in service."""
        if self.begin:
            self.begin.remove(max(self.begin))
        elif self.ready:
            self.ready.remove(max(self.ready))
        else:
            self.running -= 1

    def note(self, now):
        self.counts.append((now, self.running, self.running + len(self.ready)))


def mean_by_minute(counts, place, minutes):
    """Of the number in this place of each entry, from time 0 on."""
    out = [0.0] * minutes
    for (at, *some), (until, *_) in zip(counts, [*counts[1:], (60.0 * minutes,)], strict=True):
        for minute in range(max(0, int(at // 60)), minutes):
            low, high = max(at, 60.0 * minute), min(until, 60.0 * (minute + 1))
            if high <= low and 60.0 * minute > until:
                break
            out[minute] += max(0.0, high - low) * some[place] / 60
    return out
