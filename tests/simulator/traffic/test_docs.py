"""docs/traffic.md says what is true: the table of traces is made from the data, the kinds are all there."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from headroom.sharing.packaged_traces import load_traces
from simulator.traffic.kinds import KINDS
from simulator.traffic.trace import FloatArray, Trace

PAGE = Path(__file__).parents[3] / "docs" / "traffic.md"
HEAD = """\
| trace | what it is | bin | length | requests | mean per s | busiest, per s | dispersion 60 s |
|---|---|---|---|---|---|---|---|"""


def amount(number: float) -> str:
    return f"{number:,.0f}" if number >= 100 else f"{number:.3g}"


def length(seconds: float) -> str:
    for unit, size in (("d", 86_400), ("h", 3_600)):
        if seconds >= 2 * size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 60:.3g} min"


def minutes(trace: Trace) -> tuple[FloatArray, float]:
    """Counts per minute, or per bin where bins are longer, and that length in seconds. Whole ones only."""
    if trace.bin_s >= 60:
        return trace.values, trace.bin_s
    times = (
        trace.values
        if not trace.bin_s
        else np.repeat(np.arange(len(trace.values)) * trace.bin_s, trace.values.astype(int))
    )
    whole = int(span_s(trace) // 60)
    return np.histogram(times, np.arange(whole + 1) * 60.0)[0].astype(float), 60.0


def span_s(trace: Trace) -> float:
    return len(trace.values) * trace.bin_s if trace.bin_s else float(np.floor(trace.values[-1])) + 1


def row(trace: Trace) -> str:
    counts, bin_s = minutes(trace)
    requests = trace.values.sum() if trace.bin_s else len(trace.values)
    dispersion = amount(counts.var(ddof=1) / counts.mean()) if bin_s == 60 else "–"
    cells = [
        f"`{trace.name}`",
        trace.title,
        length(trace.bin_s) if trace.bin_s >= 60 else "1 s" if trace.bin_s else "times",
        length(span_s(trace)),
        f"{requests:,.0f}",
        amount(requests / span_s(trace)),
        amount(counts.max() / bin_s),
        dispersion,
    ]
    return f"| {' | '.join(cells)} |"


def test_the_table_of_traces_is_made_from_the_data() -> None:
    table = "\n".join([HEAD, *(row(trace) for trace in load_traces().values())])
    assert table in PAGE.read_text(), f"put this table into docs/traffic.md:\n{table}"


def test_every_kind_is_described() -> None:
    page = PAGE.read_text()
    for kind in KINDS:
        assert f"| `{kind.model_fields['kind'].default}` |" in page
