"""AWS Lambda in 2020, measured: 20 arrival rates, and five of the runs request by request (validation/data/README.md).

Two kinds of rule for how long an environment is kept. "Fixed": gone after 600 s idle, what the authors of the
measurement assume, or after 300 s (facts row 3.31). "Three rules", read from the logs and Headroom's default: gone
after `keep` idle; all gone once nothing was in flight for `quiet`; and a life drawn evenly from `life` to 7,300 s.
Environments are reused last used first in all.
"""

from __future__ import annotations

import csv
import gzip
import io
import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from simulator.engine.accumulators import new_log
from simulator.kernels import LOG_FULL, OK
from simulator.kernels import serverless as kernel
from simulator.kernels import serverless_state as parts
from simulator.patterns.serverless.deployment import ServerlessDeployment
from simulator.patterns.serverless.run import new_state
from validation.runs import Draws, environments, results, work

FOLDER = Path(__file__).parent / "data" / "aws-lambda-2020"
OLDEST_S = 7300.0
DAY_S = 86_400.0
PLACES = 200
RATES_WITH_LOGS = ("experiment_0", "experiment_11", "experiment_13", "experiment_15", "experiment_17")

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Rule:
    """How long environments are kept, in seconds; quiet 0: no such rule; life 0: lives without end."""

    keep: float
    quiet: float = 0.0
    life: float = 0.0


FIXED = Rule(600.0)
THREE = Rule(1300.0, 640.0, 4000.0)
"""The best of all five logs on the grid below; `fitted` finds it again."""

PREDICTED: Mapping[str, Mapping[str, float]] = {
    "fixed": {"serverless_keep_warm_s": FIXED.keep},
    "five": {"serverless_keep_warm_s": 300.0},
    "three": {},
}
"""Rules that predict the 20 rates, as assumptions: the three rules are what Headroom does when nothing is set."""

FIXED_GRID = tuple(Rule(float(keep)) for keep in range(580, 705, 5))
THREE_GRID = tuple(
    Rule(keep, quiet, life)
    for keep, quiet, life in itertools.product(
        (1100.0, 1200.0, 1300.0, 1400.0, 1500.0, 1600.0),
        (600.0, 620.0, 630.0, 640.0, 660.0),
        (3000.0, 4000.0, 5000.0, 6000.0, 7000.0),
    )
)


@dataclass(frozen=True, slots=True)
class Log:
    """One run: start and length of each request, whether it was cold, and how many environments were there before."""

    name: str
    start_s: FloatArray
    elapsed_s: FloatArray
    cold: NDArray[np.bool_]
    before: int


def logs() -> list[Log]:
    """The five runs."""
    return [_log(path) for path in sorted(FOLDER.glob("log-*.csv.gz"))]


def _log(path: Path) -> Log:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        rows = list(csv.DictReader(io.StringIO(file.read())))
    cold = np.array([row["is_cold"] == "1" for row in rows])
    number = [int(row["environment"]) for row in rows]
    start_s, elapsed_s = (np.array([float(row[key]) for row in rows]) for key in ("start_s", "elapsed_s"))
    first_cold: dict[int, bool] = {}
    for k, which in enumerate(number):
        first_cold.setdefault(which, bool(cold[k]))
    before = sum(not value for value in first_cold.values())
    return Log(path.name[4:14], start_s, elapsed_s, cold, before)


def replay(log: Log, rule: Rule, seed: int) -> int:
    """Cold starts when the logged requests, with their logged lengths, meet the engine's environments.

    Environments that were there before come from requests of no length a second earlier, which are not counted.
    """
    t = np.concatenate([np.full(log.before, -1.0), log.start_s])
    demand = np.concatenate([np.zeros(log.before), log.elapsed_s])
    state = new_state(ServerlessDeployment(max_concurrency=PLACES), 0.0, -1.0)
    draws = np.random.default_rng(seed)
    state = state._replace(draws=np.zeros((parts.DRAWS, t.size + 1)))
    state.draws[parts.LIFE_S] = draws.uniform(rule.life, OLDEST_S, t.size + 1)
    state.ints[parts.SPARED] = state.ints[parts.STARTED] = state.ints[parts.KEPT] = 0
    params = parts.Params(
        max_concurrency=PLACES,
        keep_s=rule.keep,
        factor=1.0,
        limit_s=60.0,
        start_limit_s=180.0,
        bill_setup=0,
        horizon_s=math.inf,
        max_attempts=1,
        delay_cap_s=1.0,
        tokens=0.0,
        retry_cost=0.0,
        quiet_s=rule.quiet or math.inf,
        mortal=int(rule.life > 0),
    )
    rows, i, cold = new_log(4096), 0, 0
    while True:
        i, code = kernel.advance(state, params, None, rows, t, demand, i, math.inf, False)
        logged = int(state.ints[parts.LOGGED])
        cold += int(rows.cold[:logged].sum())
        state.ints[parts.LOGGED] = 0
        if code == OK:
            return cold - log.before
        assert code == LOG_FULL


def error(log: Log, rule: Rule, draws: int) -> float:
    """Relative error of the mean number of cold starts over so many draws of the lives."""
    count = draws if rule.life else 1
    return float(np.mean([replay(log, rule, seed) for seed in range(count)])) / int(log.cold.sum()) - 1


def fitted(errors: FloatArray, logs_used: list[int]) -> int:
    """The rule of a grid, [rules, logs], with the least mean absolute error on these logs."""
    return int(np.abs(errors[:, logs_used]).mean(axis=1).argmin())


