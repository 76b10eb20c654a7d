"""The files that deploy a deployment, on the page Export and deploy: every format, and what is typed of its place."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from headroom.sharing.exports.deployment_files import DEPLOYMENT_FILES
from headroom.ui.export.panel import PLACE
from tests.headroom.ui.small import finished, opened, put, scenario, trouble
from tests.headroom.ui.test_downloads import offered


@pytest.fixture(scope="module")
def at() -> AppTest:
    return finished(opened(scenario(), "deploy"))


def errors(at: AppTest) -> str:
    return " ".join(str(error.value) for error in at.error)


def test_every_file_that_applies_is_a_button(at: AppTest) -> None:
    titles = {export.title for export in DEPLOYMENT_FILES if export.key != "policy-scheduler-role"}
    assert titles <= set(offered(at))
    assert trouble(at) == []
    assert any("Left open" in caption.value and "image" in caption.value for caption in at.caption)


def test_what_is_typed_is_held_against_what_aws_takes(at: AppTest) -> None:
    at.text_area(key=PLACE).set_value('[deploy]\naccount = "7"\n').run()
    assert "deploy" in errors(at)
    at.text_area(key=PLACE).set_value("[deploy\n").run()
    assert "TOML" in errors(at)
    at.text_area(key=PLACE).set_value('[deploy]\nimage = "a/b:1"\nmodel_in_image = true\n').run()
    assert errors(at) == ""
    (left,) = [caption.value for caption in at.caption if "Left open" in caption.value]
    assert "execution" in left
    assert "image" not in left
    assert "deploy" not in str(at.query_params)


def test_what_is_typed_stays_over_other_pages_and_other_scenarios(at: AppTest) -> None:
    typed = "[deploy]\nmodel_in_image = true\n"
    at.text_area(key=PLACE).set_value(typed).run()
    at.switch_page("pages/settings.py").run()
    at.switch_page("pages/deploy.py").run()
    assert at.text_area(key=PLACE).value == typed
    finished(put(at, scenario(rate_per_s=3.0)))
    assert at.text_area(key=PLACE).value == typed
