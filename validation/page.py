"""docs/validation.md and its figures, made from docs/validation.json and validation/rows.toml alone."""

from __future__ import annotations

import math
import tomllib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from validation import llm_page
from validation.figures import Axis, Mark, figure
from validation.markdown import percent, signed, table
from validation.sensitivity import LEFT_OUT

FOLDER = Path(__file__).parent
IMAGES = "images/validation"
STATES = ("modelled", "approximated", "left out", "context")
BARS = {"cold": 0.122, "instances": 0.030, "replay": 0.15}

Report = dict[str, Any]


def texts() -> tuple[str, str]:
    """The texts of rows.toml and template.md."""
    rows, template = (FOLDER / name for name in ("rows.toml", "template.md"))
    return rows.read_text(encoding="utf-8"), template.read_text(encoding="utf-8")


def fact_rows(text: str) -> dict[str, tuple[str, str]]:
    """Fact row -> what is done with it, and how; from the text of rows.toml."""
    return {row: (state, how) for state, rows in tomllib.loads(text).items() for row, how in rows.items()}


def files(found: Report, rows: str, template: str) -> dict[str, str]:
    """Name below docs/ -> text, of the page and its figures, from the report and the two texts."""
    values = (
        _summary(found, rows)
        | _theory(found["theory"])
        | _peers(found["peers"])
        | _rates(found["lambda"])
        | _replays(found["lambda"]["replays"])
        | _provisioning(found["provisioning"])
        | _sensitivity(found["sensitivity"]["rows"])
        | llm_page.values(found["llm"])
        | _facts(rows)
    )
    return {"validation.md": template.format(**values)} | {
        f"{IMAGES}/theory.svg": _theory_figure(found["theory"]["rows"]),
        f"{IMAGES}/cold-starts.svg": _rates_figure(found["lambda"]["rates"]["rows"]),
        f"{IMAGES}/provisioning.svg": _provisioning_figure(found["provisioning"]["classes"]),
    }


def _yes(value: bool) -> str:
    return "yes" if value else "**no**"


def _held(value: float, bar: float) -> str:
    return "met" if value <= bar else "missed"


def coverage(rows: Sequence[Report]) -> tuple[int, int, float]:
    """Rows inside, all rows, and the probability of so few or fewer when 95 % are to be expected."""
    n, inside = len(rows), sum(row["inside"] for row in rows)
    tail = math.fsum(math.comb(n, k) * 0.95**k * 0.05 ** (n - k) for k in range(inside + 1))
    return inside, n, tail


def _summary(found: Report, rows: str) -> Report:
    inside, n, _ = coverage(found["theory"]["rows"])
    peers = found["peers"]["rows"]
    rates, replays = found["lambda"]["rates"]["all"], found["lambda"]["replays"]["mean_absolute"]
    states = Counter(state for state, _ in fact_rows(rows).values())
    cold, kept = percent(rates["cold_three"]), percent(rates["instances_three"])
    cold_fixed, kept_fixed = percent(rates["cold_fixed"]), percent(rates["instances_fixed"])
    unseen = percent(found["lambda"]["rates"]["without_logs"]["cold_three"])
    agree = sum(row["agrees"] for row in peers)
    lines = table(
        ("What was held against what", "Result", "Bar"),
        [
            ("queueing theory", f"{inside} of {n} formulas in 95 % intervals", f"{0.95 * n:.0f} expected"),
            (
                "SimPy and SimFaaS",
                f"{agree} of {len(peers)} figures agree at 95 %",
                f"{0.95 * len(peers):.0f} expected",
            ),
            (
                "20 rates on AWS Lambda: share of cold starts",
                f"mean absolute error {cold}; {unseen} on the 15 rates whose logs were not used; with a fixed expiry "
                f"{cold_fixed} at 600 s and {percent(rates['cold_five'])} at 300 s",
                f"12.2 %: {_held(rates['cold_three'], BARS['cold'])}; the measurement's own {percent(rates['noise'])}",
            ),
            (
                "the same: mean number of environments",
                f"{kept}; {kept_fixed} with a fixed expiry",
                f"3.0 %: {_held(rates['instances_three'], BARS['instances'])}",
            ),
            (
                "five logs replayed: number of cold starts",
                f"{percent(replays['three_held_out'])} on logs that were held out; "
                f"{percent(replays['fixed_held_out'])} with a fitted fixed expiry",
                f"15 %: {_held(replays['three_held_out'], BARS['replay'])}",
            ),
            ("facts of sections 1 to 5 and 8", ", ".join(f"{states[state]} {state}" for state in STATES), ""),
        ],
    )
    return {"engine": found["engine"], "summary": lines}


