"""Render bench/RESULTS.md from bench/results.json. Pure: the same results give the same page."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from bench.check import MMC_WAIT_S, interval
from bench.plan import GROUPS, HEADROOM

Row = Mapping[str, Any]
Results = Mapping[str, Any]

PARTS = ("default", "full")

_HEAD = """# How fast Headroom is

Written by `make bench` from `bench/results.json`; do not edit. `bench/README.md` says what is measured and how to read
it. Times are CPU seconds of one process, so that a busy machine changes them little; a ratio is between requests per
CPU-second in the same run. A row whose answer is wrong gets no time.
"""

_WORDS: Mapping[str, str] = {
    "mmc": "One queue, 16 servers, exponential service. A 99.9 % interval of the mean wait must hold Erlang C's, "
    "{wait:.6f} s. Headroom runs its real-time engine with one instance of 16 workers, as it does for a user: draws, "
    "routing, fates, histograms by bin, usage. It makes the million requests 20 times.",
    "small": "The example of SimFaaS: Poisson arrivals, 0.9/s; 1.991 s of work, 2.244 s when cold, environments "
    "expire after 600 s. A million requests. The environment used last is used first, but in SimFaaS the newest one; "
    "so SimFaaS is held against a list by that rule. Cold share and number of environments must agree within 99.9 % "
    "intervals of their differences.",
    "large": "The same at 470/s with an expiry of 10 s. SimFaaS looks at all environments at each event and gets a run "
    "one sixteenth as long, so its intervals are wide and its cold share is hardly tested here.",
    "fleet": "Ten million requests in one hour, for every size of fleet: 4 workers an instance, 70 % load, log-normal "
    "service, LEAST_OUTSTANDING_REQUESTS, target tracking, statistics by minute.",
    "environments": "Ten million requests in one hour, for every size: log-normal service, cold starts, retries, one "
    "attempt in a thousand throttled, billing.",
    "length": "64 instances x 4 workers, 1,111 requests per second, for one, ten and a hundred hours, each in a "
    "process of its own: time should grow in proportion, memory not at all.",
    "fast": "The time of the slowest deployment of each preset, without what is already known of its load. How exact "
    "it is: `docs/fast-answer.md`.",
    "first": "From the start of Python to a verdict with a bill, all imports included. The last row starts with no "
    "compiled code at all, as after an installation; the app then compiles in the background.",
    "long": "Every request simulated, one process, both cores as in the app: one simulates while the other draws ahead "
    "and does the statistics. The result does not depend on how many there are.",
}

# What was asked for before it was built (wall-clock seconds on two idle cores).
_BARS: Mapping[str, str] = {
    "fleet": "at least 10 million requests per CPU-second, flat from 4 to 500 instances",
    "environments": "at least 10 million requests per CPU-second, flat from 10 to 10,000 environments",
    "length": "flat memory, linear time",
    "fast": "within 300 ms",
    "first": "within 3 s",
    "long": "the fraud day at most 30 s and 1,000 MB, the month at most 12 s",
}


def speed(row: Row) -> str:
    """Requests per CPU-second, in words."""
    return row["missing"] if "missing" in row else f"{_per_s(row):,.0f} requests per CPU-second"


def wrong_answers(results: Results) -> list[str]:
    """A line for each row whose answers disagree."""
    return [
        f"{GROUPS[group]}: {row['title']}: {row['disagreement']}"
        for part in PARTS
        for group, rows in results.get(part, {}).get("groups", {}).items()
        for row in rows
        if row["disagreement"]
    ]


def render(results: Results) -> str:
    """The whole page."""
    parts = {part: results[part] for part in PARTS if part in results}
    lines = [_HEAD, *(_stamp(part, results[part]["stamp"]) for part in parts), ""]
    for group, title in GROUPS.items():
        rows = [row for part in parts.values() for row in part["groups"].get(group, [])]
        if rows:
            words = _WORDS[group].format(wait=MMC_WAIT_S) + (f" Asked for: {_BARS[group]}." if group in _BARS else "")
            lines += [f"## {title}", "", words, "", *_TABLES[group](rows), ""]
    if "page" in results:
        lines += _first_page(results["page"])
    return "\n".join(lines).rstrip() + "\n"


def _first_page(page: Results) -> list[str]:
    """The section on first visits to the app, which `bench.first_page` measures."""
    heads = ["preset", "MB", "requests", "of them to others", "decision, s", "picture, s", "layout shift"]
    rows = (
        [
            row["title"],
            f"{row['megabytes']:.2f}",
            f"{row['requests']:.0f}",
            f"{row['elsewhere']:.0f}",
            f"{row['decision_s']:.1f}",
            f"{row['picture_s']:.1f}",
            f"{row['shift']:.3f}",
        ]
        for row in page["rows"]
    )
    words = (
        "A real browser with an empty cache on a server that others have visited; bytes are counted on the wire, "
        "WebSocket included. Decision: a price can be read; picture: the first figure is drawn. Medians of three "
        "visits. Asked for: at most 2.0 MB, none to others, 2.5 s idle, layout shift 0.05."
    )
    return ["## A first visit to the app", "", words, "", _stamp("page", page["stamp"]), "", *_table(heads, rows)]


def _stamp(part: str, stamp: Row) -> str:
    what = "Long runs (`make bench FULL=1`)" if part == "full" else "Measured"
    return (
        f"- {what} on {stamp['date']}, commit {stamp['commit']}: {stamp['processor']}, {stamp['cores']} cores, "
        f"{stamp['memory_gb']} GB, {stamp['system']}, Python {stamp['python']}, NumPy {stamp['numpy']}, "
        f"Numba {stamp['numba']}; load average before the run {stamp['load_before']}."
    )


def _per_s(row: Row) -> float:
    return float(row["requests"] / row["cpu_s"])


def _table(heads: Sequence[str], rows: Iterator[Sequence[str]]) -> list[str]:
    """The first column is words, the others are numbers."""
    rule = ["---", *("---:" for _ in heads[1:])]
    return [f"| {' | '.join(cells)} |" for cells in (heads, rule, *rows)]


def _missing(row: Row, columns: int) -> list[str] | None:
    """The cells of a row that has no figures, else None."""
    why = row.get("missing") or (row["disagreement"] and f"no time: {row['disagreement']}")
    return [row["title"], why, *("" for _ in range(columns - 2))] if why else None


def _engine(row: Row) -> str:
    return f"{row['title']} {row['version']}".strip()


def _ratio(row: Row, rows: Sequence[Row]) -> str:
    """How many times as many requests per CPU-second Headroom makes."""
    ours = next(other for other in rows if other["title"] == HEADROOM)
    if row is ours or "missing" in ours:
        return ""
    ratio = _per_s(ours) / _per_s(row)
    return f"{ratio:.1f}" if ratio < 20 else f"{ratio:,.0f}"


def _interval(row: Row, answer: str, digits: int) -> str:
    found = interval(row["answers"][answer])
    return f"{found.mean:.{digits}f} ± {found.half:.{digits}f}"


def _against(rows: Sequence[Row], answers: Sequence[tuple[str, str, int]]) -> list[str]:
    """A table of engines: their answers, speeds and ratios. answers: name, head and digits of each."""
    heads = ["engine", *(head for _, head, _ in answers), "requests", "requests/CPU-s", "Headroom's ratio", "MB"]

    def cells(row: Row) -> list[str]:
        return _missing(row, len(heads)) or [
            _engine(row),
            *(_interval(row, name, digits) for name, _, digits in answers),
            f"{row['requests']:,}",
            f"{_per_s(row):,.0f}",
            _ratio(row, rows),
            f"{row['memory_mb']:.0f}",
        ]

    return _table(heads, map(cells, rows))


def _mmc(rows: Sequence[Row]) -> list[str]:
    return _against(rows, [("wait_s", "mean wait, s", 4)])


def _function(rows: Sequence[Row]) -> list[str]:
    return _against(rows, [("cold_share", "cold share", 5), ("environments", "environments", 2)])


def _alone(rows: Sequence[Row]) -> list[str]:
    heads = ["", "requests", "CPU s", "wall s", "million requests/CPU-s", "MB"]

    def cells(row: Row) -> list[str]:
        return _missing(row, len(heads)) or [
            row["title"],
            f"{row['requests']:,}",
            f"{row['cpu_s']:.2f}",
            f"{row['wall_s']:.2f}",
            f"{_per_s(row) / 1e6:.1f}",
            f"{row['memory_mb']:.0f}",
        ]

    return _table(heads, map(cells, rows))


def _first(rows: Sequence[Row]) -> list[str]:
    heads = ["", "requests", "whole process, CPU s", "whole process, wall s", "of it evaluation, CPU s"]

    def cells(row: Row) -> list[str]:
        return _missing(row, len(heads)) or [
            row["title"],
            f"{row['requests']:,}",
            f"{row['process_cpu_s']:.1f}",
            f"{row['process_wall_s']:.1f}",
            f"{row['cpu_s']:.1f}",
        ]

    return _table(heads, map(cells, rows))


def _fast(rows: Sequence[Row]) -> list[str]:
    heads = ["preset", "requests it stands for", "CPU ms", "wall ms"]

    def cells(row: Row) -> list[str]:
        return _missing(row, len(heads)) or [
            row["title"],
            f"{row['requests']:,}",
            f"{1000 * row['cpu_s']:.0f}",
            f"{1000 * row['wall_s']:.0f}",
        ]

    return _table(heads, map(cells, rows))


_TABLES: Mapping[str, Callable[[Sequence[Row]], list[str]]] = {
    "mmc": _mmc,
    "small": _function,
    "large": _function,
    "fleet": _alone,
    "environments": _alone,
    "length": _alone,
    "fast": _fast,
    "first": _first,
    "long": _alone,
}