def replays(draws: int = 16) -> dict[str, object]:
    """Each log, replayed: fixed and fitted rules, fitted on all and on the other four."""
    measured = logs()
    everything = list(range(len(measured)))
    fixed, three = (
        np.array([[error(log, rule, draws) for log in measured] for rule in grid]) for grid in (FIXED_GRID, THREE_GRID)
    )
    at_600 = [error(log, FIXED, 1) for log in measured]
    best_fixed, best_three = fitted(fixed, everything), fitted(three, everything)
    rows = []
    for k, log in enumerate(measured):
        others = [j for j in everything if j != k]
        held_fixed, held_three = fitted(fixed, others), fitted(three, others)
        rows.append(
            {
                "log": log.name,
                "requests": int(log.start_s.size),
                "cold": int(log.cold.sum()),
                "fixed_600": at_600[k],
                "fixed_fitted": float(fixed[best_fixed, k]),
                "three_fitted": float(three[best_three, k]),
                "fixed_held_out": float(fixed[held_fixed, k]),
                "three_held_out": float(three[held_three, k]),
                "three_rule_of_the_others": _plain(THREE_GRID[held_three]),
            }
        )
    names = [key for key in rows[0] if key.startswith(("fixed", "three")) and "rule" not in key]
    return {
        "rows": rows,
        "fixed_rule": _plain(FIXED_GRID[best_fixed]),
        "three_rule": _plain(THREE_GRID[best_three]),
        "mean_absolute": {name: float(np.mean([abs(row[name]) for row in rows])) for name in names},  # type: ignore[arg-type]
    }


def _plain(rule: Rule) -> dict[str, float]:
    return {"keep_s": rule.keep, "quiet_s": rule.quiet, "life_from_s": rule.life}


def experiments() -> list[dict[str, str]]:
    """The measured rows of the 20 rates, by rate."""
    with (FOLDER / "exp.csv").open(encoding="utf-8") as file:
        return sorted(csv.DictReader(file), key=lambda row: float(row["ArrivalRate"]))


def predict(row: dict[str, str], rule: Mapping[str, float], replications: int) -> tuple[float, float]:
    """Share of cold starts and mean environments from the engine, for the rate and the mean times of one experiment.

    Work is exponential with the measured warm mean; a cold start adds the difference of the measured means. rule: the
    assumptions that are not left at their default.
    """
    warm_s, cold_s = float(row["ServiceTimeWarm"]) / 1000, float(row["ServiceTimeCold"]) / 1000
    sizes, assumptions = environments(cold_s - warm_s, **rule)
    rate = float(row["ArrivalRate"])
    found = results(
        work(rate, "exponential", warm_s, **sizes),
        ServerlessDeployment(max_concurrency=PLACES),
        31 * DAY_S,
        warmup_s=DAY_S,
        assumptions=assumptions,
        draws=Draws(replications if rate < 0.1 else max(1, replications // 5)),
    )
    cold = sum(r.sums.cold.sum() for r in found) / sum(r.offered.sum() for r in found)
    kept = float(np.mean([r.gauges["environments"].integral.sum() / r.horizon_s for r in found]))
    return float(cold), kept


def rates(replications: int = 20) -> dict[str, object]:
    """The 20 rates, predicted by each rule."""
    rows: list[dict[str, float | str | bool]] = []
    for measured in experiments():
        rate, cold, kept = (
            float(measured[key]) for key in ("ArrivalRate", "ColdStartProbability", "AverageInstanceCount")
        )
        row: dict[str, float | str | bool] = {
            "rate_per_s": rate,
            "logged": measured[""] in RATES_WITH_LOGS,
            "cold": cold,
            "cold_se": float(measured["ColdStartProbabilitySE"]),
            "instances": kept,
        }
        for name, rule in PREDICTED.items():
            row[f"cold_{name}"], row[f"instances_{name}"] = predict(measured, rule, replications)
        rows.append(row)
    unseen = [row for row in rows if not row["logged"]]
    return {"rows": rows, "all": _errors(rows), "without_logs": _errors(unseen)}


def _errors(rows: list[dict[str, float | str | bool]]) -> dict[str, float]:
    """Mean absolute relative errors; noise: the mean relative standard error of the measured share of cold starts."""

    def mape(predicted: str, measured: str) -> float:
        return float(np.mean([abs(float(row[predicted]) / float(row[measured]) - 1) for row in rows]))

    names = [(f"{what}_{rule}", what) for what in ("cold", "instances") for rule in PREDICTED]
    noise = float(np.mean([float(row["cold_se"]) / float(row["cold"]) for row in rows]))
    return {predicted: mape(predicted, measured) for predicted, measured in names} | {"noise": noise}


def counted(log: Log, minutes: float = 10.0) -> float:
    """Mean environments as the authors count them: from the first use until so long after the last, each minute."""
    with gzip.open(FOLDER / f"log-{log.name}.csv.gz", "rt", encoding="utf-8") as file:
        number = [int(row["environment"]) for row in csv.DictReader(io.StringIO(file.read()))]
    at = np.arange(0.0, float(log.start_s[-1]), 60.0)
    alive = np.zeros((max(number) + 1, at.size), dtype=bool)
    for which, start in zip(number, log.start_s, strict=True):
        alive[which] |= (at >= start) & (at < start + 60 * minutes)
    return float(alive.sum(axis=0).mean())


def report() -> dict[str, object]:
    """All of it as plain values."""
    return {"rates": rates(), "replays": replays(), "counted": {log.name: counted(log) for log in logs()}}