def _theory(found: Report) -> Report:
    inside, n, tail = coverage(found["rows"])
    by_model: dict[str, list[Report]] = {}
    for row in found["rows"]:
        by_model.setdefault(row["model"], []).append(row)
    overview = table(
        ("Model", "Inside", "Largest deviation"),
        [
            (model, f"{sum(r['inside'] for r in rows)} of {len(rows)}", signed(_worst(rows)))
            for model, rows in by_model.items()
        ],
    )
    everything = table(
        ("Model", "Case", "What", "Predicted", "Simulated, 95 %", "Inside"),
        [
            (
                r["model"],
                r["case"],
                r["what"],
                f"{r['predicted']:.5g}",
                f"{r['simulated']:.5g} ± {r['half']:.2g}",
                _yes(r["inside"]),
            )
            for r in found["rows"]
        ],
    )
    bounds = table(
        ("Bounds", "Case", "At least", "Simulated", "At most", "Within"),
        [
            (b["model"], b["case"], f"{b['least']:.5g}", f"{b['simulated']:.5g}", f"{b['most']:.5g}", _yes(b["within"]))
            for b in found["bounds"]
        ],
    )
    laws = found["laws"]
    return {
        "inside": inside,
        "formulas": n,
        "expected": f"{0.95 * n:.0f}",
        "tail": f"{tail:.2g}",
        "theory_overview": overview,
        "theory_rows": everything,
        "bounds": bounds,
        "little_deviation": percent(laws["little_deviation"], 3),
        "scale_deviation": f"{laws['scale_deviation']:.1g}",
        "pairs": laws["more_workers_pairs"],
        "grew": laws["more_workers_grew"],
    }


def _worst(rows: Sequence[Report]) -> float:
    deviations: list[float] = [r["simulated"] / r["predicted"] - 1 for r in rows]
    return max(deviations, key=abs)


def _peers(found: Report) -> Report:
    rows = table(
        ("Against", "Scenario", "What", "Headroom", "The other", "Agrees"),
        [
            (
                r["peer"],
                r["case"],
                r["what"],
                f"{r['ours']:.5g} ± {r['ours_half']:.2g}",
                f"{r['theirs']:.5g} ± {r['theirs_half']:.2g}",
                _yes(r["agrees"]),
            )
            for r in found["rows"]
        ],
    )
    return {"simpy": found["simpy"], "peers": rows}


def _rates(found: Report) -> Report:
    rates = found["rates"]
    rows = table(
        (
            "Requests/s",
            "Cold, measured",
            "fixed 600 s",
            "error",
            "three rules",
            "error",
            "Environments, measured",
            "fixed",
            "three rules",
        ),
        [
            (
                f"{r['rate_per_s']:.4g}" + ("*" if r["logged"] else ""),
                f"{percent(r['cold'], 2)} ± {percent(r['cold_se'], 2)}",
                percent(r["cold_fixed"], 2),
                signed(r["cold_fixed"] / r["cold"] - 1),
                percent(r["cold_three"], 2),
                signed(r["cold_three"] / r["cold"] - 1),
                f"{r['instances']:.2f}",
                f"{r['instances_fixed']:.2f}",
                f"{r['instances_three']:.2f}",
            )
            for r in rates["rows"]
        ],
    )
    errors = table(
        ("Mean absolute error", "all 20 rates", "15 rates without a log here", "Bar"),
        [
            (name, percent(rates["all"][key]), percent(rates["without_logs"][key]), bar)
            for name, key, bar in (
                ("cold starts, fixed 600 s", "cold_fixed", "12.2 %"),
                ("cold starts, fixed 300 s", "cold_five", ""),
                ("cold starts, three rules (the default)", "cold_three", "12.2 %"),
                ("environments, fixed 600 s", "instances_fixed", "3.0 %"),
                ("environments, fixed 300 s", "instances_five", ""),
                ("environments, three rules (the default)", "instances_three", "3.0 %"),
                ("the measurement's own standard error of cold starts", "noise", ""),
            )
        ],
    )
    counted = ", ".join(f"{value:.2f}" for value in found["counted"].values())
    five = percent(rates["all"]["cold_five"])
    return {"rate_errors": errors, "rates": rows, "counted": counted, "cold_five": five}


