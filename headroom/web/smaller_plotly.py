"""Plotly without maps, 3D and WebGL: 0.4 MB on the wire instead of 1.2 MB, and a third of the script to read.

Streamlit's module for charts holds the whole of plotly.js. Served here, it imports the cartesian bundle that the makers
of plotly.js publish instead. Where Streamlit's module does not look as expected, as in another version, it is served as
it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import brotli

PACKED = Path(__file__).with_name("plotly") / "plotly-cartesian-4.1.1.min.js.br"
"""The bundle as published, packed with brotli: headroom/web/plotly/README.md."""
BUNDLE = f"js/{PACKED.stem}"
TRACES = frozenset(
    [
        "bar",
        "box",
        "contour",
        "heatmap",
        "histogram",
        "histogram2d",
        "histogram2dcontour",
        "image",
        "pie",
        "scatter",
        "scatterternary",
        "violin",
    ]
)
"""The kinds of traces that the bundle draws."""

_BEGINS = re.compile(r"\(\((\w+),(\w+)(?:,\w+)?\)=>\{\(function\(\w+,\w+\)\{typeof \2==`object`&&\2\.exports\?")
_ENDS = re.compile(r"return window\.Plotly=(\w+),\1\}\)\}\)\)")


def instead(static: Path) -> Mapping[str, bytes]:
    """Return what takes the place of files below Streamlit's static folder, by path: its module for charts without
    plotly.js, and the bundle; nothing when the module is not as expected.
    """
    for file in _modules(static):
        smaller = without_plotly(file.read_text(encoding="utf-8"))
        if smaller:
            return {f"js/{file.name}": smaller.encode(), BUNDLE: bundle()}
    return {}


def without_plotly(module: str) -> str:
    """Return a module that imports the bundle in place of the plotly.js within it; empty when that is not found."""
    begins, ends = list(_BEGINS.finditer(module)), list(_ENDS.finditer(module))
    if len(begins) != 1 or len(ends) != 1 or ends[0].start() < begins[0].end():
        return ""
    exports, of_module = begins[0].groups()
    wrapped = f"(({exports},{of_module})=>{{{of_module}.exports=window.Plotly}}))"
    return f'import"./{PACKED.stem}";{module[: begins[0].start()]}{wrapped}{module[ends[0].end() :]}'


@cache
def bundle() -> bytes:
    """Return the bundle as its makers published it."""
    return bytes(brotli.decompress(PACKED.read_bytes()))


def _modules(static: Path) -> Iterator[Path]:
    return static.glob("js/PlotlyChart.*.js")
