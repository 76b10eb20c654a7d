"""The page offers every registered format of what it shows."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from headroom.advisor.answer import Comparison
from headroom.advisor.portfolio.description import Portfolio
from headroom.sharing.exports import registry
from headroom.sharing.exports.export import Export, SimulatedDeployment
from headroom.sharing.exports.registry import exports_of
from simulator.scenario import Scenario
from tests.headroom.ui.small import finished, opened, scenario, trouble

NAMES = Export(
    key="names",
    title="Names of the deployments",
    kind=Comparison,
    file_name="names.txt",
    media_type="text/plain",
    write=lambda comparison, _: comparison.sentence.encode(),
)


def offered(at: AppTest) -> list[str]:
    """The labels of the download buttons."""
    return [button.proto.label for button in at.get("download_button")]


def test_a_format_that_is_registered_is_a_button(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "EXPORTS", (*registry.EXPORTS, NAMES))
    at = finished(opened(scenario(), "plan"))
    assert trouble(at) == []
    assert offered(at)[-5:] == [
        "Comparison (CSV)", "Comparison (JSON)", "Comparison (text)", "Bills (CSV)", NAMES.title,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("page", "kinds"),
    [
        ("compare", [Scenario, Comparison]),
        ("timeline", [Scenario, SimulatedDeployment]),
        ("portfolio", [Portfolio]),
    ],
)
def test_a_page_offers_every_format_of_what_it_is_about(page: str, kinds: list[type[object]]) -> None:
    labels = offered(finished(opened(scenario(), page)))
    assert {export.title for kind in kinds for export in exports_of(kind)} <= set(labels)