def _replays(found: Report) -> Report:
    rows = table(
        (
            "Log",
            "Requests",
            "Cold, logged",
            "600 s",
            "fixed, fitted",
            "fixed, held out",
            "three, fitted",
            "three, held out",
        ),
        [
            (
                r["log"],
                f"{r['requests']:,}",
                str(r["cold"]),
                signed(r["fixed_600"]),
                signed(r["fixed_fitted"]),
                signed(r["fixed_held_out"]),
                signed(r["three_fitted"]),
                signed(r["three_held_out"]),
            )
            for r in found["rows"]
        ],
    )
    mean, rule = found["mean_absolute"], found["three_rule"]
    return {
        "replays": rows,
        **{name: percent(value) for name, value in mean.items()},
        "fixed_keep": f"{found['fixed_rule']['keep_s']:.0f}",
        "three_keep": f"{rule['keep_s']:,.0f}",
        "three_quiet": f"{rule['quiet_s']:.0f}",
        "three_life": f"{rule['life_from_s']:,.0f}",
    }


def _provisioning(found: Report) -> Report:
    rows = table(
        (
            "Class",
            "Endpoints",
            "Median, s (95 %)",
            "Sigma (95 %)",
            "KS distance",
            "Default",
            "KS of the default",
            "5 % limit",
        ),
        [
            (
                c["class"].upper(),
                str(c["n"]),
                f"{c['median_s']:.0f} ({c['median_95'][0]:.0f} to {c['median_95'][1]:.0f})",
                f"{c['sigma']:.2f} ({c['sigma_95'][0]:.2f} to {c['sigma_95'][1]:.2f})",
                f"{c['ks_fit']:.2f}",
                f"{c['default_median_s']:.0f} s, {c['default_sigma']:g}",
                f"{c['ks_default']:.2f}",
                f"{c['ks_95']:.2f}",
            )
            for c in found["classes"]
        ],
    )
    scale_out = table(
        ("Scale-out, AWS blog of June 2026", "Type", "Before caching", "quantile of the default", "After", "quantile"),
        [
            (
                s["case"],
                s["instance_type"],
                f"{s['before_s']:.0f} s",
                f"{s['quantile_before']:.2f}",
                f"{s['after_s']:.0f} s",
                f"{s['quantile_after']:.2f}",
            )
            for s in found["scale_out"]
        ],
    )
    spread = found["cold_start_spread"]
    return {
        "provisioning": rows,
        "scale_out": scale_out,
        "spread_samples": f"{spread['samples']:,}",
        "spread_cells": spread["cells"],
        "spread_within": f"{spread['within_median']:.2f}",
        "spread_p10": f"{spread['within_p10']:.2f}",
        "spread_p90": f"{spread['within_p90']:.2f}",
        "spread_between": f"{spread['between']:.2f}",
        "spread_default": f"{spread['default']:g}",
    }


def _sensitivity(rows: Sequence[Report]) -> Report:
    best: dict[tuple[str, str], Report] = {}
    lines = []
    for row in rows:
        best.setdefault((row["preset"], row["assumption"]), row)
    for preset, assumption in best:
        these = [r for r in rows if (r["preset"], r["assumption"]) == (preset, assumption)]
        cost = max(these, key=lambda r: _swing(r, "cost", "cost_low", "cost_high"))
        late = max(these, key=lambda r: _swing(r, "p99_s", "p99_low_s", "p99_high_s"))
        first = these[0]
        lines.append(
            (
                preset,
                f"`{assumption}`",
                _word(first["default"]),
                f"{_word(first['low'])} to {_word(first['high'])}",
                _change(cost, "cost", "cost_low", "cost_high"),
                _change(late, "p99_s", "p99_low_s", "p99_high_s"),
            )
        )
    left = table(("Not moved", "Why"), [(f"`{name}`", why) for name, why in LEFT_OUT.items()])
    head = ("Preset", "Assumption", "Default", "Moved", "Cost", "p99")
    return {"sensitivity": table(head, lines), "not_moved": left}


