"""The part of the report about language models, as values of the page's template."""

from __future__ import annotations

from typing import Any

from validation.markdown import percent, signed, table

Report = dict[str, Any]
BARS = {
    "benchmarks": (0.06, 0.16),
    "endpoints": (0.07, 0.15),
    "ttft": (0.16, 1.0),
    "ttft of the worst model": (0.25, 1.0),
    "growth": (0.04, 1.0),
}
"""Median and 90th percentile that are asked for with whole deployments left out."""


def values(found: Report) -> Report:
    """Everything that template.md says of language models."""
    figures = {(kind, figure): value for kind, figure, value in found["figures"]}
    worst = max(found["ttft_by_model"].items(), key=lambda item: float(item[1]["median"]))
    deployments = (
        ("time per token, benchmarks", found["benchmarks"], BARS["benchmarks"]),
        ("time per token, SageMaker endpoints", found["endpoints"], BARS["endpoints"]),
        ("time to the first token", figures["same", "ttft"], BARS["ttft"]),
        (f"the same, worst model ({worst[0].partition('/')[2]})", worst[1], BARS["ttft of the worst model"]),
        ("growth of the time per token with concurrency", found["growth"], BARS["growth"]),
    )
    return {
        "llm_rows": ", ".join(f"{n} of {source}s" for source, n in found["rows"].items()),
        "llm_judged": str(found["judged_rows"]),
        "llm_deployments": table(
            ("Deployments left out", "Rows", "Median", "90 %", "Bar", "Held"),
            [[name, *_errors(value), _bar(bar), _held(value, bar)] for name, value, bar in deployments],
        ),
        "llm_classes": table(
            ("Left out", "Figure", "Rows", "Median", "90 %", "Bar", "Shown"),
            [
                [kind, figure, *_errors(value), _bar((value["bar"], 1.0)), _shown(value)]
                for (kind, figure), value in figures.items()
            ],
        ),
        **{f"llm_{name}": _by(found[name], head) for name, head in _TABLES.items()},
    }


_TABLES = {"by_model": "Model left out", "by_gpu": "GPU left out", "by_path": "Kernel path left out"}


def _by(found: Report, head: str) -> str:
    rows = [[name, *_errors(value), signed(value["bias"])] for name, value in found.items()]
    return table((head, "Rows", "Median", "90 %", "Median with its sign"), rows)


def _errors(value: Report) -> list[str]:
    return [str(value["n"]), percent(value["median"]), percent(value["p90"])]


def _bar(bar: tuple[float, float]) -> str:
    median, p90 = bar
    if not median:
        return "nothing is claimed"
    return percent(median, 0) + (f" / {percent(p90, 0)}" if p90 < 1 else "")


def held(value: Report, bar: tuple[float, float]) -> bool:
    """Whether errors keep their bar."""
    return bool(value["median"] <= bar[0] and value["p90"] <= bar[1])


def _held(value: Report, bar: tuple[float, float]) -> str:
    return "yes" if held(value, bar) else "**no**"


def _shown(value: Report) -> str:
    if not value["bar"]:
        return "as a guess"
    return "yes" if value["median"] <= value["bar"] else "**withheld**"
