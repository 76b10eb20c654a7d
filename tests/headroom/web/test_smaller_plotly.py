"""Streamlit's module for charts with a smaller plotly.js."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import plotly.offline

from headroom.web import smaller_plotly
from headroom.web.page_html import STATIC
from tests.headroom.web.conftest import get

ROOT = Path(__file__).resolve().parents[3]


def test_the_installed_streamlit_is_the_expected_one():
    replaced = smaller_plotly.instead(STATIC / "static")
    (module,) = [path for path in replaced if "PlotlyChart" in path]
    assert len(replaced) == 2
    assert len(replaced[module]) < 30_000
    original = (STATIC / "static" / module).read_text(encoding="utf-8")
    smaller = replaced[module].decode()
    imports = re.compile(r'from"\./[^"]+\.js"')
    assert imports.findall(smaller) == imports.findall(original)
    assert smaller.endswith(original[-3000:])


def test_the_bundle_is_the_published_one_and_of_the_version_that_makes_the_figures():
    digest = hashlib.sha256(smaller_plotly.bundle()).hexdigest()
    assert digest in (ROOT / "headroom/web/plotly/README.md").read_text()
    assert f"-{plotly.offline.get_plotlyjs_version()}.min" in smaller_plotly.PACKED.name


def test_another_module_is_served_as_it_is(tmp_path):
    assert smaller_plotly.without_plotly("export default 1") == ""
    (tmp_path / "js").mkdir()
    (tmp_path / "js" / "PlotlyChart.other.js").write_text("export default 1")
    assert smaller_plotly.instead(tmp_path) == {}


def test_every_trace_of_the_figures_is_drawn_by_the_bundle():
    files = (ROOT / "headroom" / "ui").rglob("*.py")
    used = {kind.lower() for file in files for kind in re.findall(r"\bgo\.([A-Z]\w+)\(", file.read_text())} - {"figure"}
    assert {"scatter", "bar", "heatmap"} <= used <= smaller_plotly.TRACES


def test_what_is_served_is_small(address):
    modules = [f"{address}/static/{path}" for path in smaller_plotly.instead(STATIC / "static")]
    answers = [get(url, Accept_Encoding="br") for url in modules]
    assert sum(len(answer.body) for answer in answers) < 430_000