def _swing(row: Report, default: str, low: str, high: str) -> float:
    return max(abs(float(row[end]) / float(row[default]) - 1) for end in (low, high))


def _change(row: Report, default: str, low: str, high: str) -> str:
    if _swing(row, default, low, high) < 0.0005:
        return "none"
    return f"{signed(row[low] / row[default] - 1)} to {signed(row[high] / row[default] - 1)} ({row['deployment']})"


def _word(value: float | bool) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else f"{value:g}"


def _facts(text: str) -> Report:
    rows = fact_rows(text)
    count = Counter(state for state, _ in rows.values())
    order = sorted(rows, key=lambda row: tuple(map(int, row.split("."))))
    lines = table(("Row", "State", "How"), [(row, *rows[row]) for row in order])
    states = ", ".join(f"{count[state]} {state}" for state in STATES)
    return {"facts": lines, "states": states}


def _theory_figure(rows: Sequence[Report]) -> str:
    groups = {
        "real-time": ("M/M/c", "M/D/1", "M/G/1", "M/M/c/K"),
        "serverless": ("Erlang B", "M/M/inf warm pool", "M/G/inf"),
        "asynchronous": ("M/M/c, asynchronous", "M/M/1 with patience"),
    }
    marks = [
        Mark(
            name=name,
            points=[
                (r["predicted"], (r["simulated"] - r["predicted"]) / r["half"])
                for r in rows
                if r["model"] in models and r["half"] > 0
            ],
        )
        for name, models in groups.items()
    ]
    edge = [(1e-6, -1.0), (100.0, -1.0), (100.0, 1.0), (1e-6, 1.0), (1e-6, -1.0)]
    band = [Mark(name="95 % interval", points=edge, line=True)]
    x = Axis(
        title="predicted (seconds, share or number)", low=1e-6, high=100, marks=[1e-6, 1e-4, 0.01, 1, 100], log=True
    )
    y = Axis(title="deviation / half-width", low=-2, high=2, marks=[-2, -1, 0, 1, 2])
    return figure("Deviation from theory", x, y, [*marks, *band])


def _rates_figure(rows: Sequence[Report]) -> str:
    marks = [
        Mark(name="measured", points=[(r["rate_per_s"], r["cold"]) for r in rows]),
        Mark(name="fixed 600 s", points=[(r["rate_per_s"], r["cold_fixed"]) for r in rows], line=True),
        Mark(name="three rules", points=[(r["rate_per_s"], r["cold_three"]) for r in rows], line=True),
    ]
    x = Axis(title="requests per second", low=0.0015, high=1.2, marks=[0.002, 0.01, 0.1, 1], log=True)
    y = Axis(title="share of cold starts", low=0.001, high=0.5, marks=[0.001, 0.01, 0.1, 0.5], log=True)
    return figure("Share of cold starts on Lambda", x, y, marks)


def _provisioning_figure(classes: Sequence[Report]) -> str:
    marks = []
    for c in classes:
        marks.append(Mark(name=f"{c['class'].upper()}, seen", points=[tuple(point) for point in c["seen"]]))
        curve = [
            (t, 0.5 * math.erfc(-math.log(t / c["median_s"]) / c["sigma"] / math.sqrt(2)))
            for t in (60 * 1.05**k for k in range(60))
        ]
        marks.append(Mark(name=f"{c['class'].upper()}, fitted", points=curve, line=True))
    x = Axis(title="seconds until in service", low=60, high=1000, marks=[60, 120, 240, 480, 960], log=True)
    y = Axis(title="share of endpoints", low=0, high=1, marks=[0, 0.25, 0.5, 0.75, 1])
    return figure("Time until an endpoint is in service", x, y, marks)
